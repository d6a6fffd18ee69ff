package fakegithub_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/tocsin-dev/tocsin/bot/github/fakegithub"
)

const issuesPath = "/repos/acme/postmortems/issues"

func TestRateLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *fakegithub.Options) { o.RateLimit = 2 })
	get := func() error {
		_, _, err := w.client(testToken).Repositories.Get(w.ctx, "acme", "postmortems")
		return err
	}
	for range 2 {
		if err := get(); err != nil {
			t.Fatal(err)
		}
	}
	var limit *github.RateLimitError
	if err := get(); !errors.As(err, &limit) || limit.Rate.Remaining != 0 || limit.Rate.Limit != 2 || limit.Rate.Reset.Unix() != begin.Add(time.Hour).Unix() {
		t.Errorf("%v %+v", err, limit)
	}
	if rates := must(w.client(testToken).RateLimit.Get(w.ctx)); rates.Core.Remaining != 0 || rates.Core.Limit != 2 {
		t.Errorf("%v", rates)
	}
	w.pass(time.Hour)
	if err := get(); err != nil {
		t.Error(err)
	}
}

func TestInjectedLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	get := func() error {
		_, _, err := w.client(testToken).Issues.ListByRepo(w.ctx, "acme", "postmortems", nil)
		return err
	}
	var primary *github.RateLimitError
	w.Fail(fakegithub.PrimaryLimit(403, begin.Add(time.Minute)))
	if err := get(); !errors.As(err, &primary) || primary.Rate.Reset.Unix() != begin.Add(time.Minute).Unix() {
		t.Errorf("%v", err)
	}
	var secondary *github.AbuseRateLimitError
	w.Fail(fakegithub.SecondaryLimit(403, 30*time.Second))
	if err := get(); !errors.As(err, &secondary) || *secondary.RetryAfter != 30*time.Second {
		t.Errorf("%v", err)
	}
	w.Fail(fakegithub.SecondaryLimit(403, 0))
	if err := get(); !errors.As(err, &secondary) || secondary.RetryAfter != nil {
		t.Errorf("%v", err)
	}
	w.Fail(fakegithub.SecondaryLimit(429, time.Second))
	if err := get(); status(err) != 429 {
		t.Errorf("%v", err)
	}
	if err := get(); err != nil {
		t.Errorf("the fault stays: %v", err)
	}
}

func TestFaultsMatch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Fail(fakegithub.Fault{Method: http.MethodPost, Path: issuesPath + "$", Times: 2, Status: 503, Header: map[string]string{"Retry-After": "7"}})
	w.Fail(fakegithub.Fault{Path: "/repos/[^/]+/other", Times: -1, Body: `{"message":"maybe"}`})
	create := func() (*github.Response, error) {
		_, resp, err := w.client(testToken).Issues.Create(w.ctx, "acme", "postmortems", &github.IssueRequest{Title: new("x")})
		return resp, err
	}
	for range 2 {
		if resp, err := create(); status(err) != 503 || resp.Header.Get("Retry-After") != "7" {
			t.Errorf("%v", err)
		}
	}
	if _, err := create(); err != nil || len(w.Issues(repoName)) != 1 {
		t.Errorf("%v, %d issues", err, len(w.Issues(repoName)))
	}
	if resp := w.raw("GET /api/v3/repos/acme/other", ""); resp.StatusCode != http.StatusOK {
		t.Errorf("%d", resp.StatusCode)
	}
	w.ClearFaults()
	if resp := w.raw("GET /repos/acme/other", ""); resp.StatusCode != http.StatusNotFound {
		t.Errorf("%d", resp.StatusCode)
	}
}

// TestTheWorkMayBeDoneAllTheSame: the caller cannot know.
func TestTheWorkMayBeDoneAllTheSame(t *testing.T) {
	t.Parallel()
	var syntax *json.SyntaxError
	for name, one := range map[string]struct {
		fault fakegithub.Fault
		done  int
		says  func(error) bool
	}{
		"dropped before": {fakegithub.Fault{DropBefore: true}, 0, func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }},
		"dropped after":  {fakegithub.Fault{Drop: true}, 1, func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }},
		"broken":         {fakegithub.Fault{Done: true, Status: 201, Body: `{"number":1`}, 1, func(err error) bool { return errors.As(err, &syntax) || errors.Is(err, io.ErrUnexpectedEOF) }},
		"bad gateway":    {fakegithub.Fault{Done: true, Status: 502, Body: "<html>"}, 1, func(err error) bool { return status(err) == 502 }},
		"refused":        {fakegithub.Fault{Status: 502}, 0, func(err error) bool { return status(err) == 502 }},
	} {
		w := newWorld(t)
		w.Fail(one.fault)
		_, _, err := w.client(testToken).Issues.Create(w.ctx, "acme", "postmortems", &github.IssueRequest{Title: new("x"), Labels: &[]string{"a"}})
		if !one.says(err) || len(w.Issues(repoName)) != one.done {
			t.Errorf("%s: %v, %d issues", name, err, len(w.Issues(repoName)))
		}
		if list := must(w.client(testToken).Issues.ListByRepo(w.ctx, "acme", "postmortems", &github.IssueListByRepoOptions{Labels: []string{"a"}})); len(list) != one.done {
			t.Errorf("%s: %d can be found", name, len(list))
		}
		if c := w.Calls()[0]; c.Dropped != (one.fault.Drop || one.fault.DropBefore) {
			t.Errorf("%s: %v", name, c)
		}
	}
}

func TestCallsThatHang(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		create := func(d time.Duration) error {
			ctx, cancel := context.WithTimeout(t.Context(), d)
			defer cancel()
			_, _, err := w.client(testToken).Issues.Create(ctx, "acme", "postmortems", &github.IssueRequest{Title: new("x")})
			return err
		}
		never := make(chan struct{})
		w.Fail(fakegithub.Fault{Hold: never})
		if err := create(15 * time.Second); !errors.Is(err, context.DeadlineExceeded) || len(w.Issues(repoName)) != 0 {
			t.Errorf("held: %v", err)
		}
		w.Fail(fakegithub.Fault{HoldAnswer: never})
		if err := create(15 * time.Second); !errors.Is(err, context.DeadlineExceeded) || len(w.Issues(repoName)) != 1 {
			t.Errorf("the answer is held: %v", err)
		}
		w.Fail(fakegithub.Fault{Delay: 9 * time.Second})
		if began := time.Now(); create(10*time.Second) != nil || time.Since(began) != 9*time.Second {
			t.Errorf("late: %s", time.Since(began))
		}
		released := make(chan struct{})
		w.Fail(fakegithub.Fault{Hold: released})
		failed := make(chan error)
		go func() { failed <- create(time.Minute) }()
		synctest.Wait()
		close(released)
		if err := <-failed; err != nil || len(w.Issues(repoName)) != 3 {
			t.Errorf("released: %v", err)
		}
	})
}
