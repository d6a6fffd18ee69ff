package slack

import (
	"fmt"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot/slack/fakeslack"
)

// TestLookOverPages: a post is looked for over several pages of history, and
// what waits behind it goes out.
func TestLookOverPages(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.slash(ana, "general", "declare Checkout is down")
		w.rest(10 * time.Second)
		channel := string(w.incident(1).Channel)
		w.fake.Inject(fakeslack.Fault{Method: "chat.postMessage", Status: 503})
		w.slash(ana, "general", "update said once")
		for k := range pageSize + 450 {
			if _, err := w.fake.As(ana).Say(w.ctx, channel, "", fmt.Sprint("chatter ", k)); err != nil {
				t.Fatal(err)
			}
		}
		w.slash(ana, "general", "update said behind it")
		w.rest(time.Minute)
		w.once(w.said(channel)[1:], "said once")
		w.once(w.said(channel)[1:], "said behind it")
		if n := len(w.fake.Calls("conversations.history")); n != 2 {
			t.Errorf("%d pages were read", n)
		}
	})
}

// TestLookOverPagesOfAThread is the same for the announcement's thread.
func TestLookOverPagesOfAThread(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.slash(ana, "general", "declare Checkout is down")
		w.rest(10 * time.Second)
		at, _ := parseRef(w.link(1, linkAnnounce))
		w.fake.Inject(fakeslack.Fault{Method: "conversations.history", Times: -1, Error: "missing_scope"})
		w.fake.Inject(fakeslack.Fault{Method: "chat.postMessage", Status: 503, Times: 2})
		w.slash(ana, "general", "ic @ben")
		for k := range pageSize + 450 {
			if _, err := w.fake.As(ana).Say(w.ctx, string(at.channel), at.ts, fmt.Sprint("chatter ", k)); err != nil {
				t.Fatal(err)
			}
		}
		w.rest(time.Minute)
		w.once(w.said("incidents"), "#1: @ben is Incident commander")
	})
}
