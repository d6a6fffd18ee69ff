package slack

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	api "github.com/slack-go/slack"

	"github.com/tocsin-dev/tocsin/bot"
)

// interaction is a click or a form that was sent.
func (s *Slack) interaction(ctx context.Context, body []byte) answer {
	p, ok := parsePayload(body)
	if !ok {
		return answer{status: http.StatusBadRequest}
	}
	if p.User.ID == "" {
		return empty()
	}
	s.stranger(ctx, p)
	switch p.Type {
	case "block_actions":
		return s.click(ctx, p)
	case "view_submission":
		return s.submission(ctx, p)
	}
	return empty() // view_closed, and what this app has not asked for
}

// stranger keeps that somebody is of another organisation, so that the
// dispatcher, which reads only rows, knows it at their first click already.
func (s *Slack) stranger(ctx context.Context, p payload) {
	if s.ours(p.team()) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := s.bot.Store.Update(ctx, func(tx bot.Tx) error {
		who, err := tx.Person(bot.UserID(p.User.ID))
		if err != nil && bot.KindOf(err) != bot.KindNotFound || who.External {
			return err
		}
		who.ID, who.External = bot.UserID(p.User.ID), true
		return tx.SavePerson(who)
	})
	if err != nil {
		s.log.WarnContext(ctx, "an external person was not recorded", "error", err)
	}
}

func (p payload) request(s *Slack) bot.Request {
	r := bot.Request{
		User: bot.UserID(p.User.ID), Channel: p.channel(), Thread: p.Container.ThreadTS,
		ReplyURL: p.ResponseURL, At: s.now(), Via: bot.ViaSlack,
	}
	if p.TriggerID != "" {
		r.Key = "slack:" + p.TriggerID
	}
	return r
}

// click is a button, whose value is a command line. Slack ignores the body of
// the answer, so the reply goes to the response URL.
func (s *Slack) click(ctx context.Context, p payload) answer {
	if len(p.Actions) == 0 || p.Actions[0].Value == "" || p.Actions[0].Type != "button" {
		return empty() // a link, which the person's client has opened
	}
	a := p.Actions[0]
	r := p.request(s)
	r.Line, r.Incident = trim(bot.ParseRefs(a.Value)), incidentOf(a.BlockID)
	ch := s.ask(r)
	out, ok := await(ch)
	s.tasks.run(func(ctx context.Context) {
		if !ok {
			s.later(ctx, r, <-ch)
			return
		}
		reply := s.reply(ctx, r, out)
		switch {
		case reply.Form != nil:
			s.open(ctx, r, reply, p.TriggerID)
		case reply.Summary != "" || len(reply.Blocks) > 0:
			s.send(ctx, r, reply, reply.Replace && p.Container.IsEphemeral)
		}
	})
	return empty()
}

// open opens the form of a reply; Slack allows three seconds for it from what
// the person did.
func (s *Slack) open(ctx context.Context, r bot.Request, reply bot.Reply, trigger string) {
	f := *reply.Form
	if f.Channel == "" {
		f.Channel = r.Channel
	}
	err := s.call(ctx, "views.open", func(ctx context.Context) error {
		_, err := s.api.OpenViewContext(ctx, trigger, modal(f, s.seal.close(r.ReplyURL, r.User, time.Now())))
		return err
	})
	if err == nil {
		return
	}
	s.log.WarnContext(ctx, "a form could not be opened", "verb", f.Verb, "error", err)
	reply = s.formInstead(ctx, r, reply)
	reply.Blocks = append([]bot.Block{bot.Para("Slack did not open the form.")}, reply.Blocks...)
	s.send(ctx, r, reply, false)
}

// formInstead is the reply when its form cannot be opened: what the verb says
// for that case, what was typed, and a button, which brings a fresh trigger and
// the values. One whose line is too long for Slack is left out when drawn.
func (s *Slack) formInstead(ctx context.Context, r bot.Request, reply bot.Reply) bot.Reply {
	f := *reply.Form
	reply.Form = nil
	if reply.Summary == "" && len(reply.Blocks) == 0 {
		reply.Message = bot.Say("This needs a form, or one line: ", bot.Code(s.settings().Command+" "+f.Verb+" …")).Message
	}
	if reply.Incident == 0 {
		reply.Incident = f.Incident
	}
	if r.Verb == "" || r.Verb == f.Verb { // else it was carried out, and another form follows
		reply = s.handBack(ctx, reply, r)
	}
	return reply.With(bot.Buttons(bot.Button{Label: orElse(cut(f.Title, 30), "Open the form"), Line: orElse(f.Line, f.Verb)}))
}

// viewAnswer is what a sent form is answered with, besides nothing: closed.
type viewAnswer struct {
	Action string                `json:"response_action"`
	Errors map[string]string     `json:"errors,omitempty"`
	View   *api.ModalViewRequest `json:"view,omitempty"`
}

func showView(v api.ModalViewRequest) answer {
	return answer{http.StatusOK, viewAnswer{Action: "update", View: &v}}
}

// submission is a form that was sent. Its key is the view, so that sending it
// twice does it once. One view may show several forms in turn, hence the hash.
func (s *Slack) submission(ctx context.Context, p payload) answer {
	r, meta := p.request(s), p.View.metadata()
	r.Verb, r.Values, r.Incident = p.View.CallbackID, p.View.values(), meta.Incident
	if r.Channel == "" {
		r.Channel = meta.Channel
	}
	if r.ReplyURL == "" {
		r.ReplyURL = s.seal.open(meta.Answer, r.User, time.Now())
	}
	if r.Verb == "" {
		return empty() // a notice, which has nothing to send
	}
	if p.View.ID != "" {
		r.Key = "slack:view:" + p.View.ID + ":" + p.View.Hash + ":" + r.Verb
	}
	whole := r // of which r, which may be shown, is what was filled in
	whole.Values = meta.with(p.View.values())
	ch := s.ask(whole)
	out, ok := await(ch)
	if !ok {
		s.tasks.run(func(ctx context.Context) { s.updateView(ctx, p, r, <-ch) })
		return showView(notice(p.title(), bot.Say("Working on it… The result follows here.")))
	}
	if out.err != nil {
		return s.viewError(ctx, p, r, out.err)
	}
	if out.reply.Form != nil {
		return showView(modal(*out.reply.Form, meta.Answer))
	}
	s.afterForm(r, out.reply)
	return empty()
}

func (p payload) title() string { return orElse(p.View.Title.Text, "Incident") }

func (s *Slack) afterForm(r bot.Request, reply bot.Reply) {
	if reply.Summary != "" || len(reply.Blocks) > 0 {
		s.tasks.run(func(ctx context.Context) { s.send(ctx, r, reply, false) })
	}
}

// viewError keeps the form open with what is wrong beside its inputs; a fault
// that no input can show replaces the form, with everything that was filled in.
func (s *Slack) viewError(ctx context.Context, p payload, r bot.Request, err error) answer {
	inputs := p.View.inputs()
	var f *bot.FormError
	var e *bot.Error
	errs := map[string]string{}
	switch {
	case errors.As(err, &f):
		plain := map[string]string{}
		for name, text := range f.Fields {
			plain[name] = s.plainText(ctx, text)
		}
		errs = beside(inputs, plain)
	case errors.As(err, &e) && e.Kind != bot.KindUnknown && len(inputs) > 0: // what may be done must not wait to be sent again
		errs[inputs[0]] = s.plainText(ctx, e.Error())
	}
	if len(errs) > 0 {
		return answer{http.StatusOK, viewAnswer{Action: "errors", Errors: errs}}
	}
	return showView(notice(p.title(), s.reply(ctx, r, outcome{err: err})))
}

// beside puts each error at its input, and those of inputs that the form does
// not have at the first: Slack refuses errors of other blocks.
func beside(inputs []string, fields map[string]string) map[string]string {
	out := map[string]string{}
	shown := map[string]bool{}
	for _, in := range inputs {
		shown[in] = true
	}
	for _, name := range sortedKeys(fields) {
		switch text := fields[name]; {
		case shown[name]:
			out[name] = strings.TrimSpace(text + "\n" + out[name])
		case len(inputs) > 0:
			out[inputs[0]] = strings.TrimSpace(out[inputs[0]] + "\n" + name + ": " + text)
		}
	}
	return out
}

// plainText is for what Slack shows without any formatting.
func (s *Slack) plainText(ctx context.Context, text string) string {
	return orElse(cut(s.typed(ctx, bot.ParseRefs(text)), maxHint), "This cannot be taken.")
}

// updateView shows the outcome of a form that took longer than Slack waits.
func (s *Slack) updateView(ctx context.Context, p payload, r bot.Request, out outcome) {
	reply := s.reply(ctx, r, out)
	v := notice(p.title(), reply)
	if reply.Form != nil {
		v = modal(*reply.Form, p.View.metadata().Answer)
	}
	err := s.call(ctx, "views.update", func(ctx context.Context) error {
		_, err := s.api.UpdateViewContext(ctx, v, "", "", p.View.ID)
		return err
	})
	if err != nil { // most likely it was closed meanwhile
		s.log.DebugContext(ctx, "a form's outcome goes out as a message", "error", err)
		if reply.Form != nil {
			reply = s.formInstead(ctx, r, reply)
		}
		s.send(ctx, r, reply, false)
	}
}
