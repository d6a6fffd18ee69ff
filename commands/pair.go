package commands

import (
	"maps"
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

// Change is a component with a state, NAME=STATE.
type Change struct{ one }

func (Change) meta() string { return "NAME=STATE" }

// take gathers words up to the one with the equals sign, since names are often
// of several words (Web Client=major), and the state behind it when phones or
// people put space there.
func (Change) take(_ *bot.Settings, words []word) (int, bool) {
	for k, w := range words[:min(8, len(words))] {
		if k > 0 && w.quoted {
			break
		}
		if !strings.Contains(string(w.text), "=") {
			if w.quoted {
				break
			}
			continue
		}
		if strings.HasSuffix(string(w.text), "=") && !w.quoted && k+1 < len(words) {
			return k + 2, true
		}
		return k + 1, true
	}
	return min(1, len(words)), false
}

// cut divides a change at its last equals sign; a name may hold one.
func (Change) cut(v bot.Text) (name, state string, ok bool) {
	s := v.String()
	k := strings.LastIndexByte(s, '=')
	if k < 0 {
		return s, "", false
	}
	return strings.TrimSpace(s[:k]), strings.TrimSpace(s[k+1:]), true
}

func (k Change) canon(s *bot.Settings, v bot.Text) bot.Text {
	name, state, ok := k.cut(v)
	if !ok {
		return v
	}
	c, known := bot.Find(s.Components, name)
	st, valid := bot.ParseComponentState(state)
	if !known || !valid {
		return v
	}
	return bot.Text(c.ID + "=" + string(st))
}

func (k Change) read(c *Call, v bot.Text) (any, error) {
	name, state, ok := k.cut(v)
	found, err := readName("component", c.Settings().Components, bot.Text(name))
	if err != nil {
		return nil, err
	}
	comp, _ := found.(bot.Component)
	if !ok {
		return nil, bot.Invalid("Which state has %s?", comp.Name).WithHint("Write %s=STATE, STATE one of %s.", comp.ID, stateWords)
	}
	st, valid := bot.ParseComponentState(state)
	if !valid {
		return nil, bot.Invalid("%q is no state of a component.", short(bot.Text(state))).WithHint("Write %s=STATE, STATE one of %s.", comp.ID, stateWords)
	}
	return bot.ComponentChange{Component: comp.ID, State: st}, nil
}

// agree refuses two states for one component, and offers the line with each.
func (k Change) agree(c *Call, a *Arg, all []any) error {
	given := map[string]bot.ComponentState{}
	for _, x := range all {
		ch, _ := x.(bot.ComponentChange)
		was, twice := given[ch.Component]
		given[ch.Component] = ch.State
		if !twice || was == ch.State {
			continue
		}
		name := c.Settings().Component(ch.Component).Label()
		e := bot.Invalid("%s is given two states: %s and %s.", name, strings.ToLower(was.Label()), strings.ToLower(ch.State.Label())).
			WithHint("Give it one; nothing was changed.")
		for _, keep := range []bot.ComponentState{was, ch.State} {
			fixed := maps.Clone(c.values)
			delete(fixed, a.Name)
			for _, item := range items(c.values[a.Name]) {
				if id, state, _ := k.cut(item); id != ch.Component || state == string(keep) {
					fixed.add(a, item)
				}
			}
			e.Lines = append(e.Lines, button(name+": "+keep.Label(), c.again(c.Cmd, fixed))...)
		}
		return e
	}
	return nil
}

const stateWords = "ok, degraded, partial, major, maintenance"

// input offers every pair while that is a list that can be read, else lines.
func (Change) input(s *bot.Settings) bot.FormInput {
	states := []bot.ComponentState{bot.Operational, bot.Degraded, bot.PartialOutage, bot.MajorOutage}
	if n := len(s.Components) * len(states); n == 0 || n > 100 {
		return bot.FormInput{Kind: bot.InputText, Hint: "One NAME=STATE a line; states: " + stateWords}
	}
	in := bot.FormInput{Kind: bot.InputMany}
	for _, c := range s.Components {
		for _, st := range states {
			in.Options = append(in.Options, bot.Option{Value: c.ID + "=" + string(st), Label: c.Label() + ": " + st.Label()})
		}
	}
	return in
}
