package bot_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// deploy tells of a deploy of the gateway; what is not given is filled in.
func (h *house) deploy(d bot.Deploy) bool {
	h.t.Helper()
	d = filled(d)
	isNew := false
	err := h.ask(bot.Request{}, func(w *bot.Work) (err error) {
		isNew, err = bot.TakeDeploy(w, d)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return isNew
}

func filled(d bot.Deploy) bot.Deploy {
	set := func(s *string, v string) {
		if *s == "" {
			*s = v
		}
	}
	set(&d.Source, "generic")
	set(&d.Version, "v3")
	set(&d.Key, d.Version+string(d.Status))
	set(&d.Service, "api-gateway")
	set(&d.Environment, "production")
	if d.Kind == "" {
		d.Kind = bot.DeployOf
	}
	if d.Status == "" {
		d.Status = bot.DeploySucceeded
	}
	return d
}

func TestDeploysAreToldOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	open, secret, ended := h.declare(bot.Draft{}), h.declare(bot.Draft{Private: true}), h.declare(bot.Draft{})
	err := h.ask(bot.Request{User: ana}, func(w *bot.Work) error {
		if err := w.Lock(ended); err != nil {
			return err
		}
		_, err := bot.Cancel(w, "nothing")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	before := len(h.events(bot.House))
	late := h.now.Add(-time.Hour)
	for k := range 3 {
		if isNew := h.deploy(bot.Deploy{Service: "API gateway", FinishedAt: late, Previous: "v2", Actor: "ci"}); isNew != (k == 0) {
			t.Errorf("time %d: new %v", k+1, isNew)
		}
	}
	const want = "API Gateway: deploy of v3 (before: v2) to production succeeded, by ci"
	for _, n := range []int64{open, secret} {
		list := h.events(n, bot.EventDeploy)
		if len(list) != 1 || list[0].Text != want || !list[0].At.Equal(late) || list[0].Actor != "" || list[0].Public {
			t.Errorf("#%d: %+v", n, list)
		}
	}
	if list := h.events(ended, bot.EventDeploy); len(list) != 0 {
		t.Errorf("an ended incident has %+v", list)
	}
	if got := h.events(bot.House)[before:]; len(got) != 1 || got[0].Text != want || *got[0].Data.Deploy != (bot.DeployMark{Source: "generic", Service: "api-gateway", Kind: bot.DeployOf, Status: bot.DeploySucceeded}) {
		t.Errorf("the house has %+v", got)
	}
	h.deploy(bot.Deploy{Service: "billing", Key: "other"})
	h.deploy(bot.Deploy{Service: "unknown-thing", Key: "third"})
	if got := len(h.events(open, bot.EventDeploy)); got != 1 {
		t.Errorf("other services' deploys are in the incident: %d", got)
	}
	h.view(func(tx bot.ReadTx) error {
		list, err := tx.Deploys(bot.DeployFilter{})
		if len(list) != 3 || list[2].Service != "api-gateway" || !list[2].ReceivedAt.Equal(h.now) {
			t.Errorf("kept %+v", list)
		}
		return err
	})
}

func TestTheFutureCountsAsNow(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	n := h.declare(bot.Draft{})
	h.deploy(bot.Deploy{FinishedAt: h.now.Add(time.Hour)})
	if e := h.events(n, bot.EventDeploy)[0]; e.At.After(e.RecordedAt) {
		t.Errorf("told at %v of what happened at %v", e.RecordedAt, e.At)
	}
}

func TestDeployNoticesThatCannotBeTaken(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	good := filled(bot.Deploy{Previous: "v2", Actor: "ci", URL: "https://ci.example.com/1"})
	for want, spoil := range map[string]func(*bot.Deploy){
		"source is missing.":                              func(d *bot.Deploy) { d.Source = "" },
		"dedupe_key is missing.":                          func(d *bot.Deploy) { d.Key = " " },
		"service is missing.":                             func(d *bot.Deploy) { d.Service = "\t" },
		"environment is missing.":                         func(d *bot.Deploy) { d.Environment = "" },
		"version is missing.":                             func(d *bot.Deploy) { d.Version = "" },
		"dedupe_key has 201 characters; 200 is the most.": func(d *bot.Deploy) { d.Key = strings.Repeat("ü", 201) },
		"actor has 201 characters; 200 is the most.":      func(d *bot.Deploy) { d.Actor = strings.Repeat("x", 201) },
		"previous holds control characters.":              func(d *bot.Deploy) { d.Previous = "v2\nv1" },
		"version holds control characters.":               func(d *bot.Deploy) { d.Version = "v\u202e3" },
		"service holds control characters.":               func(d *bot.Deploy) { d.Service = "\x02@U0ANA\x03" },
		`"undeploy" is no kind`:                           func(d *bot.Deploy) { d.Kind = "undeploy" },
		`"" is no status`:                                 func(d *bot.Deploy) { d.Status = "" },
	} {
		d := good
		spoil(&d)
		err := h.ask(bot.Request{}, func(w *bot.Work) error { _, err := bot.TakeDeploy(w, d); return err })
		h.refused(want, err, bot.KindInvalid, want)
	}
	h.view(func(tx bot.ReadTx) error {
		list, err := tx.Deploys(bot.DeployFilter{})
		if len(list) != 0 {
			t.Errorf("kept %+v", list)
		}
		return err
	})
}

func TestDeploySentences(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	n := h.declare(bot.Draft{})
	for _, c := range []struct {
		d    bot.Deploy
		want string
	}{
		{bot.Deploy{Status: bot.DeployStarted}, "API Gateway: deploy of v3 to production started"},
		{bot.Deploy{Status: bot.DeployFailed}, "API Gateway: deploy of v3 to production failed"},
		{bot.Deploy{Kind: bot.DeployRollback, Previous: "v3", Version: "v2"}, "API Gateway: rollback to v2 (before: v3) in production succeeded"},
		{bot.Deploy{Kind: bot.DeployRollback, Version: "to production"}, "API Gateway: rollback to to production in production succeeded"},
		{bot.Deploy{Kind: bot.DeployFlag, Version: "new-ui=off"}, "API Gateway: flag change new-ui=off to production succeeded"},
		{bot.Deploy{Kind: bot.DeployConfig, Version: "c7"}, "API Gateway: configuration change c7 to production succeeded"},
	} {
		h.deploy(c.d)
		list := h.events(n, bot.EventDeploy)
		if got := list[len(list)-1].Text.String(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// TestADeployVoidsThePlansItMakesUntrue: anything that may have changed what
// runs does, except what the plan was made of.
func TestADeployVoidsThePlansItMakesUntrue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		d    bot.Deploy
		void bool
	}{
		{"another version", bot.Deploy{Version: "v3"}, true},
		{"it started", bot.Deploy{Version: "v3", Status: bot.DeployStarted}, true},
		{"it failed", bot.Deploy{Version: "v3", Status: bot.DeployFailed}, false},
		{"somebody else's rollback", bot.Deploy{Version: "v1", Kind: bot.DeployRollback}, true},
		{"a late word of what the plan starts from, by label", bot.Deploy{Version: "v2", FinishedAt: early}, false},
		{"a late word of what the plan starts from, by id", bot.Deploy{Version: "102", FinishedAt: early}, false},
		{"a late word of something older", bot.Deploy{Version: "v1", FinishedAt: early}, true},
		{"the same version once more", bot.Deploy{Version: "v2"}, true},
		{"another environment", bot.Deploy{Version: "v3", Environment: "staging"}, false},
		{"another service", bot.Deploy{Version: "v3", Service: "billing"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, nil)
			n := h.declare(bot.Draft{})
			id := h.planned(n)
			h.later(time.Minute)
			h.deploy(c.d)
			if !c.void {
				h.is("told", id, "awaiting_approval: pending pending")
				h.must(ben, id, bot.ApproveRollback)
				return
			}
			h.is("told", id, "voided: pending pending")
			if got, want := h.last(n), fmt.Sprintf("%s is void – a %s of %s came in", id, filled(c.d).Kind, c.d.Version); got != want {
				t.Errorf("entry: %s, want %s", got, want)
			}
		})
	}
}

// early is before the plans of these tests were made.
var early = time.Date(2020, 1, 23, 20, 0, 0, 0, time.UTC)

func TestADeployVoidsNothingElse(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	n := h.declare(bot.Draft{})
	id, err := h.request(ana, n, bot.RollbackDraft{})
	if err != nil {
		t.Fatal(err)
	}
	h.deploy(bot.Deploy{Version: "v2"})
	h.is("versions are being read, and will show it", id, "requested: pending pending")
	h.plan(id, menu())
	h.must(ben, id, bot.ApproveRollback)
	h.deploy(bot.Deploy{Version: "v3"})
	h.is("approved; what runs is looked at before it is sent", id, "approved: *pending pending")
}

// behind is a store that lists rollbacks as they were, as a database does that
// has several writers: what was read may have changed before it is locked.
type behind struct {
	bot.Store
	list []*bot.Rollback
}

func (s behind) Update(ctx context.Context, fn func(bot.Tx) error) error {
	return s.Store.Update(ctx, func(tx bot.Tx) error { return fn(behindTx{tx, s.list}) })
}

type behindTx struct {
	bot.Tx
	list []*bot.Rollback
}

func (t behindTx) Rollbacks(bot.Viewer, bot.RollbackFilter) ([]*bot.Rollback, error) {
	return t.list, nil
}

// TestWhatWasApprovedInBetweenIsNotVoided: an approval may come in between
// finding the plans that a deploy makes untrue and locking them.
func TestWhatWasApprovedInBetweenIsNotVoided(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	id := h.planned(h.declare(bot.Draft{}))
	was := h.rollback(id)
	h.must(ben, id, bot.ApproveRollback)
	store := h.bot.Store
	h.bot.Store = behind{store, []*bot.Rollback{was}}
	h.deploy(bot.Deploy{Version: "v3"})
	h.bot.Settings.Targets[0].Digest = "d2"
	if err := h.bot.VoidEdited(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.bot.Store = store
	h.is("told", id, "approved: *pending pending")
}

// TestVersionsFromDeploys: where a deploy system cannot tell its versions, what
// was told counts; after a rollback, the version before is not the one that was
// left.
func TestVersionsFromDeploys(t *testing.T) {
	t.Parallel()
	deployed := func(minute int, kind bot.DeployKind, version string, status bot.DeployStatus) bot.Deploy {
		return bot.Deploy{Key: fmt.Sprint(minute), Kind: kind, Version: version, Status: status, FinishedAt: early.Add(time.Duration(minute) * time.Minute)}
	}
	ok, of, back := bot.DeploySucceeded, bot.DeployOf, bot.DeployRollback
	for _, c := range []struct {
		name  string
		told  []bot.Deploy
		asked string
		plan  string
	}{
		{"the one before", []bot.Deploy{deployed(1, of, "v1", ok), deployed(2, of, "v2", ok)}, "", "v2 → v1"},
		{"failed ones never ran", []bot.Deploy{deployed(1, of, "v1", ok), deployed(2, of, "v2", bot.DeployFailed), deployed(3, of, "v3", ok)}, "", "v3 → v1"},
		{"started ones do not run yet", []bot.Deploy{deployed(1, of, "v1", ok), deployed(2, of, "v2", ok), deployed(3, of, "v3", bot.DeployStarted)}, "", "v2 → v1"},
		{"flags are no versions", []bot.Deploy{deployed(1, of, "v1", ok), deployed(2, of, "v2", ok), deployed(3, bot.DeployFlag, "ui=off", ok)}, "", "v2 → v1"},
		{"told late", []bot.Deploy{deployed(2, of, "v2", ok), deployed(1, of, "v1", ok)}, "", "v2 → v1"},
		{"the same again", []bot.Deploy{deployed(1, of, "v1", ok), deployed(2, of, "v2", ok), deployed(3, of, "v2", ok)}, "", "v2 → v1"},
		{"after a rollback", []bot.Deploy{deployed(0, of, "v0", ok), deployed(1, of, "v1", ok), deployed(2, of, "v2", ok), deployed(3, back, "v1", ok)}, "", "v1 → v0"},
		{"after two", []bot.Deploy{deployed(0, of, "v0", ok), deployed(1, of, "v1", ok), deployed(2, of, "v2", ok), deployed(3, back, "v1", ok), deployed(4, back, "v0", ok)}, "",
			"there is no version before v0 for main to go back to"},
		{"after a rollback to what was never told", []bot.Deploy{deployed(2, of, "v2", ok), deployed(3, back, "v1", ok)}, "", "there is no version before v1 for main to go back to"},
		{"forward again, if asked", []bot.Deploy{deployed(1, of, "v1", ok), deployed(2, of, "v2", ok), deployed(3, back, "v1", ok)}, "v2", "v1 → v2"},
		{"a deploy after a rollback", []bot.Deploy{deployed(1, of, "v1", ok), deployed(2, of, "v2", ok), deployed(3, back, "v1", ok), deployed(4, of, "v3", ok)}, "", "v3 → v1"},
		{"nothing known, asked", nil, "v1", "unknown version → v1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, func(s *bot.Settings) { s.Targets[0].Steps = s.Targets[0].Steps[:1] })
			for _, d := range c.told {
				h.deploy(d)
			}
			id, err := h.request(ana, h.declare(bot.Draft{}), bot.RollbackDraft{To: c.asked})
			if err != nil {
				t.Fatal(err)
			}
			r := h.plan(id, bot.Menu{None: true})
			if got := r.Steps[0].From.Name() + " → " + r.Steps[0].To.Name(); got != c.plan && r.Why != c.plan {
				t.Errorf("planned %s (%s), want %s", got, r.Why, c.plan)
			}
		})
	}
}
