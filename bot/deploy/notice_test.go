package deploy

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/wire"
)

const notice42 = `{"service":"gateway","environment":"production","version":"v42"}`

// signed is a notice as its sender makes it.
func signed(t *testing.T, secret, id, body string, at time.Time) *http.Request {
	t.Helper()
	s, err := wire.NewWebhookSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/hooks/deploys/generic", strings.NewReader(body))
	if err := s.Sign(r.Header, id, []byte(body), at); err != nil {
		t.Fatal(err)
	}
	return r
}

// answered is what a sender reads.
type answered struct {
	code  int
	OK    bool
	New   bool
	Error struct{ Kind, Text, Hint string }
}

func (w *world) post(r *http.Request) answered {
	w.t.Helper()
	rec := httptest.NewRecorder()
	w.mux.ServeHTTP(rec, r)
	a := answered{code: rec.Code}
	if err := json.Unmarshal(rec.Body.Bytes(), &a); err != nil {
		w.t.Errorf("%d with %q: %v", rec.Code, rec.Body, err)
	}
	if strings.Contains(rec.Body.String(), "whsec_") {
		w.t.Errorf("the answer tells a secret: %s", rec.Body)
	}
	return a
}

func (w *world) tell(id, body string) answered {
	w.t.Helper()
	return w.post(signed(w.t, hookSecret, id, body, time.Now()))
}

// deploys are those that were kept, the newest first.
func (w *world) deploys() (list []bot.Deploy) {
	w.t.Helper()
	w.must(w.bot.Store.View(w.ctx, func(tx bot.ReadTx) (err error) {
		list, err = tx.Deploys(bot.DeployFilter{})
		return err
	}))
	return list
}

func TestNoticeIsKeptOnce(t *testing.T) {
	still(t, nil, func(w *world) {
		if a := w.tell("msg_1", `{"service":"Gateway","environment":"production","version":"v42","raw_id":7,"more":{}}`); a.code != http.StatusOK || !a.OK || !a.New {
			w.t.Fatalf("the first: %+v", a)
		}
		d := w.deploys()
		if len(d) != 1 || d[0].Source != "generic" || d[0].Key != "msg_1" || d[0].Service != "gateway" || d[0].Kind != bot.DeployOf ||
			d[0].Status != bot.DeploySucceeded || !d[0].FinishedAt.IsZero() || !d[0].At().Equal(w.bot.Now()) {
			t.Errorf("kept: %+v", d)
		}
		if a := w.tell("msg_1", `{"service":"Gateway","environment":"production","version":"v42","raw_id":7,"more":{}}`); a.code != http.StatusOK || !a.New {
			t.Errorf("the repeat: %+v", a)
		}
		if a := w.tell("msg_1", notice42); a.code != http.StatusConflict || a.Error.Hint == "" {
			t.Errorf("another body under its id: %+v", a)
		}
		key := `{"dedupe_key":"build 7","service":"gateway","environment":"production","version":"v43","status":"started","kind":"config",
			"started_at":"2000-01-01T01:00:00+02:00","url":"https://ci.test/7","actor":"ben","previous":"v42"}`
		if a := w.tell("msg_2", key); a.code != http.StatusOK || !a.New {
			t.Errorf("with a key: %+v", a)
		}
		if a := w.tell("msg_3", key); a.code != http.StatusOK || a.New {
			t.Errorf("the same key under another id: %+v", a)
		}
		d = w.deploys()
		if len(d) != 2 || d[1].Key != "build 7" || !d[1].StartedAt.Equal(time.Date(1999, 12, 31, 23, 0, 0, 0, time.UTC)) {
			t.Errorf("kept: %+v", d)
		}
	})
}

func TestNoticeEntersTheTimeline(t *testing.T) {
	still(t, nil, func(w *world) {
		w.must(w.carry(ana, func(work *bot.Work) error {
			_, err := bot.Declare(work, bot.Draft{Title: "Slow", Services: []string{"gateway"}})
			return err
		}))
		w.tell("msg_1", notice42)
		w.must(w.bot.Store.View(w.ctx, func(tx bot.ReadTx) error {
			events, err := tx.Events(bot.Self(), 1, bot.EventFilter{Kinds: []bot.EventKind{bot.EventDeploy}})
			if len(events) != 1 || !strings.Contains(events[0].Text.String(), "v42") {
				t.Errorf("entries: %+v", events)
			}
			return err
		}))
	})
}

func TestForgedNoticesHaveNoEffect(t *testing.T) {
	still(t, nil, func(w *world) {
		now := time.Now()
		unsigned := signed(t, hookSecret, "msg_1", notice42, now)
		unsigned.Header.Del(wire.WebhookSignatureHeader)
		changed := signed(t, hookSecret, "msg_1", notice42, now)
		changed.Header.Set(wire.WebhookIDHeader, "msg_2")
		for name, r := range map[string]*http.Request{
			"unsigned":       unsigned,
			"forged":         signed(t, "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3", "msg_1", notice42, now),
			"stale":          signed(t, hookSecret, "msg_1", notice42, now.Add(-wire.Window-2*time.Second)),
			"from ahead":     signed(t, hookSecret, "msg_1", notice42, now.Add(wire.Window+2*time.Second)),
			"under a new id": changed,
		} {
			if a := w.post(r); a.code != http.StatusUnauthorized {
				t.Errorf("%s: %+v", name, a)
			}
		}
		if d := w.deploys(); len(d) != 0 {
			t.Errorf("kept: %+v", d)
		}
	})
}

// Whether a signature is in time is judged by the real time, not by that of the
// incidents.
func TestNoticesAreSignedInRealTime(t *testing.T) {
	still(t, func(p *plan) { p.now = func() time.Time { return time.Now().Add(-30 * time.Hour) } }, func(w *world) {
		if a := w.tell("msg_1", strings.Replace(notice42, "}", `,"finished_at":"2000-01-01T00:00:00Z"}`, 1)); a.code != http.StatusOK {
			t.Errorf("answered %+v", a)
		}
		if d := w.deploys(); len(d) != 1 || !d[0].At().Equal(w.bot.Now()) {
			t.Errorf("what is still to come counts as now: %+v", d)
		}
	})
}

func TestNoticesThatAreOff(t *testing.T) {
	still(t, func(p *plan) { p.secrets = map[string]string{"github": "a secret that is long enough"} }, func(w *world) {
		for _, path := range []string{"generic", "github", "argocd"} {
			r := signed(t, hookSecret, "msg_1", notice42, time.Now())
			r.URL.Path = "/hooks/deploys/" + path
			if a := w.post(r); a.code != http.StatusNotFound {
				t.Errorf("%s: %+v", path, a)
			}
		}
		if log := w.logs.String(); strings.Count(log, "github") != 1 || strings.Contains(log, "long enough") {
			t.Errorf("logged: %s", log)
		}
	})
	still(t, nil, func(w *world) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/hooks/deploys/generic", http.NoBody)
		if a := w.post(r); a.code != http.StatusMethodNotAllowed {
			t.Errorf("GET: %+v", a)
		}
	})
	if _, err := New(Config{Secrets: map[string]string{"generic": ""}}); err == nil || !strings.Contains(err.Error(), "deploys.generic") {
		t.Errorf("an empty secret: %v", err)
	}
}

func TestNoticesThatCannotBeTaken(t *testing.T) {
	with := func(field string) string { return strings.Replace(notice42, "{", "{"+field+",", 1) }
	still(t, nil, func(w *world) {
		for k, c := range []struct{ body, text, hint string }{
			{``, "it is empty", "Send for example"},
			{`{"service":`, "unexpected EOF", "Send for example"},
			{`[]`, "it is a JSON array", "Send for example"},
			{`null`, "service is missing", "Send for example"},
			{notice42 + notice42, "follows the JSON object", "Send for example"},
			{`{"service":"gateway","environment":"production","version":42}`, "version is a JSON number", "Send for example"},
			{`{"service":"gateway","environment":"production"}`, "version is missing", "Send for example"},
			{with(`"kind":"release"`), `kind cannot be "release"`, "deploy, rollback, flag, config"},
			{with(`"status":"ok"`), `status cannot be "ok"`, "started, succeeded, failed"},
			{with(`"url":"javascript:alert(1)"`), "no http or https address", "Send for example"},
			{with(`"url":"https://ana:secret@ci.test/"`), "no http or https address", "Send for example"},
			{with(`"finished_at":"yesterday"`), "finished_at is no time", "2026-01-23T16:15:00Z"},
			{with(`"started_at":"1970-01-01T00:00:00Z"`), "before the year 1990", "Leave it out"},
			{with(`"actor":"a\u0007b"`), "control characters", "Send for example"},
			{with(`"previous":"` + strings.Repeat("x", bot.MaxDeployField+1) + `"`), "201 characters", "Send for example"},
		} {
			a := w.tell(fmt.Sprint("msg_", k), c.body)
			if a.code != http.StatusBadRequest || a.OK || a.Error.Kind != "invalid" || !strings.Contains(a.Error.Text, c.text) || !strings.Contains(a.Error.Hint, c.hint) {
				t.Errorf("%s: %+v", c.body, a)
			}
		}
		if a := w.tell("msg_long", `"`+strings.Repeat(" ", maxNotice)+`"`); a.code != http.StatusRequestEntityTooLarge {
			t.Errorf("a long one: %+v", a)
		}
		if d := w.deploys(); len(d) != 0 {
			t.Errorf("kept: %+v", d)
		}
		// What was refused has not used up its id.
		if a := w.tell("msg_0", notice42); a.code != http.StatusOK || !a.New {
			t.Errorf("mended: %+v", a)
		}
	})
}

// A notice that cannot be kept is not acknowledged, and can be sent again.
func TestNoticeIsKeptBeforeItIsAnswered(t *testing.T) {
	still(t, nil, func(w *world) {
		store := &breaking{Store: w.bot.Store}
		w.bot.Store = store
		store.fail.Store(true)
		if a := w.tell("msg_1", notice42); a.code != http.StatusServiceUnavailable || strings.Contains(a.Error.Text, errTest.Error()) {
			t.Errorf("answered %+v", a)
		}
		store.fail.Store(false)
		if a := w.tell("msg_1", notice42); a.code != http.StatusOK || !a.New {
			t.Errorf("again: %+v", a)
		}
	})
}

// F2: a deploy that came in after the versions were read makes the plan untrue;
// one that the plan already starts from, told late, does not.
func TestANoticeVoidsThePlan(t *testing.T) {
	for _, c := range []struct {
		name, version string
		finished      time.Duration // after the versions were read
		status        string
		state         bot.RollbackState
	}{
		{"another version", "v9", time.Second, "succeeded", bot.RollbackVoided},
		{"another version, late", "v9", -time.Hour, "succeeded", bot.RollbackVoided},
		{"the one that runs, again", "v2", time.Second, "succeeded", bot.RollbackVoided},
		{"the one that runs, late", "v2", -time.Hour, "succeeded", bot.RollbackAwaiting},
		{"one that failed", "v9", time.Second, "failed", bot.RollbackAwaiting},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, nil, func(w *world) {
				w.ask()
				w.rest(time.Minute)
				at := w.rollback().ReadAt.Add(c.finished)
				body := fmt.Sprintf(`{"service":"gateway","environment":"production","version":%q,"status":%q,"finished_at":%q}`,
					c.version, c.status, at.Format(time.RFC3339))
				if a := w.tell("msg_1", body); a.code != http.StatusOK {
					w.t.Fatalf("answered %+v", a)
				}
				w.rest(time.Second)
				w.expect(c.state)
				if err := w.drive(ben, bot.ApproveRollback); (err == nil) != (c.state == bot.RollbackAwaiting) {
					t.Errorf("approving it: %v", err)
				}
			})
		})
	}
}

// What a stranger with the secret sends is taken or refused with a sentence, and
// what is taken can be kept.
func FuzzParseNotice(f *testing.F) {
	f.Add([]byte(notice42), "msg_1")
	f.Add([]byte(`{"service":null,"finished_at":"2026-01-23T16:15:00Z","url":"http://x","kind":"flag"}`), "")
	f.Add([]byte("{\"version\":\"\\u0000\xff\"}{"), "msg.1")
	f.Fuzz(func(t *testing.T, body []byte, id string) {
		d, err := parseNotice(body, id)
		if err != nil {
			if bot.KindOf(err) != bot.KindInvalid || err.Error() == "" {
				t.Errorf("refused with %v", err)
			}
			return
		}
		if d.Key == "" && id != "" || d.Kind == "" || d.Status == "" || d.Source != sourceGeneric || len(d.URL) > maxURL {
			t.Errorf("taken: %+v", d)
		}
		for _, at := range []time.Time{d.StartedAt, d.FinishedAt} {
			if _, err := at.MarshalJSON(); err != nil || !at.IsZero() && at.Year() < earliest {
				t.Errorf("time %v: %v", at, err)
			}
		}
		if !json.Valid(bytes.TrimSpace(body)) {
			t.Errorf("taken although it is no JSON: %q", body)
		}
	})
}
