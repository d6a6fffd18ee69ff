package fakeslack

import (
	"testing"

	"github.com/slack-go/slack"
)

func TestEscape(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct{ in, want string }{
		{"plain", "plain"},
		{"a < b && c > d", "a &lt; b &amp;&amp; c &gt; d"},
		{"@ana, @ben.", "<@U0ANA>, <@U0BEN>."},
		{"@nobody", "@nobody"},
		{"page @sre now", "page <!subteam^S0SRE|@sre> now"},
		{"@here look", "<!here> look"},
		{"see #general and #secret", "see <#" + w.general + "|general> and <#" + w.secret + "|>"},
		{"incident #12", "incident #12"},
		{"write to ana@example.com", "write to <mailto:ana@example.com|ana@example.com>"},
		{"(https://a.example/x?y=1&z=2)", "(<https://a.example/x?y=1&amp;z=2>)"},
		{"<@U0ANA> typed by hand", "&lt;@U0ANA&gt; typed by hand"},
		{"über@ana", "über@ana"},
		{"👩@ana", "👩<@U0ANA>"},
	} {
		w.mu.Lock()
		got := w.escape(c.in)
		w.mu.Unlock()
		if got != c.want {
			t.Errorf("%q: %q, want %q", c.in, got, c.want)
		}
	}
}

func TestPlainText(t *testing.T) {
	w := newWorld(t)
	mrk := func(s string) *slack.TextBlockObject { return slack.NewTextBlockObject("mrkdwn", s, false, true) }
	button := slack.NewButtonBlockElement("go", "1", plainText("Take command"))
	ts := w.say(w.general, text("fallback"), slack.MsgOptionBlocks(
		slack.NewHeaderBlock(plainText("SEV1 Checkout is down")),
		slack.NewSectionBlock(mrk("Lead <@U0BEN> in <#"+w.general+"> &amp; <https://x.example|page>"), []*slack.TextBlockObject{mrk("*Status*\nInvestigating"), mrk("Since <!date^1579796100^{time}|16:15 UTC>")}, slack.NewAccessory(button)),
		slack.NewDividerBlock(),
		slack.NewContextBlock("", mrk("one"), mrk("two")),
		slack.NewActionBlock("", button, slack.NewOptionsSelectBlockElement("users_select", plainText("Who"), "who")),
	))
	m, _ := w.Message("general", ts)
	want := `# SEV1 Checkout is down
Lead @ben in #general & page (https://x.example) | *Status* Investigating | Since 16:15 UTC | [Take command]
---
one · two
[Take command] [Who v]`
	if got := w.PlainText(m); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	ts = w.say(w.general, text("no blocks, <!subteam^S0SRE>"))
	if m, _ = w.Message("general", ts); w.PlainText(m) != "no blocks, @sre" || PlainText(m) != "no blocks, @S0SRE" {
		t.Errorf("%q %q", w.PlainText(m), PlainText(m))
	}
}
