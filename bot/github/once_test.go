package github

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/github/fakegithub"
)

const createPath = "/repos/acme/postmortems/issues"

func TestAnItemBecomesAnIssue(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.add(bot.FollowUpDraft{Owner: ana, Priority: "p1", Service: "gateway", Due: "2026-12-01"})
		w.rest(10 * time.Second)
		f := w.expect(bot.FollowUpOpen, bot.IssueOpened)
		i := w.issues(openRepo, 1)[0]
		want := "Alert on queue depth\n\nIncident: #\u200b1 Gateway is slow\nSeverity: SEV1\nOwner: " + ana +
			"\nPriority: P1\nDue: 2026-12-01\nService: Gateway\n\n<!-- tocsin:item=" + f.Key + " -->\n"
		if i.Body != want || i.Title != "Alert on queue depth" {
			t.Errorf("title %q, body\n%q, want\n%q", i.Title, i.Body, want)
		}
		if strings.Join(i.Labels, " ") != "postmortem p1" || strings.Join(i.Assignees, " ") != "ana" || f.Issue.Assignee != "ana" {
			t.Errorf("labels %v, assignees %v; kept %q", i.Labels, i.Assignees, f.Issue.Assignee)
		}
		if f.Issue.Number != i.Number || f.Issue.Repo != openRepo || f.Issue.URL != i.URL {
			t.Errorf("kept %+v of %+v", f.Issue, i)
		}
		if n := w.calls(http.MethodPost, createPath); n != 2 { // the issue, and its assignee
			t.Errorf("%d posts", n)
		}
		w.quiet()
	})
}

// What GitHub did and could not say is found; what it did not do is not sent
// again by itself.
func TestLostAnswersLeaveOneIssue(t *testing.T) {
	faults := map[string]fakegithub.Fault{
		"dropped after the commit": {Drop: true},
		"500 after the commit":     {Status: 500, Done: true},
		"502 after the commit":     {Status: 502, Body: "<html>", Done: true},
		"408 after the commit":     {Status: 408, Done: true},
		"broken JSON":              {Status: 201, Body: "{", Done: true},
		"empty answer":             {Status: 201, Body: " ", Done: true},
		"no number":                {Status: 201, Body: "{}", Done: true},
	}
	for name, f := range faults {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(p *plan) { p.deaf = true }, func(w *world) {
				f.Method, f.Path = http.MethodPost, createPath+"$"
				w.hub.Fail(f)
				w.add(bot.FollowUpDraft{})
				w.rest(3 * time.Second)
				w.expect(bot.FollowUpOpen, bot.IssueUnknown)
				w.rest(time.Minute)
				w.expect(bot.FollowUpOpen, bot.IssueOpened)
				w.issues(openRepo, 1)
				if n := w.calls(http.MethodPost, createPath); n != 1 {
					t.Errorf("%d posts", n)
				}
				w.rest(time.Hour)
				w.quiet()
			})
		})
	}
}

func TestAWebhookFindsALostIssue(t *testing.T) {
	bubble(t, nil, func(w *world) {
		w.hub.Fail(fakegithub.Fault{Method: http.MethodPost, Path: createPath, Drop: true})
		w.add(bot.FollowUpDraft{})
		w.rest(3 * time.Second) // before the first look
		w.expect(bot.FollowUpOpen, bot.IssueOpened)
		if n := w.calls(http.MethodGet, createPath); n != 0 {
			t.Errorf("it was looked for %d times", n)
		}
		w.issues(openRepo, 1)
	})
}

func TestUnknownIsAskedAndNotSentAgain(t *testing.T) {
	bubble(t, func(p *plan) { p.deaf = true }, func(w *world) {
		w.hub.Fail(fakegithub.Fault{Method: http.MethodPost, Path: createPath, DropBefore: true})
		w.add(bot.FollowUpDraft{})
		w.rest(9 * time.Minute)
		if f := w.expect(bot.FollowUpOpen, bot.IssueUnknown); f.Issue.Lost {
			t.Error("it was given up early")
		}
		w.rest(2 * time.Minute)
		if f := w.expect(bot.FollowUpOpen, bot.IssueUnknown); !f.Issue.Lost {
			t.Error("nobody was asked")
		}
		looks := w.calls(http.MethodGet, createPath)
		w.rest(24 * time.Hour)
		if n := w.calls(http.MethodPost, createPath); n != 1 {
			t.Errorf("%d posts", n)
		}
		if n := w.calls(http.MethodGet, createPath); looks != len(lookAt) || n != looks {
			t.Errorf("it was looked for %d times, then %d", looks, n)
		}
		w.issues(openRepo, 0)
		w.must(w.on(ana, 1, bot.RetryIssue)) // a person says so
		w.rest(10 * time.Second)
		w.expect(bot.FollowUpOpen, bot.IssueOpened)
		w.issues(openRepo, 1)
		w.quiet()
	})
}

// The list lags: an early look that finds nothing proves nothing.
func TestTheListLags(t *testing.T) {
	bubble(t, func(p *plan) { p.deaf = true }, func(w *world) {
		w.hub.SetListLag(8 * time.Minute)
		w.hub.Fail(fakegithub.Fault{Method: http.MethodPost, Path: createPath, Drop: true})
		w.add(bot.FollowUpDraft{})
		w.rest(7 * time.Minute)
		w.expect(bot.FollowUpOpen, bot.IssueUnknown)
		w.rest(5 * time.Minute)
		w.expect(bot.FollowUpOpen, bot.IssueOpened)
		w.issues(openRepo, 1)
	})
}

// A process that was killed while it sent left nothing but its mark.
func TestKilledWhileSendingIsUnknown(t *testing.T) {
	still(t, nil, func(w *world) {
		w.add(bot.FollowUpDraft{})
		w.must(w.on("", 1, func(work *bot.Work, f *bot.FollowUp) error {
			began, err := bot.BeginIssue(work, f)
			if !began {
				t.Error("it did not begin")
			}
			return err
		}))
		w.done(jobOpen, 2)
		w.done(jobOpen, 3)
		w.expect(bot.FollowUpOpen, bot.IssueUnknown)
		if n := len(w.hub.Calls()); n != 0 {
			t.Errorf("%d calls", n)
		}
	})
}

// Between the POST and its record the program died: GitHub has the issue.
func TestAnAnswerThatCannotBeKeptIsFound(t *testing.T) {
	still(t, func(p *plan) { p.deaf = true }, func(w *world) {
		store := &breaking{Store: w.bot.Store}
		w.add(bot.FollowUpDraft{})
		hold := make(chan struct{})
		w.hub.Fail(fakegithub.Fault{Method: http.MethodPost, Path: createPath, HoldAnswer: hold})
		w.bot.Store = store
		go func() {
			after(time.Second)
			store.fail.Store(true)
			close(hold)
		}()
		if o := w.do(jobOpen, 1); o.State != bot.JobWaiting || !strings.Contains(o.Error, errTest.Error()) {
			t.Fatalf("the job: %+v", o)
		}
		store.fail.Store(false)
		w.expect(bot.FollowUpOpen, bot.IssueCreating)
		w.done(jobOpen, 2)
		w.expect(bot.FollowUpOpen, bot.IssueUnknown)
		w.done(jobLook, 1)
		w.expect(bot.FollowUpOpen, bot.IssueOpened)
		w.issues(openRepo, 1)
	})
}

func TestNoMarkNoRequest(t *testing.T) {
	still(t, nil, func(w *world) {
		w.add(bot.FollowUpDraft{})
		if _, err := w.g.see(w.ctx, openRepo); err != nil {
			t.Fatal(err)
		}
		store := &breaking{Store: w.bot.Store}
		w.bot.Store = store
		store.fail.Store(true)
		if o := w.do(jobOpen, 1); o.State != bot.JobWaiting {
			t.Errorf("the job: %+v", o)
		}
		store.fail.Store(false)
		w.issues(openRepo, 0)
		w.expect(bot.FollowUpOpen, bot.IssueWanted)
	})
}

// The job is done twice, as when a lease ran out.
func TestTheSameJobTwiceOpensOnce(t *testing.T) {
	still(t, nil, func(w *world) {
		w.add(bot.FollowUpDraft{})
		w.done(jobOpen, 1)
		w.done(jobOpen, 2)
		w.issues(openRepo, 1)
	})
}

// Two processes do it at the same time; the one that comes late sees the mark.
func TestTwoAtOnceOpenOne(t *testing.T) {
	still(t, func(p *plan) { p.deaf = true }, func(w *world) {
		w.add(bot.FollowUpDraft{})
		hold, second := make(chan struct{}), make(chan bot.Outcome)
		w.hub.Fail(fakegithub.Fault{Method: http.MethodPost, Path: createPath, HoldAnswer: hold})
		go func() {
			after(time.Second)
			second <- w.do(jobOpen, 2)
			close(hold)
		}()
		go func() { <-second }()
		w.done(jobOpen, 1)
		w.expect(bot.FollowUpOpen, bot.IssueOpened)
		w.issues(openRepo, 1)
	})
}

// Between what a job read and its mark another process began.
func TestWhoComesLateSendsNothing(t *testing.T) {
	still(t, nil, func(w *world) {
		w.add(bot.FollowUpDraft{})
		_, err := w.g.see(w.ctx, openRepo)
		w.must(err)
		store := &breaking{Store: w.bot.Store}
		w.bot.Store = store
		n := 0
		store.before = func() {
			if n++; n == 2 { // the first takes a place under the limits
				store.before = nil
				w.must(w.on("", 1, func(work *bot.Work, f *bot.FollowUp) error {
					_, err := bot.BeginIssue(work, f)
					return err
				}))
			}
		}
		w.done(jobOpen, 1)
		w.issues(openRepo, 0)
		w.expect(bot.FollowUpOpen, bot.IssueUnknown)
	})
}

// What was sent is written down although the program is being stopped.
func TestTheAnswerIsKeptAlthoughTheProgramStops(t *testing.T) {
	still(t, func(p *plan) { p.deaf = true }, func(w *world) {
		w.add(bot.FollowUpDraft{})
		ctx, cancel := context.WithCancel(w.ctx)
		hold := make(chan struct{})
		w.hub.Fail(fakegithub.Fault{Method: http.MethodPost, Path: createPath, HoldAnswer: hold})
		go func() {
			after(time.Second)
			cancel()
			after(time.Second) // the answer comes when nobody would wait any more
			close(hold)
		}()
		if o := w.doWith(ctx, jobOpen, 1); o.State != bot.JobDone {
			t.Errorf("%+v", o)
		}
		w.expect(bot.FollowUpOpen, bot.IssueOpened)
	})
}

func TestWhatNeverLeftIsSentAgain(t *testing.T) {
	bubble(t, nil, func(w *world) {
		_, err := w.g.see(w.ctx, openRepo)
		w.must(err)
		w.net.down.Store(true)
		w.add(bot.FollowUpDraft{})
		w.rest(time.Minute)
		w.expect(bot.FollowUpOpen, bot.IssueWanted)
		w.net.down.Store(false)
		w.rest(5 * time.Minute)
		w.expect(bot.FollowUpOpen, bot.IssueOpened)
		w.issues(openRepo, 1)
		for _, e := range w.record() {
			if e.Data.FollowUp.Issue == bot.IssueUnknown {
				t.Error("it was unknown for a while")
			}
		}
		w.quiet()
	})
}
