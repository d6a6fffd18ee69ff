package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tocsin-dev/tocsin/bot"
)

// gate is a Slack before which the process is killed in the middle of a call.
type gate struct {
	slack http.Handler

	mu      sync.Mutex
	method  string // whose call is waited for
	before  int    // calls of it that pass first
	after   bool   // the work is done before the end
	reached chan struct{}
	killed  chan struct{}
}

// arm waits for a call; both channels are of that one.
func (g *gate) arm(method string, before int, after bool) (reached <-chan struct{}, killed chan<- struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.method, g.before, g.after = method, before, after
	g.reached, g.killed = make(chan struct{}), make(chan struct{})
	return g.reached, g.killed
}

func (g *gate) takes(path string) (after bool, reached, killed chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.method == "" || !strings.HasSuffix(path, "/"+g.method) {
		return false, nil, nil
	}
	if g.before--; g.before >= 0 {
		return false, nil, nil
	}
	g.method = ""
	return g.after, g.reached, g.killed
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	after, reached, killed := g.takes(r.URL.Path)
	if reached == nil {
		g.slack.ServeHTTP(w, r)
		return
	}
	if after {
		g.slack.ServeHTTP(httptest.NewRecorder(), r)
	} else {
		_, _ = io.Copy(io.Discard, r.Body) // Slack has heard it, and did nothing
	}
	close(reached)
	<-killed
	panic(http.ErrAbortHandler)
}

// TestDeclareKilledAtEachStep is R3 and R4: the process is killed in the middle of
// each call to Slack by which a declared incident gets its channel, before or
// after Slack did the work. The incident exists; after the start only what is
// missing is done, and nothing twice.
func TestDeclareKilledAtEachStep(t *testing.T) {
	t.Parallel()
	g := &gate{}
	server := httptest.NewServer(g)
	v := newVictim(t, "slack: {post_every: 0s}\n", "SLACK_API_URL="+server.URL+"/api/")
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	g.slack = v.slack.Handler()
	v.start()
	n := int64(0)
	for _, step := range []struct {
		method string
		before int
		after  bool
	}{
		{"conversations.create", 0, true}, {"conversations.setTopic", 0, false}, {"chat.postMessage", 0, false}, {"chat.postMessage", 0, true},
		{"pins.add", 0, true}, {"conversations.invite", 0, false}, {"chat.postMessage", 1, false}, {"chat.postMessage", 1, true},
	} {
		n++
		what := fmt.Sprintf("%s %d, done: %v", step.method, step.before+1, step.after)
		reached, killed := g.arm(step.method, step.before, step.after)
		a, err := v.slack.As("ana").Slash(t.Context(), v.slack.Channels()[0].ID, "/incident", fmt.Sprintf("declare sev1 Killed here %d --new", n))
		if err != nil || !strings.Contains(a.Text, "Declared") {
			t.Fatalf("%s: %q %v", what, a.Text, err)
		}
		await(t, what, func() bool {
			select {
			case <-reached:
				return true
			default:
				return false
			}
		})
		v.kill()
		close(killed)
		v.start()
		v.drain()
		v.whole(what, n)
	}
	v.kill()
}

// whole checks that incident n has all that a declare gives it, once.
func (v *victim) whole(what string, n int64) {
	v.t.Helper()
	var i *bot.Incident
	v.view(func(tx bot.ReadTx) (err error) {
		i, err = tx.Incident(bot.Self(), n)
		return err
	})
	var made []string
	for _, c := range v.slack.Channels() {
		if strings.HasPrefix(c.Name, fmt.Sprintf("inc-%d-", n)) {
			made = append(made, c.ID)
		}
	}
	if len(made) != 1 || made[0] != string(i.Channel) {
		v.t.Errorf("%s: channels %v, the incident's is %q", what, made, i.Channel)
		return
	}
	c, _ := v.slack.Channel(made[0])
	cards, told := 0, 0
	for _, m := range v.slack.Messages(c.ID) {
		if m.Subtype == "" && m.EphemeralTo == "" {
			cards++
		}
	}
	for _, m := range v.slack.Messages("incidents") {
		if m.Subtype == "" && slices.Contains(strings.Fields(squash(v.slack.PlainText(m))), fmt.Sprintf("#%d", n)) {
			told++
		}
	}
	if cards != 1 || told != 1 || len(c.Pins) != 1 || c.Topic == "" || !slices.Contains(c.Members, "U0ANA") {
		v.t.Errorf("%s: %d cards, %d announcements, pins %v, topic %q, members %v", what, cards, told, c.Pins, c.Topic, c.Members)
	}
}
