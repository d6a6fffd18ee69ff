package github

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	gh "github.com/google/go-github/v60/github"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/github/fakegithub"
	"github.com/tocsin-dev/tocsin/bot/wire"
)

// replica is another process of the program over the world's database.
func (w *world) replica() *GitHub {
	w.t.Helper()
	c := Config{
		Token: hubToken, APIURL: hubURL + "/api/v3/", Bot: w.bot,
		HTTPClient: &http.Client{Transport: &http.Transport{DialContext: w.net.dial, DisableKeepAlives: true}},
	}
	g, err := New(c)
	w.must(err)
	return g
}

// TestReplicasPollInTurn: one of two polls each time, and one that had no turn for
// long hears what it missed.
func TestReplicasPollInTurn(t *testing.T) {
	opened(t, alone, func(w *world) {
		other := newPoller(w.replica())
		other.poll(w.ctx)
		w.rest(2*time.Minute + 30*time.Second)
		before := len(w.hub.Calls())
		for range 60 {
			other.poll(w.ctx)
			w.rest(time.Minute)
		}
		if n := len(w.hub.Calls()) - before; n != 60 {
			t.Errorf("%d calls in an hour", n)
		}
		w.must(w.hub.As("cy").Close(w.ctx, openRepo, 1, "completed"))
		for before = len(w.hub.Calls()); len(w.hub.Calls()) == before; w.rest(time.Second) {
			other.poll(w.ctx) // its turn comes before the other's next
		}
		if l := other.lists[openRepo]; l == nil || !l.first[1].Closed {
			t.Errorf("it was not shown what changed: %+v", l)
		}
		w.expect(bot.FollowUpDone, bot.IssueOpened)
	})
}

// TestResumedOnce: of replicas that start one after the other only the first wakes
// what was refused; the others come again later.
func TestResumedOnce(t *testing.T) {
	bubble(t, func(p *plan) { p.deaf = true }, func(w *world) {
		w.hub.Fail(fakegithub.Fault{Path: createPath, Status: 401, Times: -1})
		w.add(bot.FollowUpDraft{})
		w.rest(time.Hour)
		for k, want := range []time.Duration{0, resumeEvery, resumeEvery} {
			if later, err := w.replica().resume(w.ctx); err != nil || later != want {
				t.Errorf("start %d: later %s, %v", k, later, err)
			}
		}
	})
}

// TestPrivateIsSeenAfresh: a repository that was made public a moment ago gets
// nothing of a private incident.
func TestPrivateIsSeenAfresh(t *testing.T) {
	bubble(t, nil, func(w *world) {
		private := bot.Draft{Title: "Keys leaked", Severity: "sev1", Private: true}
		w.addTo(private, bot.FollowUpDraft{})
		w.rest(10 * time.Second)
		w.issues(closedRepo, 1)
		w.hub.AddRepo(fakegithub.Repo{Name: closedRepo, Private: false})
		before := creates(w)
		w.addTo(private, bot.FollowUpDraft{Text: "Rotate them"})
		w.rest(10 * time.Second)
		if n := creates(w) - before; n != 0 {
			t.Errorf("%d issues were opened in public", n)
		}
	})
}

func creates(w *world) (n int) {
	for _, c := range w.hub.Calls() {
		if c.Method == http.MethodPost && strings.Contains(c.Path, closedRepo+"/issues") {
			n++
		}
	}
	return n
}

// TestGitHubsOwnClock: when a limit is over is counted by the clock that set it.
func TestGitHubsOwnClock(t *testing.T) {
	t.Parallel()
	theirs := time.Now().Add(-3 * time.Hour).Truncate(time.Second)
	h := http.Header{}
	h.Set("Date", theirs.UTC().Format(http.TimeFormat))
	h.Set("X-RateLimit-Remaining", "0")
	h.Set("X-RateLimit-Reset", strconv.FormatInt(theirs.Add(90*time.Second).Unix(), 10))
	res := &http.Response{StatusCode: http.StatusForbidden, Header: h}
	c := &client{auth: newAuth(hubToken), redact: wire.NewRedactor(hubToken)}
	for name, err := range map[string]error{
		"primary":   &gh.RateLimitError{Response: res, Rate: gh.Rate{Reset: gh.Timestamp{Time: theirs.Add(90 * time.Second)}}},
		"secondary": &gh.AbuseRateLimitError{Response: res},
		"plain":     &gh.ErrorResponse{Response: res},
	} {
		if f := c.fault(err, nil); f.kind != limited || f.wait != 90*time.Second {
			t.Errorf("%s: %s %s", name, f.kind, f.wait)
		}
	}
}

// TestAppSignsInWithAClockApart: what it signs with is good for minutes on both
// sides, and for no longer than GitHub allows.
func TestAppSignsInWithAClockApart(t *testing.T) {
	t.Parallel()
	_, key := appKey(t)
	a, err := newAppAuth("1", 2, key)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1_800_000_000, 0)
	text, err := a.jwt(now)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(text, ".")[1])
	var claims struct{ Iat, Exp int64 }
	if err != nil || json.Unmarshal(raw, &claims) != nil {
		t.Fatal(text)
	}
	if before, after := now.Unix()-claims.Iat, claims.Exp-now.Unix(); before < 120 || after < 60 || after > 600-120 {
		t.Errorf("from %d s before to %d s after", before, after)
	}
}
