package web

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// withTarget configures a target that U0ANA may roll back and U0BEN approve.
func withTarget(c *Config) {
	s := c.Bot.Settings
	s.Services = []bot.Service{{ID: "api-gateway", Name: "API Gateway"}}
	s.Targets = []bot.Target{{
		Name: "gateway", Service: "api-gateway", Environment: "production", LockKey: "api-gateway/production", Digest: "d1",
		Steps: []bot.TargetStep{{Name: "main"}, {Name: "chat"}},
	}}
	s.Permissions = bot.DefaultPermissions()
	s.Permissions[bot.RightRollback], s.Permissions[bot.RightApprove] = []string{"U0ANA"}, []string{"U0BEN"}
}

// carry does something as user (empty: Tocsin itself) and moves the time on by
// a minute.
func (w *world) carry(user bot.UserID, fn func(*bot.Work) error) {
	w.t.Helper()
	_, err := w.bot.Carry(w.t.Context(), bot.Request{User: user, Via: bot.ViaAPI}, func(k *bot.Work) (bot.Reply, error) {
		return bot.Reply{}, fn(k)
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.now = w.now.Add(time.Minute)
}

// with is carry with a rollback under its lock.
func (w *world) with(user bot.UserID, id string, fn func(*bot.Work, *bot.Rollback) error) {
	w.t.Helper()
	w.carry(user, func(k *bot.Work) error {
		r, err := bot.TakeRollback(k, id)
		if err != nil {
			return err
		}
		return fn(k, r)
	})
}

// request asks for a rollback of the first target.
func (w *world) request(incident int64, d bot.RollbackDraft) (id string) {
	w.t.Helper()
	d.Target = w.bot.Settings.Targets[0]
	w.carry("U0ANA", func(k *bot.Work) error {
		if err := k.Lock(incident); err != nil {
			return err
		}
		r, err := bot.RequestRollback(k, d)
		if err == nil {
			id = r.ID
		}
		return err
	})
	return id
}

// rollBack plans and approves a rollback of an incident; its first step ends,
// and its second is under way.
func (w *world) rollBack(incident int64) (id string) {
	w.t.Helper()
	id = w.request(incident, bot.RollbackDraft{Reason: "Latency since v2"})
	menu := bot.Menu{Versions: []bot.Version{{ID: "102", Label: "v2"}, {ID: "101", Label: "v1"}}}
	w.with("", id, func(k *bot.Work, r *bot.Rollback) error {
		return bot.MakePlan(k, r, map[string]bot.Menu{"main": menu, "chat": menu})
	})
	w.with("U0BEN", id, bot.ApproveRollback)
	for _, step := range []string{"main", "chat"} {
		w.with("", id, func(k *bot.Work, r *bot.Rollback) error {
			ok, err := bot.BeginStep(k, r, step, nil)
			if err == nil && !ok {
				w.t.Fatalf("%s did not begin", step)
			}
			return err
		})
		w.with("", id, func(k *bot.Work, r *bot.Rollback) error {
			return bot.AcceptStep(k, r, step, bot.Accepted{Link: "https://deploy.example.com/7", Message: "queued", Vars: map[string]string{"run": "7"}})
		})
		if step == "main" {
			w.with("", id, func(k *bot.Work, r *bot.Rollback) error {
				return bot.EndStep(k, r, step, bot.Ended{OK: true, Message: "healthy"})
			})
		}
	}
	return id
}

// deploy tells of a deploy of the target's service.
func (w *world) deploy(version string) {
	w.t.Helper()
	w.carry("", func(k *bot.Work) error {
		_, err := bot.TakeDeploy(k, bot.Deploy{Source: "generic", Key: version, Service: "api-gateway", Environment: "production",
			Kind: bot.DeployOf, Version: version, Status: bot.DeploySucceeded, Actor: "ci", FinishedAt: w.now.Add(-time.Hour)})
		return err
	})
}

func TestRollbackShape(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withTarget)
	w.keep(declare(1, now, "Checkout is down"))
	plan := w.request(1, bot.RollbackDraft{PlanOnly: true})
	r := ask(t, w.mux, http.MethodGet, "/api/v1/rollbacks/"+plan, "", "Authorization: Bearer "+rootToken)
	step := func(name string) string {
		return `{"name":"` + name + `","from":null,"to":null,"from_id":null,"to_id":null,"state":"pending","link":null,"message":null,"tries":0,` +
			`"submitted_at":null,"ended_at":null,"decided_by":null}`
	}
	want := `{"id":"r1","incident":1,"target":"gateway","service":"api-gateway","environment":"production","reason":null,"state":"requested",` +
		`"why":null,"plan_only":true,"asked":null,"steps":[` + step("main") + `,` + step("chat") + `],"plan_hash":null,"requested_by":"U0ANA",` +
		`"approved_by":null,"closed_by":null,"requested_at":"2020-01-24T14:30:00Z","read_at":null,"expires_at":null,"approved_at":null,"ended_at":null}` + "\n"
	if got := text(t, r); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	id := w.rollBack(1)
	got := w.get("/api/v1/rollbacks/"+id, rootToken, 200)
	for field, want := range map[string]any{
		"id": "r2", "state": "running", "reason": "Latency since v2", "requested_by": "U0ANA", "approved_by": "U0BEN", "plan_only": false,
		"requested_at": "2020-01-24T14:31:00Z", "read_at": "2020-01-24T14:32:00Z", "expires_at": "2020-01-24T14:42:00Z",
		"approved_at": "2020-01-24T14:33:00Z", "ended_at": nil, "why": nil,
	} {
		if got[field] != want {
			t.Errorf("%s = %v, want %v", field, got[field], want)
		}
	}
	if hash, _ := got["plan_hash"].(string); len(hash) != 64 {
		t.Errorf("plan_hash = %v", got["plan_hash"])
	}
	steps := fmt.Sprint(got["steps"])
	if want := "[map[decided_by:<nil> ended_at:2020-01-24T14:36:00Z from:v2 from_id:102 link:https://deploy.example.com/7 message:healthy name:main " +
		"state:succeeded submitted_at:2020-01-24T14:34:00Z to:v1 to_id:101 tries:1] map[decided_by:<nil> ended_at:<nil> from:v2 from_id:102 " +
		"link:https://deploy.example.com/7 message:queued name:chat state:running submitted_at:2020-01-24T14:37:00Z to:v1 to_id:101 tries:1]]"; steps != want {
		t.Errorf("steps = %s\nwant    %s", steps, want)
	}
	// An incident has the full objects, oldest first, in lists as well.
	for _, i := range []any{w.get("/api/v1/incidents/1", rootToken, 200), w.get("/api/v1/incidents", rootToken, 200)["items"].([]any)[0]} {
		list := i.(map[string]any)["rollbacks"].([]any)
		if len(list) != 2 || list[0].(map[string]any)["id"] != plan || !reflect.DeepEqual(list[1], any(got)) {
			t.Errorf("the incident's rollbacks: %v", list)
		}
	}
}

func TestRollbackEntries(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withTarget)
	w.keep(declare(1, now, "Checkout is down"))
	w.deploy("v2")
	w.rollBack(1)
	var got []string
	for _, item := range w.get("/api/v1/incidents/1/timeline", rootToken, 200)["items"].([]any) {
		e := item.(map[string]any)
		data := e["data"].(map[string]any)
		if m, ok := data["rollback"].(map[string]any); ok {
			if hash, ok := m["plan_hash"].(string); ok && len(hash) == 64 {
				m["plan_hash"] = "…"
			}
			got = append(got, fmt.Sprint(e["kind"], " ", e["actor"], " ", e["text"], " ", m))
		}
		if m, ok := data["deploy"]; ok {
			got = append(got, fmt.Sprint(e["kind"], " ", e["at"], " ", e["text"], " ", m))
		}
	}
	want := []string{
		"deploy 2020-01-24T13:30:00Z API Gateway: deploy of v2 to production succeeded, by ci map[kind:deploy service:api-gateway source:generic status:succeeded]",
		"rollback U0ANA Latency since v2 map[id:r1 state:requested target:gateway]",
		"rollback <nil> <nil> map[id:r1 plan:[map[from:v2 step:main to:v1] map[from:v2 step:chat to:v1]] plan_hash:… state:awaiting_approval target:gateway]",
		"rollback U0BEN <nil> map[id:r1 plan_hash:… start:[main] state:approved target:gateway]",
		"rollback <nil> <nil> map[id:r1 state:running step:main step_state:running target:gateway]",
		"rollback <nil> healthy map[id:r1 minutes:2 start:[chat] state:approved step:main step_state:succeeded target:gateway]",
		"rollback <nil> <nil> map[id:r1 state:running step:chat step_state:running target:gateway]",
	}
	if a, b := strings.Join(got, "\n"), strings.Join(want, "\n"); a != b {
		t.Errorf("entries\n%s\nwant\n%s", a, b)
	}
}

// TestRollbackReaders: a rollback is seen with its incident, and by a token
// that was made for it.
func TestRollbackReaders(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withTarget)
	if r, body := w.run("private Zanzibar"); r.StatusCode != http.StatusOK {
		t.Fatal(body)
	}
	w.request(1, bot.RollbackDraft{Reason: "Zanzibar"})
	mine := w.token("U0ANA", nil)
	for name, token := range map[string]string{"somebody else": w.token("U0BEN", nil), "everyone": rootToken} {
		hidden := ask(t, w.mux, http.MethodGet, "/api/v1/rollbacks/r1", "", "Authorization: Bearer "+token)
		unused := ask(t, w.mux, http.MethodGet, "/api/v1/rollbacks/r9", "", "Authorization: Bearer "+token)
		a, b := text(t, hidden), text(t, unused)
		if hidden.StatusCode != http.StatusNotFound || unused.StatusCode != http.StatusNotFound || strings.Replace(a, "r1", "r9", 1) != b {
			t.Errorf("%s: hidden: %s %s, unused: %s %s", name, hidden.Status, a, unused.Status, b)
		}
	}
	for _, path := range []string{"/api/v1/rollbacks/R1", "/api/v1/rollbacks/1", "/api/v1/rollbacks/%00", "/api/v1/rollbacks/" + strings.Repeat("r", 5000)} {
		w.get(path, mine, 404)
	}
	if got := w.get("/api/v1/rollbacks/r1", mine, 200); got["reason"] != "Zanzibar" {
		t.Errorf("its requester reads %v", got)
	}
	w.get("/api/v1/rollbacks/r1?user=U0ANA", rootToken, 200)
	w.get("/api/v1/rollbacks/r1?user=U0BEN", rootToken, 404)
	for verb, code := range map[string]int{"rollback": 200, "rollback show": 200, "rollback approve": 403, "show": 403} {
		w.get("/api/v1/rollbacks/r1", w.token("U0ANA", func(d *bot.Token) { d.Verbs = []string{verb} }), code)
	}
	if r := ask(t, w.mux, http.MethodGet, "/api/v1/rollbacks/r1", ""); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("without a token: %s", r.Status)
	}
	if got := getPage(t, w.mux, "/metrics"); !strings.Contains(got, `tocsin_rollbacks_live{state="requested"} 0`) {
		t.Errorf("a private incident's rollback is counted:\n%s", got)
	}
}

// TestCustomersReadNothingOfRollbacks hides a word in all that a rollback and a
// deploy hold, and looks for it in everything that needs no token.
func TestCustomersReadNothingOfRollbacks(t *testing.T) {
	t.Parallel()
	const canary = "Zanzibar"
	w := newWorld(t, func(c *Config) {
		withTarget(c)
		s := c.Bot.Settings
		s.Services[0].Name = canary + " service"
		s.Targets[0].Name, s.Targets[0].Environment, s.Targets[0].Note = canary, canary, canary
		s.Targets[0].Steps = []bot.TargetStep{{Name: canary}}
	})
	r := declare(1, now.Add(-time.Hour), "Checkout is down")
	r.public(now, bot.Identified, "Words for customers.")
	w.keep(r)
	w.carry("", func(k *bot.Work) error {
		_, err := bot.TakeDeploy(k, bot.Deploy{Source: "generic", Key: canary, Service: "api-gateway", Environment: canary, Kind: bot.DeployOf,
			Version: canary, Previous: canary, Actor: canary, URL: "https://" + canary, Status: bot.DeploySucceeded})
		return err
	})
	id := w.request(1, bot.RollbackDraft{Reason: canary, To: canary + "-1"})
	menu := bot.Menu{Versions: []bot.Version{{ID: canary + "-2", Label: canary}, {ID: canary + "-1", Label: canary + "-1"}}}
	w.with("", id, func(k *bot.Work, r *bot.Rollback) error { return bot.MakePlan(k, r, map[string]bot.Menu{canary: menu}) })
	w.with("U0BEN", id, bot.ApproveRollback)
	w.with("", id, func(k *bot.Work, r *bot.Rollback) error { _, err := bot.BeginStep(k, r, canary, nil); return err })
	w.with("", id, func(k *bot.Work, r *bot.Rollback) error {
		return bot.AcceptStep(k, r, canary, bot.Accepted{Message: canary})
	})
	w.with("", id, func(k *bot.Work, r *bot.Rollback) error {
		return bot.EndStep(k, r, canary, bot.Ended{OK: true, Message: canary})
	})
	if err := w.srv.site.refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	snap := w.srv.site.current.Load()
	public := map[string]string{"/metrics": getPage(t, w.mux, "/metrics")}
	for path, a := range snap.paths {
		public[path] = string(a.plain.body)
	}
	for path, body := range public {
		if strings.Contains(strings.ToLower(body), strings.ToLower(canary)) {
			t.Errorf("%s shows it", path)
		}
	}
	if !strings.Contains(public["/"], "Words for customers.") {
		t.Error("the page shows nothing at all")
	}
	if got := fmt.Sprint(w.get("/api/v1/incidents/1/timeline", rootToken, 200)); strings.Count(got, canary) < 10 {
		t.Error("the record does not hold the word, so this looked for nothing")
	}
}
