package fakeslack

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
)

// Views returns the person's open modals; the last is on top.
func (p *Person) Views() []View {
	s := p.s
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]View, 0, maxStack)
	for _, v := range s.stacks[p.id] {
		out = append(out, v.export())
	}
	return out
}

// Type fills in fields of a modal, by block id, and sends nothing. Options are
// given by value or label, people and channels by id or name, many separated
// by commas, a datetime by its Unix time.
func (p *Person) Type(viewID string, values map[string]string) error {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	_, v, err := p.view(viewID)
	if err == nil {
		err = p.s.fill(v, values)
	}
	return err
}

func (s *Slack) fill(v *view, values map[string]string) error {
	left := len(values)
	for _, c := range controls(v.def.Blocks) {
		text, ok := values[c.block]
		if !ok || valueKey(c.kind()) == "" {
			continue
		}
		value, err := s.value(c, text)
		if err != nil {
			return err
		}
		v.state[c.block][c.action] = value
		left--
	}
	if left > 0 {
		return refuse("the view %q does not have all of the blocks %v", textOf(v.def.Title), values)
	}
	return nil
}

// Submit fills in fields as Type does and submits the modal. What Slack checks
// itself, such as required fields, is answered in Errors without asking the
// app; so are the app's own field errors.
func (p *Person) Submit(ctx context.Context, viewID string, values map[string]string) (Answer, error) {
	ask, payload, errs, err := p.submission(viewID, values)
	if err != nil || len(errs) > 0 {
		return Answer{Errors: errs}, err
	}
	r, err := p.s.succeed(ctx, interaction(payload))
	if err != nil {
		return Answer{Status: r.status, Body: string(r.body), TriggerID: ask.trigger}, err
	}
	p.s.mu.Lock()
	errs, err = p.s.respond(viewID, r.body)
	p.s.mu.Unlock()
	a := p.s.answered(ask, r, nil, "")
	a.Errors = errs
	return a, err
}

func (p *Person) submission(viewID string, values map[string]string) (asked, obj, map[string]string, error) {
	s := p.s
	s.mu.Lock()
	defer s.mu.Unlock()
	u, v, err := p.view(viewID)
	if err == nil && v.def.Submit == nil {
		err = refuse("the view %q cannot be submitted", textOf(v.def.Title))
	}
	if err == nil {
		err = s.fill(v, values)
	}
	if err != nil {
		return asked{}, nil, nil, err
	}
	errs := map[string]string{}
	for _, c := range controls(v.def.Blocks) {
		if !c.input {
			continue
		}
		if text := c.complaint(v.state[c.block][c.action]); text != "" {
			errs[c.block] = text
		}
	}
	ask := asked{user: u.ID, trigger: s.newTrigger(u.ID, v.openedFrom, v.id)}
	o := s.payload("view_submission", u)
	o["trigger_id"], o["view"], o["response_urls"] = ask.trigger, s.viewJSON(v), s.hooksOf(v)
	return ask, o, errs, nil
}

// hooksOf makes the response URLs of inputs that ask for one.
func (s *Slack) hooksOf(v *view) []obj {
	out := []obj{}
	for _, c := range controls(v.def.Blocks) {
		id := valueText(v.state[c.block][c.action])
		if c.input && c.el["response_url_enabled"] == true && s.channels[id] != nil {
			out = append(out, obj{"block_id": c.block, "action_id": c.action, "channel_id": id, "response_url": s.newHook(v.user, id, "")})
		}
	}
	return out
}

// respond does what the app answered to a submission. An empty body closes
// the view; the keys of errors must be input blocks.
func (s *Slack) respond(viewID string, body []byte) (map[string]string, error) {
	v := s.views[viewID]
	if v == nil {
		return nil, nil // closed meanwhile
	}
	if len(body) == 0 {
		s.pop(v)
		return nil, nil
	}
	var r struct {
		Action string            `json:"response_action"`
		View   json.RawMessage   `json:"view"`
		Errors map[string]string `json:"errors"`
	}
	if json.Unmarshal(body, &r) != nil {
		return nil, fmt.Errorf("%w: the answer to a submission is neither empty nor JSON: %s", ErrDispatch, cut(string(body), 200))
	}
	switch r.Action {
	case "":
		s.pop(v)
	case "clear":
		s.clear(v.user)
	case "errors":
		return r.Errors, s.checkErrors(v, r.Errors)
	case "update", "push":
		def, err := readView(string(r.View), inModal)
		if err != nil {
			return nil, fmt.Errorf("%w: the view of response_action is refused: %s", ErrDispatch, encode(answer(nil, err).body))
		}
		if r.Action == "update" {
			s.replace(v, def)
			return nil, nil
		}
		if _, err = s.push(v.user, def); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrDispatch, err)
		}
	default:
		return nil, fmt.Errorf("%w: unknown response_action %q", ErrDispatch, r.Action)
	}
	return nil, nil
}

func (s *Slack) checkErrors(v *view, errs map[string]string) error {
	if len(errs) == 0 {
		return fmt.Errorf("%w: response_action errors without errors", ErrDispatch)
	}
	for id := range errs {
		known := slices.ContainsFunc(controls(v.def.Blocks), func(c control) bool { return c.input && c.block == id })
		if !known {
			return fmt.Errorf("%w: errors name %q, which is no input block", ErrDispatch, id)
		}
	}
	return nil
}

// pop closes one view, and those that lie on it.
func (s *Slack) pop(v *view) {
	stack := s.stacks[v.user]
	i := slices.Index(stack, v)
	if i < 0 {
		return
	}
	for _, gone := range stack[i:] {
		delete(s.views, gone.id)
	}
	s.stacks[v.user] = stack[:i]
	s.changed()
}

func (s *Slack) clear(user string) {
	for _, v := range s.stacks[user] {
		delete(s.views, v.id)
	}
	delete(s.stacks, user)
	s.changed()
}

// CloseView closes a modal by its Cancel button, or with all, by the cross
// that closes everything.
func (p *Person) CloseView(ctx context.Context, viewID string, all bool) error {
	s := p.s
	s.mu.Lock()
	u, v, err := p.view(viewID)
	if err != nil {
		s.mu.Unlock()
		return err
	}
	o := s.payload("view_closed", u)
	o["view"], o["is_cleared"] = s.viewJSON(v), all
	tell := v.def.NotifyOnClose
	if all || v.def.ClearOnClose {
		s.clear(u.ID)
	} else {
		s.pop(v)
	}
	s.mu.Unlock()
	if tell {
		_, err = s.succeed(ctx, interaction(o))
	}
	return err
}

// Home returns the person's home tab, as last published.
func (p *Person) Home() (View, bool) {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	if v := p.s.homes[p.id]; v != nil {
		return v.export(), true
	}
	return View{}, false
}

// OpenHome looks at the app's home tab, which tells the app.
func (p *Person) OpenHome(ctx context.Context) (View, error) {
	s := p.s
	s.mu.Lock()
	u, err := p.me()
	if err == nil {
		e := obj{"user": u.ID, "channel": s.direct(botUserID, u.ID).id, "tab": "home"}
		if v := s.homes[u.ID]; v != nil {
			e["view"] = s.viewJSON(v)
		}
		s.emit("app_home_opened", e)
	}
	s.mu.Unlock()
	if err == nil {
		err = s.Settle(ctx)
	}
	v, _ := p.Home()
	return v, err
}
