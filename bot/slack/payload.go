package slack

import (
	"encoding/json"
	"net/url"

	"github.com/tocsin-dev/tocsin/bot"
)

// payload is what Slack sends when somebody clicks or sends a form. The
// library's own type refuses the whole payload for one element that it does not
// know (slack-go v0.35.0), so only what is needed is read.
type payload struct {
	Type        string `json:"type"`
	TriggerID   string `json:"trigger_id"`
	ResponseURL string `json:"response_url"`
	Team        *idOf  `json:"team"` // null in an org-wide install
	User        struct {
		ID     string `json:"id"`
		TeamID string `json:"team_id"`
	} `json:"user"`
	Channel   *idOf `json:"channel"`
	Container struct {
		ChannelID   string `json:"channel_id"`
		MessageTS   string `json:"message_ts"`
		ThreadTS    string `json:"thread_ts"`
		IsEphemeral bool   `json:"is_ephemeral"`
	} `json:"container"`
	Actions []struct {
		ActionID string `json:"action_id"`
		BlockID  string `json:"block_id"`
		ActionTS string `json:"action_ts"`
		Type     string `json:"type"`
		Value    string `json:"value"`
	} `json:"actions"`
	View payloadView `json:"view"`
}

type idOf struct {
	ID string `json:"id"`
}

type payloadView struct {
	ID              string `json:"id"`
	Hash            string `json:"hash"` // changes with what the view shows
	CallbackID      string `json:"callback_id"`
	PrivateMetadata string `json:"private_metadata"`
	Title           struct {
		Text string `json:"text"`
	} `json:"title"`
	Blocks []struct {
		Type    string `json:"type"`
		BlockID string `json:"block_id"`
	} `json:"blocks"`
	State struct {
		Values map[string]map[string]payloadValue `json:"values"`
	} `json:"state"`
}

type payloadValue struct {
	Type            string        `json:"type"`
	Value           string        `json:"value"`
	SelectedUser    string        `json:"selected_user"`
	SelectedOption  optionValue   `json:"selected_option"`
	SelectedOptions []optionValue `json:"selected_options"`
}

type optionValue struct {
	Value string `json:"value"`
}

// parsePayload reads the body of an interaction; ok is false for what is none.
func parsePayload(body []byte) (p payload, ok bool) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return p, false
	}
	if err := json.Unmarshal([]byte(form.Get("payload")), &p); err != nil {
		return p, false
	}
	return p, p.Type != ""
}

// team is the workspace of the person, which differs from ours for people of
// other organisations in a shared channel.
func (p payload) team() string {
	if p.User.TeamID != "" || p.Team == nil {
		return p.User.TeamID
	}
	return p.Team.ID
}

func (p payload) channel() bot.ChannelID {
	if p.Channel != nil && p.Channel.ID != "" {
		return bot.ChannelID(p.Channel.ID)
	}
	return bot.ChannelID(p.Container.ChannelID)
}

// inputs are the names of the form's inputs, from the top.
func (v payloadView) inputs() []string {
	var out []string
	for _, b := range v.Blocks {
		if b.Type == "input" {
			out = append(out, b.BlockID)
		}
	}
	return out
}

// with adds what a form hides to what was filled in, which it never replaces.
func (m metadata) with(values map[string]bot.Text) map[string]bot.Text {
	for name, v := range m.Hidden {
		if _, shown := values[name]; !shown {
			values[name] = v
		}
	}
	return values
}

func (v payloadView) metadata() metadata {
	var m metadata
	// Our own writing; a form of another version without it names no incident.
	_ = json.Unmarshal([]byte(v.PrivateMetadata), &m)
	return m
}
