package slack

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	api "github.com/slack-go/slack"

	"github.com/tocsin-dev/tocsin/bot"
)

// outcome is what became of a request.
type outcome struct {
	reply bot.Reply
	err   error
}

// ask carries out r on a goroutine of its own, which outlives the HTTP request:
// what was begun is finished, and the person is told.
func (s *Slack) ask(r bot.Request) <-chan outcome {
	ch := make(chan outcome, 1)
	s.tasks.run(func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, carryTime)
		defer cancel()
		ch <- s.carry(ctx, r)
	})
	return ch
}

func (s *Slack) carry(ctx context.Context, r bot.Request) (out outcome) {
	defer func() {
		if p := recover(); p != nil {
			out = outcome{err: panicked(p)}
		}
	}()
	s.meet(ctx, r.User)
	out.reply, out.err = s.to.Dispatch(ctx, r)
	return out
}

// await waits for an outcome as long as Slack does.
func await(ch <-chan outcome) (out outcome, ok bool) {
	t := time.NewTimer(patience)
	defer t.Stop()
	select {
	case out = <-ch:
		return out, true
	case <-t.C:
		return out, false
	}
}

// reply turns an outcome into what the person reads.
func (s *Slack) reply(ctx context.Context, r bot.Request, out outcome) bot.Reply {
	var e *bot.Error
	var f *bot.FormError
	switch {
	case out.err == nil:
		return out.reply
	case errors.As(out.err, &e):
		if e.Kind == bot.KindUnknown {
			s.log.ErrorContext(ctx, "not known whether a request was carried out", "error", out.err, "user", string(r.User))
		}
		return s.refusal(ctx, r, e)
	case errors.As(out.err, &f):
		return s.refusal(ctx, r, &bot.Error{Kind: bot.KindInvalid, Text: fieldErrors(f)})
	}
	return s.apology(ctx, r, out.err)
}

func fieldErrors(f *bot.FormError) string {
	var names []string
	for name := range f.Fields {
		names = append(names, name)
	}
	slices.Sort(names)
	var parts []string
	for _, name := range names {
		parts = append(parts, name+": "+f.Fields[name])
	}
	return strings.Join(parts, "\n")
}

// refusal says what is wrong, hands the line back, and offers one that works.
func (s *Slack) refusal(ctx context.Context, r bot.Request, e *bot.Error) bot.Reply {
	reply := s.handBack(ctx, bot.Say(e.Sentence()), r)
	reply.Incident = r.Incident
	if e.Hint != "" {
		reply = reply.With(bot.Para(bot.ParseRefs(e.Hint)))
	}
	var lines []bot.Button
	if e.Line != "" {
		lines = append(lines, bot.Button{Label: orElse(e.Label, "Use this"), Line: e.Line})
	}
	if lines = append(lines, e.Lines...); len(lines) > 0 {
		reply = reply.With(bot.Buttons(lines...))
	}
	return reply
}

// handBack adds what was typed, or what was filled in.
func (s *Slack) handBack(ctx context.Context, reply bot.Reply, r bot.Request) bot.Reply {
	if line := strings.TrimSpace(s.typed(ctx, r.Line)); line != "" {
		reply = reply.With(bot.CodeBlock(bot.Plain(s.settings().Command + " " + line)))
	}
	for _, name := range sortedKeys(r.Values) {
		if v := r.Values[name]; v != "" {
			reply = reply.With(bot.Para(bot.Bold(name)), bot.CodeBlock(bot.Plain(s.typed(ctx, v))))
		}
	}
	return reply
}

// typed is t as somebody types it. Of whom and what we do not know there is the
// id, and so there is of a private channel: not everybody may know its name.
func (s *Slack) typed(ctx context.Context, t bot.Text) string {
	var b strings.Builder
	err := s.bot.Store.View(ctx, func(tx bot.ReadTx) error {
		b.Reset()
		for _, span := range t.Spans() {
			switch span.Kind {
			case bot.SpanUser:
				p, _ := tx.Person(bot.UserID(span.Value))
				b.WriteString("@" + orElse(p.Handle, span.Value))
			case bot.SpanGroup:
				g, _ := tx.Group(bot.GroupID(span.Value))
				b.WriteString("@" + orElse(g.Handle, span.Value))
			case bot.SpanChannel:
				c, _ := tx.Channel(bot.ChannelID(span.Value))
				if c.Private {
					c.Name = ""
				}
				b.WriteString("#" + orElse(c.Name, span.Value))
			default:
				b.WriteString(span.Value)
			}
		}
		return nil
	})
	if err != nil {
		return t.String()
	}
	return b.String()
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// respond sends a reply to a response URL, as several messages if it must.
// Slack takes five in thirty minutes; one is left for what the declare itself
// has to say later.
func (s *Slack) respond(ctx context.Context, to string, replace bool, all []drawn) {
	const most = 4
	for k, d := range all {
		if k == most-1 && len(all) > most {
			d.blocks = append(slices.Clone(d.blocks[:min(len(d.blocks), maxBlocks-1)]), api.NewContextBlock("", mrk("… there is more; ask for less at a time.")))
		}
		body := s.response(d)
		body.ReplaceOriginal = replace && k == 0
		if err := s.postURL(ctx, to, body); err != nil {
			s.log.WarnContext(ctx, "a reply could not be delivered", "error", err)
			return
		}
		if k == most-1 {
			return
		}
	}
}

// trusted reports whether to is where Slack takes answers: hooks.slack.com,
// *.slack.com, GovSlack's, or the host of the configured API.
func (s *Slack) trusted(to string) bool {
	u, err := url.Parse(to)
	if err != nil || u.User != nil || u.Host == "" {
		return false
	}
	if u.Host == s.host {
		return u.Scheme == "https" || s.plain && u.Scheme == "http"
	}
	h := u.Host
	return u.Scheme == "https" && (strings.HasSuffix(h, ".slack.com") || h == "slack-gov.com" || strings.HasSuffix(h, ".slack-gov.com"))
}

// hookMethod is how a response URL is called in errors and logs, which never
// show it: with it anybody could speak in our name.
const hookMethod = "response_url"

// postURL posts to a response URL, a few times if it must.
func (s *Slack) postURL(ctx context.Context, to string, body response) error {
	return s.insist(ctx, hookMethod, func(ctx context.Context) error { return s.postOnce(ctx, to, body) })
}

func (s *Slack) postOnce(ctx context.Context, to string, body response) error {
	if !s.trusted(to) {
		return api.SlackErrorResponse{Err: "untrusted_url"}
	}
	b, err := encode(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(b))
	if err != nil {
		return plainError(err)
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	resp, err := s.http.Do(req)
	if err != nil {
		return plainError(err)
	}
	defer func() { _ = resp.Body.Close() }() // it was read
	said, err := io.ReadAll(io.LimitReader(resp.Body, 4096))
	if err != nil {
		return plainError(err)
	}
	return hookError(resp, said)
}

// hookError reads the answer of a response URL: "ok", a JSON object, or a
// status with a word.
func hookError(resp *http.Response, said []byte) error {
	switch {
	case resp.StatusCode == http.StatusTooManyRequests:
		wait, err := time.ParseDuration(resp.Header.Get("Retry-After") + "s")
		if err != nil {
			wait = defaultWait
		}
		return &api.RateLimitedError{RetryAfter: wait}
	case resp.StatusCode >= http.StatusInternalServerError:
		return api.StatusCodeError{Code: resp.StatusCode, Status: resp.Status}
	case resp.StatusCode >= http.StatusMultipleChoices:
		return api.SlackErrorResponse{Err: fmt.Sprintf("status_%d", resp.StatusCode)}
	case bytes.Contains(said, []byte(`"ok":false`)):
		return api.SlackErrorResponse{Err: "refused"}
	}
	return nil
}
