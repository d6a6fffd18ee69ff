package fakeslack

import (
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"
)

// surface is where blocks are shown; each allows other blocks.
type surface int

const (
	inMessage surface = iota
	inModal
	inHome
	inResponse // a message through a response URL, which has no total limit
)

func surfaceOf(viewType string) surface {
	if viewType == "home" {
		return inHome
	}
	return inModal
}

// The limits of Block Kit that are not in a table below.
const (
	maxMessageBlocks = 50
	maxViewBlocks    = 100
	maxTotalText     = 13000 // undocumented; what was measured
	maxMarkdown      = 12000
	maxID            = 255
)

// checker walks blocks and collects what Slack would complain about.
type checker struct {
	surface  surface
	errs     []string
	blockIDs map[string]bool
	total    int
	markdown int
	tables   int
	inputs   []string // where input blocks are
	focus    int
}

func (c *checker) errorf(ptr, format string, a ...any) {
	c.errs = append(c.errs, fmt.Sprintf(format, a...)+" [json-pointer:"+ptr+"]")
}

// checkBlocks checks a list of blocks and returns it with the ids filled in
// that the app left to Slack.
func checkBlocks(ptr string, raw json.RawMessage, on surface) (json.RawMessage, error) {
	c := &checker{surface: on, blockIDs: map[string]bool{}}
	out, err := c.list(ptr, raw)
	switch {
	case err != nil:
		return nil, err
	case len(c.errs) > 0:
		return nil, &apiError{"invalid_blocks", obj{"errors": c.errs, "response_metadata": obj{"messages": marked(c.errs)}}}
	case on == inMessage && c.total > maxTotalText:
		return nil, fail("msg_blocks_too_long")
	}
	return out, nil
}

func (c *checker) list(ptr string, raw json.RawMessage) (json.RawMessage, error) {
	var blocks []json.RawMessage
	if json.Unmarshal(raw, &blocks) != nil {
		return nil, fail("invalid_blocks_format")
	}
	most := maxViewBlocks
	if c.surface == inMessage || c.surface == inResponse {
		most = maxMessageBlocks
	}
	if len(blocks) > most {
		c.errorf(ptr, "no more than %d items allowed", most)
	}
	out := make([]obj, 0, len(blocks))
	for i, one := range blocks {
		at := fmt.Sprintf("%s/%d", ptr, i)
		var b obj
		if json.Unmarshal(one, &b) != nil || b == nil {
			return nil, fail("invalid_blocks_format")
		}
		c.block(at, b)
		if id, _ := b["block_id"].(string); id == "" {
			b["block_id"] = fmt.Sprintf("b%02d%s", i, shortHash(one))
		}
		out = append(out, b)
	}
	return encode(out), nil
}

// shortHash makes ids that are the same for the same block.
func shortHash(b []byte) string {
	h := uint32(2166136261)
	for _, x := range b {
		h = (h ^ uint32(x)) * 16777619
	}
	return fmt.Sprintf("%06x", h&0xffffff)
}

// blockKinds are the types each surface takes. Those with a nil check are
// passed on unlooked at: newer ones that apps may try.
func (c *checker) block(ptr string, b obj) {
	kind, _ := b["type"].(string)
	rules := map[string]func(string, obj){
		"section": c.section, "header": c.header, "context": c.context, "divider": nil, "image": c.image,
		"actions": c.actions, "input": c.input, "rich_text": c.richText, "video": nil,
	}
	if c.surface == inMessage || c.surface == inResponse {
		rules["markdown"], rules["table"], rules["file"] = c.markdownBlock, c.table, nil
		for _, newer := range []string{"context_actions", "task_card", "plan", "card", "carousel", "data_table", "data_visualization", "container", "layout"} {
			rules[newer] = nil
		}
	}
	if c.surface == inModal {
		rules["alert"] = nil
	}
	check, known := rules[kind]
	if !known {
		c.errorf(ptr+"/type", "unsupported type: %s", kind)
		return
	}
	c.length(ptr+"/block_id", b["block_id"], maxID)
	if id, _ := b["block_id"].(string); id != "" {
		if c.blockIDs[id] {
			c.errorf(ptr+"/block_id", "`block_id` %q already exists", id)
		}
		c.blockIDs[id] = true
	}
	if check != nil {
		check(ptr, b)
	}
}

func (c *checker) section(ptr string, b obj) {
	fields, hasFields := b["fields"].([]any)
	if b["text"] == nil && !hasFields {
		c.errorf(ptr, "missing required field: text or fields")
	}
	if b["text"] != nil {
		c.text(ptr+"/text", b["text"], 3000, anyText)
	}
	if hasFields {
		c.count(ptr+"/fields", len(fields), 1, 10)
		for i, f := range fields {
			c.text(fmt.Sprintf("%s/fields/%d", ptr, i), f, 2000, anyText)
		}
	}
	if acc, ok := b["accessory"]; ok {
		c.element(ptr+"/accessory", acc, inAccessory)
	}
}

func (c *checker) header(ptr string, b obj) { c.text(ptr+"/text", b["text"], 150, plainOnly) }

func (c *checker) context(ptr string, b obj) {
	list := c.elements(ptr, b, 10)
	for i, e := range list {
		at := fmt.Sprintf("%s/elements/%d", ptr, i)
		if o, _ := e.(obj); o != nil && o["type"] == "image" {
			c.image(at, o)
		} else {
			c.text(at, e, 3000, anyText)
		}
	}
}

func (c *checker) elements(ptr string, b obj, most int) []any {
	list, _ := b["elements"].([]any)
	c.count(ptr+"/elements", len(list), 1, most)
	return list
}

func (c *checker) actions(ptr string, b obj) {
	seen := map[string]bool{}
	for i, e := range c.elements(ptr, b, 25) {
		at := fmt.Sprintf("%s/elements/%d", ptr, i)
		c.element(at, e, inActions)
		o, _ := e.(obj)
		if o == nil {
			continue
		}
		id, _ := o["action_id"].(string)
		if id == "" {
			id = fmt.Sprintf("a%02d%s", i, shortHash(encode(o)))
			o["action_id"] = id
		}
		if seen[id] {
			c.errorf(at+"/action_id", "`action_id` %q already exists for block_id %q", id, b["block_id"])
		}
		seen[id] = true
	}
}

func (c *checker) input(ptr string, b obj) {
	c.inputs = append(c.inputs, ptr+"/input")
	c.text(ptr+"/label", b["label"], 2000, plainOnly)
	if b["hint"] != nil {
		c.text(ptr+"/hint", b["hint"], 2000, plainOnly)
	}
	c.element(ptr+"/element", b["element"], inInput)
}

func (c *checker) image(ptr string, b obj) {
	if b["image_url"] == nil && b["slack_file"] == nil {
		c.errorf(ptr, "missing required field: image_url")
	}
	c.require(ptr, b, "alt_text", 2000)
	c.length(ptr+"/image_url", b["image_url"], 3000)
	if b["title"] != nil {
		c.text(ptr+"/title", b["title"], 2000, plainOnly)
	}
}

func (c *checker) markdownBlock(ptr string, b obj) {
	text, _ := b["text"].(string)
	c.markdown += utf8.RuneCountInString(text)
	c.total += utf8.RuneCountInString(text)
	if text == "" {
		c.errorf(ptr+"/text", "must be more than 0 characters")
	}
	if c.markdown > maxMarkdown {
		c.errorf(ptr+"/text", "must be less than %d characters", maxMarkdown+1)
	}
}

func (c *checker) table(ptr string, b obj) {
	rows, _ := b["rows"].([]any)
	c.count(ptr+"/rows", len(rows), 1, 100)
	for i, r := range rows {
		cells, _ := r.([]any)
		c.count(fmt.Sprintf("%s/rows/%d", ptr, i), len(cells), 1, 20)
	}
	if c.tables++; c.tables > 1 {
		c.errorf(ptr, "only one table is allowed in a message")
	}
}

func (c *checker) richText(ptr string, b obj) {
	list, ok := b["elements"].([]any)
	if !ok {
		c.errorf(ptr, "missing required field: elements")
	}
	kinds := []any{"rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted"}
	for i, e := range list {
		o, _ := e.(obj)
		if o == nil || !slices.Contains(kinds, o["type"]) {
			c.errorf(fmt.Sprintf("%s/elements/%d/type", ptr, i), "unsupported type: %v", o["type"])
			continue
		}
		c.total += utf8.RuneCountInString(richPlain(o))
	}
}
