package fakeslack

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
)

// pageAct is one thing a person does in the page.
type pageAct struct {
	Do, Channel, TS, Thread, Text, Match, Drawn, View, Emoji, Callback string
	Values                                                             map[string]string
	All                                                                bool
}

func (s *Slack) serveAct(w http.ResponseWriter, r *http.Request) {
	var act pageAct
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&act); err != nil {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	// What was begun is finished though the tab may close.
	ctx := context.WithoutCancel(r.Context())
	errs, err := s.act(ctx, s.As(r.URL.Query().Get("user")), act)
	o := obj{"ok": err == nil && len(errs) == 0, "errors": errs}
	if err != nil {
		o["error"] = pageError(err)
	}
	sendJSON(w, o)
}

// pageError is what a person reads.
func pageError(err error) string {
	switch {
	case errors.Is(err, ErrTimeout):
		return "The app did not answer within 3 seconds."
	case errors.Is(err, ErrNoApp), errors.Is(err, ErrDispatch):
		return "The app could not be reached or gave a wrong answer: " + err.Error()
	}
	return strings.TrimPrefix(err.Error(), "slack: ")
}

func (s *Slack) act(ctx context.Context, p *Person, a pageAct) (errs map[string]string, err error) {
	switch a.Do {
	case "send":
		err = s.pageSend(ctx, p, a)
	case "click":
		_, err = p.click(ctx, clicked{a.Channel, a.TS, a.Match, a.Drawn})
	case "clickin":
		if err = p.Type(a.View, a.Values); err == nil {
			_, err = p.ClickIn(ctx, a.View, a.Match)
		}
	case "submit":
		var answer Answer
		answer, err = p.Submit(ctx, a.View, a.Values)
		errs = answer.Errors
	case "close":
		err = p.CloseView(ctx, a.View, a.All)
	case "react":
		err = p.React(ctx, a.Channel, a.TS, a.Emoji)
	case "pin":
		err = p.Pin(ctx, a.Channel, a.TS)
	case "delete":
		err = s.pageDelete(ctx, p, a)
	case "join":
		err = p.Join(ctx, a.Channel)
	case "shortcut":
		if a.TS == "" {
			_, err = p.GlobalShortcut(ctx, a.Callback)
		} else {
			_, err = p.MessageShortcut(ctx, a.Channel, a.TS, a.Callback)
		}
	case "home":
		_, err = p.OpenHome(ctx)
	case "read":
		s.pageRead(p, a)
	default:
		err = refuse("unknown action %q", a.Do)
	}
	return errs, err
}

// pageSend posts what is in the composer, or runs it if it is a command.
func (s *Slack) pageSend(ctx context.Context, p *Person, a pageAct) error {
	if !strings.HasPrefix(a.Text, "/") {
		_, err := p.Say(ctx, a.Channel, a.Thread, a.Text)
		return err
	}
	if a.Thread != "" {
		return refuse("commands do not work in threads; mention @%s instead", s.opt.BotName)
	}
	command, text, _ := strings.Cut(a.Text, " ")
	_, err := p.Slash(ctx, a.Channel, command, strings.TrimSpace(text))
	return err
}

// pageDelete deletes the person's own message, or dismisses an ephemeral one.
func (s *Slack) pageDelete(ctx context.Context, p *Person, a pageAct) error {
	s.mu.Lock()
	if c := s.channels[a.Channel]; c != nil {
		if m := c.find(a.TS); m != nil && m.ephemeralTo == p.id {
			c.drop(m.ts)
			s.changed()
			s.mu.Unlock()
			return nil
		}
	}
	s.mu.Unlock()
	return p.Delete(ctx, a.Channel, a.TS)
}

func (s *Slack) pageRead(p *Person, a pageAct) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[a.Channel]
	if c == nil || len(c.msgs) == 0 {
		return
	}
	last := c.msgs[len(c.msgs)-1].ts
	if at, _ := parseTS(last); at > c.read[p.id] {
		c.markRead(p.id, last)
		s.changed()
	}
}
