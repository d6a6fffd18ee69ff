package slack

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	api "github.com/slack-go/slack"

	"github.com/tocsin-dev/tocsin/bot"
)

func TestDecode(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]bot.Text{
		"":                                  "",
		"a &lt;b&gt; &amp;amp; c":           "a <b> &amp; c",
		"&lt;@U1A&gt;":                      "<@U1A>",
		"<@U1A>":                            bot.MentionUser("U1A"),
		"<@W1A|ana> x":                      bot.Join(bot.MentionUser("W1A"), " x"),
		"<#C1A|general><#C2B|>":             bot.Join(bot.MentionChannel("C1A"), bot.MentionChannel("C2B")),
		"<!subteam^S1A|@sre>":               bot.MentionGroup("S1A"),
		"<!here> <!channel> <!everyone>":    "@here @channel @everyone",
		"<!date^1^{date}|yesterday>":        "yesterday",
		"<https://x.test/?a=1&amp;b=2>":     "https://x.test/?a=1&b=2",
		"<https://x.test|the page>":         "https://x.test",
		"<http://x.test|x.test>":            "x.test",
		"<mailto:a@x.test|a@x.test>":        "a@x.test",
		"<tel:+1|+1>":                       "+1",
		"a < b <@U1A>":                      bot.Join("a < b ", bot.MentionUser("U1A")),
		"<unknown|x>":                       "<unknown|x>",
		"open <":                            "open <",
		"\u202ebidi \x02@U1A\x03 \u0000end": "bidi @U1A end",
	} {
		if got := decode(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestAfterMention(t *testing.T) {
	t.Parallel()
	me, other := bot.MentionUser("U0BOT"), bot.MentionUser("U0BEN")
	for in, want := range map[bot.Text]bot.Text{
		bot.Join(me, " update x"): "update x", bot.Join(me, ": resolve ", other): bot.Join("resolve ", other),
		bot.Join("hey ", me, ", help"): "help", bot.Join("resolve ", me): "resolve", bot.Join(other, " ", me, " ic ", other): bot.Join("ic ", other), me: "",
	} {
		if got := afterMention(in, "U0BOT"); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := afterMention(bot.Join(me, " help"), ""); got != "help" {
		t.Errorf("before the bot knows itself: %q", got)
	}
}

func TestChannelName(t *testing.T) {
	t.Parallel()
	const usual = "inc-{number}-{title}"
	for _, c := range []struct {
		pattern string
		title   bot.Text
		suffix  int
		want    string
	}{
		{usual, "Checkout is down!", 1, "inc-12-checkout-is-down"},
		{usual, "Checkout is down!", 2, "inc-12-checkout-is-down-2"},
		{usual, "Zürich & Malmö: naïve Straße, Łódź", 1, "inc-12-zuerich-and-malmoe-naive-strasse-lodz"},
		{usual, "ne\u0301e", 1, "inc-12-nee"},
		{usual, "", 1, "inc-12"},
		{usual, "🔥🔥🔥", 1, "inc-12"},
		{usual, "支付失败", 1, "inc-12"},
		{usual, "Ask <@U1> !!!", 1, "inc-12-ask-u1"},
		{usual, bot.Join("Ask ", bot.MentionUser("U1"), " now"), 1, "inc-12-ask-now"},
		{"{date}_{severity}-{title}", "Down", 1, "20200123_sev1-down-12"},
		{"war room", "Down", 1, "war-room-12"},
		{"x{number}y", "Down", 1, "x12y"},
		{"x1{number}", "Down", 1, "inc-12-x112"},
		{"", "Down", 1, "inc-12"},
		{"---", "Down", 3, "inc-12-3"},
	} {
		if got := nameOf(c.pattern, c.title, 12, c.suffix); got != c.want {
			t.Errorf("%q %q %d: %q, want %q", c.pattern, c.title, c.suffix, got, c.want)
		}
	}
}

func FuzzChannelName(f *testing.F) {
	f.Add("inc-{number}-{title}", "Down", int64(3), 1)
	f.Add(strings.Repeat("p", 90)+"{title}", strings.Repeat("ä", 90), int64(1<<60), 9)
	f.Fuzz(func(t *testing.T, pattern, title string, number int64, suffix int) {
		if number < 1 {
			number = 1
		}
		suffix = 1 + (suffix&7+8)%8
		name := nameOf(pattern, bot.Text(title), number, suffix)
		if len(name) > 80 || strings.Trim(name, "-_") == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" ||
			!hasNumber(name, strconv.FormatInt(number, 10)) {
			t.Fatalf("%q", name)
		}
	})
}

func nameOf(pattern string, title bot.Text, number int64, suffix int) string {
	set := bot.Settings{ChannelName: pattern, Zone: time.UTC}
	return channelName(&set, bot.Event{Incident: number, Text: title, At: time.Date(2020, 1, 23, 9, 0, 0, 0, time.UTC), Data: bot.Data{Severity: "sev1"}}, suffix)
}

func TestTopic(t *testing.T) {
	t.Parallel()
	set, i, _ := sample()
	i.Title = bot.Text("a <!channel> " + strings.Repeat("é", 400))
	got := topic(set, i, "Ana")
	if utf8.RuneCountInString(got) > 250 || strings.ContainsAny(got, "<>") || !strings.HasPrefix(got, "SEV1 Critical · Cancelled · Commander: Ana · #12 a ‹!channel›") {
		t.Errorf("%q", got)
	}
}

// TestClassify: one table says what follows from every form of failure.
func TestClassify(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want class
		wait time.Duration
	}{
		{&api.RateLimitedError{RetryAfter: 7 * time.Second}, classWait, 7 * time.Second},
		{&api.RateLimitedError{}, classWait, time.Second},
		{api.StatusCodeError{Code: 429}, classWait, defaultWait},
		{api.StatusCodeError{Code: 503}, classRetry, 0},
		{api.SlackErrorResponse{Err: "ratelimited"}, classWait, defaultWait},
		{api.SlackErrorResponse{Err: "fatal_error"}, classRetry, 0},
		{api.SlackErrorResponse{Err: "token_revoked"}, classToken, 0},
		{api.SlackErrorResponse{Err: "is_archived"}, classPermanent, 0},
		{api.SlackErrorResponse{Err: "new_in_2030"}, classPermanent, 0},
		{&json.SyntaxError{}, classRetry, 0},
		{context.DeadlineExceeded, classRetry, 0},
		{&url.Error{Op: "Post", URL: "https://hooks.slack.com/secret", Err: errors.New("reset")}, classRetry, 0},
	} {
		e := classify("m", c.err)
		if e.class != c.want || e.wait != c.wait || strings.Contains(e.Error(), "secret") {
			t.Errorf("%v: %+v", c.err, e)
		}
	}
}

func TestPlan(t *testing.T) {
	t.Parallel()
	s := &Slack{bot: &bot.Bot{Settings: func() *bot.Settings { d := bot.Defaults(); return &d }()}}
	_, i, events := sample()
	kinds := func(e bot.Event, i *bot.Incident) (out []string) {
		for _, j := range s.Plan(e, i) {
			out = append(out, j.Kind)
			if strings.Contains(string(j.Payload), "down") || j.Incident != 12 {
				t.Errorf("%+v", j)
			}
		}
		return out
	}
	if got := kinds(events[0], i); !slices.Equal(got, []string{"channel", "first", "pin", "invite", "reply", "announce"}) {
		t.Error(got)
	}
	private := *i
	private.Private = true
	if got := kinds(events[0], &private); slices.Contains(got, "announce") {
		t.Error(got)
	}
	for e, want := range map[*bot.Event]bool{
		{Kind: bot.EventSeverity, Data: bot.Data{Severity: "sev3"}}: false, {Kind: bot.EventSeverity, Data: bot.Data{Severity: "sev2"}}: true,
		{Kind: bot.EventRole, Data: bot.Data{Role: "comms"}}: false, {Kind: bot.EventRole, Data: bot.Data{Role: bot.Commander}}: true,
		{Kind: bot.EventResolved}: true, {Kind: bot.EventStatus}: false,
	} {
		if got := slices.Contains(kinds(*e, i), "thread"); got != want {
			t.Errorf("%+v: in the thread: %v", e, got)
		}
	}
	for _, k := range []bot.EventKind{bot.EventNote, bot.EventFailed} {
		if got := kinds(bot.Event{Kind: k}, i); len(got) > 0 {
			t.Errorf("%s: %v", k, got)
		}
	}
	if len(s.Plan(events[0], nil)) > 0 {
		t.Error("the house's events concern nobody")
	}
	set := s.settings()
	for list, want := range map[string]bool{"sev2": false, "sev2 sev1": true, "sev1 sev2": false, "sev1 sev3 sev2": true} {
		if raised(set, strings.Fields(list)) != want {
			t.Errorf("%s: raised is not %v", list, want)
		}
	}
}

// fuzzSend sends bodies to one path and fails on a panic or an answer that
// blames us. One world, in real time, takes all inputs.
func fuzzSend(f *testing.F, path string, wrap func(string) string) {
	f.Helper()
	w := newWorld(f)
	f.Cleanup(w.close)
	f.Fuzz(func(t *testing.T, body string) {
		if rec := w.signed(path, wrap(body)); rec.Code >= http.StatusInternalServerError {
			t.Fatalf("%d for %q", rec.Code, body)
		}
		if said := w.logs.take(); strings.Contains(said, "stack=") && !strings.Contains(said, "on purpose") {
			t.Fatalf("a panic: %s", said)
		}
	})
}

func FuzzParseCommand(f *testing.F) {
	for _, s := range []string{"", "command=%2Fincident&user_id=U1&text=declare+x", "%", "a=b;c", "command=x&user_id=U1&text=%3C%40U1%3E+%3C", "ssl_check=1", commandForm("update \x00<@U1|"), commandForm("form"), commandForm("long")} {
		f.Add(s)
	}
	fuzzSend(f, "/slack/commands", func(s string) string { return s })
}

func FuzzInteraction(f *testing.F) {
	for _, s := range []string{
		"", "{}", "null", `{"type":"block_actions","user":{"id":"U1"},"actions":[{"type":"button","value":"hello","block_id":"inc:1:0"}],"response_url":"https://slack.test/response/x"}`,
		`{"type":"block_actions","user":{"id":"U1"},"team":null,"channel":null,"actions":[{"type":"button","value":"form","block_id":"inc:-1:x"}],"trigger_id":"1"}`,
		`{"type":"view_submission","user":{"id":"U1","team_id":"T2"},"view":{"id":"V1","callback_id":"wrong","private_metadata":"{","blocks":[{"type":"input","block_id":"a"}],"state":{"values":{"a":{"value":{"type":"plain_text_input","value":null}},"b":{"value":{"type":"static_select","selected_option":null}}}}}}`,
		`{"type":"view_submission","user":{"id":"U1"},"view":{"callback_id":"fields","state":{"values":null}}}`, `{"type":"view_closed","user":{"id":"U1"}}`, `{"type":"shortcut","user":{"id":"U1"}}`,
	} {
		f.Add(s)
	}
	fuzzSend(f, "/slack/interactions", func(s string) string { return url.Values{"payload": {s}}.Encode() })
}

func FuzzEvent(f *testing.F) {
	for _, s := range []string{
		"", "{}", `{"type":"url_verification","challenge":"x"}`, `{"type":"event_callback","event":null}`,
		`{"type":"event_callback","team_id":"T9","event_id":"Ev1","event":{"type":"app_mention","user":"U1","channel":"C1","ts":"1.2","text":"<@U2> hello","thread_ts":"1.1"}}`,
		`{"type":"event_callback","event":{"type":"message","channel_type":"im","user":"U1","channel":"D1","ts":"1.2","text":"panic"}}`,
		`{"type":"event_callback","event":{"type":"message","subtype":"message_changed","channel_type":"im","channel":"D1","message":{}}}`,
		`{"type":"event_callback","event":{"type":"channel_rename","channel":{"id":"C1","name":"x"}}}`, `{"type":"event_callback","event":{"type":"channel_archive","channel":"C1"}}`,
		`{"type":"event_callback","event":{"type":"member_joined_channel","user":"U1","channel":"C1"}}`, `{"type":"event_callback","event":{"type":"user_change","user":{"id":"U1","profile":{"fields":[]}}}}`,
		`{"type":"event_callback","event":{"type":"subteam_updated","subteam":{}}}`, `{"type":"event_callback","event":{"type":"tokens_revoked"}}`, `{"type":"event_callback","event":{"type":"brand_new"}}`,
	} {
		f.Add(s)
	}
	fuzzSend(f, "/slack/events", func(s string) string { return s })
}
