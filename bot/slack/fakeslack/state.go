package fakeslack

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// control is one interactive element in a list of blocks.
type control struct {
	block, action, label string
	input, optional      bool
	el                   obj
}

func (c control) kind() string {
	kind, _ := c.el["type"].(string)
	return kind
}

// controls finds every interactive element of checked blocks, in order.
func controls(raw json.RawMessage) []control {
	var blocks []obj
	if json.Unmarshal(raw, &blocks) != nil {
		return nil
	}
	var out []control
	for _, b := range blocks {
		id, _ := b["block_id"].(string)
		take := func(v any, input bool) {
			el, _ := v.(obj)
			action, _ := el["action_id"].(string)
			if action == "" {
				return
			}
			optional, _ := b["optional"].(bool)
			out = append(out, control{id, action, plainOf(b["label"]), input, optional, el})
		}
		switch b["type"] {
		case "section":
			take(b["accessory"], false)
		case "actions":
			list, _ := b["elements"].([]any)
			for _, e := range list {
				take(e, false)
			}
		case "input":
			take(b["element"], true)
		}
	}
	return out
}

// valueKey is the field of a state value for each kind of element that has
// state.
func valueKey(kind string) string {
	switch kind {
	case "plain_text_input", "email_text_input", "url_text_input", "number_input":
		return "value"
	case "static_select", "external_select", "radio_buttons":
		return "selected_option"
	case "multi_static_select", "multi_external_select", "checkboxes":
		return "selected_options"
	case "datetimepicker":
		return "selected_date_time"
	case "rich_text_input":
		return "rich_text_value"
	case "file_input":
		return "files"
	case "datepicker", "timepicker":
		return "selected_" + strings.TrimSuffix(kind, "picker")
	}
	for _, what := range []string{"user", "conversation", "channel"} {
		switch kind {
		case what + "s_select":
			return "selected_" + what
		case "multi_" + what + "s_select":
			return "selected_" + what + "s"
		}
	}
	return ""
}

// initialState is what a view holds before anything is typed: initial values,
// or what was typed before an update that kept the ids.
func initialState(blocks json.RawMessage, old map[string]map[string]obj) map[string]map[string]obj {
	state := map[string]map[string]obj{}
	for _, c := range controls(blocks) {
		key := valueKey(c.kind())
		if key == "" {
			continue
		}
		if state[c.block] == nil {
			state[c.block] = map[string]obj{}
		}
		if kept, ok := old[c.block][c.action]; ok && kept["type"] == c.kind() {
			state[c.block][c.action] = kept
			continue
		}
		initial := c.el["initial_"+strings.TrimPrefix(key, "selected_")]
		if list, ok := initial.([]any); initial == nil && !ok && strings.HasSuffix(key, "s") && key != "files" {
			initial = notNull(list)
		}
		state[c.block][c.action] = obj{"type": c.kind(), key: initial}
	}
	return state
}

// value makes a state value from text: an option by its value or label, many
// separated by commas, people and channels by id.
func (s *Slack) value(c control, text string) (obj, error) {
	key := valueKey(c.kind())
	v := obj{"type": c.kind(), key: nil}
	if key == "" {
		return nil, fmt.Errorf("%s %q takes no value", c.kind(), c.block)
	}
	if text == "" {
		if strings.HasSuffix(key, "s") {
			v[key] = []any{}
		}
		return v, nil
	}
	switch key {
	case "selected_option":
		o, err := c.option(text)
		v[key] = o
		return v, err
	case "selected_options":
		var list []any
		for part := range strings.SplitSeq(text, ",") {
			o, err := c.option(strings.TrimSpace(part))
			if err != nil {
				return nil, err
			}
			list = append(list, o)
		}
		v[key] = list
	case "selected_date_time":
		n, err := strconv.ParseInt(text, 10, 64)
		v[key] = n
		return v, err
	case "rich_text_value":
		section := obj{"type": "rich_text_section", "elements": []obj{{"type": "text", "text": text}}}
		v[key] = obj{"type": "rich_text", "elements": []obj{section}}
	default:
		v[key] = s.plainValue(key, text)
	}
	return v, nil
}

// plainValue is text, or the ids that handles and channel names stand for.
func (s *Slack) plainValue(key, text string) any {
	resolve := func(t string) string {
		switch {
		case strings.HasPrefix(key, "selected_user"):
			if u := s.findUser(t); u != nil {
				return u.ID
			}
		case strings.HasPrefix(key, "selected_c"):
			if c := s.findChannel(t); c != nil {
				return c.id
			}
		}
		return t
	}
	if !strings.HasSuffix(key, "s") {
		return resolve(text)
	}
	var out []string
	for part := range strings.SplitSeq(text, ",") {
		out = append(out, resolve(strings.TrimSpace(part)))
	}
	return out
}

func (c control) allOptions() []any {
	list, _ := c.el["options"].([]any)
	list = slices.Clone(list)
	groups, _ := c.el["option_groups"].([]any)
	for _, g := range groups {
		o, _ := g.(obj)
		more, _ := o["options"].([]any)
		list = append(list, more...)
	}
	return list
}

func (c control) option(text string) (obj, error) {
	for _, one := range c.allOptions() {
		if o, _ := one.(obj); o["value"] == text || plainOf(o["text"]) == text {
			return o, nil
		}
	}
	return nil, fmt.Errorf("%s %q has no option %q", c.kind(), c.block, text)
}

// valueText is the opposite of value.
func valueText(v obj) string {
	kind, _ := v["type"].(string)
	switch x := v[valueKey(kind)].(type) {
	case string:
		return x
	case obj:
		if s, ok := x["value"].(string); ok {
			return s
		}
		return richPlain(x)
	case []any:
		var parts []string
		for _, one := range x {
			if o, ok := one.(obj); ok {
				one = o["value"]
			}
			parts = append(parts, fmt.Sprint(one))
		}
		return strings.Join(parts, ",")
	case []string:
		return strings.Join(x, ",")
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64)
	case int64:
		return strconv.FormatInt(x, 10)
	}
	return ""
}

// complaint is what Slack itself says about a field before it sends a form.
func (c control) complaint(v obj) string {
	text := valueText(v)
	n := utf8.RuneCountInString(text)
	least, _ := c.el["min_length"].(float64)
	most, limited := c.el["max_length"].(float64)
	switch {
	case text == "" && c.optional:
		return ""
	case text == "":
		return "Please complete this required field."
	case n < int(least):
		return fmt.Sprintf("Please use at least %d characters.", int(least))
	case limited && n > int(most):
		return fmt.Sprintf("Please use at most %d characters.", int(most))
	case c.kind() == "plain_text_input" && n > 3000:
		return "Please use at most 3000 characters."
	case c.kind() == "email_text_input" && !strings.Contains(text, "@"):
		return "Please enter a valid email address."
	case c.kind() == "url_text_input" && !webLink(text):
		return "Please enter a valid URL."
	case c.kind() == "datepicker" && !matchesTime(time.DateOnly, text):
		return "Please enter a valid date."
	case c.kind() == "timepicker" && !matchesTime("15:04", text):
		return "Please enter a valid time."
	}
	return ""
}

func matchesTime(layout, text string) bool {
	_, err := time.Parse(layout, text)
	return err == nil
}
