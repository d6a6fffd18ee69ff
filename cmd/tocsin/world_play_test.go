package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot/slack/fakeslack"
)

// click clicks a button: of the last answer, else of the newest message in the
// person's channel that has it.
func (w *world) click(ctx context.Context, text string) bool {
	who, label, ok := strings.Cut(text, " clicks ")
	if !ok {
		return false
	}
	p := w.slack.As(who)
	label, in, elsewhere := strings.Cut(label, " in #")
	if m := w.last.Message; !elsewhere && m != nil && strings.Contains(w.answer, "["+label) {
		a, err := p.Click(ctx, m.Channel, m.TS, label)
		w.hear(who, a, err)
		return true
	}
	channel := w.where[who]
	if elsewhere {
		channel = w.channel(in)
		w.where[who] = channel
	}
	list := w.slack.Messages(channel)
	for k := len(list) - 1; k >= 0; k-- {
		others := list[k].EphemeralTo != "" && list[k].EphemeralTo != p.ID()
		if !others && strings.Contains(w.slack.PlainText(list[k]), "["+label) {
			a, err := p.Click(ctx, channel, list[k].TS, label)
			w.hear(who, a, err)
			return true
		}
	}
	w.errorf("there is no button %q", label)
	return true
}

// submit fills in the form on top and sends it.
func (w *world) submit(ctx context.Context, text string) bool {
	who, list, ok := strings.Cut(text, " submits")
	if !ok || strings.Contains(who, ">") {
		return false
	}
	views := w.slack.As(who).Views()
	if len(views) == 0 {
		w.errorf("%s has no form open", who)
		return true
	}
	values := map[string]string{}
	for _, pair := range strings.Split(list, ";") {
		if key, value, ok := strings.Cut(pair, "="); ok {
			values[strings.TrimSpace(key)] = strings.TrimSpace(value)
		}
	}
	a, err := w.slack.As(who).Submit(ctx, views[len(views)-1].ID, values)
	for field, problem := range a.Errors {
		a.Text += "\n" + field + ": " + problem
	}
	w.hear(who, a, err)
	return true
}

// http is a GET, as a browser or a program would do it.
func (w *world) http(ctx context.Context, text string) bool {
	rest, ok := strings.CutPrefix(text, "get ")
	if !ok {
		return false
	}
	time.Sleep(time.Second) // the page is drawn anew ten times a second at most
	path, as, _ := strings.Cut(rest, " as ")
	headers := map[string]string{}
	if as != "" {
		headers["Authorization"] = "Bearer " + testRoot
		headers["X-Tocsin-User"] = w.slack.As(as).ID()
	}
	w.answer = w.do(ctx, http.MethodGet, path, headers, nil)
	return true
}

// api sends a line through the JSON API with the root token.
func (w *world) api(ctx context.Context, who, line string) bool {
	body, err := json.Marshal(map[string]string{"user": w.slack.As(who).ID(), "text": line})
	if err != nil {
		w.t.Fatal(err)
	}
	w.answer = w.do(ctx, http.MethodPost, "/api/v1/commands", map[string]string{"Authorization": "Bearer " + testRoot}, body)
	return true
}

// do sends a request to the program and returns "STATUS BODY".
func (w *world) do(ctx context.Context, method, path string, headers map[string]string, body []byte) string {
	req, err := http.NewRequestWithContext(ctx, method, "http://tocsin.test"+path, bytes.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	for k, v := range headers {
		req.Header.Set(k, v)
	}
	res, err := (&http.Client{Transport: w.net}).Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return res.Status + " " + string(got)
}

// expect checks an expectation; false: the line is none.
func (w *world) expect(text string) bool {
	where, want, ok := strings.Cut(text, "<")
	if !ok || strings.Contains(where, ">") || where != "" && !strings.HasPrefix(where, "#") && !strings.HasPrefix(where, "page ") && !strings.HasPrefix(where, "issue ") {
		return false
	}
	want, absent := strings.CutPrefix(want, "!")
	want, where = squash(want), strings.TrimSpace(where)
	switch {
	case where == "":
		w.compare("the answer", []string{w.answer}, want, absent)
	case strings.HasPrefix(where, "page "):
		path := strings.TrimPrefix(where, "page ")
		w.compare(path, []string{w.readable(path)}, want, absent)
	case strings.HasPrefix(where, "issue "):
		w.compare(where, w.issues(strings.TrimPrefix(where, "issue ")), want, absent)
	default:
		w.expectChannel(where, want, absent)
	}
	return true
}

func (w *world) compare(what string, have []string, want string, absent bool) {
	w.t.Helper()
	found := slices.ContainsFunc(have, func(s string) bool { return strings.Contains(squash(s), want) })
	if found == absent {
		w.errorf("%s: want %q (absent: %v), have:\n%s", what, want, absent, strings.Join(have, "\n---\n"))
	}
}

func (w *world) expectChannel(where, want string, absent bool) {
	name, aspect, _ := strings.Cut(where, " ")
	id := w.channel(name)
	c, _ := w.slack.Channel(id)
	switch aspect {
	case "topic":
		w.compare(where, []string{c.Topic}, want, absent)
	case "members":
		w.compareMembers(c, want)
	case "once":
		w.compareCount(id, want)
	case "pinned":
		var pins []string
		for _, ts := range c.Pins {
			m, _ := w.slack.Message(id, ts)
			pins = append(pins, w.slack.PlainText(m))
		}
		w.compare(where, pins, want, absent)
	default:
		w.expectMessage(where, id, want, absent)
	}
}

// compareCount wants one message that holds want, no more.
func (w *world) compareCount(channel, want string) {
	n := 0
	for _, m := range w.slack.Messages(channel) {
		if m.EphemeralTo == "" && m.Subtype == "" && strings.Contains(squash(w.slack.PlainText(m)), want) {
			n++
		}
	}
	if n != 1 {
		w.errorf("%q is there %d times", want, n)
	}
}

func (w *world) compareMembers(c fakeslack.Channel, want string) {
	var have []string
	for _, id := range c.Members {
		if id != w.slack.BotUser() {
			have = append(have, strings.ToLower(strings.TrimPrefix(id, "U0")))
		}
	}
	slices.Sort(have)
	names := strings.Fields(want)
	slices.Sort(names)
	if !slices.Equal(have, names) {
		w.errorf("members of #%s: have %v, want %v", c.Name, have, names)
	}
}

// expectMessage looks for a message behind the last one that matched in this
// channel, so that expectations also check the order.
func (w *world) expectMessage(where, id, want string, absent bool) {
	inThread := strings.HasSuffix(where, " thread")
	var have []string
	for _, m := range w.slack.Messages(id) {
		reply := m.ThreadTS != "" && m.ThreadTS != m.TS
		if m.EphemeralTo != "" || reply != inThread {
			continue
		}
		text := w.slack.PlainText(m)
		if !absent && m.TS <= w.seen[where] {
			continue
		}
		have = append(have, text)
		if !absent && strings.Contains(squash(text), want) {
			w.seen[where] = m.TS
			return
		}
	}
	if absent {
		w.compare(where, have, want, true)
		return
	}
	w.errorf("%s: want %q in one of:\n%s", where, want, strings.Join(have, "\n---\n"))
}

var (
	htmlTag   = regexp.MustCompile(`(?s)<(script|style).*?</(script|style)>|<[^>]*>`)
	htmlRunes = strings.NewReplacer("&#39;", "'", "&amp;", "&", "&lt;", "<", "&gt;", ">", "&#34;", `"`, "&quot;", `"`)
)

// readable is a page as a reader sees it: status line and text without markup.
func (w *world) readable(path string) string {
	time.Sleep(time.Second)
	return squash(htmlRunes.Replace(htmlTag.ReplaceAllString(w.do(context.Background(), http.MethodGet, path, nil, nil), " ")))
}

var emphasis = strings.NewReplacer("*", "", "`", "", "_", " ")

// squash folds white space and drops marks of emphasis, which are tested where
// they are made.
func squash(s string) string { return strings.Join(strings.Fields(emphasis.Replace(s)), " ") }
