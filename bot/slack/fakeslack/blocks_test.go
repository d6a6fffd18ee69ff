package fakeslack

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/slack-go/slack"
)

func list(n int, one string) string {
	return "[" + strings.TrimSuffix(strings.Repeat(one+",", n), ",") + "]"
}

func plain(n int) string {
	return fmt.Sprintf(`{"type":"plain_text","text":%q}`, strings.Repeat("é", n))
}

func TestBlocksValidation(t *testing.T) {
	t.Parallel()
	section := `{"type":"section","text":` + plain(1) + `}`
	button := func(text, more string) string {
		return `[{"type":"actions","elements":[{"type":"button","action_id":"a","text":` + text + more + `}]}]`
	}
	opt := func(n int) string { return list(n, `{"text":`+plain(1)+`,"value":"v"}`) }
	for _, c := range []struct{ name, blocks, want string }{
		{"50 blocks", list(50, section), ""},
		{"51 blocks", list(51, section), "no more than 50 items allowed [json-pointer:/blocks]"},
		{"no list", `{"type":"section"}`, "invalid_blocks_format"},
		{"twice encoded", `"[]"`, "invalid_blocks_format"},
		{"unknown type", `[{"type":"heading"}]`, "unsupported type: heading [json-pointer:/blocks/0/type]"},
		{"alert is for modals", `[{"type":"alert"}]`, "unsupported type: alert [json-pointer:/blocks/0/type]"},
		{"section without text", `[{"type":"section"}]`, "missing required field: text or fields [json-pointer:/blocks/0]"},
		{"empty text", `[{"type":"section","text":` + plain(0) + `}]`, "must be more than 0 characters [json-pointer:/blocks/0/text/text]"},
		{"3000", `[{"type":"section","text":` + plain(3000) + `}]`, ""},
		{"3001", `[{"type":"section","text":` + plain(3001) + `}]`, "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"},
		{"11 fields", `[{"type":"section","fields":` + list(11, plain(1)) + `}]`, "no more than 10 items allowed [json-pointer:/blocks/0/fields]"},
		{"long field", `[{"type":"section","fields":[` + plain(2001) + `]}]`, "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]"},
		{"header", `[{"type":"header","text":` + plain(151) + `}]`, "must be less than 151 characters [json-pointer:/blocks/0/text/text]"},
		{"header in mrkdwn", `[{"type":"header","text":{"type":"mrkdwn","text":"x"}}]`, "failed to match all allowed schemas [json-pointer:/blocks/0/text/type]"},
		{"emoji in mrkdwn", `[{"type":"section","text":{"type":"mrkdwn","text":"x","emoji":true}}]`, "invalid additional property: emoji [json-pointer:/blocks/0/text]"},
		{"context of 11", `[{"type":"context","elements":` + list(11, plain(1)) + `}]`, "no more than 10 items allowed [json-pointer:/blocks/0/elements]"},
		{"no actions", `[{"type":"actions","elements":[]}]`, "must provide at least 1 items [json-pointer:/blocks/0/elements]"},
		{"button text", button(plain(76), ""), "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]"},
		{"button value", button(plain(1), `,"value":"`+strings.Repeat("v", 2001)+`"`), "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]"},
		{"button style", button(plain(1), `,"style":"default"`), "failed to match all allowed schemas [json-pointer:/blocks/0/elements/0/style]"},
		{"confirm", button(plain(1), `,"confirm":{"title":`+plain(1)+`,"text":`+plain(301)+`,"confirm":`+plain(1)+`,"deny":`+plain(1)+`}`), "must be less than 301 characters [json-pointer:/blocks/0/elements/0/confirm/text/text]"},
		{"same action", `[{"type":"actions","block_id":"b","elements":` + list(2, `{"type":"button","action_id":"a","text":`+plain(1)+`}`) + `}]`, "`action_id` \"a\" already exists for block_id \"b\" [json-pointer:/blocks/0/elements/1/action_id]"},
		{"same block", list(2, `{"type":"divider","block_id":"b"}`), "`block_id` \"b\" already exists [json-pointer:/blocks/1/block_id]"},
		{"action_id", `[{"type":"actions","elements":[{"type":"button","action_id":"` + strings.Repeat("a", 256) + `","text":` + plain(1) + `}]}]`, "must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]"},
		{"text input outside input", `[{"type":"actions","elements":[{"type":"plain_text_input","action_id":"a"}]}]`, "unsupported type: plain_text_input [json-pointer:/blocks/0/elements/0/type]"},
		{"101 options", `[{"type":"section","text":` + plain(1) + `,"accessory":{"type":"static_select","action_id":"a","options":` + opt(101) + `}}]`, "no more than 100 items allowed [json-pointer:/blocks/0/accessory/options]"},
		{"overflow of 6", `[{"type":"section","text":` + plain(1) + `,"accessory":{"type":"overflow","action_id":"a","options":` + opt(6) + `}}]`, "no more than 5 items allowed [json-pointer:/blocks/0/accessory/options]"},
		{"image without alt", `[{"type":"image","image_url":"https://x.example/a.png"}]`, "missing required field: alt_text [json-pointer:/blocks/0]"},
		{"13,000 in all", list(5, `{"type":"section","text":`+plain(2600)+`}`), ""},
		{"13,001 in all", list(5, `{"type":"section","text":`+plain(2601)+`}`), "msg_blocks_too_long"},
		{"rich text", `[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"hi"}]}]}]`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := checkBlocks("/blocks", json.RawMessage(c.blocks), inMessage)
			got := ""
			var api *apiError
			if errors.As(err, &api) {
				got = api.code
				if list, ok := api.extra["errors"].([]string); ok {
					got = strings.Join(list, "; ")
				}
			}
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestInvalidBlocksReachTheClient(t *testing.T) {
	w := newWorld(t)
	_, _, err := w.api.PostMessage(w.general, slack.MsgOptionBlocks(slack.NewHeaderBlock(
		slack.NewTextBlockObject("plain_text", strings.Repeat("x", 151), false, false))))
	var se slack.SlackErrorResponse
	if !errors.As(err, &se) || se.Err != "invalid_blocks" || len(se.ResponseMetadata.Messages) != 1 {
		t.Fatalf("%#v", err)
	}
	if want := "[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]"; se.ResponseMetadata.Messages[0] != want {
		t.Error(se.ResponseMetadata.Messages)
	}
}

func TestViewValidation(t *testing.T) {
	t.Parallel()
	modal := func(more string) string { return `{"type":"modal","title":` + plain(24) + more + `}` }
	input := `{"type":"input","block_id":"title","label":` + plain(1) + `,"element":{"type":"plain_text_input","action_id":"value"}}`
	for _, c := range []struct{ name, view, want string }{
		{"good", modal(`,"submit":` + plain(24) + `,"blocks":[` + input + `]`), ""},
		{"no title", `{"type":"modal","blocks":[]}`, "[ERROR] missing required field: title [json-pointer:/view]"},
		{"title", `{"type":"modal","title":` + plain(25) + `,"blocks":[]}`, "[ERROR] must be less than 25 characters [json-pointer:/view/title/text]"},
		{"no submit", modal(`,"blocks":[` + input + `]`), "[ERROR] must define `submit` to use an `input` block in modals [json-pointer:/view/blocks/0/input]"},
		{"submit", modal(`,"submit":` + plain(25) + `,"blocks":[]`), "[ERROR] must be less than 25 characters [json-pointer:/view/submit/text]"},
		{"metadata", modal(`,"blocks":[],"private_metadata":"` + strings.Repeat("x", 3001) + `"`), "[ERROR] must be less than 3001 characters [json-pointer:/view/private_metadata]"},
		{"101 blocks", modal(`,"blocks":` + list(101, `{"type":"divider"}`)), "[ERROR] no more than 100 items allowed [json-pointer:/view/blocks]"},
		{"markdown", modal(`,"blocks":[{"type":"markdown","text":"x"}]`), "[ERROR] unsupported type: markdown [json-pointer:/view/blocks/0/type]"},
		{"home", `{"type":"home","title":` + plain(1) + `,"blocks":[]}`, "[ERROR] unsupported type: home [json-pointer:/view/type]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := readView(c.view, inModal)
			got := ""
			var api *apiError
			if errors.As(err, &api) {
				got = strings.Join(api.extra["response_metadata"].(obj)["messages"].([]string), "; ")
			}
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}
