package deploy

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

func TestPlan(t *testing.T) {
	at := time.Date(2026, 1, 23, 16, 15, 0, 0, time.UTC)
	until := at.Add(10 * time.Minute)
	slow := yardTemplate()
	slow.Every.First = 9 * time.Second
	d := &Deploy{targets: map[string]target{"t": {steps: map[string]stepWay{"main": {template: slow}}}}}
	for _, c := range []struct {
		name string
		e    bot.Event
		want []bot.Job
	}{
		{"requested", bot.Event{Data: bot.Data{Rollback: &bot.RollbackMark{State: bot.RollbackRequested}}},
			[]bot.Job{{Kind: jobVersions, Lane: "deploy:rollback:r1"}}},
		{"awaiting", bot.Event{Data: bot.Data{When: &until, Rollback: &bot.RollbackMark{State: bot.RollbackAwaiting}}},
			[]bot.Job{{Kind: jobExpire, Lane: "deploy:clock:r1", RunAt: until}}},
		{"plan only", bot.Event{Data: bot.Data{Rollback: &bot.RollbackMark{State: bot.RollbackVoided, PlanOnly: true}}}, nil},
		{"approved", bot.Event{Data: bot.Data{Rollback: &bot.RollbackMark{State: bot.RollbackApproved, Start: []string{"main", "chat"}}}},
			[]bot.Job{{Kind: jobSubmit, Lane: "deploy:step:r1:main"}, {Kind: jobSubmit, Lane: "deploy:step:r1:chat"}}},
		{"accepted", bot.Event{Data: bot.Data{Rollback: &bot.RollbackMark{State: bot.RollbackRunning, Step: "main", StepState: bot.RollbackRunning}}},
			[]bot.Job{{Kind: jobPoll, Lane: "deploy:step:r1:main", RunAt: at.Add(9 * time.Second), Dedup: "deploy:poll:r1:main"}}},
		{"accepted, not configured", bot.Event{Data: bot.Data{Rollback: &bot.RollbackMark{State: bot.RollbackRunning, Step: "old", StepState: bot.RollbackRunning}}},
			[]bot.Job{{Kind: jobPoll, Lane: "deploy:step:r1:old", RunAt: at.Add(everyFirst), Dedup: "deploy:poll:r1:old"}}},
		{"unknown", bot.Event{Data: bot.Data{Rollback: &bot.RollbackMark{State: bot.RollbackUnknown, Step: "main", StepState: bot.RollbackUnknown}}},
			[]bot.Job{{Kind: jobLook, Lane: "deploy:look:r1:main", RunAt: at.Add(5 * time.Second), Edit: "deploy:look:r1:main"}}},
		{"one done, the next starts", bot.Event{Data: bot.Data{Rollback: &bot.RollbackMark{
			State: bot.RollbackApproved, Step: "main", StepState: bot.RollbackSucceeded, Start: []string{"chat"}}}},
			[]bot.Job{{Kind: jobSubmit, Lane: "deploy:step:r1:chat"}}},
		{"another rollback's state in one entry", bot.Event{Kind: bot.EventNote}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := c.e
			if e.Incident, e.RecordedAt = 12, at; e.Kind == "" {
				e.Kind = bot.EventRollback
				e.Data.Rollback.ID, e.Data.Rollback.Target = "r1", "t"
			}
			got := d.Plan(e, nil)
			for k := range got {
				if got[k].Incident != 12 || !strings.Contains(string(got[k].Payload), `"rollback":"r1"`) {
					t.Errorf("job %+v", got[k])
				}
				got[k].Incident, got[k].Payload = 0, nil
			}
			same := func(a, b bot.Job) bool {
				return a.Kind == b.Kind && a.Lane == b.Lane && a.RunAt.Equal(b.RunAt) && a.Dedup == b.Dedup && a.Edit == b.Edit
			}
			if !slices.EqualFunc(got, c.want, same) {
				t.Errorf("planned %+v, want %+v", got, c.want)
			}
		})
	}
}

// F2: a target that was edited while the program was down voids its plans, as
// soon as the database lets it.
func TestRunVoidsWhatTheConfigurationMadeUntrue(t *testing.T) {
	still(t, nil, func(w *world) {
		store := &breaking{Store: w.bot.Store}
		w.bot.Store = store
		w.ask()
		w.done(jobVersions, "", 1)
		w.bot.Settings.Targets[0].Digest = "as edited"
		store.fail.Store(true)
		ctx, cancel := context.WithCancel(w.ctx)
		done := make(chan error)
		go func() { done <- w.deploy.Run(ctx) }()
		synctest.Wait()
		w.expect(bot.RollbackAwaiting)
		store.fail.Store(false)
		w.rest(voidPause + time.Second)
		w.expect(bot.RollbackVoided)
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestNewNamesWhatIsWrong(t *testing.T) {
	short := yardTemplate()
	short.Auth = Auth{Kind: AuthHMAC, Secret: "short"}
	for want, c := range map[string]Config{
		"rollback template yard":                                     {Templates: map[string]*Template{"yard": short}},
		`rollback target t: step main: there is no template "field"`: {Targets: map[string]Target{"t": {Steps: map[string]StepConfig{"main": {Use: "field"}}}}},
		"rollback target t: verify 1":                                {Targets: map[string]Target{"t": {Verify: []Verify{{URL: pattern("/health")}}}}},
	} {
		if _, err := New(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
