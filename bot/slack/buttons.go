package slack

import (
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	api "github.com/slack-go/slack"

	"github.com/tocsin-dev/tocsin/bot"
)

// buttons draws rows of buttons. One whose line is too long for Slack is left
// out: half a command must never run.
func (c *canvas) buttons(list []bot.Button) {
	var row []api.BlockElement
	size := 0
	flush := func() {
		if len(row) > 0 {
			c.add(api.NewActionBlock(blockID(c.incident, c.rows), row...), size)
			c.rows++
		}
		row, size = nil, 0
	}
	for k, b := range list {
		label := cut(b.Label, maxLabel)
		address := webAddress(b.URL)
		if label == "" || utf8.RuneCountInString(b.Line) > maxValue || b.Line == "" && address == "" {
			continue
		}
		e := api.NewButtonBlockElement(fmt.Sprintf("line:%d", k), bot.Clean(b.Line), plain(label))
		if b.Line == "" {
			e.ActionID, e.URL = fmt.Sprintf("url:%d", k), address
		}
		if b.Style == string(api.StylePrimary) || b.Style == string(api.StyleDanger) {
			e.Style = api.Style(b.Style)
		}
		e.Confirm = confirm(b.Confirm)
		n := utf8.RuneCountInString(label) + dialogSize(e.Confirm)
		if len(row) == maxRow || size+n > maxRowText {
			flush()
		}
		row, size = append(row, e), size+n
	}
	flush()
}

// dialogSize is how many runes a dialog adds to its message.
func dialogSize(q *api.ConfirmationBlockObject) int {
	if q == nil {
		return 0
	}
	n := 0
	for _, t := range []*api.TextBlockObject{q.Title, q.Text, q.Confirm, q.Deny} {
		n += utf8.RuneCountInString(t.Text)
	}
	return n
}

func confirm(q *bot.Confirm) *api.ConfirmationBlockObject {
	if q == nil {
		return nil
	}
	or := func(s, otherwise string, limit int) *api.TextBlockObject {
		if s = cut(s, limit); s == "" {
			s = otherwise
		}
		return plain(s)
	}
	text := first(q.Text, 300)
	if text == "" {
		text = "Go on?"
	}
	return api.NewConfirmationBlockObject(or(q.Title, "Sure?", 100), mrk(text), or(q.Yes, "Yes", 30), or(q.No, "No", 30))
}

// webAddress is s as a button can open it, or "".
func webAddress(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return ""
	}
	// Encoded anew, it has no spaces or control characters left.
	if s = u.String(); len(s) > maxURL || strings.ContainsAny(s, " <>|") {
		return ""
	}
	return s
}

// blockID names a row of buttons after the incident that they belong to, so
// that a click knows it wherever the message stands.
func blockID(incident int64, row int) string { return fmt.Sprintf("inc:%d:%d", incident, row) }

// incidentOf reads what [blockID] wrote; 0 for anything else.
func incidentOf(blockID string) int64 {
	var n int64
	var row int
	if _, err := fmt.Sscanf(blockID, "inc:%d:%d", &n, &row); err != nil || n < 0 {
		return 0
	}
	return n
}
