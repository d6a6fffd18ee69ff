package commands

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

// Text takes the rest of the line.
type Text struct {
	one
	// Short is a text of one line.
	Short bool
	// Quotes says that quotes around it are a part of it.
	Quotes bool
}

func (Text) rest() bool { return true }

func (Text) read(_ *Call, v bot.Text) (any, error) { return v, nil }

func (t Text) input(*bot.Settings) bot.FormInput {
	if t.Short {
		return bot.FormInput{Kind: bot.InputLine, Max: bot.MaxTitle}
	}
	return bot.FormInput{Kind: bot.InputText}
}

// Switch is a flag without a value.
type Switch struct{ one }

func (Switch) take(*bot.Settings, []word) (int, bool) { return 0, false }

func (Switch) canon(_ *bot.Settings, v bot.Text) bot.Text {
	switch strings.ToLower(string(v)) {
	case "", "false", "no", "off", "0":
		return ""
	}
	return "true"
}

func (Switch) read(_ *Call, v bot.Text) (any, error) { return v != "", nil }

func (Switch) input(*bot.Settings) bot.FormInput { return bot.FormInput{Kind: bot.InputFlag} }

// Number is the number of an entry or of an incident, 7 or #7.
type Number struct{ one }

func (Number) meta() string { return "N" }

func (Number) take(_ *bot.Settings, words []word) (int, bool) {
	if len(words) == 0 {
		return 0, false
	}
	_, ok := number(string(words[0].text))
	return 1, ok && !words[0].quoted
}

func (Number) canon(_ *bot.Settings, v bot.Text) bot.Text {
	if n, ok := number(string(v)); ok {
		return bot.Text(strconv.FormatInt(n, 10))
	}
	return v
}

func (Number) read(_ *Call, v bot.Text) (any, error) {
	n, ok := number(string(v))
	if !ok {
		return nil, bot.Invalid("%q is no number.", short(v)).WithHint("Write it as 7 or #7.")
	}
	return n, nil
}

// number reads 7 or #7.
func number(s string) (int64, bool) {
	s = strings.TrimPrefix(s, "#")
	if s == "" || len(s) > 18 || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && n > 0
}

// Choice is one of a few words.
type Choice struct {
	one
	Words []string
}

func (k Choice) meta() string { return strings.Join(k.Words, " or ") }

func (k Choice) take(_ *bot.Settings, words []word) (int, bool) {
	if len(words) == 0 {
		return 0, false
	}
	return 1, k.find(words[0].plain()) != ""
}

func (k Choice) find(s string) string {
	for _, w := range k.Words {
		if w == strings.ToLower(s) {
			return w
		}
	}
	return ""
}

func (k Choice) canon(_ *bot.Settings, v bot.Text) bot.Text {
	if w := k.find(string(v)); w != "" {
		return bot.Text(w)
	}
	return v
}

func (k Choice) read(_ *Call, v bot.Text) (any, error) {
	if w := k.find(string(v)); w != "" {
		return w, nil
	}
	return nil, bot.Invalid("%q is none of: %s.", short(v), strings.Join(k.Words, ", "))
}

func (k Choice) input(*bot.Settings) bot.FormInput {
	in := bot.FormInput{Kind: bot.InputChoice}
	for _, w := range k.Words {
		in.Options = append(in.Options, bot.Option{Value: w, Label: strings.ToUpper(w[:1]) + w[1:]})
	}
	return in
}

// Address is a web address.
type Address struct{ one }

func (Address) meta() string { return "URL" }

func (Address) canon(_ *bot.Settings, v bot.Text) bot.Text {
	for _, s := range v.Spans() {
		if s.Kind == bot.SpanLink {
			return bot.Text(s.Value)
		}
	}
	return v
}

func (Address) read(_ *Call, v bot.Text) (any, error) { return v.String(), nil }

// Person is somebody in the workspace, me, or none.
type Person struct{ one }

func (Person) meta() string { return "@user or none" }

func (Person) input(*bot.Settings) bot.FormInput { return bot.FormInput{Kind: bot.InputUser} }

func (Person) canon(_ *bot.Settings, v bot.Text) bot.Text {
	if s := string(v); strings.HasPrefix(s, "<@") {
		return bot.ParseRefs(s)
	}
	return v
}

func (k Person) read(c *Call, v bot.Text) (any, error) {
	if users := v.Users(); len(users) == 1 && bot.MentionUser(users[0]) == v {
		return users[0], nil
	}
	name := strings.TrimPrefix(v.String(), "@")
	switch strings.ToLower(v.String()) { // with an @ it is somebody called so
	case "me", "myself":
		return c.Who.ID, nil
	case "none", "nobody":
		return bot.UserID(""), nil
	}
	if bot.IsUserID(name) {
		return bot.UserID(name), nil
	}
	p, err := c.Tx.PersonByHandle(name)
	if bot.KindOf(err) == bot.KindNotFound {
		return nil, bot.Invalid("I know nobody called @%s.", short(bot.Text(name))).
			WithHint("Mention them with @, or write their id, me, or none.")
	}
	if err != nil {
		return nil, fmt.Errorf("person by handle: %w", err)
	}
	return p.ID, nil
}

// short is v as it can be quoted in an error.
func short(v bot.Text) string { return v.OneLine(60).String() }
