package fakedeploy

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const testSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// TestNoticeSignature: what the reference library signs, we sign.
func TestNoticeSignature(t *testing.T) {
	t.Parallel()
	for secret, want := range map[string]string{
		testSecret:                               "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
		"whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3": "v1,d5PJaLhU6hQf9TLleqdn97PBQffdITHtAOuMMHkRQ4U=",
	} {
		key, err := noticeKey(secret)
		if err != nil {
			t.Fatal(err)
		}
		if got := noticeSignature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", []byte(`{"test": 2432232314}`)); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestNoticeSecrets(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{
		"", "whsec_", "whsec_short", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_" + base64.RawURLEncoding.EncodeToString(make([]byte, 25)),
		"whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 65)),
	} {
		s := newSystem(t, func(o *Options) { o.NoticeURL, o.NoticeSecret = "https://bot.test/hooks", secret })
		err := s.Deploy(t.Context(), "gateway", "v43", "ana")
		if !errors.Is(err, errSecret) || len(s.Runs()) != 0 {
			t.Errorf("%q: %v, %d runs", secret, err, len(s.Runs()))
		}
	}
}

// receiver is the other end: it checks the signature and keeps what came.
type receiver struct {
	t      *testing.T
	mu     sync.Mutex
	status []int // of the next answers; 0: no answer; none left: 200
	list   []heard
}

// heard is a notice as it arrived.
type heard struct {
	body map[string]string
	id   string
	at   time.Duration // since begin
}

// got is all that arrived, once nothing more happens.
func (r *receiver) got() []heard {
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.list)
}

func (r *receiver) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	id, seconds := req.Header.Get("webhook-id"), req.Header.Get("webhook-timestamp")
	key, _ := noticeKey(testSecret)
	if got := req.Header.Get("webhook-signature"); got != noticeSignature(key, id, seconds, body) {
		r.t.Errorf("signature %q", got)
	}
	if seconds != strconv.FormatInt(time.Now().Unix(), 10) {
		r.t.Errorf("signed at %s", seconds)
	}
	var o map[string]string
	if err := json.Unmarshal(body, &o); err != nil {
		r.t.Errorf("%v: %s", err, body)
	}
	r.list = append(r.list, heard{o, id, time.Since(begin)})
	status := http.StatusOK
	if len(r.status) > 0 {
		status, r.status = r.status[0], r.status[1:]
	}
	if status == 0 {
		return nil, errors.New("no route to host")
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Location": {"https://elsewhere.test/"}}, Body: io.NopCloser(strings.NewReader("")), Request: req}, nil
}

func newTelling(t *testing.T, status ...int) (*System, *receiver) {
	t.Helper()
	r := &receiver{t: t, status: status}
	s := newSystem(t, func(o *Options) {
		o.NoticeURL, o.NoticeSecret, o.Client = "https://bot.test/hooks/deploys/generic", testSecret, &http.Client{Transport: r}
	})
	return s, r
}

func TestADeployIsToldOf(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, r := newTelling(t)
		if err := s.Deploy(t.Context(), "gateway", "v43", "ana"); err != nil {
			t.Fatal(err)
		}
		want := map[string]string{
			"dedupe_key": "gateway/run-1/started", "service": "api-gateway", "environment": "production", "kind": "deploy", "version": "v43",
			"previous": "v42", "status": "started", "actor": "ana", "url": "https://deploy.test/runs/run-1", "started_at": "2000-01-01T00:00:00Z",
		}
		check := func(n int) {
			t.Helper()
			got := r.got()
			if len(got) != n || !maps.Equal(got[n-1].body, want) {
				t.Fatalf("notice %d of %v, want %v", n, got, want)
			}
		}
		check(1)
		time.Sleep(100 * time.Second) // nobody looks meanwhile
		want["dedupe_key"], want["status"] = "gateway/run-1/succeeded", "succeeded"
		want["started_at"], want["finished_at"] = "2000-01-01T00:00:02Z", "2000-01-01T00:01:40Z"
		check(2)
		if got := r.got(); got[0].id == got[1].id || strings.Contains(got[0].id, ".") {
			t.Errorf("ids of %v", got)
		}
		for _, n := range s.Notices() {
			if !n.Accepted || n.Attempts != 1 || n.Answer != http.StatusOK || n.Error != "" {
				t.Errorf("%+v", n)
			}
		}
	})
}

func TestADeployAtOnceIsToldOfOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, r := newTelling(t)
		if err := s.DeployNow(t.Context(), "gateway", "v43", "ana"); err != nil {
			t.Fatal(err)
		}
		if got := r.got(); len(got) != 1 || got[0].body["status"] != "succeeded" || s.Current("gateway").Version != "v43" {
			t.Errorf("%v", got)
		}
		s.Fail("gateway", "disk is full")
		_ = s.Deploy(t.Context(), "gateway", "v44", "ana")
		time.Sleep(100 * time.Second)
		if got := r.got(); len(got) != 3 || got[2].body["status"] != "failed" || got[2].body["version"] != "v44" {
			t.Errorf("%v", got)
		}
	})
}

func TestRollbacksAreToldOfWhenAsked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, r := newTelling(t)
		back(t, s, "r1")
		time.Sleep(100 * time.Second)
		if s.Runs(); len(r.got()) != 0 {
			t.Errorf("told without being asked: %v", r.got())
		}
		s.opt.TellRollbacks = true
		back(t, s, "r2")
		time.Sleep(100 * time.Second)
		line := ""
		for _, h := range r.got() {
			line += h.body["kind"] + " to " + h.body["version"] + " " + h.body["status"] + "\n"
		}
		if want := "rollback to v41 started\nrollback to v41 succeeded\n"; line != want {
			t.Errorf("got\n%swant\n%s", line, want)
		}
	})
}

func TestNoticesAreSentAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, r := newTelling(t, 0, http.StatusServiceUnavailable, http.StatusFound, http.StatusOK)
		if err := s.DeployNow(t.Context(), "gateway", "v43", "ana"); err != nil {
			t.Fatalf("the deploy fails with its notice: %v", err)
		}
		if n := s.Notices()[0]; n.Accepted || n.Attempts != 1 || n.Error == "" {
			t.Errorf("%+v", n)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if n := s.Notices()[0]; !n.Accepted || n.Attempts != 4 || n.Answer != http.StatusOK || n.Error != "" {
			t.Errorf("%+v", n)
		}
		got := r.got()
		for k, at := range []time.Duration{0, 5 * time.Second, 305 * time.Second, 2105 * time.Second} {
			if got[k].id != got[0].id || got[k].at != at {
				t.Errorf("attempt %d: id %s after %s, want %s after %s", k, got[k].id, got[k].at, got[0].id, at)
			}
		}
	})
}

func TestNoticesEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, r := newTelling(t, http.StatusGone)
		_ = s.DeployNow(t.Context(), "gateway", "v43", "ana")
		time.Sleep(time.Hour)
		if got := r.got(); len(got) != 1 {
			t.Errorf("sent again after 410: %v", got)
		}
		r.status = []int{500, 500, 500, 500, 500}
		_ = s.DeployNow(t.Context(), "gateway", "v44", "ana")
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		if n := s.Notices()[1]; n.Attempts != 4 || n.Accepted {
			t.Errorf("%+v", n)
		}
	})
}

func TestCloseEndsWhatIsOnItsWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, r := newTelling(t, http.StatusServiceUnavailable)
		_ = s.Deploy(t.Context(), "gateway", "v43", "ana")
		s.Close() // a goroutine left behind would fail the bubble
		if err := s.Deploy(t.Context(), "gateway", "v44", "ana"); err == nil {
			t.Error("the first deploy is no longer under way")
		}
		time.Sleep(time.Hour)
		s.Runs()
		if got := r.got(); len(got) != 1 || len(s.Notices()) != 1 {
			t.Errorf("some were sent after Close: %v %v", got, s.Notices())
		}
	})
}

func TestDeployWaitsNoLongerThanItsCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSystem(t, func(o *Options) {
			o.NoticeURL, o.NoticeSecret, o.Client = "https://bot.test/", testSecret, &http.Client{Transport: silent{}}
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := s.Deploy(ctx, "gateway", "v43", "ana"); !errors.Is(err, context.DeadlineExceeded) || len(s.Runs()) != 1 {
			t.Errorf("%v", err)
		}
		time.Sleep(noticeClock - time.Second)
		synctest.Wait()
		if n := s.Notices()[0]; n.Attempts != 1 || !strings.Contains(n.Error, "deadline") {
			t.Errorf("%+v", n)
		}
	})
}

// silent never answers.
type silent struct{}

func (silent) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}
