package slack

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/slack/fakeslack"
)

// story is an incident from declare to resolve, told while Slack fails.
func story(w *world, patience time.Duration) {
	w.slash(ana, "general", "declare Checkout is down")
	w.rest(5 * time.Second)
	for _, line := range []string{"update first news", "status identified", "severity sev1", "ic @ben", "update second news", "resolve it was DNS"} {
		w.slash(ana, "general", line)
	}
	w.rest(patience)
}

// told checks that the story was told whole, in order, and each thing once.
func told(w *world) {
	w.t.Helper()
	i := w.incident(1)
	if i.Status != bot.Resolved || i.Channel == "" {
		w.t.Fatalf("incident: status %s, channel %q", i.Status, i.Channel)
	}
	made := 0
	for _, c := range w.fake.Channels() {
		if strings.HasPrefix(c.Name, "inc-") {
			made++
		}
	}
	if made != 1 {
		w.t.Errorf("%d channels were made", made)
	}
	all := w.said(string(i.Channel))
	if len(all) != 7 || !strings.HasPrefix(all[0], "#1 Checkout is down\n") && !strings.HasPrefix(all[0], "# #1 Checkout is down") {
		w.t.Errorf("%d messages, first the card:\n%s", len(all), strings.Join(all, "\n---\n"))
	}
	at := 0
	for _, part := range []string{"first news", "Status: Identified", "Severity: SEV1", "is Incident commander", "second news", "it was DNS"} {
		w.once(all[1:], part)
		k := slices.IndexFunc(all[1:], func(s string) bool { return strings.Contains(s, part) })
		if k < at {
			w.t.Errorf("%q is out of order", part)
		}
		at = k
	}
	shown := w.said("incidents")
	if len(shown) != 4 || !strings.Contains(shown[0], "*Status* Resolved") {
		w.t.Errorf("announcements:\n%s", strings.Join(shown, "\n---\n"))
	}
	c, _ := w.fake.Channel(string(i.Channel))
	if len(c.Pins) != 1 || !slices.Contains(c.Members, ana) || !slices.Contains(c.Members, ben) {
		w.t.Errorf("pins %v, members %v", c.Pins, c.Members)
	}
	if !strings.Contains(c.Topic, "SEV1 Critical · Resolved · Commander: Ben Okoro") {
		w.t.Errorf("topic %q", c.Topic)
	}
	if left := w.jobs(); len(left) > 0 {
		w.t.Errorf("left over: %+v", left)
	}
}

// TestFaults breaks every call of the story in every way that passes, and in
// ways of which nobody knows whether the work was done.
func TestFaults(t *testing.T) {
	methods := []string{
		"conversations.create", "conversations.invite", "conversations.setTopic", "conversations.join", "conversations.list",
		"chat.postMessage", "chat.update", "pins.add", "auth.test", "users.list", "usergroups.list", "response_url", "",
	}
	faults := map[string][]fakeslack.Fault{
		"that pass": {{Error: "internal_error"}, {Error: "ratelimited"}, {RetryAfter: 7}, {Status: 429}, {Status: 503}, {Hang: true}},
		"unknown":   {{DropAfterCommit: true}, {Hang: true}},
		"token":     {{Error: "invalid_auth", Times: 2}},
	}
	for _, method := range methods {
		for name, list := range faults {
			t.Run(method+" "+name, func(t *testing.T) {
				t.Parallel()
				bubble(t, func(w *world) {
					for _, f := range list {
						f.Method = method
						w.fake.Inject(f)
					}
					patience := 6 * time.Minute
					if name == "token" {
						patience = 15 * time.Minute
					}
					story(w, patience)
					told(w)
				})
			})
		}
	}
}

// TestLookingFails: the look before the repeat may fail as well.
func TestLookingFails(t *testing.T) {
	for name, f := range map[string]fakeslack.Fault{
		"internal error": {Error: "internal_error"}, "429": {RetryAfter: 7}, "500": {Status: 503}, "hang": {Hang: true}, "drop": {DropAfterCommit: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(w *world) {
				w.fake.Inject(fakeslack.Fault{Method: "chat.postMessage", DropAfterCommit: true, Times: 3})
				for _, method := range []string{"conversations.history", "conversations.replies", "conversations.list"} {
					f.Method = method
					w.fake.Inject(f)
				}
				story(w, 4*time.Minute)
				told(w)
			})
		})
	}
}

// TestDropped cuts the connection after each single post in turn.
func TestDropped(t *testing.T) {
	for n := range 10 {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			bubble(t, func(w *world) {
				if n > 0 {
					w.fake.Inject(fakeslack.Fault{Method: "chat.postMessage", Delay: time.Millisecond, Times: n})
				}
				w.fake.Inject(fakeslack.Fault{Method: "chat.postMessage", DropAfterCommit: true})
				story(w, 4*time.Minute)
				told(w)
			})
		})
	}
}

// TestLimits runs the story against Slack's own limits.
func TestLimits(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.fake.LimitRates(true)
		story(w, 4*time.Minute)
		told(w)
		for _, c := range w.fake.Calls() {
			if c.Status == 429 {
				t.Errorf("%s ran into a limit", c.Method)
			}
		}
	})
}

// TestRetryAfter: after a 429 nothing goes to that channel before its time.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.slash(ana, "general", "declare Checkout is down")
		w.rest(10 * time.Second)
		channel := string(w.incident(1).Channel)
		w.fake.Inject(fakeslack.Fault{Method: "chat.postMessage", RetryAfter: 40})
		start := time.Now()
		w.slash(ana, "general", "update one")
		w.slash(ana, "general", "update two")
		w.rest(39 * time.Second)
		if n := len(w.fake.Calls("chat.postMessage")); n != 3 { // card, announcement, the refused one
			t.Errorf("%d posts before Retry-After", n)
		}
		w.rest(10 * time.Second)
		w.once(w.said(channel)[1:], "one")
		w.once(w.said(channel)[1:], "two")
		if time.Since(start) > time.Minute {
			t.Error("too late")
		}
	})
}

// TestHold: a method's limit closes for every incident, not only for the one
// that ran into it.
func TestHold(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.fake.Inject(fakeslack.Fault{Method: "conversations.create", RetryAfter: 60})
		w.slash(ana, "general", "declare One is down")
		w.rest(10 * time.Second)
		w.slash(ben, "general", "declare Another thing")
		w.rest(45 * time.Second)
		if n := len(w.fake.Calls("conversations.create")); n != 1 {
			t.Errorf("%d calls before Retry-After", n)
		}
		w.rest(time.Minute)
		if w.incident(1).Channel == "" || w.incident(2).Channel == "" {
			t.Error("a channel is missing")
		}
	})
}

// TestFlood: a channel with much to say keeps its order and its distance, and
// holds up no other.
func TestFlood(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.fake.LimitRates(true)
		w.slash(ana, "general", "declare One is down")
		w.rest(10 * time.Second)
		for k := range 100 {
			w.slash(ana, "general", fmt.Sprintf("update flood-%03d-end", k))
		}
		w.slash(ben, "general", "declare Another is down")
		w.rest(12 * time.Second)
		if other := w.incident(2).Channel; len(w.said(string(other))) != 1 {
			t.Error("the flood holds up the other incident")
		}
		w.rest(5 * time.Minute)
		all := w.said(string(w.incident(1).Channel))
		if len(all) != 101 || !slices.IsSorted(all[1:]) {
			t.Fatalf("%d messages, sorted %v", len(all), slices.IsSorted(all[1:]))
		}
		if n := len(w.fake.Calls("chat.update")); n > 20 {
			t.Errorf("%d edits were made; superseded ones should have been dropped", n)
		}
	})
}

// TestRefused: what Slack refuses for good is told once, named, and stops
// nothing else.
func TestRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ method, code, want string }{
		{"conversations.create", "restricted_action", "making the channel failed: `restricted_action`"},
		{"conversations.setTopic", "restricted_action", "setting the topic failed: `restricted_action`"},
		{"pins.add", "missing_scope", "pinning the card failed: `missing_scope"},
	} {
		t.Run(c.method, func(t *testing.T) {
			bubble(t, func(w *world) {
				w.fake.Inject(fakeslack.Fault{Method: c.method, Error: c.code, Times: -1})
				w.slash(ana, "general", "declare Checkout is down")
				w.rest(time.Minute)
				hears := func() []string { return append(w.whispered("general", ana), w.said(w.fake.DM(ana))...) }
				w.once(hears(), c.want)
				w.once(w.said("incidents"), "Checkout is down")
				if w.incident(1).Status != bot.Investigating || len(w.jobs(bot.JobFailed)) == 0 {
					t.Error("the incident stands and the failure shows")
				}
				w.fake.ClearFaults()
				w.slash(ana, "general", "update news")
				w.rest(time.Minute)
				i := w.incident(1)
				w.once(w.said(string(i.Channel)), "*Update*\nnews")
				if ch, _ := w.fake.Channel(string(i.Channel)); !slices.Contains(ch.Members, ana) || len(ch.Pins) == 0 && c.method != "pins.add" {
					t.Errorf("the missing steps were not made up for: %+v", ch)
				}
				w.once(hears(), c.want)
			})
		})
	}
}

// TestNoAnnounceChannel: that there is no channel of that name is told once.
func TestNoAnnounceChannel(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.slash(ana, "general", "declare One")
		w.slash(ana, "general", "update x")
		w.rest(time.Minute)
		w.once(append(w.whispered("general", ana), w.said(w.fake.DM(ana))...), codeNoChannel)
	}, func(set *bot.Settings) { set.Announce = "nowhere" })
}

// TestAnnounceChannelRenamed: it is known by its id once it was found.
func TestAnnounceChannelRenamed(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.slash(ana, "general", "declare Two")
		w.rest(time.Minute)
		w.once(w.said("incidents"), "Two")
		c, _ := w.fake.Channel("incidents")
		if err := w.fake.SendEvent(w.ctx, map[string]any{"type": "channel_rename", "channel": map[string]string{"id": c.ID, "name": "outages"}}); err != nil {
			t.Fatal(err)
		}
		lists := len(w.fake.Calls("conversations.list"))
		w.slash(ana, "general", "declare Three")
		w.rest(time.Minute)
		w.once(w.said("incidents"), "Three")
		if n := len(w.fake.Calls("conversations.list")); n != lists {
			t.Error("it was looked for again")
		}
	}, func(set *bot.Settings) { set.Announce = "#incidents" })
}
