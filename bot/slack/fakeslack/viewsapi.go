package fakeslack

import (
	"encoding/json"
	"time"
)

// view is a modal or home tab as it lives.
type view struct {
	id, user, hash string
	def            viewDef
	root, previous string
	state          map[string]map[string]obj
	openedFrom     string // the conversation, for conversations_select defaults
}

// viewDef is what apps send.
type viewDef struct {
	Type            string          `json:"type"`
	Title           json.RawMessage `json:"title,omitempty"`
	Submit          json.RawMessage `json:"submit,omitempty"`
	Close           json.RawMessage `json:"close,omitempty"`
	Blocks          json.RawMessage `json:"blocks"`
	PrivateMetadata string          `json:"private_metadata"`
	CallbackID      string          `json:"callback_id"`
	ExternalID      string          `json:"external_id"`
	ClearOnClose    bool            `json:"clear_on_close"`
	NotifyOnClose   bool            `json:"notify_on_close"`
}

// maxStack is how many modals may lie on each other.
const maxStack = 3

func viewMethods() map[string]method {
	return map[string]method{
		"views.open":    {4, "", []string{"trigger_id", "view"}, (*Slack).viewsOpen},
		"views.push":    {4, "", []string{"trigger_id", "view"}, (*Slack).viewsPush},
		"views.update":  {4, "", []string{"view"}, (*Slack).viewsUpdate},
		"views.publish": {4, "", []string{"user_id", "view"}, (*Slack).viewsPublish},
	}
}

// A trigger opens one modal within three seconds of what a person did.
type trigger struct {
	user, channel, view string
	at                  time.Time
	used                bool
}

// triggerLife is how long a trigger_id is good for.
const triggerLife = 3 * time.Second

func (s *Slack) newTrigger(user, channel, viewID string) string {
	s.seq++
	id := jsonText(s.opt.SignNow().UnixMilli()) + "." + jsonText(s.seq) + ".f" + s.id("")
	s.triggers[id] = &trigger{user: user, channel: channel, view: viewID, at: s.opt.SignNow()}
	return id
}

// pull uses a trigger up.
func (s *Slack) pull(id string) (*trigger, error) {
	t := s.triggers[id]
	switch {
	case t == nil:
		return nil, fail("invalid_trigger_id")
	case s.opt.SignNow().Sub(t.at) > triggerLife:
		return nil, fail("expired_trigger_id")
	case t.used:
		return nil, fail("exchanged_trigger_id")
	}
	t.used = true
	return t, nil
}

func (s *Slack) viewsOpen(a args) (obj, error) {
	def, err := readView(a["view"], inModal)
	if err != nil {
		return nil, err
	}
	if err := s.freeExternalID(def, nil); err != nil {
		return nil, err
	}
	t, err := s.pull(a["trigger_id"])
	if err != nil {
		return nil, err
	}
	v := s.newView(def, t.user, t.channel)
	for _, old := range s.stacks[t.user] {
		delete(s.views, old.id)
	}
	s.stacks[t.user] = []*view{v}
	s.changed()
	return obj{"view": s.viewJSON(v)}, nil
}

// newView makes a view of somebody's who is looking at a conversation.
func (s *Slack) newView(def viewDef, user, from string) *view {
	v := &view{id: s.id("V"), user: user, def: def, openedFrom: from}
	v.root = v.id
	v.hash = s.newHash()
	v.state = initialState(def.Blocks, nil)
	for _, c := range controls(def.Blocks) {
		if key := valueKey(c.kind()); key == "selected_conversation" && c.el["default_to_current_conversation"] == true && from != "" {
			v.state[c.block][c.action][key] = from
		}
	}
	s.views[v.id] = v
	return v
}

func (s *Slack) newHash() string {
	s.seq++
	return jsonText(s.opt.SignNow().Unix()) + "." + s.id("h")
}

func (s *Slack) viewsPush(a args) (obj, error) {
	def, err := readView(a["view"], inModal)
	if err != nil {
		return nil, err
	}
	if err := s.freeExternalID(def, nil); err != nil {
		return nil, err
	}
	t, err := s.pull(a["trigger_id"])
	if err != nil {
		return nil, err
	}
	if t.view == "" || s.views[t.view] == nil {
		return nil, invalidArguments("must match the `type` of the root view whose stack we're pushing onto [json-pointer:/view/type]")
	}
	v, err := s.push(t.user, def)
	if err != nil {
		return nil, err
	}
	return obj{"view": s.viewJSON(v)}, nil
}

func (s *Slack) push(user string, def viewDef) (*view, error) {
	stack := s.stacks[user]
	if len(stack) >= maxStack {
		return nil, fail("push_limit_reached")
	}
	from := ""
	if len(stack) > 0 {
		from = stack[0].openedFrom
	}
	v := s.newView(def, user, from)
	if n := len(stack); n > 0 {
		v.root, v.previous = stack[0].id, stack[n-1].id
	}
	s.stacks[user] = append(stack, v)
	s.changed()
	return v, nil
}

func (s *Slack) viewsUpdate(a args) (obj, error) {
	v := s.views[a["view_id"]]
	if ext := a["external_id"]; v == nil && ext != "" {
		v = s.byExternalID(ext)
	}
	if a["view_id"] == "" && a["external_id"] == "" {
		return nil, invalidArguments("missing required field: view_id")
	}
	if v == nil {
		return nil, fail("not_found")
	}
	def, err := readView(a["view"], surfaceOf(v.def.Type))
	if err != nil {
		return nil, err
	}
	if err := s.freeExternalID(def, v); err != nil {
		return nil, err
	}
	if hash := a["hash"]; hash != "" && hash != v.hash {
		return nil, fail("hash_conflict")
	}
	s.replace(v, def)
	return obj{"view": s.viewJSON(v)}, nil
}

// replace keeps what was typed where block_id and action_id stay the same.
func (s *Slack) replace(v *view, def viewDef) {
	v.def, v.hash = def, s.newHash()
	v.state = initialState(def.Blocks, v.state)
	s.changed()
}

func (s *Slack) viewsPublish(a args) (obj, error) {
	u := s.users[a["user_id"]]
	if u == nil || u.Deleted {
		return nil, fail("user_not_found")
	}
	def, err := readView(a["view"], inHome)
	if err != nil {
		return nil, err
	}
	v := s.homes[u.ID]
	if hash := a["hash"]; hash != "" && (v == nil || hash != v.hash) {
		return nil, fail("hash_conflict")
	}
	if v == nil {
		v = s.newView(def, u.ID, "")
		s.homes[u.ID] = v
	}
	s.replace(v, def)
	return obj{"view": s.viewJSON(v)}, nil
}

func (s *Slack) byExternalID(id string) *view {
	for _, v := range s.views {
		if id != "" && v.def.ExternalID == id {
			return v
		}
	}
	return nil
}

func (s *Slack) freeExternalID(def viewDef, self *view) error {
	if other := s.byExternalID(def.ExternalID); other != nil && other != self {
		return fail("duplicate_external_id")
	}
	return nil
}

// viewJSON is the view object, with what is typed into it.
func (s *Slack) viewJSON(v *view) obj {
	null := func(raw json.RawMessage) any {
		if raw == nil {
			return nil
		}
		return raw
	}
	o := obj{
		"id": v.id, "team_id": s.opt.TeamID, "type": v.def.Type, "blocks": v.def.Blocks, "title": null(v.def.Title),
		"submit": null(v.def.Submit), "close": null(v.def.Close), "private_metadata": v.def.PrivateMetadata,
		"callback_id": v.def.CallbackID, "external_id": v.def.ExternalID, "hash": v.hash, "state": obj{"values": v.state},
		"clear_on_close": v.def.ClearOnClose, "notify_on_close": v.def.NotifyOnClose, "root_view_id": v.root,
		"previous_view_id": nil, "app_id": appID, "bot_id": botID, "app_installed_team_id": s.opt.TeamID,
	}
	if v.previous != "" {
		o["previous_view_id"] = v.previous
	}
	return o
}

// A View is what a test sees of an open modal or a home tab: a copy.
type View struct {
	ID, Type, Title, Submit, Close, Hash    string
	CallbackID, ExternalID, PrivateMetadata string
	Blocks                                  json.RawMessage
	// Values are what its inputs hold, by block id, as Submit takes them.
	Values map[string]string
}

func (v *view) export() View {
	out := View{
		ID: v.id, Type: v.def.Type, Title: textOf(v.def.Title), Submit: textOf(v.def.Submit), Close: textOf(v.def.Close),
		Hash: v.hash, CallbackID: v.def.CallbackID, ExternalID: v.def.ExternalID,
		PrivateMetadata: v.def.PrivateMetadata, Blocks: v.def.Blocks, Values: map[string]string{},
	}
	for block, actions := range v.state {
		for _, value := range actions {
			if text := valueText(value); text != "" {
				out.Values[block] = text
			}
		}
	}
	return out
}
