package fakeslack

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// place is where an element stands.
type place int

const (
	inActions place = 1 << iota
	inAccessory
	inInput
)

// elementKinds say where each element may stand.
func elementKinds() map[string]place {
	anywhere := inActions | inAccessory | inInput
	kinds := map[string]place{
		"button": inActions | inAccessory, "overflow": inActions | inAccessory, "image": inAccessory,
		"datepicker": anywhere, "timepicker": anywhere, "checkboxes": anywhere, "radio_buttons": anywhere,
		"datetimepicker": inActions | inInput, "plain_text_input": inInput, "email_text_input": inInput,
		"url_text_input": inInput, "number_input": inInput, "rich_text_input": inInput, "file_input": inInput,
		"workflow_button": inActions | inAccessory,
	}
	for _, s := range []string{"static", "external", "users", "conversations", "channels"} {
		kinds[s+"_select"], kinds["multi_"+s+"_select"] = anywhere, inAccessory|inInput
	}
	return kinds
}

// textKind is what a text object may be.
type textKind int

const (
	anyText textKind = iota
	plainOnly
)

// text checks a text object and counts it.
func (c *checker) text(ptr string, v any, most int, kind textKind) {
	o, _ := v.(obj)
	if o == nil {
		c.errorf(ptr, "missing required field: text")
		return
	}
	if o["type"] != "plain_text" && (o["type"] != "mrkdwn" || kind == plainOnly) {
		c.errorf(ptr+"/type", "failed to match all allowed schemas")
		return
	}
	if _, ok := o["emoji"]; ok && o["type"] == "mrkdwn" {
		c.errorf(ptr, "invalid additional property: emoji")
	}
	if _, ok := o["verbatim"]; ok && o["type"] == "plain_text" {
		c.errorf(ptr, "invalid additional property: verbatim")
	}
	s, _ := o["text"].(string)
	n := utf8.RuneCountInString(s)
	c.total += n
	if n == 0 {
		c.errorf(ptr+"/text", "must be more than 0 characters")
	}
	if n > most {
		c.errorf(ptr+"/text", "must be less than %d characters", most+1)
	}
}

func (c *checker) length(ptr string, v any, most int) {
	if s, _ := v.(string); utf8.RuneCountInString(s) > most {
		c.errorf(ptr, "must be less than %d characters", most+1)
	}
}

func (c *checker) require(ptr string, o obj, name string, most int) {
	if s, _ := o[name].(string); s == "" {
		c.errorf(ptr, "missing required field: %s", name)
	}
	c.length(ptr+"/"+name, o[name], most)
}

func (c *checker) count(ptr string, n, least, most int) {
	if n < least {
		c.errorf(ptr, "must provide at least %d items", least)
	}
	if n > most {
		c.errorf(ptr, "no more than %d items allowed", most)
	}
}

// element checks an interactive element or, beside a section, an image.
func (c *checker) element(ptr string, v any, at place) {
	e, _ := v.(obj)
	if e == nil {
		c.errorf(ptr, "missing required field: element")
		return
	}
	kind, _ := e["type"].(string)
	if elementKinds()[kind]&at == 0 {
		c.errorf(ptr+"/type", "unsupported type: %s", kind)
		return
	}
	if kind == "image" {
		c.image(ptr, e)
		return
	}
	c.length(ptr+"/action_id", e["action_id"], maxID)
	if id, _ := e["action_id"].(string); id == "" && at != inActions {
		e["action_id"] = "a" + shortHash(encode(e))
	}
	if e["focus_on_load"] == true {
		c.focus++
	}
	if e["placeholder"] != nil {
		c.text(ptr+"/placeholder", e["placeholder"], 150, plainOnly)
	}
	if e["confirm"] != nil {
		c.confirm(ptr+"/confirm", e["confirm"])
	}
	switch kind {
	case "button":
		c.button(ptr, e)
	case "overflow":
		c.options(ptr, e, "options", 5)
	case "checkboxes", "radio_buttons":
		c.options(ptr, e, "options", 10)
	case "static_select", "multi_static_select":
		c.staticSelect(ptr, e)
	case "plain_text_input":
		c.textInput(ptr, e)
	case "number_input":
		if _, ok := e["is_decimal_allowed"].(bool); !ok {
			c.errorf(ptr, "missing required field: is_decimal_allowed")
		}
	case "datepicker", "timepicker":
		c.when(ptr, e, kind)
	}
}

func (c *checker) button(ptr string, e obj) {
	c.text(ptr+"/text", e["text"], 75, plainOnly)
	c.length(ptr+"/value", e["value"], 2000)
	c.length(ptr+"/url", e["url"], 3000)
	c.length(ptr+"/accessibility_label", e["accessibility_label"], 75)
	if u, ok := e["url"].(string); ok && !webLink(u) {
		c.errorf(ptr+"/url", "failed to match schema")
	}
	if style, ok := e["style"]; ok && style != "primary" && style != "danger" {
		c.errorf(ptr+"/style", "failed to match all allowed schemas")
	}
}

func (c *checker) confirm(ptr string, v any) {
	o, _ := v.(obj)
	if o == nil {
		c.errorf(ptr, "failed to match all allowed schemas")
		return
	}
	c.text(ptr+"/title", o["title"], 100, plainOnly)
	c.text(ptr+"/text", o["text"], 300, anyText)
	c.text(ptr+"/confirm", o["confirm"], 30, plainOnly)
	c.text(ptr+"/deny", o["deny"], 30, plainOnly)
}

func (c *checker) staticSelect(ptr string, e obj) {
	groups, ok := e["option_groups"].([]any)
	if !ok {
		c.options(ptr, e, "options", 100)
		c.initial(ptr, e, "initial_option", optionValues(e["options"]))
		return
	}
	c.count(ptr+"/option_groups", len(groups), 1, 100)
	var values []string
	for i, g := range groups {
		at := fmt.Sprintf("%s/option_groups/%d", ptr, i)
		o, _ := g.(obj)
		if o == nil {
			c.errorf(at, "failed to match all allowed schemas")
			continue
		}
		c.text(at+"/label", o["label"], 75, plainOnly)
		c.options(at, o, "options", 100)
		values = append(values, optionValues(o["options"])...)
	}
	c.initial(ptr, e, "initial_option", values)
}

func optionValues(v any) []string {
	list, _ := v.([]any)
	var out []string
	for _, one := range list {
		if o, _ := one.(obj); o != nil {
			s, _ := o["value"].(string)
			out = append(out, s)
		}
	}
	return out
}

// initial checks that what is chosen at first is among the options.
func (c *checker) initial(ptr string, e obj, name string, values []string) {
	o, _ := e[name].(obj)
	if o == nil {
		return
	}
	if v, _ := o["value"].(string); !slices.Contains(values, v) {
		c.errorf(ptr+"/"+name, "failed to match any of the options")
	}
}

func (c *checker) options(ptr string, e obj, name string, most int) {
	list, _ := e[name].([]any)
	at := ptr + "/" + name
	c.count(at, len(list), 1, most)
	rich := e["type"] == "checkboxes" || e["type"] == "radio_buttons"
	kind := plainOnly
	if rich {
		kind = anyText
	}
	for i, one := range list {
		o, _ := one.(obj)
		p := fmt.Sprintf("%s/%d", at, i)
		if o == nil {
			c.errorf(p, "failed to match all allowed schemas")
			continue
		}
		c.text(p+"/text", o["text"], 75, kind)
		c.require(p, o, "value", 75)
		if o["description"] != nil {
			c.text(p+"/description", o["description"], 75, kind)
		}
	}
	if rich {
		c.initial(ptr, e, "initial_option", optionValues(e[name]))
		many, _ := e["initial_options"].([]any)
		for _, v := range many {
			c.initial(ptr, obj{"initial_options": v}, "initial_options", optionValues(e[name]))
		}
	}
}

func (c *checker) textInput(ptr string, e obj) {
	least, _ := e["min_length"].(float64)
	most, hasMost := e["max_length"].(float64)
	if least < 0 || least > 3000 {
		c.errorf(ptr+"/min_length", "must be between 0 and 3000")
	}
	if hasMost && (most < 1 || most > 3000 || most < least) {
		c.errorf(ptr+"/max_length", "must be between 1 and 3000")
	}
	limit := 3000
	if hasMost {
		limit = int(most)
	}
	c.length(ptr+"/initial_value", e["initial_value"], limit)
}

func (c *checker) when(ptr string, e obj, kind string) {
	name, pattern := "initial_date", "2006-01-02"
	if kind == "timepicker" {
		name, pattern = "initial_time", "15:04"
	}
	s, ok := e[name].(string)
	if ok && !matchesTime(pattern, s) {
		c.errorf(ptr+"/"+name, "failed to match schema")
	}
}
