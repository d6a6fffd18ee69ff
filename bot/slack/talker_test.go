package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// talker is a command language of a few words.
type talker struct {
	bot   *bot.Bot
	slow  atomic.Int64 // nanoseconds that every request takes
	seen  atomic.Pointer[bot.Request]
	count atomic.Int64
	extra func(bot.Request) bot.Reply // what the verb extra answers
	after func(bot.Request) bot.Reply // if set: what a form that did something answers
}

func (d *talker) Dispatch(ctx context.Context, r bot.Request) (bot.Reply, error) {
	d.seen.Store(&r)
	d.count.Add(1)
	if p := time.Duration(d.slow.Load()); p > 0 {
		time.Sleep(p)
	}
	verb, rest, _ := strings.Cut(r.Line.String(), " ")
	if r.Verb != "" {
		verb, rest = r.Verb, string(r.Values["text"])
	}
	text := bot.Text(strings.TrimPrefix(string(r.Line), verb+" "))
	if r.Verb != "" {
		text = bot.Text(rest)
	}
	switch verb {
	case "extra":
		return d.extra(r), nil
	case "panic":
		panic("on purpose")
	case "broken":
		return bot.Reply{}, errors.New("the disk is on fire")
	case "undecided":
		return bot.Reply{}, fmt.Errorf("storage: secret detail (%w)", bot.Unknown())
	case "wrong":
		return bot.Reply{}, bot.Invalid("That is wrong, <@%s>.", ben).WithHint("Try the other one.").WithLine("Other one", "right "+rest)
	case "fields":
		return bot.Reply{}, &bot.FormError{Fields: map[string]string{"text": "too dull", "elsewhere": "hidden"}}
	case "form":
		return bot.Reply{Form: &bot.Form{Verb: "update", Title: "Update the incident now", Submit: "Send", Incident: 1, Line: "form " + rest, Inputs: []bot.FormInput{
			{Name: "status", Kind: bot.InputChoice, Label: "Status", Options: []bot.Option{{Value: "identified", Label: "Identified"}}},
			{Name: "text", Kind: bot.InputText, Label: "Text", Required: true, Value: bot.Text(rest)},
			{Name: "who", Kind: bot.InputUser, Label: "Who"},
			{Name: "public", Kind: bot.InputFlag, Label: "Public"},
		}}}, nil
	case "long":
		return bot.Reply{Message: bot.Message{Summary: "Long.", Blocks: []bot.Block{bot.Para(bot.Text(strings.Repeat("word ", 8000)))}}}, nil
	case "buttons":
		return bot.Say("Choose.").With(bot.Buttons(bot.Button{Label: "Say hello", Line: "hello <@" + ben + ">"}, bot.Button{Label: "Form", Line: "form"})), nil
	case "replace":
		r := bot.Say("Replaced.")
		r.Replace = true
		return r, nil
	case "hello":
		return bot.Say("Hello ", bot.MentionUser(r.User), "."), nil
	case "look":
		return d.bot.Look(ctx, r, func(l *bot.Look) (bot.Reply, error) {
			b, err := json.Marshal(l.Who)
			return bot.Say(bot.Plain(string(b))), err
		})
	}
	return d.bot.Carry(ctx, r, func(w *bot.Work) (bot.Reply, error) { return d.change(w, verb, text) })
}

func (d *talker) change(w *bot.Work, verb string, text bot.Text) (bot.Reply, error) {
	if private := verb == "secret"; verb == "declare" || private || verb == "drill" {
		_, err := bot.Declare(w, bot.Draft{Title: text, Private: private, Drill: verb == "drill"})
		if err != nil {
			return bot.Reply{}, err
		}
		return bot.Say("Declared ", w.Incident.Tag(), "."), nil
	}
	n := max(w.Req.Incident, 1)
	if err := w.Lock(n); err != nil {
		return bot.Reply{}, err
	}
	var err error
	switch verb {
	case "update":
		_, err = bot.Update(w, bot.UpdateDraft{Text: text, Status: bot.Status(w.Req.Values["status"])})
	case "public":
		_, err = bot.Update(w, bot.UpdateDraft{Text: text, Public: true})
	case "note":
		_, err = bot.AddNote(w, text, nil)
	case "status":
		_, err = bot.SetStatus(w, bot.Status(text), nil)
	case "severity":
		_, err = bot.SetSeverity(w, string(text))
	case "title":
		_, err = bot.SetTitle(w, text, false)
	case "ic":
		_, err = bot.Assign(w, bot.Commander, text.Users()[0])
	case "comms":
		_, err = bot.Assign(w, "comms", text.Users()[0])
	case "resolve":
		_, err = bot.Resolve(w, bot.ResolveDraft{Text: text})
	case "redact":
		_, err = bot.Redact(w, w.Incident.Head.Seq, "it was a secret")
	default:
		err = bot.Invalid("There is no command %q.", verb)
	}
	if d.after != nil && w.Req.Verb != "" && err == nil {
		return d.after(w.Req), nil
	}
	return bot.Say("Done: ", bot.Plain(verb), "."), err
}
