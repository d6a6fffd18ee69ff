package fakedeploy

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// state is the last run's, on one line.
func state(s *System) string {
	runs := s.Runs()
	r := runs[len(runs)-1]
	return string(r.Status) + ": " + r.Message
}

func TestARunTakesItsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSystem(t)
		back(t, s, "r1")
		for _, c := range []struct {
			wait time.Duration
			want string
		}{
			{0, "queued: waiting for a free worker"},
			{2 * time.Second, "running: fetching v41"},
			{8 * time.Second, "running: draining 1 of 12 hosts"},
			{14 * time.Second, "running: draining 3 of 12 hosts"},
			{4 * time.Second, "running: starting v41 on 3 of 12 hosts"},
			{61 * time.Second, "running: starting v41 on 12 of 12 hosts"},
			{1 * time.Second, "running: checking the health of 12 hosts"},
			{10*time.Second - 1, "running: checking the health of 12 hosts"},
			{1, "succeeded: v41 runs on 12 hosts"},
			{time.Hour, "succeeded: v41 runs on 12 hosts"},
		} {
			time.Sleep(c.wait)
			if got := state(s); got != c.want {
				t.Errorf("after %s more: %q, want %q", c.wait, got, c.want)
			}
		}
	})
}

func TestNobodyHasToLook(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSystem(t)
		back(t, s, "r1")
		time.Sleep(time.Hour)
		back(t, s, "r2") // the first one ended long ago, though nobody saw it
		if r := s.Runs()[0]; !r.Over() || !r.StartedAt.Equal(begin.Add(2*time.Second)) || !r.FinishedAt.Equal(begin.Add(100*time.Second)) {
			t.Errorf("%+v", r)
		}
	})
}

func TestAHeldRunWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSystem(t)
		id := back(t, s, "r1")
		time.Sleep(30 * time.Second)
		for range 2 { // twice is once
			if err := s.Block(id); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Hour)
		if got := state(s); !strings.HasPrefix(got, "waiting: ") {
			t.Error(got)
		}
		for range 2 {
			if err := s.Unblock(id); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(70*time.Second - 1)
		if got := state(s); !strings.HasPrefix(got, "running: ") {
			t.Error(got)
		}
		time.Sleep(time.Nanosecond)
		if r := s.Runs()[0]; r.Status != Succeeded || !r.FinishedAt.Equal(begin.Add(time.Hour+100*time.Second)) {
			t.Errorf("%+v", r)
		}
		if err := s.Block(id); err == nil {
			t.Error("a run that is over can be held")
		}
		if err := s.Unblock("run-9"); err == nil {
			t.Error("a run that is not there can go on")
		}
	})
}

func TestAHeldQueueStandsStill(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSystem(t)
		id := back(t, s, "r1")
		_ = s.Block(id)
		time.Sleep(time.Minute)
		_ = s.Unblock(id)
		if got := state(s); !strings.HasPrefix(got, "queued: ") {
			t.Error(got)
		}
		time.Sleep(3 * time.Second)
		if r := s.Runs()[0]; !r.StartedAt.Equal(begin.Add(62 * time.Second)) {
			t.Errorf("%+v", r)
		}
	})
}

func TestARunThatFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSystem(t)
		s.Fail("gateway", "disk is full")
		back(t, s, "r1")
		time.Sleep(100 * time.Second)
		if got := state(s); got != "failed: disk is full" {
			t.Error(got)
		}
		if got := s.Current("gateway").ID; got != "rel-42" {
			t.Errorf("%s runs after a failure", got)
		}
		back(t, s, "r2") // only the next one fails
		time.Sleep(100 * time.Second)
		if got := state(s); !strings.HasPrefix(got, "succeeded") {
			t.Error(got)
		}
	})
}

func TestDurationsChange(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSystem(t)
		back(t, s, "r1")
		time.Sleep(20 * time.Second)
		s.SetDuration("gateway", 31*time.Minute)
		time.Sleep(30 * time.Minute)
		if got := state(s); !strings.HasPrefix(got, "running") {
			t.Error(got)
		}
		s.SetDuration("gateway", 0)
		if r := s.Runs()[0]; r.Status != Succeeded || !r.FinishedAt.Equal(begin.Add(20*time.Second+30*time.Minute)) {
			t.Errorf("it must end when it is cut short, not before: %+v", r)
		}
		back(t, s, "r2")
		if got := state(s); got != "succeeded: v41 runs on 12 hosts" {
			t.Errorf("no duration: %s", got)
		}
	})
}

func TestAnyClockWillDo(t *testing.T) {
	t.Parallel()
	now := begin
	s := newSystem(t, func(o *Options) { o.Now = func() time.Time { return now } })
	now = now.Add(700 * time.Millisecond)
	id := back(t, s, "r1")
	// Without its fraction the time would lie before the request.
	if got := ask(t, s, "GET /api/runs/"+id, "").body["created_at"]; got != "2000-01-01T00:00:00.7Z" {
		t.Errorf("created at %v", got)
	}
	now = now.Add(50 * time.Second)
	if got := state(s); !strings.HasPrefix(got, "running") {
		t.Error(got)
	}
	now = now.Add(-time.Minute) // set back, it never makes a run younger than new
	if got := s.Runs()[0].Percent; got != 0 {
		t.Errorf("%d %%", got)
	}
	now = now.Add(time.Hour)
	if got := state(s); !strings.HasPrefix(got, "succeeded") {
		t.Error(got)
	}
}

func TestDeploys(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSystem(t)
		if err := s.Deploy(t.Context(), "gateway", "", "ana"); err != nil {
			t.Fatal(err)
		}
		if got := s.Current("gateway").Version; got != "v42" {
			t.Errorf("%s is current at once", got)
		}
		time.Sleep(100 * time.Second)
		if got := s.Current("gateway"); got.Version != "v43" || got.ID != "rel-43" || got.By != "ana" {
			t.Errorf("%+v", got)
		}
		if err := s.DeployNow(t.Context(), "gateway", "2026.1-hotfix", "ben"); err != nil {
			t.Fatal(err)
		}
		if got := s.Current("gateway"); got.Version != "2026.1-hotfix" || got.ID != "rel-44" {
			t.Errorf("%+v", got)
		}
		if err := s.Deploy(t.Context(), "nope", "v1", "ana"); err == nil {
			t.Error("an app that is not there was deployed")
		}
		if got := s.Current("nope"); got != (Release{}) {
			t.Errorf("%+v", got)
		}
	})
}

func TestReplacingAnAppKeepsItsRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSystem(t)
		back(t, s, "r1")
		s.AddApp(App{Name: "gateway", Releases: []Release{{Version: "v42", ID: "main-7"}}})
		time.Sleep(100 * time.Second)
		if got := s.Current("gateway"); got.Version != "v41" || got.ID != "rel-41" {
			t.Errorf("%+v", got)
		}
		if got := len(s.Releases("gateway")); got != 2 {
			t.Errorf("%d releases", got)
		}
	})
}
