package fakedeploy

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// noticeClock is how long a receiver has to answer: Standard Webhooks advises
// 15 to 30 seconds.
const noticeClock = 15 * time.Second

// waits are the pauses before a notice is sent again: the first ones of the
// schedule that Standard Webhooks advises.
var waits = [...]time.Duration{5 * time.Second, 5 * time.Minute, 30 * time.Minute}

var errSecret = errors.New(`want "whsec_" and standard base64 of 24 to 64 bytes`)

// noticeKey reads a secret of Standard Webhooks.
func noticeKey(secret string) ([]byte, error) {
	text, ok := strings.CutPrefix(secret, "whsec_")
	key, err := base64.StdEncoding.Strict().DecodeString(text)
	if !ok || err != nil || len(key) < 24 || len(key) > 64 {
		return nil, errSecret
	}
	return key, nil
}

// noticeSignature is the signature v1 of Standard Webhooks: HMAC-SHA256 over the
// message's id, the seconds of this attempt and the body, byte for byte.
func noticeSignature(key []byte, id, seconds string, body []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + seconds + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// Notice is what was told of a deploy, and how that went.
type Notice struct {
	// ID is the webhook-id, the same on every attempt.
	ID string
	// Run is the run's id. Status is started, succeeded or failed.
	Run, Status string
	Body        string
	// Attempts have been made; Accepted says that the last one was answered with
	// a 2xx. Answer is its HTTP status, or 0 and why there is none in Error.
	Attempts int
	Accepted bool
	Answer   int
	Error    string
}

// delivery is a notice on its way.
type delivery struct {
	Notice
	first chan struct{} // closed after the first attempt
}

// Notices lists all that was told, oldest first.
func (s *System) Notices() []Notice {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Notice, len(s.notices))
	for k, d := range s.notices {
		out[k] = d.Notice
	}
	return out
}

// tell queues the notice of a run's status, if it is one to be told of.
func (s *System) tell(r *run, status string) {
	a := s.apps[r.App]
	if s.opt.NoticeURL == "" || s.keyErr != nil || s.closed || a == nil || r.Kind == KindRollback && !s.opt.TellRollbacks {
		return
	}
	began := r.StartedAt
	if began.IsZero() {
		began = r.CreatedAt
	}
	d := &delivery{first: make(chan struct{}), Notice: Notice{
		ID: "msg_" + s.name + "_" + strconv.Itoa(len(s.notices)+1), Run: r.ID, Status: status,
	}}
	told := obj{
		"dedupe_key": r.App + "/" + r.ID + "/" + status, "service": a.Service, "environment": a.Environment, "kind": r.Kind,
		"version": r.Version, "previous": r.Previous, "status": status, "actor": r.By, "url": s.show(r).URL, "started_at": stamp(began),
	}
	if !r.FinishedAt.IsZero() {
		told["finished_at"] = stamp(r.FinishedAt)
	}
	d.Body = string(encode(told))
	r.told = d
	s.notices, s.queue = append(s.notices, d), append(s.queue, d)
	if !s.draining {
		s.draining = true
		s.wg.Go(s.drain)
	}
}

// drain makes the first attempts in order, and ends when there is no more.
func (s *System) drain() {
	for {
		s.mu.Lock()
		if len(s.queue) == 0 || s.closed {
			for _, d := range s.queue {
				close(d.first)
			}
			s.queue, s.draining = nil, false
			s.mu.Unlock()
			return
		}
		d := s.queue[0]
		s.queue = s.queue[1:]
		s.mu.Unlock()
		again := s.attempt(s.stop, d)
		close(d.first)
		if again {
			s.wg.Go(func() { s.retry(s.stop, d) })
		}
	}
}

// retry repeats a notice that was not accepted, until it is or time is up.
func (s *System) retry(ctx context.Context, d *delivery) {
	for _, wait := range waits {
		if !s.pass(ctx, wait) {
			return
		}
		if !s.attempt(ctx, d) {
			return
		}
	}
	s.opt.Log.WarnContext(ctx, "a deploy notice was given up", "notice", d.ID, "run", d.Run)
}

// attempt sends a notice once and says whether to try again. 410 means that the
// receiver wants no more of them.
func (s *System) attempt(ctx context.Context, d *delivery) (again bool) {
	status, err := s.send(ctx, d)
	s.mu.Lock()
	defer s.mu.Unlock()
	d.Attempts++
	d.Answer, d.Error, d.Accepted = status, "", status/100 == 2
	if err != nil {
		d.Error = err.Error()
	}
	return !d.Accepted && status != http.StatusGone
}

// send makes one attempt, signed with the real time of it.
func (s *System) send(ctx context.Context, d *delivery) (status int, err error) {
	s.mu.Lock()
	to, key, client, body := s.opt.NoticeURL, s.key, *s.opt.Client, []byte(d.Body)
	s.mu.Unlock()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	ctx, cancel := context.WithTimeout(ctx, noticeClock)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	seconds := strconv.FormatInt(time.Now().Unix(), 10)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("webhook-id", d.ID)
	req.Header.Set("webhook-timestamp", seconds)
	req.Header.Set("webhook-signature", noticeSignature(key, d.ID, seconds, body))
	resp, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxBody)) // so that the connection can be used again
	return resp.StatusCode, resp.Body.Close()
}

// watchPause is the longest that watch waits before it looks at the clock again,
// which may go faster than ours, or be held.
const watchPause = time.Second

// watch sees to it that the end of a run is told of when nobody looks.
func (s *System) watch(r *run) {
	if s.opt.NoticeURL == "" || s.closed {
		return
	}
	s.wg.Go(func() {
		for {
			s.mu.Lock()
			s.settle()
			over, left := r.Over(), r.duration-r.elapsed(s.opt.Now())
			s.mu.Unlock()
			if over || !s.pass(s.stop, max(time.Millisecond, min(left, watchPause))) {
				return
			}
		}
	})
}
