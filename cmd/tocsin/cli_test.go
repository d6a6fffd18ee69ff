package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/storage"
)

// ran is how a run of the program ended.
type ran struct {
	code     int
	out, err string
}

// tocsin runs the program in this process, in the current folder.
func tocsin(t *testing.T, environ []string, args ...string) ran {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(t.Context(), args, env{strings.NewReader(""), &out, &errs, environ})
	return ran{code, out.String(), errs.String()}
}

func (r ran) is(t *testing.T, code int, out, err string) {
	t.Helper()
	if r.code != code || !strings.Contains(r.out, out) || !strings.Contains(r.err, err) || (out == "" && r.out != "") || (err == "" && r.err != "") {
		t.Errorf("got %d\nout %q\nerr %q\nwant %d, %q, %q", r.code, r.out, r.err, code, out, err)
	}
}

func TestExitCodes(t *testing.T) {
	t.Chdir(t.TempDir())
	tests := []struct {
		args     string
		code     int
		out, err string
	}{
		{"", 2, "", "there is no verb\nusage: tocsin serve|"},
		{"sreve", 2, "", `unknown verb "sreve"; did you mean "serve"?`},
		{"backp x.db", 2, "", `unknown verb "backp"; did you mean "backup"?`},
		{"backup", 2, "", "name the file to write, as in: tocsin backup /var/backups/"},
		{"backup a b", 2, "", `"b" is too much` + "\nusage: tocsin backup FILE"},
		{"backup x.db", 1, "", "there is no database tocsin.db; tocsin serve makes it"},
		{"backup x.db --database postgres://u:secret-of-u@h/d", 1, "", "run: pg_dump --format=custom --file='x.db' 'postgres://u:[masked]@h/d'\n"},
		{"restore", 2, "", "name the backup to restore, as in: tocsin restore /var/backups/"},
		{"restore nix.db", 1, "", "there is no file nix.db; name a backup that tocsin backup made"},
		{"restore .", 1, "", ". is a folder; name a backup in it"},
		{"restore x.db --database postgres://h/d", 1, "", "pg_restore --clean --if-exists --single-transaction --dbname='postgres://h/d' 'x.db'\n"},
		{"migrate", 1, "", "there is no database tocsin.db; tocsin serve makes it"},
		{"migrate now", 2, "", `"now" is too much`},
		{"migrate --to other.db", 2, "", `--to: "other.db" is no PostgreSQL database, whose address begins with postgres://`},
		{"migrate --to postgres://h/d", 1, "", "there is no database tocsin.db"},
		{"migrate --to postgres://h/d --database postgres://u:secret-of-u@h/e", 1, "", "the database is PostgreSQL already (postgres://u:[masked]@h/e)"},
		{"doctor", 2, "", `unknown verb "doctor"`},
		{"help", 0, "  tocsin run      one command", ""},
		{"--help", 0, "  tocsin run      one command", ""},
		{"help run", 0, "usage: tocsin run \"COMMAND LINE\"", ""},
		{"run --help", 0, "--as USER", ""},
		{"serve -h", 0, "usage: tocsin serve", ""},
		{"help rnu", 2, "", `unknown verb "rnu"; did you mean "run"?`},
		{"version", 0, "tocsin dev go1.", ""},
		{"--version", 0, "tocsin dev go1.", ""},
		{"version now", 2, "", `"now" is too much`},
		{"config --databse x", 2, "", `unknown flag "--databse"; did you mean "--database"?` + "\nusage: tocsin config"},
		{"config --database", 2, "", "flag needs an argument: --database"},
		{"config --example", 0, "organisation: Kustomer", ""},
		{"config", 0, "listen: 127.0.0.1:8080", ""},
		{"config --listen :1", 0, "listen: :1", ""},
		{"config --listen=x", 1, "", "--listen: \"x\" is no address"},
		{"config --config nix.yaml", 1, "", `cannot read the configuration "nix.yaml": no such file`},
		{"run", 2, "", "there is no command line"},
		{"run list", 1, "", "TOCSIN_API_TOKEN is not set"},
		{"run list --url ftp://x", 2, "", "--url: "},
		{"token", 2, "", "say create, list or revoke"},
		{"token lst", 2, "", `"lst" is not known; did you mean "list"?`},
		{"token create", 2, "", "create needs one more word"},
		{"token create ana", 2, "", `"ana" is no user id`},
		{"token create U1 --expires soon", 2, "", `--expires: "soon" is no length of time`},
		{"token create U1 --verbs notee", 2, "", `--verbs: there is no command "notee"; did you mean "note"?`},
		{"token revoke x", 2, "", `"x" is no token's number`},
		{"serve", 1, "", "tocsin demo"},
	}
	for _, tt := range tests {
		t.Run(tt.args, func(t *testing.T) {
			tocsin(t, nil, strings.Fields(tt.args)...).is(t, tt.code, tt.out, tt.err)
		})
	}
	if files, err := os.ReadDir("."); err != nil || len(files) > 0 {
		t.Errorf("wrong usage left %v behind (%v)", files, err)
	}
}

func TestFaultsExitWithOneLineEach(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("tocsin.yaml", []byte("severites: []\nlisten: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"serve", "config", "health"} {
		got := tocsin(t, []string{"SLACK_BOT_TOKEN="}, verb)
		got.is(t, 1, "", "tocsin: the configuration has 3 faults:\ntocsin.yaml:1:1: ")
		if n := strings.Count(got.err, "\n"); n != 4 {
			t.Errorf("%s wrote %d lines:\n%s", verb, n, got.err)
		}
	}
}

// api is a server that answers as the JSON API does.
func api(t *testing.T, code int, body string) (environ []string, heard *http.Request, sent *line) {
	t.Helper()
	heard, sent = &http.Request{}, &line{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		_ = json.Unmarshal(text, sent)
		*heard = *r
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return []string{"TOCSIN_BASE_URL=" + server.URL, "TOCSIN_API_TOKEN=root-0123456789abcdef"}, heard, sent
}

func TestRun(t *testing.T) {
	t.Chdir(t.TempDir())
	environ, heard, sent := api(t, 200, `{"ok":true,"text":"Declared #12.\u001b[31m","incident":12}`)
	tocsin(t, environ, "run", "declare sev1 Checkout is down", "--as", "U1", "--in", "C1").is(t, 0, "Declared #12.[31m\n", "")
	if *sent != (line{"U1", "C1", "declare sev1 Checkout is down"}) {
		t.Errorf("sent %+v", *sent)
	}
	key := heard.Header.Get("Idempotency-Key")
	if heard.Method != http.MethodPost || heard.URL.Path != "/api/v1/commands" || heard.Header.Get("Authorization") != "Bearer root-0123456789abcdef" ||
		!strings.HasPrefix(heard.UserAgent(), "tocsin-cli/") || len(key) < 20 {
		t.Errorf("asked %s %s with %v", heard.Method, heard.URL, heard.Header)
	}
	tocsin(t, environ, "run", "list", "--", "--all").is(t, 0, "Declared", "")
	if again := heard.Header.Get("Idempotency-Key"); again == key {
		t.Error("two commands went out under one key")
	}
	if sent.Text != "list --all" {
		t.Errorf("sent %q", sent.Text)
	}
	tocsin(t, environ, "run", "list", "--key", "mine").is(t, 0, "Declared", "")
	if heard.Header.Get("Idempotency-Key") != "mine" {
		t.Error("--key was not used")
	}
}

func TestRunFails(t *testing.T) {
	t.Chdir(t.TempDir())
	tests := map[string]struct {
		code       int
		body, want string
	}{
		"refused":        {409, `{"ok":false,"error":{"kind":"conflict","text":"It is resolved.","hint":"Use reopen."}}`, "tocsin: It is resolved. Use reopen.\n"},
		"something else": {502, "<html>Bad gateway", "answers 502, and not as Tocsin does"},
		"whose name":     {400, `{"ok":false,"error":{"kind":"invalid","text":"The user is missing.","hint":"Send {\"user\":\"U1\"}."}}`, "The user is missing. Add --as and"},
		"nothing":        {200, "{}", "answers 200, and not as Tocsin does"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			environ, _, _ := api(t, tt.code, tt.body)
			tocsin(t, environ, "run", "list").is(t, 1, "", tt.want)
		})
	}
}

// TestTokenIsNotCarriedOn: whoever answers with a redirect gets no further.
func TestTokenIsNotCarriedOn(t *testing.T) {
	t.Chdir(t.TempDir())
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	defer other.Close()
	server := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusTemporaryRedirect))
	defer server.Close()
	tocsin(t, []string{"TOCSIN_API_TOKEN=root-0123456789abcdef"}, "run", "list", "--url", server.URL).
		is(t, 1, "", "answers 307, and not as Tocsin does")
}

// closedPort is an address where nothing listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestNothingAnswers(t *testing.T) {
	t.Chdir(t.TempDir())
	addr := closedPort(t)
	tocsin(t, []string{"TOCSIN_LISTEN=" + addr, "TOCSIN_API_TOKEN=root-0123456789abcdef"}, "run", "list").
		is(t, 1, "", "nothing answers at http://"+addr+"; is `tocsin serve` running?")
	tocsin(t, nil, "health", "--listen", addr).is(t, 1, "", "nothing answers at http://"+addr+"/readyz; is `tocsin serve` running?")
}

// TestRunUnknownOutcome: the connection ends after the request arrived.
func TestRunUnknownOutcome(t *testing.T) {
	t.Chdir(t.TempDir())
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer server.Close()
	tocsin(t, []string{"TOCSIN_API_TOKEN=root-0123456789abcdef"}, "run", "note x", "--url", server.URL, "--key", "K1").
		is(t, 1, "", "whether the command was carried out is not known, to repeat it safely add --key K1")
}

// TestRunUndecided: the server lost its database at the very end.
func TestRunUndecided(t *testing.T) {
	t.Chdir(t.TempDir())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte(`{"ok":false,"error":{"kind":"unknown","text":"It is not known.","hint":"Send it again with the same Idempotency-Key."}}`))
	}))
	defer server.Close()
	tocsin(t, []string{"TOCSIN_API_TOKEN=root-0123456789abcdef"}, "run", "note x", "--url", server.URL, "--key", "K1").
		is(t, 1, "", "It is not known. To repeat it safely add --key K1.")
}

func TestHealth(t *testing.T) {
	t.Chdir(t.TempDir())
	for code, want := range map[int]ran{200: {0, "ready: database: ok, slack: ok\n", ""}, 503: {1, "", "503, not ready: database: ok, slack: ok"}} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/readyz" {
				w.WriteHeader(http.StatusNotFound)
				return
			}
			w.WriteHeader(code)
			_, _ = io.WriteString(w, `{"ok":true,"slack":"ok","database":"ok"}`)
		}))
		tocsin(t, nil, "health", "--listen", strings.TrimPrefix(server.URL, "http://")).is(t, want.code, want.out, want.err)
		server.Close()
	}
}

func TestReachable(t *testing.T) {
	for addr, want := range map[string]string{":80": "127.0.0.1:80", "0.0.0.0:80": "127.0.0.1:80", "[::]:80": "127.0.0.1:80", "[::1]:80": "[::1]:80", "10.0.0.1:80": "10.0.0.1:80"} {
		if got := reachable(addr); got != want {
			t.Errorf("%s is reached at %s, want %s", addr, got, want)
		}
	}
}

func TestTokens(t *testing.T) {
	t.Chdir(t.TempDir())
	made := tocsin(t, nil, "token", "create", "U1", "--verbs", "note, list", "--expires", "30d")
	made.is(t, 0, "tocsin_", "Token 1 for U1, expires ")
	plain := strings.TrimSpace(made.out)
	if !regexp.MustCompile(`^tocsin_[0-9a-f]{64}$`).MatchString(plain) {
		t.Errorf("the token is %q", plain)
	}
	tocsin(t, nil, "token", "create", "U2", "--expires", "never").is(t, 0, "tocsin_", "Token 2 for U2, never expires.")
	tocsin(t, nil, "token", "revoke", "2").is(t, 0, "Token 2 is revoked.\n", "")
	tocsin(t, nil, "token", "revoke", "7").is(t, 1, "", "there is no token 7")
	list := tocsin(t, nil, "token", "list")
	list.is(t, 0, "ID  USER  CREATED", "")
	for _, want := range []string{`(?m)^1 +U1 +\S+ +expires \S+ +note,list$`, `(?m)^2 +U2 +\S+ +revoked \S+ +all$`} {
		if !regexp.MustCompile(want).MatchString(list.out) {
			t.Errorf("%s does not match\n%s", want, list.out)
		}
	}

	store, err := storage.Open(t.Context(), "tocsin.db", storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	err = store.View(t.Context(), func(tx bot.ReadTx) error {
		k, err := tx.TokenByHash(bot.HashToken(plain))
		if err == nil && (k.User != "U1" || !k.Live(time.Now()) || k.Live(time.Now().AddDate(0, 0, 31)) || strings.Contains(plain, k.Hash)) {
			t.Errorf("kept %+v", k)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	// The file is open here for writing, as it is in a running server.
	tocsin(t, nil, "token", "create", "U3").is(t, 0, "tocsin_", "This is the only time that it is shown")
	tocsin(t, nil, "token", "revoke", "1").is(t, 0, "Token 1 is revoked.", "")
	tocsin(t, nil, "token", "list").is(t, 0, "U3", "")
	if err := store.View(t.Context(), func(tx bot.ReadTx) error {
		k, err := tx.TokenByHash(bot.HashToken(plain))
		if err == nil && k.Live(time.Now()) {
			t.Error("the running server still takes the revoked token")
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// TestErrorsHoldNoSecret: what a verb fails with is masked on its way out.
func TestErrorsHoldNoSecret(t *testing.T) {
	t.Chdir(t.TempDir())
	got := tocsin(t, []string{"TOCSIN_DATABASE=postgres://u:c4n4ry-0-c4n4ry@127.0.0.1:1/db", "TOCSIN_API_TOKEN=c4n4ry-1-c4n4ry-1-c4n4ry"}, "token", "list")
	if got.code != 1 || strings.Contains(got.err, "c4n4ry") {
		t.Errorf("got %+v", got)
	}
	var out bytes.Buffer
	e := env{stderr: &out, environ: []string{"TOCSIN_API_TOKEN=c4n4ry-1-c4n4ry-1-c4n4ry", "TOCSIN_DATABASE=postgres://u:c4n4ry-0-c4n4ry@h/db"}}
	if code := e.exit(bot.Invalid("got c4n4ry-1-c4n4ry-1-c4n4ry and c4n4ry-0-c4n4ry")); code != 1 || strings.Contains(out.String(), "c4n4ry") {
		t.Errorf("%d, %s", code, out.String())
	}
}
