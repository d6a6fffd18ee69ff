package web

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/tocsin-dev/tocsin/bot"
)

// TestDescription compares openapi.json with the endpoints and with what they
// answer.
func TestDescription(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withRepo)
	w.keep(kustomer())
	w.keep(declare(2, now, "Checkout is down"))
	w.deploy("v2")
	w.rollBack(2)
	w.later(2)
	if r, body := w.run("declare x"); r.StatusCode != http.StatusOK {
		t.Fatal(body)
	}
	var doc struct {
		Paths      map[string]map[string]json.RawMessage
		Components struct {
			Schemas map[string]struct {
				Properties map[string]json.RawMessage
				Required   []string
			}
		}
	}
	served := ask(t, w.mux, http.MethodGet, "/api/v1/openapi.json", "", "Authorization: Bearer "+rootToken)
	if err := json.Unmarshal([]byte(text(t, served)), &doc); err != nil {
		t.Fatal(err)
	}
	for _, e := range w.srv.endpoints() {
		if len(doc.Paths[e.path]) != 1 || doc.Paths[e.path][strings.ToLower(e.method)] == nil {
			t.Errorf("%s %s is not described", e.method, e.path)
		}
		delete(doc.Paths, e.path)
	}
	for path := range doc.Paths {
		t.Errorf("%s is described and does not exist", path)
	}
	same := func(name string, got map[string]any) {
		schema := doc.Components.Schemas[name]
		for field := range got {
			if schema.Properties[field] == nil {
				t.Errorf("%s.%s is not described", name, field)
			}
		}
		for _, field := range schema.Required {
			if _, there := got[field]; !there {
				t.Errorf("%s.%s is described as always there and is not", name, field)
			}
		}
	}
	same("Incident", w.get("/api/v1/incidents/1", rootToken, 200))
	same("Entry", w.get("/api/v1/incidents/1/timeline", rootToken, 200)["items"].([]any)[0].(map[string]any))
	same("Error", w.get("/api/v1/incidents/99", rootToken, 404))
	rollback := w.get("/api/v1/rollbacks/r1", rootToken, 200)
	same("Rollback", rollback)
	same("Task", w.get("/api/v1/incidents/2", rootToken, 200)["tasks"].([]any)[0].(map[string]any))
	followUp := w.get("/api/v1/followups", rootToken, 200)["items"].([]any)[0].(map[string]any)
	same("Followup", followUp)
	same("Issue", followUp["issue"].(map[string]any))
	postmortem := w.get("/api/v1/incidents/2/postmortem", rootToken, 200)
	same("Postmortem", postmortem)
	same("Section", postmortem["sections"].([]any)[0].(map[string]any))
	same("Step", rollback["steps"].([]any)[0].(map[string]any))
	var data struct {
		Properties map[string]struct{ Properties map[string]json.RawMessage }
	}
	if err := json.Unmarshal(doc.Components.Schemas["Entry"].Properties["data"], &data); err != nil {
		t.Fatal(err)
	}
	kinds := map[string]bool{}
	for _, entry := range w.get("/api/v1/incidents/2/timeline", rootToken, 200)["items"].([]any) {
		for _, kind := range []string{"rollback", "deploy", "task", "followup", "reminder", "postmortem"} {
			facts, told := entry.(map[string]any)["data"].(map[string]any)[kind].(map[string]any)
			if told {
				kinds[kind] = true
			}
			for field := range facts {
				if data.Properties[kind].Properties[field] == nil {
					t.Errorf("data.%s.%s is not described", kind, field)
				}
			}
		}
	}
	if len(kinds) < 5 {
		t.Errorf("only entries of %v were looked at", kinds)
	}
}

func FuzzCommandsBody(f *testing.F) {
	for _, s := range []string{
		`{"user":"U0ANA","channel":"C1","text":"declare sev1 x"}`, `{"user":"U0ANA","text":"x","text":"y"}`, `[]`, `null`, `{"text":{}}`,
		"{\"text\":\"\\ud800\\u0000<@U1>\x02@U1\x03\"}", `{"USER":"u","text":"x"}`, strings.Repeat(`[`, 9999), `{"text":"x"} x`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		body, err := parseCommand(raw)
		if err != nil {
			if bot.KindOf(err) != bot.KindInvalid {
				t.Fatalf("%q: %v", raw, err)
			}
			return
		}
		if strings.TrimSpace(body.Text) == "" || (body.User != "" && !bot.IsUserID(body.User)) || (body.Channel != "" && !isChannelID(body.Channel)) {
			t.Fatalf("%q was taken as %+v", raw, body)
		}
		// What a stranger writes cannot forge a reference that the text does not show.
		line := bot.ParseRefs(body.Text)
		if again := bot.ParseRefs(line.String()); again != line {
			t.Fatalf("%q reads as %q and then as %q", body.Text, line, again)
		}
	})
}
