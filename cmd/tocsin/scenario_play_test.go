package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/scenario"
	"github.com/tocsin-dev/tocsin/bot/slack/fakeslack"
	"github.com/tocsin-dev/tocsin/bot/wire"
)

// played is a scenario after its end.
type played struct {
	*sandbox
	t        *testing.T
	incident *bot.Incident
	deploys  []bot.Deploy
	asked    []*bot.Rollback // oldest first
	items    []*bot.FollowUp
}

// newPlay is a sandbox for a scenario, in a bubble, which runs.
func newPlay(t *testing.T, story *scenario.Scenario) *sandbox {
	t.Helper()
	net := fakeslack.Net{}
	client := &http.Client{Transport: net, Timeout: 10 * time.Second}
	s, err := newSandbox(t.Context(), env{strings.NewReader(""), io.Discard, t.Output(), nil}, "http://demo.test", story, outside{
		slack: client, github: client, volatile: true, deploy: func(wire.Guard) (*http.Client, error) { return client, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	s.log = slog.New(slog.NewTextHandler(t.Output(), nil))
	net["demo.test"] = s.handler()
	s.app.start(context.Background())
	return s
}

// playScenario plays one, in a bubble.
func playScenario(t *testing.T, story *scenario.Scenario, speed float64) *played {
	t.Helper()
	s := newPlay(t, story)
	if err := s.play(t.Context(), speed); err != nil {
		t.Error(err)
	}
	if ahead := time.Until(s.clock.Now()); ahead > 0 {
		t.Errorf("the play ends %s ahead of the time", ahead)
	}
	p := &played{sandbox: s, t: t}
	p.read()
	return p
}

func (p *played) close() {
	if err := p.app.stop(); err != nil {
		p.t.Error(err)
	}
	if err := p.sandbox.close(); err != nil {
		p.t.Error(err)
	}
}

func (p *played) read() {
	p.t.Helper()
	err := p.app.store.View(context.Background(), func(tx bot.ReadTx) (err error) {
		list, err := tx.Incidents(bot.Self(), bot.IncidentFilter{})
		if err != nil {
			return err
		}
		if len(list) != 1 {
			p.t.Fatalf("%d incidents", len(list))
		}
		p.incident = list[0]
		if p.deploys, err = tx.Deploys(bot.DeployFilter{}); err != nil {
			return err
		}
		if p.asked, err = tx.Rollbacks(bot.Self(), bot.RollbackFilter{}); err != nil {
			return err
		}
		slices.Reverse(p.asked)
		p.items, err = tx.FollowUps(bot.Self(), bot.FollowUpFilter{})
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// get is a page or a JSON document as a customer gets it.
func (p *played) get(path string) string {
	p.t.Helper()
	time.Sleep(time.Second) // the page is drawn anew ten times a second at most
	w := httptest.NewRecorder()
	p.handler().ServeHTTP(w, httptest.NewRequestWithContext(context.Background(), http.MethodGet, "http://demo.test"+path, nil))
	if w.Code != http.StatusOK {
		p.t.Errorf("GET %s: %d", path, w.Code)
	}
	return w.Body.String()
}

// goesOn has a visitor declare after the play, and wants the answer in their channel
// within moments: the clock is the real one, and nothing waits for what was played.
func (p *played) goesOn() {
	p.t.Helper()
	ana := p.slack.As("ana")
	if _, err := ana.Slash(context.Background(), "general", "/incident", "declare sev1 My own incident"); err != nil {
		p.t.Fatal(err)
	}
	time.Sleep(20 * time.Second)
	synctest.Wait()
	c, ok := p.slack.Channel("inc-2-my-own-incident")
	if !ok || !slices.Contains(c.Members, ana.ID()) || len(c.Pins) != 1 {
		p.t.Errorf("after 20 seconds: %+v", c)
	}
}

// TestTrickyScenario: texts that look like language are typed as text, and every
// line changes something.
func TestTrickyScenario(t *testing.T) {
	t.Parallel()
	story, err := loadScenario("testdata/tricky.json")
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		p := playScenario(t, story, 0)
		defer p.close()
		if p.incident.Private || p.incident.Title != bot.Plain(story.Title) || p.incident.Status != bot.Resolved || p.incident.Reopened != 1 {
			t.Errorf("%+v", p.incident)
		}
		var texts []string
		for _, f := range p.items {
			texts = append(texts, f.Text.String()+" "+string(f.State))
		}
		slices.Sort(texts)
		if want := []string{"#2 first ongoing", `Say "no" -- always open`, "Twice done"}; !slices.Equal(texts, want) {
			t.Errorf("%q, want %q", texts, want)
		}
	})
}

// TestPlayWithVisitor: what a visitor does to the incident keeps a step from being
// done; the others are, and the play says which one was not.
func TestPlayWithVisitor(t *testing.T) {
	t.Parallel()
	story, err := scenario.Load("github-pages-actions-2024-09")
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		s := newPlay(t, story)
		visit := story.Events[2].At.Add(time.Minute).Sub(story.End())
		go func() {
			for s.clock.Now().Before(time.Now().Add(visit)) {
				time.Sleep(time.Second)
			}
			if _, err := s.slack.As("ana").Slash(context.Background(), "incidents", "/incident", "#1 resolve That was all"); err != nil {
				t.Error(err)
			}
		}()
		err := s.play(t.Context(), 60)
		if err == nil || strings.Count(err.Error(), "refused") == 0 || strings.Contains(err.Error(), "before step") {
			t.Errorf("%v", err)
		}
		if v, err := s.startView(t.Context()); err != nil || v.Refused == 0 || v.Problem != "" || v.Done != v.Total || !v.Resolved {
			t.Errorf("%v, %+v", err, v)
		}
		(&played{sandbox: s, t: t}).close()
	})
}
