package fakeslack

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// PlainText is a message as lines of text, one for each block: what a reader
// sees, without colours. Buttons are [Label]. Mentions are left as ids; use
// [Slack.PlainText] for names.
func PlainText(m Message) string { return plainMessage(m, func(id string) string { return id }) }

// PlainText is like the function, with the names of people and channels.
func (s *Slack) PlainText(m Message) string { return plainMessage(m, s.nameOf) }

// PlainView is a modal or home tab as lines of text, inputs with their values.
func (s *Slack) PlainView(v View) string {
	lines := []string{"# " + v.Title}
	lines = append(lines, blockLines(v.Blocks, s.nameOf, v.Values)...)
	if v.Submit != "" {
		lines = append(lines, "["+v.Submit+"]")
	}
	return strings.Join(lines, "\n")
}

func (s *Slack) nameOf(id string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u := s.users[id]; u != nil {
		return u.Name
	}
	if c := s.channels[id]; c != nil {
		return c.name
	}
	for _, g := range s.groups {
		if g.ID == id {
			return g.Handle
		}
	}
	return id
}

func plainMessage(m Message, name func(string) string) string {
	lines := blockLines(m.Blocks, name, nil)
	if len(lines) == 0 {
		lines = append(lines, plainMrkdwn(m.Text, name))
	}
	for _, f := range m.Files {
		lines = append(lines, "(file "+f+")")
	}
	return strings.Join(lines, "\n")
}

func blockLines(raw json.RawMessage, name func(string) string, values map[string]string) []string {
	var blocks []obj
	if json.Unmarshal(raw, &blocks) != nil {
		return nil
	}
	var lines []string
	for _, b := range blocks {
		if line := blockLine(b, name, values); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

func blockLine(b obj, name func(string) string, values map[string]string) string {
	text := func(v any) string { return plainMrkdwn(plainOf(v), name) }
	var parts []string
	switch b["type"] {
	case "header":
		return "# " + text(b["text"])
	case "divider":
		return "---"
	case "section":
		parts = append(parts, text(b["text"]))
		fields, _ := b["fields"].([]any)
		for _, f := range fields {
			parts = append(parts, strings.ReplaceAll(text(f), "\n", " "))
		}
		parts = append(parts, elementLabel(b["accessory"]))
		return joinParts(parts, " | ")
	case "context":
		list, _ := b["elements"].([]any)
		for _, e := range list {
			if o, _ := e.(obj); o["type"] == "image" {
				parts = append(parts, fmt.Sprint("(", o["alt_text"], ")"))
			} else {
				parts = append(parts, text(e))
			}
		}
		return joinParts(parts, " · ")
	case "actions":
		list, _ := b["elements"].([]any)
		for _, e := range list {
			parts = append(parts, elementLabel(e))
		}
		return joinParts(parts, " ")
	case "input":
		id, _ := b["block_id"].(string)
		return text(b["label"]) + ": " + values[id]
	case "image":
		return fmt.Sprint("(image: ", b["alt_text"], ")")
	case "rich_text":
		return richPlain(b)
	case "markdown":
		return fmt.Sprint(b["text"])
	}
	return fmt.Sprint("(", b["type"], ")")
}

func joinParts(parts []string, by string) string {
	var some []string
	for _, p := range parts {
		if p != "" {
			some = append(some, p)
		}
	}
	return strings.Join(some, by)
}

// elementLabel is what stands on an element.
func elementLabel(v any) string {
	e, _ := v.(obj)
	if e == nil {
		return ""
	}
	switch e["type"] {
	case "image":
		return fmt.Sprint("(image: ", e["alt_text"], ")")
	case "button":
		return "[" + plainOf(e["text"]) + "]"
	case "overflow":
		return "[...]"
	}
	label := plainOf(e["placeholder"])
	if o, _ := e["initial_option"].(obj); o != nil {
		label = plainOf(o["text"])
	}
	return "[" + label + " v]"
}

// plainOf is the text of a text object.
func plainOf(v any) string {
	o, _ := v.(obj)
	s, _ := o["text"].(string)
	return s
}

func textOf(raw json.RawMessage) string {
	var o obj
	_ = json.Unmarshal(raw, &o) // views are checked when they come in
	return plainOf(o)
}

var (
	angle    = regexp.MustCompile(`<([^<>\s][^<>]*)>`)
	entities = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")
)

// plainMrkdwn resolves mentions, links, dates and entities. Stars and
// underscores stay: they are how emphasis is read in plain text.
func plainMrkdwn(s string, name func(string) string) string {
	s = angle.ReplaceAllStringFunc(s, func(m string) string {
		body, label, labelled := strings.Cut(m[1:len(m)-1], "|")
		switch {
		case strings.HasPrefix(body, "@"):
			return "@" + name(body[1:])
		case strings.HasPrefix(body, "#"):
			if label != "" {
				return "#" + label
			}
			return "#" + name(body[1:])
		case strings.HasPrefix(body, "!subteam^"):
			return "@" + name(strings.TrimPrefix(body, "!subteam^"))
		case strings.HasPrefix(body, "!date^"):
			return label
		case strings.HasPrefix(body, "!"):
			return "@" + body[1:]
		case labelled && label != body:
			return label + " (" + body + ")"
		}
		return body
	})
	return entities.Replace(s)
}

// richPlain is the text of a rich_text block or a part of one.
func richPlain(v any) string {
	o, _ := v.(obj)
	if o == nil {
		return ""
	}
	switch o["type"] {
	case "text":
		s, _ := o["text"].(string)
		return s
	case "link":
		if s, _ := o["text"].(string); s != "" {
			return s
		}
		return fmt.Sprint(o["url"])
	case "user":
		return fmt.Sprint("@", o["user_id"])
	case "channel":
		return fmt.Sprint("#", o["channel_id"])
	case "usergroup":
		return fmt.Sprint("@", o["usergroup_id"])
	case "broadcast":
		return fmt.Sprint("@", o["range"])
	case "emoji":
		return fmt.Sprint(":", o["name"], ":")
	}
	list, _ := o["elements"].([]any)
	var parts []string
	for _, e := range list {
		parts = append(parts, richPlain(e))
	}
	switch o["type"] {
	case "rich_text_list":
		return "- " + strings.Join(parts, "\n- ")
	case "rich_text":
		return strings.Join(parts, "\n")
	}
	return strings.Join(parts, "")
}
