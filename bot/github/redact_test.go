package github

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/github/fakegithub"
)

// forget redacts the text of item 1.
func (w *world) forget() {
	w.t.Helper()
	w.must(w.on(ana, 1, func(work *bot.Work, f *bot.FollowUp) error {
		_, err := bot.Redact(work, f.Seq, "it held a secret")
		return err
	}))
}

// A redaction takes our text off the issue, and nothing that people wrote below.
func TestARedactedTextGoesOffTheIssue(t *testing.T) {
	opened(t, nil, func(w *world) {
		body := w.hubIssue().Body
		theirs := strings.Replace(body, "Owner:", "Incident: see #\u200b12\nOwner:", 1) + "People wrote this.\r\n"
		w.must(w.hub.As("ben").Edit(w.ctx, openRepo, 1, "Another title", "Above.\n"+theirs))
		before := len(w.record())
		w.forget()
		w.rest(10 * time.Second)
		i, want := w.hubIssue(), strings.Replace(theirs, "Alert on queue depth", `\[redacted\]`, 1)
		if i.Title != "[redacted]" || i.Body != want {
			t.Errorf("%q\n%q, want\n%q", i.Title, i.Body, want)
		}
		if n := len(w.record()); n != before {
			t.Errorf("%d entries more", n-before)
		}
		// What people write then is theirs.
		w.must(w.hub.As("ben").Edit(w.ctx, openRepo, 1, "What to do", "Do it.\n"+i.Body))
		w.set(1, bot.FollowUpDone)
		w.rest(10 * time.Second)
		if i := w.hubIssue(); i.Title != "What to do" || !strings.HasPrefix(i.Body, "Do it.\n") || i.State != "closed" {
			t.Errorf("%s %q %q", i.State, i.Title, i.Body)
		}
		w.quiet()
	})
}

// It was redacted while nobody knew whether the issue had been opened, or before
// the first byte left.
func TestARedactionThatComesEarly(t *testing.T) {
	for name, fail := range map[string]fakegithub.Fault{
		"lost":   failDropped(),
		"waited": {Method: http.MethodGet, Path: "/repos/acme/postmortems$", Status: 429, Header: map[string]string{"Retry-After": "20"}},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(p *plan) { p.deaf = true }, func(w *world) {
				w.hub.Fail(fail)
				w.add(bot.FollowUpDraft{})
				w.rest(3 * time.Second)
				w.forget()
				w.rest(time.Minute)
				w.expect(bot.FollowUpOpen, bot.IssueOpened)
				if i := w.hubIssue(); strings.Contains(i.Title+i.Body, "queue depth") || !strings.Contains(i.Title, "[redacted]") {
					t.Errorf("%q %q", i.Title, i.Body)
				}
				w.quiet()
			})
		})
	}
}

// An issue that was given by its address holds nothing of ours, and neither does
// the redaction of something else concern one.
func TestARedactionLeavesOtherIssuesAlone(t *testing.T) {
	bubble(t, nil, func(w *world) {
		_, err := w.hub.As("ben").Open(w.ctx, openRepo, "Fix the queue", "People wrote this.\n")
		w.must(err)
		w.add(bot.FollowUpDraft{Repo: openRepo, Issue: 1})
		w.rest(time.Minute)
		w.forget()
		w.set(1, bot.FollowUpDone)
		w.rest(time.Minute)
		if i := w.hubIssue(); i.Title != "Fix the queue" || i.Body != "People wrote this.\n" || i.State != "closed" {
			t.Errorf("%s %q %q", i.State, i.Title, i.Body)
		}
		w.quiet()
	})
	opened(t, nil, func(w *world) {
		w.must(w.on(ana, 1, func(work *bot.Work, f *bot.FollowUp) error { return bot.DueFollowUp(work, f, "2027-01-31", "a secret") }))
		w.rest(10 * time.Second)
		all := w.record()
		before := len(w.hub.Calls())
		w.must(w.on(ana, 1, func(work *bot.Work, _ *bot.FollowUp) error {
			_, err := bot.Redact(work, all[len(all)-1].Seq, "it held a secret")
			return err
		}))
		w.rest(time.Minute)
		if i := w.hubIssue(); i.Title != "Alert on queue depth" || len(w.hub.Calls()) != before {
			t.Errorf("%q, %d calls", i.Title, len(w.hub.Calls())-before)
		}
	})
}

func TestHide(t *testing.T) {
	const key = "AAAAAAAAAAAAAAAAAAAAAAAAAA"
	facts := "Incident: #\u200b1 Gateway\nDue: 2026-12-01\n\n" + marker(key) + "\nIncident: #1 theirs\n"
	for in, want := range map[string]string{
		"Secret\n\n" + facts:                      `\[redacted\]` + "\n\n" + facts,
		"Incident: #\u200b1 secret\n\n" + facts:   `\[redacted\]` + "\n\n" + facts,
		"Incident: #\u200b12 secret\r\n" + facts:  `\[redacted\]` + "\n\n" + facts,
		"Secret\n\n" + marker(key):                "Secret\n\n" + marker(key), // not as we wrote it
		"Incident: #\u200b1 of somebody else's\n": "Incident: #\u200b1 of somebody else's\n",
	} {
		if got := hide(in, 1, key); got != want {
			t.Errorf("%q becomes\n%q, want\n%q", in, got, want)
		}
	}
}
