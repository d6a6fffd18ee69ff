package slack

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	api "github.com/slack-go/slack"

	"github.com/tocsin-dev/tocsin/bot"
)

// The limits of modals in runes, from the reference of views and inputs.
const (
	maxTitle   = 24
	maxInput   = 3000
	maxHint    = 2000
	maxOption  = 75 // of its label and of its value
	maxOptions = 100
	maxInputs  = 90 // of 100 blocks, the rest is the introduction's
)

// valueAction is the action_id of every input; the block_id names the argument.
const valueAction = "value"

// yes is the value of a flag that is set.
const yes = "true"

// metadata travels with a form and comes back with it. It holds ids, and what the
// verb hides in it, which must be ids as well, and where its answer goes, which is
// sealed: Slack shows it to nobody, and still keeps it.
type metadata struct {
	Incident int64               `json:"incident,omitempty"`
	Channel  bot.ChannelID       `json:"channel,omitempty"`
	Hidden   map[string]bot.Text `json:"hidden,omitempty"`
	Answer   string              `json:"answer,omitempty"` // see sealer
}

// maxMetadata is how much Slack carries with a form.
const maxMetadata = 3000

// text writes m. Where that is too long for Slack, where the answer goes is left
// out: there are other ways to whoever has the form.
func (m metadata) text() string {
	b, err := json.Marshal(m)
	if err != nil { // numbers and strings
		panic(err)
	}
	if m.Answer != "" && utf8.RuneCount(b) > maxMetadata {
		m.Answer = ""
		return m.text()
	}
	return string(b)
}

// modal draws f, whose answer goes where answer, which is sealed, says.
func modal(f bot.Form, answer string) api.ModalViewRequest {
	meta := metadata{f.Incident, f.Channel, f.Hidden, answer}
	v := api.ModalViewRequest{
		Type: api.VTModal, CallbackID: f.Verb, PrivateMetadata: meta.text(),
		Title: plain(orElse(cut(f.Title, maxTitle), "Incident")), Close: plain(orElse(cut(f.Close, maxTitle), "Cancel")),
	}
	c := &canvas{}
	if f.Intro != "" {
		c.block(bot.Para(f.Intro))
	}
	for _, b := range c.out {
		v.Blocks.BlockSet = append(v.Blocks.BlockSet, b.block)
	}
	inputs := 0
	for _, in := range f.Inputs[:min(len(f.Inputs), maxInputs)] {
		if e := element(in); e != nil {
			v.Blocks.BlockSet = append(v.Blocks.BlockSet, input(in, e))
			inputs++
		}
	}
	if inputs > 0 {
		v.Submit = plain(orElse(cut(f.Submit, maxTitle), "Send"))
	}
	if len(v.Blocks.BlockSet) == 0 {
		v.Blocks.BlockSet = []api.Block{api.NewSectionBlock(plain("There is nothing to fill in."), nil, nil)}
	}
	return v
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func input(in bot.FormInput, e api.BlockElement) *api.InputBlock {
	b := api.NewInputBlock(in.Name, plain(orElse(cut(in.Label, maxHint), in.Name)), nil, e)
	if in.Hint != "" {
		b.Hint = plain(cut(in.Hint, maxHint))
	}
	// A flag that must be set would be no choice.
	b.Optional = !in.Required || in.Kind == bot.InputFlag
	return b
}

// element draws what an input takes, or nil when there is nothing to choose.
func element(in bot.FormInput) api.BlockElement {
	switch in.Kind {
	case bot.InputUser:
		e := api.NewOptionsSelectBlockElement(api.OptTypeUser, plain("Choose a person"), valueAction)
		if users := in.Value.Users(); len(users) > 0 {
			e.InitialUser = string(users[0])
		} else if bot.IsUserID(in.Value.String()) {
			e.InitialUser = in.Value.String()
		}
		return e
	case bot.InputFlag:
		o := api.NewOptionBlockObject(yes, plain("Yes"), nil)
		e := api.NewCheckboxGroupsBlockElement(valueAction, o)
		if in.Value != "" && in.Value != "false" && in.Value != "no" {
			e.InitialOptions = []*api.OptionBlockObject{o}
		}
		return e
	case bot.InputChoice, bot.InputMany:
		if fitting(in.Options) {
			return choice(in)
		}
	case bot.InputLine, bot.InputText:
	}
	return textInput(in)
}

// fitting reports whether options fit a menu. What does not is typed instead.
func fitting(options []bot.Option) bool {
	for _, o := range options {
		if o.Value == "" || utf8.RuneCountInString(o.Value) > maxOption {
			return false
		}
	}
	return len(options) > 0 && len(options) <= maxOptions
}

func choice(in bot.FormInput) api.BlockElement {
	given := strings.Split(in.Value.String(), "\n")
	var all, chosen []*api.OptionBlockObject
	for _, o := range in.Options {
		one := api.NewOptionBlockObject(o.Value, plain(orElse(cut(o.Label, maxOption), o.Value)), nil)
		all = append(all, one)
		for _, g := range given {
			if strings.TrimSpace(g) == o.Value {
				chosen = append(chosen, one)
				break
			}
		}
	}
	if in.Kind == bot.InputMany {
		e := api.NewOptionsMultiSelectBlockElement(api.MultiOptTypeStatic, plain("Choose"), valueAction, all...)
		e.InitialOptions = chosen
		return e
	}
	e := api.NewOptionsSelectBlockElement(api.OptTypeStatic, plain("Choose"), valueAction, all...)
	if len(chosen) > 0 {
		e.InitialOption = chosen[0]
	}
	return e
}

func textInput(in bot.FormInput) api.BlockElement {
	e := api.NewPlainTextInputBlockElement(nil, valueAction)
	e.Multiline = in.Kind == bot.InputText || in.Kind == bot.InputMany
	e.MaxLength = maxInput
	if in.Max > 0 && in.Max < maxInput {
		e.MaxLength = in.Max
	}
	if r := []rune(in.Value.String()); len(r) > e.MaxLength {
		e.InitialValue = string(r[:e.MaxLength])
	} else {
		e.InitialValue = string(r)
	}
	return e
}

// values reads what was filled in. Every input of the form is there, empty or
// not, so that the verb can tell an emptied input from one that was not shown.
// Texts of a form come as they were typed, without entities.
func (v payloadView) values() map[string]bot.Text {
	out := make(map[string]bot.Text, len(v.State.Values))
	for name, actions := range v.State.Values {
		in := actions[valueAction]
		switch in.Type {
		case "static_select":
			out[name] = bot.Plain(in.SelectedOption.Value)
		case "users_select":
			out[name] = ""
			if in.SelectedUser != "" {
				out[name] = bot.ParseRefs("<@" + in.SelectedUser + ">")
			}
		case "multi_static_select", "checkboxes":
			var many []string
			for _, o := range in.SelectedOptions {
				many = append(many, o.Value)
			}
			out[name] = bot.Plain(strings.Join(many, "\n"))
		default:
			out[name] = bot.ParseRefs(in.Value)
		}
	}
	return out
}

// notice is a modal that only says something.
func notice(title string, r bot.Reply) api.ModalViewRequest {
	v := api.ModalViewRequest{Type: api.VTModal, Title: plain(cut(title, maxTitle)), Close: plain("Close")}
	v.Blocks.BlockSet = append(v.Blocks.BlockSet, draw(r.Message, r.Incident)[0].blocks...)
	return v
}
