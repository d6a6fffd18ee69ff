package slack

import (
	"context"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	api "github.com/slack-go/slack"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/slack/fakeslack"
)

var update = flag.Bool("update", false, "write the golden files anew")

// board is a Slack that says whether it takes a message.
type board struct {
	fake *fakeslack.Slack
	api  *api.Client
	to   string
}

func newBoard(tb testing.TB) *board {
	tb.Helper()
	b := &board{fake: fakeslack.New(fakeslack.Options{BotToken: testToken})}
	tb.Cleanup(b.fake.Close)
	b.to = b.fake.AddChannel("board", false, b.fake.BotUser())
	b.api = api.New(testToken, api.OptionAPIURL("https://slack.test/api/"), api.OptionHTTPClient(&http.Client{Transport: fakeslack.Net{"slack.test": b.fake.Handler()}}))
	return b
}

// take posts d and changes it, and returns what Slack has then.
func (b *board) take(ctx context.Context, tb testing.TB, d drawn) fakeslack.Message {
	tb.Helper()
	_, ts, err := b.api.PostMessageContext(ctx, b.to, options(d, "")...)
	if err == nil {
		_, _, _, err = b.api.UpdateMessageContext(ctx, b.to, ts, options(d, "")...)
	}
	if err != nil {
		raw, _ := json.Marshal(d.blocks)
		tb.Fatalf("%v: %.2000s", err, raw)
	}
	m, _ := b.fake.Message(b.to, ts)
	return m
}

func sample() (*bot.Settings, *bot.Incident, []bot.Event) {
	set := bot.Defaults()
	set.PublicURL = "https://status.test"
	set.Components = []bot.Component{{ID: "api", Name: "API"}}
	at := time.Date(2020, 1, 23, 16, 15, 0, 0, time.UTC)
	events := []bot.Event{
		{Kind: bot.EventDeclared, Actor: "U0ANA", Text: "Checkout <is> *down* & `out`", Data: bot.Data{Severity: "sev2", User: "U0ANA", Acting: true, Assumed: true}},
		{Kind: bot.EventUpdated, Actor: "U0ANA", Text: bot.Join("Ask ", bot.MentionUser("U0BEN"), " about <!channel> & @here"), Data: bot.Data{Status: bot.Identified}},
		{Kind: bot.EventUpdated, Actor: "U0BEN", Public: true, Text: "We are on it.", Data: bot.Data{Components: []bot.ComponentChange{{Component: "api", State: bot.MajorOutage}}}},
		{Kind: bot.EventSeverity, Actor: "U0BEN", Data: bot.Data{Severity: "sev1"}},
		{Kind: bot.EventRole, Actor: "U0ANA", Data: bot.Data{Role: bot.Commander, User: "U0BEN"}},
		{Kind: bot.EventTitle, Actor: "U0ANA", Text: "Checkout is down in Europe"},
		{Kind: bot.EventComponent, Actor: "U0ANA", Data: bot.Data{Components: []bot.ComponentChange{{Component: "api", State: bot.Operational}}}},
		{Kind: bot.EventRetracted, Actor: "U0ANA", Text: "wrong channel", Data: bot.Data{Ref: 3}},
		{Kind: bot.EventResolved, Actor: "U0BEN", Public: true, Text: "DNS", Data: bot.Data{Status: bot.Resolved, Stock: true}},
		{Kind: bot.EventReopened, Actor: "U0BEN", Text: "it came back"},
		{Kind: bot.EventCancelled, Actor: "U0BEN", Text: "a test", Data: bot.Data{Status: bot.Cancelled}},
	}
	i := &bot.Incident{}
	for k := range events {
		events[k].Incident, events[k].Via, events[k].At = 12, bot.ViaSlack, at.Add(time.Duration(k)*time.Minute)
		events[k].Seq, events[k].RecordedAt = int64(k+1), events[k].At
		i.Apply(events[k])
	}
	i.Channel, i.ChannelName = "C0INC12", "inc-12"
	return &set, i, events
}

// TestGolden keeps what people see. Run with -update after a wanted change.
func TestGolden(t *testing.T) {
	t.Parallel()
	set, i, events := sample()
	early := &bot.Incident{}
	for _, e := range events[:5] {
		early.Apply(e)
	}
	all := map[string]drawn{
		"card":         drawOne(set.Card(early, events[4].At), 12, "`/incident #12 timeline --full`"),
		"announcement": drawOne(set.Announcement(i), 12, ""),
	}
	for _, e := range events[1:] {
		all["post-"+string(e.Kind)] = drawOne(content(set, i, e), 12, "")
	}
	all["thread-role"] = drawOne(brief(set, i, events[4]), 12, "")
	b := newBoard(t)
	for name, d := range all {
		t.Run(name, func(t *testing.T) {
			b.take(t.Context(), t, d)
			got, err := json.MarshalIndent(map[string]any{"text": d.text, "blocks": d.blocks}, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("testdata", name+".golden.json")
			if *update {
				if err := os.WriteFile(file, append(got, '\n'), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if strings.TrimSpace(string(want)) != string(got) {
				t.Errorf("%s is not what it was:\n%s", file, got)
			}
		})
	}
}

func TestMrkdwn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		in   bot.Text
		want string
	}{
		{"entities", "a < b & c > d", "a &lt; b &amp; c &gt; d"},
		{"a mass mention typed", "<!channel> @here", "&lt;!channel&gt; @here"},
		{"a person", bot.MentionUser("U1A"), "<@U1A>"},
		{"a person who is none", bot.MentionUser("U1|x> <!channel"), "U1|x&gt; &lt;!channel"},
		{"a group that is none", bot.MentionGroup("channel"), "channel"},
		{"a moment", bot.Moment(time.Unix(1579796100, 0)), "<!date^1579796100^{date_short_pretty} {time}|2020-01-23 16:15 UTC>"},
		{"bold", bot.Bold("a*b"), "*a∗b*"},
		{"bold over lines", bot.Bold("a\nb"), "*a b*"},
		{"code", bot.Code("a`<b>"), "`aˋ&lt;b&gt;`"},
		{"empty emphasis", bot.Bold(" "), ""},
		{"a link", bot.LinkTo("https://x.test/?a=1&b=|", "see | <here>"), "<https://x.test/?a=1&amp;b=%7C|see ¦ &lt;here&gt;>"},
		{"a link that is none", bot.LinkTo("javascript:alert(1)", "x"), "x javascript:alert(1)"},
		{"broken bytes", bot.Text("a\xffb"), "a�b"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := mrkdwn(c.in); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestPieces: nothing is cut within an entity or a token, and nothing is lost.
func TestPieces(t *testing.T) {
	t.Parallel()
	text := bot.Join(bot.Text(strings.Repeat("&<>é", 40)), bot.MentionUser("U12345678"), bot.Text(strings.Repeat("🦀", 30)))
	for limit := 12; limit < 60; limit++ {
		all := pieces(text, limit)
		for _, p := range all {
			if utf8.RuneCountInString(p) > limit {
				t.Fatalf("limit %d: piece of %d runes", limit, utf8.RuneCountInString(p))
			}
		}
		if got := strings.Join(all, ""); got != mrkdwn(text) {
			t.Fatalf("limit %d: %q", limit, got)
		}
		if short := first(text, limit); utf8.RuneCountInString(short) > limit || !strings.HasPrefix(mrkdwn(text), strings.TrimSuffix(short, "…")) {
			t.Fatalf("limit %d: first %q", limit, short)
		}
	}
}

// TestLongMessages: everything of a long reply arrives, and of a long post the
// buttons and where to read the rest.
func TestLongMessages(t *testing.T) {
	t.Parallel()
	b := newBoard(t)
	long := bot.Message{Summary: bot.Text(strings.Repeat("<", 9000)), Blocks: []bot.Block{
		bot.Heading(bot.Text(strings.Repeat("t", 900))), bot.Quote(bot.Text(strings.Repeat("> \n", 4000))), bot.CodeBlock(bot.Text(strings.Repeat("```", 3000))),
		bot.Para(bot.Text(strings.Repeat("word & ", 3000))), bot.Buttons(bot.Button{Label: strings.Repeat("l", 100), Line: "x"}, bot.Button{Label: "gone", Line: strings.Repeat("x", 2001)}),
	}}
	words := 0
	for _, d := range draw(long, 7) {
		m := b.take(t.Context(), t, d)
		words += strings.Count(fakeslack.PlainText(m), "word")
	}
	if words != 3000 {
		t.Errorf("%d of 3000 words arrived", words)
	}
	m := b.take(t.Context(), t, drawOne(long, 7, "`/incident timeline --full`"))
	text := fakeslack.PlainText(m)
	if !strings.Contains(text, "timeline --full") || !strings.HasSuffix(text, "…]") || strings.Contains(text, "gone") {
		t.Errorf("the end is %q", text[len(text)-300:])
	}
}

func TestManyBlocks(t *testing.T) {
	t.Parallel()
	var m bot.Message
	for range 70 {
		m.Blocks = append(m.Blocks, bot.Rule(), bot.Buttons(bot.Button{Label: "a", URL: "https://x.test"}), bot.Buttons(bot.Button{Label: "bad", URL: "ftp://x"}))
	}
	b := newBoard(t)
	for _, d := range append(draw(m, 0), drawOne(m, 0, "there")) {
		b.take(t.Context(), t, d)
	}
	var f []bot.Field
	for range 23 {
		f = append(f, bot.Field{Name: strings.Repeat("n", 300), Value: bot.Text(strings.Repeat("&", 5000))})
	}
	for _, d := range draw(bot.Message{Blocks: []bot.Block{bot.FieldsOf(f...)}}, 0) {
		b.take(t.Context(), t, d)
	}
	b.take(t.Context(), t, draw(bot.Message{}, 0)[0])
}

// FuzzRender: no text of any length, anywhere in a message, makes Slack refuse
// it, and none becomes a mass mention.
func FuzzRender(f *testing.F) {
	for _, s := range []string{"", " ", "<!channel> <@U1> @here", "```\n`", strings.Repeat("<", 4000), strings.Repeat("a\n", 9000), "\x02@U1\x03\x02%channel\x03", "\x02lhttps://x|y\x1f|<\x03", "\xff\x00é🦀"} {
		f.Add(s, 3)
	}
	b := newBoard(f)
	f.Fuzz(func(t *testing.T, s string, n int) {
		x := bot.Text(strings.Repeat(s, max(1, min(n, 50))))
		if len(x) > 120_000 {
			x = x[:120_000]
		}
		m := bot.Message{Summary: x, Blocks: []bot.Block{
			bot.Heading(x), bot.Para(x), bot.Small(x), bot.Quote(x), bot.CodeBlock(x), bot.FieldsOf(bot.Field{Name: s, Value: x}),
			bot.Buttons(bot.Button{Label: s, Line: s, Style: s, Confirm: &bot.Confirm{Title: s, Text: x, Yes: s, No: s}}, bot.Button{Label: s, URL: "https://x.test/" + s}),
			bot.Para(bot.Bold(s), bot.Code(s), bot.LinkTo(s, s), bot.LinkTo("https://x.test/"+s, s), bot.MentionUser(bot.UserID(s)), bot.MentionGroup(bot.GroupID(s)), bot.MentionChannel(bot.ChannelID(s))),
		}}
		for _, d := range append(draw(m, 12), drawOne(m, 12, "`there`")) {
			got := b.take(t.Context(), t, d)
			// Button values and labels are plain; what is read as mrkdwn is not.
			if raw := got.Text + mrkdwnOf(got.Blocks); strings.Contains(raw, "<!channel") || strings.Contains(raw, "<!here") || strings.Contains(raw, "<!everyone") || !utf8.ValidString(raw) {
				t.Fatalf("a mass mention, or broken text: %.500s", raw)
			}
		}
	})
}

func mrkdwnOf(raw json.RawMessage) string {
	var out strings.Builder
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, x := range v {
				walk(x)
			}
		case map[string]any:
			if v["type"] == "mrkdwn" {
				s, _ := v["text"].(string)
				out.WriteString(s + "\n")
			}
			for _, x := range v {
				walk(x)
			}
		}
	}
	var v any
	if json.Unmarshal(raw, &v) == nil {
		walk(v)
	}
	return out.String()
}
