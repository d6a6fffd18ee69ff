package fakedeploy

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestFaultsMatchAndAreUsedUp(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.Fault(Fault{Method: http.MethodPost, Path: "/api/apps/*/rollback", Times: 2, Status: http.StatusServiceUnavailable, Header: map[string]string{"Retry-After": "7"}})
	if a := ask(t, s, "GET /api/apps/gateway/releases", ""); a.status != http.StatusOK {
		t.Errorf("the fault spoils another call: %d", a.status)
	}
	for range 2 {
		a := ask(t, s, "POST /api/apps/gateway/rollback", `{"to":"rel-41"}`)
		if a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") != "7" {
			t.Errorf("%+v", a)
		}
	}
	if len(s.Runs()) != 0 {
		t.Error("a refusal did the work")
	}
	back(t, s, "r1")
}

func TestFaultsCanStayAndBeCleared(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	s.Fault(Fault{Path: "/api/apps/gateway/health", Times: -1, Body: `{"version":"v40","ok":false}`})
	for range 3 {
		if a := ask(t, s, "GET /api/apps/gateway/health", ""); a.status != http.StatusOK || a.body["version"] != "v40" {
			t.Errorf("%+v", a)
		}
	}
	s.ClearFaults()
	if a := ask(t, s, "GET /api/apps/gateway/health", ""); a.body["version"] != "v42" {
		t.Errorf("%+v", a)
	}
	defer func() {
		if recover() == nil {
			t.Error("a bad pattern was taken")
		}
	}()
	s.Fault(Fault{Path: "/api/["})
}

// TestDropAfter: the work is done, and the caller cannot know.
func TestDropAfter(t *testing.T) {
	t.Parallel()
	s := newSystem(t)
	server := httptest.NewServer(s.Handler())
	defer server.Close()
	post := func() error {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/api/apps/gateway/rollback", strings.NewReader(`{"to":"rel-41","request_id":"r1"}`))
		r.Header.Set("Authorization", "Bearer "+testToken)
		resp, err := http.DefaultClient.Do(r)
		if err == nil {
			_ = resp.Body.Close()
		}
		return err
	}
	s.Fault(Fault{Method: http.MethodPost, DropBefore: true})
	if err := post(); err == nil || len(s.Runs()) != 0 {
		t.Errorf("dropped before: %v, %d runs", err, len(s.Runs()))
	}
	s.Fault(Fault{Method: http.MethodPost, DropAfter: true})
	if err := post(); err == nil || len(s.Runs()) != 1 {
		t.Errorf("dropped after: %v, %d runs", err, len(s.Runs()))
	}
	if a := ask(t, s, "GET /api/runs?request_id=r1", ""); len(a.items()) != 1 {
		t.Errorf("the run cannot be found: %s", a.text)
	}
	calls := s.Calls()
	if before, after := calls[0], calls[1]; !before.Dropped || before.Status != 0 || !after.Dropped || after.Status != http.StatusCreated {
		t.Errorf("%+v", calls)
	}
}

func TestDelays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSystem(t)
		// try gives up after ten seconds.
		try := func() answer {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/api/apps/gateway/rollback", strings.NewReader(`{"to":"rel-41"}`))
			r.Header.Set("Authorization", "Bearer "+testToken)
			return send(t, s, r)
		}
		s.Fault(Fault{Delay: time.Minute})
		if a := try(); !a.dropped || len(s.Runs()) != 0 {
			t.Errorf("late before the work: %+v, %d runs", a, len(s.Runs()))
		}
		s.Fault(Fault{AnswerDelay: time.Minute})
		if a := try(); !a.dropped || len(s.Runs()) != 1 {
			t.Errorf("late after the work: %+v, %d runs", a, len(s.Runs()))
		}
		time.Sleep(2 * time.Minute)
		s.Fault(Fault{Delay: 9 * time.Second})
		began := time.Now()
		if a := try(); a.status != http.StatusCreated || time.Since(began) != 9*time.Second {
			t.Errorf("%+v after %s", a, time.Since(began))
		}
	})
}
