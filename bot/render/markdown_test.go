package render

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

func newYork(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// clock is a time of 23 January 2020, in UTC.
func clock(hour, minute int) time.Time { return time.Date(2020, 1, 23, hour, minute, 0, 0, time.UTC) }

func names(id bot.UserID) string {
	return map[bot.UserID]string{"U0ANA": "Ana *", "U0BEN": "Ben"}[id]
}

// report is a post-mortem half written.
func report(t testing.TB) *bot.Report {
	sections := make([]bot.ReportSection, 0, 6)
	for _, s := range bot.Sections() {
		sections = append(sections, bot.ReportSection{Section: s})
	}
	written := &bot.Written{Seq: 9, By: "U0ANA", At: clock(23, 0)}
	sections[0].Text = bot.Join("It began.\nIt _ended_ with ", bot.MentionUser("U0ANA"), " in ", bot.MentionChannel("C0WAR"), ".")
	sections[0].Written = written
	sections[1].Text = "- API: major outage"
	sections[2].Text, sections[2].Written = "```\nmemory: 1", written
	sections[5].Items = []bot.ReportItem{
		{Number: 3, Text: "Reverse the *settings*", State: bot.FollowUpDone, Owner: "U0BEN", Due: "2026-12-01", URL: "https://github.com/acme/api/issues/3", Ref: "acme/api#3"},
		{Number: 4, Text: "1. <b>Test</b> each\nservice", State: bot.FollowUpInProgress},
	}
	return &bot.Report{
		Incident: &bot.Incident{Number: 12, Severity: "sev1", Status: bot.Resolved, Postmortem: &bot.Postmortem{
			Published: &bot.Turn{Seq: 20, By: "U0BEN", At: clock(23, 30)}, Public: &bot.PublicReport{Seq: 21, At: clock(23, 59), Text: "x"},
		}},
		Title: "Post-mortem: Users # <unable>", Zone: newYork(t), Owner: "U0ANA", Due: "2020-01-30", Sections: sections,
		Timeline: []bot.ReportLine{
			{At: clock(4, 50), Deed: "heard of a deploy", Text: "v2 of api_gateway"},
			{At: clock(21, 21), Who: "U0ANA", Deed: "declared SEV1", Text: "Users *cannot* load, see https://a.example/x_y_z.\n\n- not a list"},
			{At: clock(21, 30), Who: "U0BEN", Deed: bot.Join("set impact to ", bot.Moment(clock(21, 19)))},
			{At: clock(21, 40), Deed: bot.Join("rollback r1 ", bot.Code("a`b"), bot.Text(" runs")), Alone: true},
		},
		Moments:   []bot.ReportMoment{{Name: "Impact started", At: clock(21, 19)}, {Name: "Resolved", At: clock(22, 19)}},
		Durations: []bot.ReportDuration{{Name: "Time to resolve", Took: time.Hour}},
	}
}

const written = `# Post-mortem: Users \# \<unable\>

- Incident: \#12
- Severity: SEV1
- Status: resolved
- Owner: Ana \*
- Due: 30 Jan 2020
- Post-mortem: published by Ben on 23 January 2020, 18:30 EST; customers read it as of 23 January 2020, 18:59 EST

## Summary

It began.
It _ended_ with Ana \* in \#C0WAR.

## Impact

_Draft from the record._

- API: major outage

## Root Cause

` + "```\nmemory: 1\n```" + `

## Trigger

_Not written yet._

## Resolution

_Not written yet._

## Lessons Learned \& Action Items

_Not written yet._

- Reverse the \*settings\* [DONE] – Ben, due 1 Dec 2026, [acme/api\#3](https://github.com/acme/api/issues/3)
- 1\. \<b\>Test\</b\> each service [IN PROGRESS] – no owner

## Timeline

### 22 January 2020

- 23:50 EST – Tocsin heard of a deploy: v2 of api\_gateway

### 23 January 2020

- 16:21 EST – Ana \* declared SEV1: Users \*cannot\* load, see <https://a.example/x_y_z>.\
  \- not a list
- 16:30 EST – Ben set impact to 23 January 2020, 16:19 EST
- 16:40 EST – Tocsin: rollback r1 ` + "``a`b``" + ` runs

## Durations

- Impact started: 23 January 2020, 16:19 EST
- Resolved: 23 January 2020, 17:19 EST
- Time to resolve: 60 min
`

func TestMarkdown(t *testing.T) {
	t.Parallel()
	if got := Markdown(report(t), names); got != written {
		t.Errorf("got\n%s\nwant\n%s", got, written)
	}
	page := HTML(Markdown(report(t), names))
	for _, want := range []string{
		"<h1>Post-mortem: Users # &lt;unable&gt;</h1>", "<h2>Lessons Learned &amp; Action Items</h2>", "<p>It began.<br>\nIt <em>ended</em> with Ana * in #C0WAR.</p>",
		`<li>Reverse the *settings* [DONE] – Ben, due 1 Dec 2026, <a href="https://github.com/acme/api/issues/3" rel="nofollow noopener noreferrer">acme/api#3</a></li>`,
		"<li>1. &lt;b&gt;Test&lt;/b&gt; each service [IN PROGRESS] – no owner</li>", "<pre><code>memory: 1\n</code></pre>\n<h2>Trigger</h2>",
		`see <a href="https://a.example/x_y_z" rel="nofollow noopener noreferrer">https://a.example/x_y_z</a>.<br>` + "\n- not a list</li>",
		"Tocsin: rollback r1 <code>a`b</code> runs</li>",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s in\n%s", want, page)
		}
	}
}

func TestStanding(t *testing.T) {
	t.Parallel()
	r := report(t)
	for want, p := range map[string]*bot.Postmortem{
		"draft": nil,
		"skipped by Ben on 23 January 2020, 18:30 EST":   {Skipped: &bot.Turn{By: "U0BEN", At: clock(23, 30)}},
		"published by Ben on 23 January 2020, 18:30 EST": {Published: &bot.Turn{By: "U0BEN", At: clock(23, 30)}},
	} {
		r.Incident.Postmortem = p
		if got := Markdown(r, names); !strings.Contains(got, "- Post-mortem: "+want+"\n") {
			t.Errorf("no %q in %s", want, got)
		}
	}
}

// TestContained: nothing that is written in a section swallows what comes
// behind it.
func TestContained(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"```", "~~~~", "````\n```", "- a\n  ```\n  x", "> ```\n> x", "<!--", "<div>", "<?php", "<![CDATA[", "<!X", "<script>", "<pre>", "<style>", "<textarea>\n",
		"text", "| a |\n|---|\n| b |", "[x]:", "[x]: <", "    code", "===", "a\\", "1. a\n\n   b", "```\n~~~", "x\n<!--\n```",
	} {
		r := report(t)
		r.Sections[2].Text = bot.Plain(s)
		page := HTML(Markdown(r, names))
		if strings.Count(page, "<h2>") != 8 || !strings.Contains(page, "<h2>Trigger</h2>\n<p><em>Not written yet.</em></p>") {
			t.Errorf("%q swallowed what follows:\n%s", s, page)
		}
	}
}

// TestTypedTexts: what is no Markdown reads as it was typed, wherever it stands.
func TestTypedTexts(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"# a", "- a", "+ a", "1. a", "12) a", "---", "***", "===", "> a", "```", "~~~", "<!-- a", "<b>a</b>", "[a](https://b.example)", "![a](b)",
		"a_b_c *d* ~~e~~ `f`", `\*a\*`, "&amp; &#60;", "|a|b|", ":-:", "<script>alert(1)</script>", "<@U0ANA>", "[DONE]", "a\\",
	} {
		r := report(t)
		r.Title, r.Incident.Severity = bot.Plain(s), s
		r.Sections[5].Items[0].Text = bot.Plain(s)
		r.Timeline[1].Text = bot.Plain("x\n" + s)
		page := HTML(Markdown(r, func(bot.UserID) string { return s }))
		if strings.Contains(page, "<li><") || strings.Count(page, "<h1>") != 1 || strings.Count(page, "<h2>") != 8 || strings.Contains(page, "<em>d") || strings.Contains(page, "<img") {
			t.Errorf("%q is read as Markdown:\n%s", s, page)
		}
		seen := strings.NewReplacer("&lt;", "<", "&gt;", ">", "&quot;", `"`, "&amp;", "&").Replace(regexp.MustCompile("</?a[^>]*>").ReplaceAllString(page, ""))
		for _, want := range []string{"<h1>" + s + "</h1>", "<li>" + s + " [DONE] – " + s + ", due", "<br>\n" + s + "</li>", "Owner: " + s + "</li>"} {
			if !strings.Contains(seen, want) {
				t.Errorf("%q: no %s in\n%s", s, want, page)
			}
		}
	}
}

func TestSpans(t *testing.T) {
	t.Parallel()
	w := writer{newYork(t), names}
	for in, want := range map[bot.Text]string{
		bot.MentionUser("U0ANA"):                                            `Ana \*`,
		bot.MentionUser("U0EVE"):                                            "U0EVE", // of whom nothing is known
		bot.MentionGroup("S0TEAM"):                                          "@S0TEAM",
		bot.Moment(clock(21, 19)):                                           "23 January 2020, 16:19 EST",
		bot.Bold("now *"):                                                   `**now \***`,
		bot.Code("` x"):                                                     "`` ` x ``",
		bot.LinkTo("https://a.example/(x) y_z", "a [b]"):                    `[a \[b\]](<https://a.example/(x)%20y_z>)`,
		bot.LinkTo("https://a.example/x", ""):                               "[https://a.example/x](https://a.example/x)",
		bot.LinkTo("javascript:alert(1)", "a_b"):                            `a\_b (javascript:alert(1))`,
		bot.LinkTo("https://a.example/>x", "a"):                             "[a](<https://a.example/%3Ex>)",
		"https://bank.example@evil.example/a_b (https://a.example/x_(y_z))": `https://bank.example@evil.example/a\_b (<https://a.example/x_(y_z)>)`,
	} {
		if got := w.line(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}
