package slack

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	api "github.com/slack-go/slack"

	"github.com/tocsin-dev/tocsin/bot"
)

const (
	// maxBody is the longest request that is read.
	maxBody = 1 << 20
	// patience is how long a request is held open: Slack gives up after three
	// seconds.
	patience = 2500 * time.Millisecond
	// maxAnswer is the longest answer that rides on a request's own: the socket's
	// acks are dropped at 20 kB.
	maxAnswer = 18_000
	// carryTime bounds the wait for the database. It is longer than patience,
	// since the person is told the result even when Slack was answered before.
	carryTime = 30 * time.Second
)

// answer is what a request is answered with: a status and, unless nil, a body
// in JSON.
type answer struct {
	status int
	body   any
}

func empty() answer { return answer{status: http.StatusOK} }

// Mount serves Slack's three request URLs on mux. Without a signing secret
// (Socket Mode) it serves nothing.
func (s *Slack) Mount(mux *http.ServeMux) {
	if s.signer == nil {
		return
	}
	mux.HandleFunc("POST /slack/commands", s.serve(s.command))
	mux.HandleFunc("POST /slack/interactions", s.serve(s.interaction))
	mux.HandleFunc("POST /slack/events", s.serve(s.event))
}

// serve lets only signed requests through to fn.
func (s *Slack) serve(fn func(context.Context, []byte) answer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			status := http.StatusBadRequest
			var tooLong *http.MaxBytesError
			if errors.As(err, &tooLong) {
				status = http.StatusRequestEntityTooLarge
			}
			w.WriteHeader(status)
			return
		}
		// Real time, whatever the incidents' clock says.
		if err := s.signer.Verify(r.Header, body, time.Now()); err != nil {
			s.log.LogAttrs(r.Context(), slog.LevelWarn, "request refused", slog.String("path", r.URL.Path), slog.String("error", err.Error()))
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		s.write(r.Context(), w, s.guarded(r.Context(), body, fn))
	}
}

// guarded turns a panic into an apology. Slack would only repeat or show an
// error of its own.
func (s *Slack) guarded(ctx context.Context, body []byte, fn func(context.Context, []byte) answer) (a answer) {
	defer func() {
		if p := recover(); p != nil {
			a = answer{http.StatusOK, s.response(draw(s.apology(ctx, bot.Request{}, panicked(p)).Message, 0)[0])}
		}
	}()
	return fn(ctx, body)
}

type panicError struct {
	value any
	stack []byte
}

func (p *panicError) Error() string { return "panic" }

func panicked(v any) error { return &panicError{v, debug.Stack()} }

func (s *Slack) write(ctx context.Context, w http.ResponseWriter, a answer) {
	if a.body == nil {
		w.WriteHeader(a.status)
		return
	}
	b, err := encode(a.body)
	if err != nil { // our own types
		s.log.ErrorContext(ctx, "answer cannot be written", "error", err)
		w.WriteHeader(http.StatusOK)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(a.status)
	if _, err := w.Write(b); err != nil {
		s.log.DebugContext(ctx, "slack did not wait for the answer", "error", err)
	}
}

// encode writes JSON without the escapes meant for HTML, which would make an
// answer longer than Slack counts it.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// response is a message in an answer or to a response URL.
type response struct {
	ResponseType    string      `json:"response_type"`
	ReplaceOriginal bool        `json:"replace_original"`
	Text            string      `json:"text"`
	Blocks          []api.Block `json:"blocks"`
	Parse           string      `json:"parse"`
	UnfurlLinks     bool        `json:"unfurl_links"`
	UnfurlMedia     bool        `json:"unfurl_media"`
}

func (s *Slack) response(d drawn) response {
	return response{ResponseType: "ephemeral", Text: d.text, Blocks: d.blocks, Parse: "none"}
}

// apology is the reply when it is our fault: a reference that is in the log,
// and the line back, so that nothing typed is lost.
func (s *Slack) apology(ctx context.Context, r bot.Request, err error) bot.Reply {
	var raw [4]byte
	_, _ = rand.Read(raw[:]) // crypto/rand.Read never fails since Go 1.24
	ref := hex.EncodeToString(raw[:])
	attrs := []slog.Attr{slog.String("ref", ref), slog.String("error", err.Error()), slog.String("user", string(r.User))}
	var p *panicError
	if errors.As(err, &p) {
		attrs = append(attrs, slog.Any("panic", p.value), slog.String("stack", string(p.stack)))
	}
	s.log.LogAttrs(ctx, slog.LevelError, "request failed", attrs...)
	reply := bot.Say("Sorry, that did not work, and it is not your fault. Nothing was changed. The log has it as ", bot.Code(ref), ".")
	return s.handBack(ctx, reply, r)
}
