package fakeslack

import (
	"context"
	"slices"
	"strings"
)

// Click uses an element of a message: a button by its action_id, value or
// label; a menu's entry by its value or label; any other element by
// "action_id=value". Where an action_id stands in several blocks,
// "block_id/action_id" is exact. A confirmation dialog counts as confirmed.
func (p *Person) Click(ctx context.Context, channel, ts, match string) (Answer, error) {
	return p.click(ctx, clicked{channel: channel, ts: ts, match: match})
}

// clicked is an element of a message. drawn is the value of the button that was
// clicked, which Slack's client sends as it drew it, although the message may
// have been changed since; empty: that of the message as it is now.
type clicked struct{ channel, ts, match, drawn string }

func (p *Person) click(ctx context.Context, on clicked) (Answer, error) {
	ask, payload, err := p.clickPayload(on)
	if err != nil {
		return Answer{}, err
	}
	return p.interact(ctx, ask, payload)
}

func (p *Person) clickPayload(on clicked) (asked, obj, error) {
	s := p.s
	s.mu.Lock()
	defer s.mu.Unlock()
	u, c, err := p.in(on.channel)
	if err != nil {
		return asked{}, nil, err
	}
	m := c.find(on.ts)
	if m == nil || (m.ephemeralTo != "" && m.ephemeralTo != u.ID) {
		return asked{}, nil, refuse("no message %s for %s", on.ts, u.Name)
	}
	state := initialState(m.blocks, nil)
	action, err := s.use(controls(m.blocks), on.match, state)
	if err != nil {
		return asked{}, nil, err
	}
	if on.drawn != "" && action["type"] == "button" {
		action["value"] = on.drawn
	}
	ask := s.ask(u, c, m.ts)
	o := s.payload("block_actions", u)
	container := obj{"type": "message", "message_ts": m.ts, "channel_id": c.id, "is_ephemeral": m.ephemeralTo != ""}
	if m.ephemeralTo == "" {
		o["message"] = s.messageJSON(c, m, true) // Slack keeps no ephemeral messages to send
	}
	setIf(container, "thread_ts", m.threadTS)
	o["container"], o["trigger_id"], o["response_url"] = container, ask.trigger, ask.url
	o["channel"] = obj{"id": c.id, "name": c.payloadName()}
	o["state"], o["actions"] = obj{"values": state}, []obj{action}
	return ask, o, nil
}

// use finds the element that is meant and makes the entry of actions for it.
func (s *Slack) use(all []control, match string, state map[string]map[string]obj) (obj, error) {
	name, value, valued := strings.Cut(match, "=")
	tests := []func(control) bool{
		func(c control) bool { return c.action == match || c.block+"/"+c.action == match },
		func(c control) bool { return valued && (c.action == name || c.block+"/"+c.action == name) },
		func(c control) bool { return c.el["value"] == match },
		func(c control) bool { return plainOf(c.el["text"]) == match },
		func(c control) bool { _, err := c.option(match); return err == nil },
	}
	for n, test := range tests {
		i := slices.IndexFunc(all, test)
		if i < 0 {
			continue
		}
		text := match
		if n == 1 {
			text = value
		}
		return s.actionEntry(all[i], text, state)
	}
	var have []string
	for _, c := range all {
		have = append(have, strings.TrimSpace(c.action+" "+elementLabel(c.el)))
	}
	return nil, refuse("nothing to click for %q; there are: %s", match, strings.Join(have, ", "))
}

func (s *Slack) actionEntry(c control, text string, state map[string]map[string]obj) (obj, error) {
	o := obj{"type": c.kind(), "action_id": c.action, "block_id": c.block, "action_ts": formatTS(s.opt.SignNow().UnixMicro())}
	switch c.kind() {
	case "button", "workflow_button":
		for _, k := range []string{"text", "value", "style", "url", "confirm"} {
			if v, ok := c.el[k]; ok {
				o[k] = v
			}
		}
		return o, nil
	case "overflow":
		chosen, err := c.option(text)
		o["selected_option"] = chosen
		return o, err
	}
	v, err := s.value(c, text)
	if err != nil {
		return nil, err
	}
	for k, x := range v {
		o[k] = x
	}
	if state[c.block] != nil {
		state[c.block][c.action] = v
	}
	return o, nil
}

// ClickIn uses an element of a modal or home tab, named as for Click.
func (p *Person) ClickIn(ctx context.Context, viewID, match string) (Answer, error) {
	ask, payload, err := p.clickInPayload(viewID, match)
	if err != nil {
		return Answer{}, err
	}
	return p.interact(ctx, ask, payload)
}

func (p *Person) clickInPayload(viewID, match string) (asked, obj, error) {
	s := p.s
	s.mu.Lock()
	defer s.mu.Unlock()
	u, v, err := p.view(viewID)
	if err != nil {
		return asked{}, nil, err
	}
	action, err := s.use(controls(v.def.Blocks), match, v.state)
	if err != nil {
		return asked{}, nil, err
	}
	ask := asked{user: u.ID, trigger: s.newTrigger(u.ID, v.openedFrom, v.id)}
	o := s.payload("block_actions", u)
	o["container"] = obj{"type": "view", "view_id": v.id}
	o["trigger_id"], o["view"], o["actions"] = ask.trigger, s.viewJSON(v), []obj{action}
	return ask, o, nil
}

// view returns one of the person's views.
func (p *Person) view(id string) (*User, *view, error) {
	u, err := p.me()
	if err != nil {
		return nil, nil, err
	}
	v := p.s.views[id]
	if v == nil || v.user != u.ID {
		return nil, nil, refuse("%s has no view %s open", u.Name, id)
	}
	return u, v, nil
}

// MessageShortcut chooses a message shortcut from a message's menu.
func (p *Person) MessageShortcut(ctx context.Context, channel, ts, callbackID string) (Answer, error) {
	s := p.s
	build := func() (asked, obj, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		u, c, err := p.in(channel)
		if err != nil {
			return asked{}, nil, err
		}
		m := c.lasting(ts)
		if m == nil || !s.hasShortcut(callbackID, false) {
			return asked{}, nil, refuse("no shortcut %s on message %s", callbackID, ts)
		}
		ask := s.ask(u, c, m.ts)
		o := s.payload("message_action", u)
		o["callback_id"], o["trigger_id"], o["response_url"] = callbackID, ask.trigger, ask.url
		o["channel"], o["message_ts"] = obj{"id": c.id, "name": c.payloadName()}, m.ts
		o["message"], o["action_ts"] = s.messageJSON(c, m, true), formatTS(s.opt.SignNow().UnixMicro())
		return ask, o, nil
	}
	ask, payload, err := build()
	if err != nil {
		return Answer{}, err
	}
	return p.interact(ctx, ask, payload)
}

// GlobalShortcut chooses a shortcut that belongs to no message.
func (p *Person) GlobalShortcut(ctx context.Context, callbackID string) (Answer, error) {
	s := p.s
	build := func() (asked, obj, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		u, err := p.me()
		if err != nil {
			return asked{}, nil, err
		}
		if !s.hasShortcut(callbackID, true) {
			return asked{}, nil, refuse("no global shortcut %s", callbackID)
		}
		ask := asked{user: u.ID, trigger: s.newTrigger(u.ID, "", "")}
		o := s.payload("shortcut", u)
		o["callback_id"], o["trigger_id"] = callbackID, ask.trigger
		o["action_ts"] = formatTS(s.opt.SignNow().UnixMicro())
		return ask, o, nil
	}
	ask, payload, err := build()
	if err != nil {
		return Answer{}, err
	}
	return p.interact(ctx, ask, payload)
}

func (s *Slack) hasShortcut(id string, global bool) bool {
	return slices.ContainsFunc(s.opt.Shortcuts, func(c Shortcut) bool { return c.CallbackID == id && c.Global == global })
}
