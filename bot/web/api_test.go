package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

func TestCommand(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	r, body := w.run("declare Checkout is down for <@U0BEN>")
	if r.StatusCode != http.StatusOK || strings.TrimSpace(body) != `{"ok":true,"text":"Declared.","incident":1}` {
		t.Fatalf("%s: %s", r.Status, body)
	}
	got := w.asked[0]
	if !got.Root || got.User != "U0ANA" || !got.Exact || got.Via != bot.ViaAPI || got.Key != "" || !got.At.Equal(now) {
		t.Errorf("request = %+v", got)
	}
	if users := got.Line.Users(); !slices.Equal(users, []bot.UserID{"U0BEN"}) {
		t.Errorf("the line refers to %v", users)
	}
	w.run("declare x", "User-Agent: tocsin-cli/1.2.3")
	if got := w.asked[1].Via; got != bot.ViaCLI {
		t.Errorf("tocsin run came via %s", got)
	}
}

func TestCommandErrors(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.keep(declare(1, now, "There"))
	auth := "Authorization: Bearer " + rootToken
	for _, c := range []struct {
		name, body string
		headers    []string
		code       int
		kind, has  string
	}{
		{"unknown verb", `{"user":"U0ANA","text":"dance"}`, nil, 400, "invalid", `"hint":"Try help.","line":"help","label":"Help"`},
		{"no right", `{"user":"U0BEN","text":"publish x"}`, nil, 403, "forbidden", "publish"},
		{"with the right", `{"user":"U0ANA","text":"publish x"}`, nil, 200, "", "Published."},
		{"no user", `{"text":"declare x"}`, nil, 400, "invalid", "U012ABCDEF"},
		{"no id", `{"user":"ana","text":"declare x"}`, nil, 400, "invalid", "user id"},
		{"channel's name", `{"user":"U0ANA","channel":"#general","text":"declare x"}`, nil, 400, "invalid", "channel id"},
		{"no text", `{"user":"U0ANA","text":"  "}`, nil, 400, "invalid", "missing"},
		{"no JSON", `declare x`, nil, 400, "invalid", "cannot be read"},
		{"nothing", ``, nil, 400, "invalid", "empty"},
		{"two objects", `{"user":"U0ANA","text":"declare x"}{}`, nil, 400, "invalid", "follows"},
		{"unknown field", `{"user":"U0ANA","txet":"declare x"}`, nil, 400, "invalid", "txet"},
		{"wrong type", `{"user":"U0ANA","text":7}`, nil, 400, "invalid", "cannot be read"},
		{"too long", `{"user":"U0ANA","text":"` + strings.Repeat("x", maxBody) + `"}`, nil, 413, "invalid", "longer"},
		{"parts", `x`, []string{"Content-Type: multipart/form-data; boundary=x"}, 415, "invalid", "JSON"},
		{"what curl sends", `{"user":"U0ANA","text":"declare y"}`, []string{"Content-Type: application/x-www-form-urlencoded"}, 200, "", "Declared"},
		{"long key", `{"user":"U0ANA","text":"declare z"}`, []string{"Idempotency-Key: " + strings.Repeat("k", 300)}, 400, "invalid", "Idempotency-Key"},
		{"a form", `{"user":"U0ANA","text":"form"}`, nil, 400, "invalid", "title"},
		{"database hung", `{"user":"U0ANA","text":"fail"}`, nil, 503, "internal", "in time"},
		{"undecided", `{"user":"U0ANA","text":"undecided"}`, nil, 503, "unknown", "Look first"},
		{"undecided with a key", `{"user":"U0ANA","text":"undecided"}`, []string{"Idempotency-Key: k"}, 503, "unknown", "again with the same Idempotency-Key"},
		{"our fault", `{"user":"U0ANA","text":"break"}`, nil, 500, "internal", "Something went wrong"},
	} {
		r := ask(t, w.mux, http.MethodPost, "/api/v1/commands", c.body, append(c.headers, auth)...)
		body := text(t, r)
		if r.StatusCode != c.code || !strings.Contains(body, c.has) || strings.Contains(body, "secret detail") {
			t.Errorf("%s: %s, want %d with %q: %s", c.name, r.Status, c.code, c.has, body)
		}
		if c.kind != "" && !strings.HasPrefix(body, `{"ok":false,"error":{"kind":"`+c.kind+`","text":"`) {
			t.Errorf("%s: shape %s", c.name, body)
		}
		if got := r.Header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: Cache-Control %q", c.name, got)
		}
	}
}

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	_, first := w.run("declare Checkout is down", "Idempotency-Key: a")
	_, again := w.run("declare Checkout is down", "Idempotency-Key: a")
	if first != again {
		t.Errorf("the repeat got %s, not %s", again, first)
	}
	if r, body := w.run("declare Something else", "Idempotency-Key: a"); r.StatusCode != http.StatusConflict || !strings.Contains(body, "conflict") {
		t.Errorf("another body: %s %s", r.Status, body)
	}
	// Two tokens may choose the same key.
	token := w.token("U0ANA", nil)
	r := ask(t, w.mux, http.MethodPost, "/api/v1/commands", `{"text":"declare Third"}`, "Authorization: Bearer "+token, "Idempotency-Key: a")
	if body := text(t, r); !strings.Contains(body, `"incident":2`) {
		t.Errorf("another token's key: %s", body)
	}
	if n := len(w.get("/api/v1/incidents", rootToken, 200)["items"].([]any)); n != 2 {
		t.Errorf("%d incidents, want 2", n)
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	mine := w.token("U0ANA", nil)
	narrow := w.token("U0ANA", func(d *bot.Token) { d.Verbs = []string{"show"} })
	expired := w.token("U0ANA", func(d *bot.Token) { d.ExpiresAt = now.Add(time.Hour) })
	revoked := w.token("U0ANA", func(d *bot.Token) { d.RevokedAt = now })
	w.now = now.Add(2 * time.Hour)
	w.keep(declare(1, now, "x"))
	for _, c := range []struct {
		name, path string
		header     string
		code       int
	}{
		{"root", "/api/v1/incidents", "Bearer " + rootToken, 200},
		{"scheme in another case", "/api/v1/incidents", "bearer " + rootToken, 200},
		{"personal", "/api/v1/incidents", "Bearer " + mine, 200},
		{"personal as somebody else", "/api/v1/incidents?user=U0BEN", "Bearer " + mine, 403},
		{"personal as its owner", "/api/v1/incidents?user=U0ANA", "Bearer " + mine, 200},
		{"root as nobody's id", "/api/v1/incidents?user=ana", "Bearer " + rootToken, 400},
		{"narrow, its verb", "/api/v1/incidents/1", "Bearer " + narrow, 200},
		{"narrow, another verb", "/api/v1/incidents", "Bearer " + narrow, 403},
		{"narrow, no verb", "/api/v1/outbox", "Bearer " + narrow, 403},
		{"expired", "/api/v1/incidents", "Bearer " + expired, 401},
		{"revoked", "/api/v1/incidents", "Bearer " + revoked, 401},
		{"hash instead of token", "/api/v1/incidents", "Bearer " + bot.HashToken(mine), 401},
		{"prefix of root", "/api/v1/incidents", "Bearer " + rootToken[:20], 401},
		{"root and more", "/api/v1/incidents", "Bearer " + rootToken + "x", 401},
		{"empty token", "/api/v1/incidents", "Bearer ", 401},
		{"basic", "/api/v1/incidents", "Basic " + rootToken, 401},
		{"none, unknown path", "/api/v1/nothing", "", 401},
		{"root, unknown path", "/api/v1/nothing", "Bearer " + rootToken, 404},
	} {
		r := ask(t, w.mux, http.MethodGet, c.path, "", "Authorization: "+c.header)
		if body := text(t, r); r.StatusCode != c.code || (c.code == 401) != (r.Header.Get("WWW-Authenticate") != "") {
			t.Errorf("%s: %s, want %d: %s", c.name, r.Status, c.code, body)
		}
	}
	r := ask(t, w.mux, http.MethodPost, "/api/v1/commands", `{"user":"U0BEN","text":"declare x"}`, "Authorization: Bearer "+mine)
	if r.StatusCode != http.StatusForbidden || len(w.asked) != 0 {
		t.Errorf("a personal token spoke for somebody else: %s", r.Status)
	}
	ask(t, w.mux, http.MethodPost, "/api/v1/commands", `{"text":"declare x"}`, "Authorization: Bearer "+narrow)
	if len(w.asked) != 1 || w.asked[0].User != "U0ANA" || w.asked[0].Root || !slices.Equal(w.asked[0].Verbs, []string{"show"}) {
		t.Errorf("a narrow token's request was %+v", w.asked)
	}
}

func TestNoTokenNoAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.RootToken = "" })
	for _, header := range []string{"", "Bearer ", "Bearer x"} {
		if r := ask(t, w.mux, http.MethodGet, "/api/v1/incidents", "", "Authorization: "+header); r.StatusCode != http.StatusNotFound {
			t.Errorf("%q: %s", header, r.Status)
		}
	}
	w.token("U0ANA", nil)
	if r := ask(t, w.mux, http.MethodGet, "/api/v1/incidents", ""); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("with a personal token in the store: %s", r.Status)
	}
}

func TestShortRootToken(t *testing.T) {
	t.Parallel()
	if _, err := New(Config{Bot: bot.New(nil, kustomerSettings(t), nil), RootToken: "short"}); err == nil {
		t.Error("a short root token was taken")
	}
}

func TestIncidentShape(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.keep(declare(1, now, "Bare"))
	w.keep(kustomer())
	r := ask(t, w.mux, http.MethodGet, "/api/v1/incidents/1", "", "Authorization: Bearer "+rootToken)
	want := `{"number":1,"title":"Bare","severity":"sev1","status":"investigating","private":false,"drill":false,"summary":null,` +
		`"channel":null,"roles":{"commander":"U0ANA","comms":null},"services":["api-gateway"],"components":[],` +
		`"milestones":{"impact_started_at":null,"detected_at":null,"declared_at":"2020-01-24T14:30:00Z","identified_at":null,` +
		`"mitigated_at":null,"resolved_at":null},"next_update_at":"2020-01-24T15:00:00Z","next_public_update_at":null,` +
		`"tasks":[],"followups":[],"rollbacks":[],"links":[],"public_url":null,"updated_at":"2020-01-24T14:30:00Z"}` + "\n"
	if got := text(t, r); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	i := w.get("/api/v1/incidents/2", rootToken, 200)
	components := fmt.Sprint(i["components"])
	if components != "[map[group:Prod1 (US) id:api name:API state:operational] map[group:Prod1 (US) id:chat name:Channel - Chat state:operational] map[group:Prod1 (US) id:web name:Web Client state:operational]]" {
		t.Errorf("components = %s", components)
	}
	if got := i["milestones"].(map[string]any)["resolved_at"]; got != "2020-01-23T22:56:00Z" {
		t.Errorf("resolved_at = %v", got)
	}
	if got := fmt.Sprint(i["public_url"]); !strings.HasPrefix(got, "https://status.example.com:8443/incidents/") {
		t.Errorf("public_url = %s", got)
	}
}

func TestListsAndPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	for range 5 {
		w.keep(declare(0, now, "x"))
	}
	w.keep(kustomer())
	var seen []string
	for path, n := "/api/v1/incidents?limit=2", 0; path != "" && n < 9; n++ {
		got := w.get(path, rootToken, 200)
		for _, i := range got["items"].([]any) {
			seen = append(seen, fmt.Sprint(i.(map[string]any)["number"]))
		}
		path = ""
		if next, more := got["next"].(string); more {
			path = "/api/v1/incidents?limit=2&page=" + next
		}
	}
	if got := strings.Join(seen, " "); got != "6 5 4 3 2 1" {
		t.Errorf("pages gave %s", got)
	}
	if n := len(w.get("/api/v1/incidents?status=open", rootToken, 200)["items"].([]any)); n != 5 {
		t.Errorf("%d open, want 5", n)
	}
	whole := w.get("/api/v1/incidents/6/timeline", rootToken, 200)
	var entries []any
	for path := "/api/v1/incidents/6/timeline?limit=3"; path != ""; {
		got := w.get(path, rootToken, 200)
		entries = append(entries, got["items"].([]any)...)
		path = ""
		if next, more := got["next"].(string); more {
			path = "/api/v1/incidents/6/timeline?limit=3&page=" + next
		}
	}
	if a, b := fmt.Sprint(entries), fmt.Sprint(whole["items"]); a != b || len(entries) != 11 {
		t.Errorf("pages of the timeline gave %d entries\n%s\n%s", len(entries), a, b)
	}
	first := fmt.Sprint(entries[0])
	for _, field := range []string{"seq:1", "at:2020-01-23T21:21:00Z", "recorded_at:", "kind:declared", "actor:U0ANA", "via:<nil>", "text:" + kustomerTitle, "public:false", "data:map["} {
		if !strings.Contains(first, field) {
			t.Errorf("no %s in %s", field, first)
		}
	}
	for _, path := range []string{"/api/v1/incidents?page=x", "/api/v1/incidents?limit=0", "/api/v1/incidents?limit=100000", "/api/v1/incidents?status=odd", "/api/v1/incidents/6/timeline?page=1", "/api/v1/outbox?page=-1"} {
		w.get(path, rootToken, 400)
	}
}

func TestOutbox(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	err := w.bot.Store.Update(t.Context(), func(tx bot.Tx) error {
		return tx.Enqueue(bot.Job{Lane: "slack:channel:C1", Kind: "slack.post", Payload: bot.Payload(map[string]int{"seq": 1}), CreatedAt: now})
	})
	if err != nil {
		t.Fatal(err)
	}
	r := ask(t, w.mux, http.MethodGet, "/api/v1/outbox", "", "Authorization: Bearer "+rootToken)
	want := `{"items":[{"id":1,"kind":"slack.post","incident":null,"state":"waiting","attempts":0,"error":null,"created_at":"2020-01-24T14:30:00Z","run_at":"2020-01-24T14:30:00Z"}],"next":null}` + "\n"
	if got := text(t, r); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestGuestsReadNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	token := w.token("U0GUEST", nil)
	if body := w.get("/api/v1/incidents", token, 403); !strings.Contains(fmt.Sprint(body), "not known here yet") {
		t.Errorf("somebody unknown: %v", body)
	}
	err := w.bot.Store.Update(t.Context(), func(tx bot.Tx) error {
		return tx.SavePerson(bot.Person{ID: "U0GUEST", Guest: true, SyncedAt: now})
	})
	if err != nil {
		t.Fatal(err)
	}
	w.get("/api/v1/incidents", token, 403)
	w.get("/api/v1/incidents?user=U0GUEST", rootToken, 403)
}

func TestForeignPagesCannotWrite(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	if r, body := w.run("declare x", "Origin: https://evil.example", "Sec-Fetch-Site: cross-site"); r.StatusCode != http.StatusForbidden {
		t.Errorf("cross-site: %s %s", r.Status, body)
	}
	if len(w.asked) != 0 {
		t.Error("it was dispatched")
	}
	if r, body := w.run("declare x", "Origin: https://tocsin.example.com"); r.StatusCode != http.StatusOK {
		t.Errorf("own page behind a proxy that rewrites the host: %s %s", r.Status, body)
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	auth := "Authorization: Bearer " + rootToken
	for _, c := range []struct{ method, path, allow string }{
		{http.MethodGet, "/api/v1/commands", "POST"}, {http.MethodPost, "/api/v1/incidents", "GET"}, {http.MethodDelete, "/api/v1/outbox", "GET"},
		{http.MethodPost, "/healthz", "GET, HEAD"}, {http.MethodPost, "/metrics", "GET, HEAD"},
	} {
		r := ask(t, w.mux, c.method, c.path, "", auth)
		if r.StatusCode != http.StatusMethodNotAllowed || r.Header.Get("Allow") != c.allow {
			t.Errorf("%s %s: %s, Allow %q", c.method, c.path, r.Status, r.Header.Get("Allow"))
		}
	}
}
