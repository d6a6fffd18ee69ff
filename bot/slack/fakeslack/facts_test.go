package fakeslack

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/slack-go/slack"
)

// TestMissingScope: which scope a call needs and which the token has are in the
// answer, as clients and their authors read them.
func TestMissingScope(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.Scopes = []string{"commands", "chat:write"} })
	w.say("U0ANA", text("what is allowed"))
	o := w.ask("POST pins.add", "application/x-www-form-urlencoded", testToken, "channel="+w.general+"&timestamp=1.1")
	if o["ok"] != false || o["error"] != "missing_scope" || o["needed"] != "pins:write" || o["provided"] != "commands,chat:write" {
		t.Errorf("%v", o)
	}
}

// TestRetriesSayWhy: an event comes again when the app cannot be reached or sends
// Slack elsewhere, too, and says so.
func TestRetriesSayWhy(t *testing.T) {
	for _, c := range []struct {
		name, want string
		events     func(http.ResponseWriter)
	}{
		{"cut off", "connection_failed", func(http.ResponseWriter) { panic(http.ErrAbortHandler) }},
		{"redirects", "too_many_redirects", func(rw http.ResponseWriter) {
			rw.Header().Set("Location", "/slack/events")
			rw.WriteHeader(http.StatusTemporaryRedirect)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				var seen []string
				w.app.events = func(rw http.ResponseWriter, r received) {
					why := r.header.Get("X-Slack-Retry-Reason")
					if len(seen) == 0 || seen[len(seen)-1] != why {
						seen = append(seen, why)
					}
					if why == "" {
						c.events(rw)
					}
				}
				if err := w.SendEvent(t.Context(), map[string]any{"type": "app_mention", "text": "x"}); err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(seen, []string{"", c.want}) {
					t.Errorf("reasons %q", seen)
				}
			})
		})
	}
}

// TestViewClosed: an app is told that a modal was closed if it asked to be, and not
// otherwise.
func TestViewClosed(t *testing.T) {
	for _, notify := range []bool{true, false} {
		w := newWorld(t)
		var closed []slack.InteractionCallback
		w.app.interact = func(_ http.ResponseWriter, ic slack.InteractionCallback) { closed = append(closed, ic) }
		a := must(w.As("ana").Slash(t.Context(), "general", "/incident", "x"))(t)
		v := form("declare")
		v.NotifyOnClose = notify
		opened := must(w.api.OpenView(a.TriggerID, v))(t)
		if err := w.As("ana").CloseView(t.Context(), opened.ID, true); err != nil {
			t.Fatal(err)
		}
		if notify != (len(closed) == 1) {
			t.Fatalf("asked to be told: %v, told %d times", notify, len(closed))
		}
		if notify && (closed[0].Type != slack.InteractionTypeViewClosed || closed[0].View.ID != opened.ID || !closed[0].IsCleared || !strings.HasPrefix(closed[0].User.ID, "U0ANA")) {
			t.Errorf("%+v", closed[0])
		}
		if len(w.As("ana").Views()) != 0 {
			t.Error("it is still open")
		}
	}
}
