package slack

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/slack/fakeslack"
)

func TestForm(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.slash(ana, "general", "declare Checkout is down")
		a := w.slash(ana, "general", "form some <text>")
		if len(a.Body) > 0 {
			t.Errorf("answered %s", a.Body)
		}
		w.rest(time.Second)
		views := w.fake.As(ana).Views()
		if len(views) != 1 || !strings.Contains(w.fake.PlainView(views[0]), "some <text>") {
			t.Fatalf("%+v", views)
		}
		got, err := w.fake.As(ana).Submit(w.ctx, views[0].ID, map[string]string{"status": "identified", "text": "Ask <@" + ben + "> --public &amp;", "who": ben, "public": "true"})
		if err != nil || len(got.Errors) > 0 {
			t.Fatalf("%v %v", err, got.Errors)
		}
		r := w.talk.seen.Load()
		if r.Verb != "update" || r.Incident != 1 || r.Values["status"] != "identified" || r.Values["public"] != "true" ||
			r.Values["who"] != bot.MentionUser(ben) || r.Values["text"] != bot.Join("Ask ", bot.MentionUser(ben), " --public &amp;") {
			t.Errorf("%+v", r)
		}
		w.rest(10 * time.Second)
		w.once(w.whispered("general", ana), "Done: update.")
		if len(w.fake.As(ana).Views()) != 0 {
			t.Error("the form is still open")
		}
	})
}

// TestFormErrors stand at their inputs, and what was filled in stays.
func TestFormErrors(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		open := func(verb string) string {
			w.talk.extra = func(bot.Request) bot.Reply {
				return bot.Reply{Form: &bot.Form{Verb: verb, Title: "T", Inputs: []bot.FormInput{{Name: "text", Kind: bot.InputText, Label: "Text"}}}}
			}
			w.slash(ana, "general", "extra")
			w.rest(time.Second)
			return w.fake.As(ana).Views()[0].ID
		}
		for verb, want := range map[string]string{"fields": "too dull\nelsewhere: hidden", "wrong": "That is wrong, @ben. Try the other one."} {
			a, err := w.fake.As(ana).Submit(w.ctx, open(verb), map[string]string{"text": "abc"})
			if err != nil || a.Errors["text"] != want {
				t.Errorf("%s: %v %v", verb, err, a.Errors)
			}
		}
		a, err := w.fake.As(ana).Submit(w.ctx, open("broken"), map[string]string{"text": "abc"})
		if err != nil || a.View == nil || !strings.Contains(w.fake.PlainView(*a.View), "abc") || !strings.Contains(w.fake.PlainView(*a.View), "Sorry") {
			t.Errorf("%v %+v", err, a)
		}
	})
}

// TestFormHides: what a verb hides in its form comes back with the rest, replaces
// nothing, and is not shown.
func TestFormHides(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.talk.extra = func(bot.Request) bot.Reply {
			return bot.Reply{Form: &bot.Form{
				Verb: "broken", Title: "T", Inputs: []bot.FormInput{{Name: "text", Kind: bot.InputText, Label: "Text"}},
				Hidden: map[string]bot.Text{"base": bot.Join("canary ", bot.MentionUser(ben)), "text": "hidden"},
			}}
		}
		w.slash(ana, "general", "extra")
		w.rest(time.Second)
		v := w.fake.As(ana).Views()[0]
		a, err := w.fake.As(ana).Submit(w.ctx, v.ID, map[string]string{"text": "abc"})
		r := w.talk.seen.Load()
		if err != nil || r.Values["base"] != bot.Join("canary ", bot.MentionUser(ben)) || r.Values["text"] != "abc" {
			t.Errorf("%v %+v", err, r)
		}
		if shown := w.fake.PlainView(*a.View); !strings.Contains(shown, "abc") || strings.Contains(shown+w.fake.PlainView(v), "canary") {
			t.Error(shown)
		}
	})
}

// TestFormThatDoesNotOpen: what was typed comes back, and a button has it.
func TestFormThatDoesNotOpen(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long ", 450) + "end"
	for name, typed := range map[string]string{"short": "x and y", "long": long} {
		for _, late := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				bubble(t, func(w *world) {
					if late {
						w.talk.slow.Store(int64(4 * time.Second))
					}
					w.fake.Inject(fakeslack.Fault{Method: "views.open", Error: "expired_trigger_id"})
					w.slash(ana, "general", "form "+typed)
					w.rest(6 * time.Second)
					text := strings.Join(w.whispered("general", ana), "\n")
					if !late && !strings.Contains(text, "did not open") || !strings.Contains(text, "/incident form "+typed) {
						t.Errorf("%s", text)
					}
					if has := strings.Contains(text, "[Update the incident now]"); has != (name == "short") {
						t.Errorf("a button: %v", has)
					}
					if name == "long" {
						return
					}
					w.talk.slow.Store(0)
					w.fake.ClearFaults()
					w.click(ana, "general", w.last("general", ana).TS, "Update the incident now")
					if r := w.talk.seen.Load(); r.Line != bot.Text("form "+typed) || len(w.fake.As(ana).Views()) != 1 {
						t.Errorf("%q", r.Line)
					}
				})
			})
		}
	}
}

// TestTwoFormsInOneView: the second form that a view shows is another
// submission, whether it came with the answer or later.
func TestTwoFormsInOneView(t *testing.T) {
	t.Parallel()
	for _, slow := range []time.Duration{0, 8 * time.Second} {
		t.Run(slow.String(), func(t *testing.T) {
			bubble(t, func(w *world) {
				w.slash(ana, "general", "declare Down")
				w.talk.extra = func(r bot.Request) bot.Reply {
					return bot.Reply{Form: &bot.Form{Verb: "update", Title: "T", Incident: 1, Inputs: []bot.FormInput{{Name: "text", Kind: bot.InputText, Label: "Text"}}}}
				}
				w.talk.after = func(r bot.Request) bot.Reply {
					if r.Values["text"] == "one" {
						return w.talk.extra(r)
					}
					return bot.Reply{}
				}
				w.slash(ana, "general", "extra")
				w.rest(time.Second)
				id := w.fake.As(ana).Views()[0].ID
				w.talk.slow.Store(int64(slow))
				for _, text := range []string{"one", "two"} {
					if v := w.fake.As(ana).Views(); len(v) != 1 || v[0].ID != id {
						t.Fatalf("another view: %+v", v)
					}
					if _, err := w.fake.As(ana).Submit(w.ctx, id, map[string]string{"text": text}); err != nil {
						t.Fatal(err)
					}
					w.rest(10 * time.Second)
				}
				all := w.said(string(w.incident(1).Channel))[1:]
				w.once(all, "*Update*\none")
				w.once(all, "*Update*\ntwo")
			})
		})
	}
}

func TestSlowForm(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.slash(ana, "general", "declare x")
		w.slash(ana, "general", "form x")
		w.rest(time.Second)
		id := w.fake.As(ana).Views()[0].ID
		w.talk.slow.Store(int64(8 * time.Second))
		a, err := w.fake.As(ana).Submit(w.ctx, id, map[string]string{"text": "later"})
		if err != nil || a.View == nil || !strings.Contains(w.fake.PlainView(*a.View), "Working on it") {
			t.Fatalf("%v %+v", err, a)
		}
		w.rest(10 * time.Second)
		if v := w.fake.As(ana).Views(); len(v) != 1 || !strings.Contains(w.fake.PlainView(v[0]), "Done: update.") {
			t.Errorf("%+v", v)
		}
	})
}

// TestFormLimits: Slack opens any form, whatever is in it.
func TestFormLimits(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("<é🦀", 2000)
	many := func(n int, value string) (out []bot.Option) {
		for k := range n {
			out = append(out, bot.Option{Value: value + string(rune('a'+k%26)) + string(rune('a'+k/26)), Label: long})
		}
		return out
	}
	for name, f := range map[string]bot.Form{
		"nothing": {Verb: "x"},
		"long": {Verb: "x", Title: long, Submit: long, Intro: bot.Text(long), Inputs: []bot.FormInput{
			{Name: "a", Kind: bot.InputText, Label: long, Hint: long, Value: bot.Text(long)}, {Name: "b", Kind: bot.InputLine, Max: 10, Value: bot.Text(long)},
		}},
		"choices": {Verb: "x", Inputs: []bot.FormInput{
			{Name: "a", Kind: bot.InputChoice, Label: "A"}, {Name: "b", Kind: bot.InputChoice, Label: "B", Options: many(100, "o"), Value: "oba"},
			{Name: "c", Kind: bot.InputMany, Label: "C", Options: many(101, "o"), Value: "oaa\noba"}, {Name: "d", Kind: bot.InputMany, Label: "D", Options: many(3, long)},
			{Name: "e", Kind: bot.InputMany, Label: "E", Options: many(30, "o"), Value: "oaa\nnone\noba"},
			{Name: "f", Kind: bot.InputUser, Label: "F", Value: bot.MentionUser(ben), Required: true}, {Name: "g", Kind: bot.InputFlag, Label: "G", Value: "true"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(w *world) {
				w.talk.extra = func(bot.Request) bot.Reply { return bot.Reply{Form: &f} }
				w.slash(ana, "general", "extra")
				w.rest(time.Second)
				views := w.fake.As(ana).Views()
				if len(views) != 1 {
					t.Fatalf("it did not open: %s", w.logs)
				}
				if name != "choices" {
					return
				}
				if a, err := w.fake.As(ana).Submit(w.ctx, views[0].ID, nil); err != nil {
					t.Fatalf("%v %+v", err, a)
				}
				v := w.talk.seen.Load().Values
				if v["b"] != "oba" || v["e"] != "oaa\noba" || v["f"] != bot.MentionUser(ben) || v["g"] != "true" {
					t.Errorf("%q", v)
				}
			})
		})
	}
}

// TestFormOnce: a form that is sent twice counts once, though each time brings
// its own trigger.
func TestFormOnce(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.slash(ana, "general", "declare Down")
		for _, trigger := range []string{"a", "b"} {
			body := `{"type":"view_submission","trigger_id":"` + trigger + `","user":{"id":"` + ana + `"},"view":{"id":"V1","hash":"156772938.1827394","callback_id":"update","private_metadata":"{\"incident\":1}",
				"state":{"values":{"text":{"value":{"type":"plain_text_input","value":"only once"}}}}}}`
			if rec := w.signed("/slack/interactions", url.Values{"payload": {body}}.Encode()); rec.Code != http.StatusOK || rec.Body.Len() > 0 {
				t.Errorf("%d %s", rec.Code, rec.Body)
			}
		}
		w.rest(20 * time.Second)
		w.once(w.said(string(w.incident(1).Channel))[1:], "only once")
	})
}
