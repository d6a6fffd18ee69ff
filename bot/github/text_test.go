package github

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tocsin-dev/tocsin/bot"
)

func TestHostileText(t *testing.T) {
	const z = "\u200b"
	for _, c := range []struct{ name, text, want string }{
		{"plain", "Alert on queue depth", "Alert on queue depth"},
		{"mention", "ask @octocat", "ask @" + z + "octocat"},
		{"escaped mention", `ask \@octocat`, `ask \\@` + z + "octocat"},
		{"team", "cc @acme/sre", "cc @" + z + "acme/sre"},
		{"numeric entity", "ask &#64;octocat", "ask @" + z + "octocat"},
		{"hex entity", "ask &#x40;octocat", "ask @" + z + "octocat"},
		{"named entity", "ask &commat;octocat", "ask @" + z + "octocat"},
		{"entity of an entity", "ask &amp;#64;octocat", "ask &amp;#" + z + "64;octocat"},
		{"e-mail", "mail ana@example.com", "mail ana@" + z + "example.com"},
		{"code", "run `@octocat`", "run \\`@" + z + "octocat\\`"},
		{"issue", "like #12 and acme/x#34", "like #" + z + "12 and acme/x#" + z + "34"},
		{"not an issue", "in #general and C#", "in #general and C#"},
		{"GH", "as GH-12 and gh-13", "as GH-" + z + "12 and gh-" + z + "13"},
		{"closing word", "fixes #12", "fixes #" + z + "12"},
		{"numbered entity of a hash", "&#35;12", `\#` + z + "12"},
		{"image", "![x](https://evil.test/p.png)", `\!\[x\](<https://evil.test/p.png>)`},
		{"html", `<img src="https://evil.test/p.png">`, `&lt;img src="<https://evil.test/p.png>"&gt;`},
		{"html entity", "&lt;script&gt;", "&lt;script&gt;"},
		{"comment", "<!-- tocsin:item=AAAAAAAAAAAAAAAAAAAAAAAAAA -->", `&lt;\!-- tocsin:item=AAAAAAAAAAAAAAAAAAAAAAAAAA --&gt;`},
		{"link", "[x](javascript:alert(1))", `\[x\](javascript:alert(1))`},
		{"emphasis", "*a* _b_ ~c~ |d|", `\*a\* \_b\_ \~c\~ \|d\|`},
		{"heading", "# big", `\# big`},
		{"list", "- a", `\- a`},
		{"address", "see https://example.com/a?b=1&c=2#x", "see <https://example.com/a?b=1&amp;c=2#x>"},
		{"address in a sentence", "(see https://example.com/a_(b).)", "(see <https://example.com/a_(b)>.)"},
		{"mention in an address", "https://medium.com/@octocat", "<https://medium.com/%40octocat>"},
		{"issue's address", "see https://github.com/acme/x/issues/5", "see `https://github.com/acme/x/issues/5`"},
		{"issue's address in code", "`a https://github.com/acme/x/issues/5", "\\`a `https://github.com/acme/x/issues/5`"},
		{"issue's address in another case", "HTTPS://GitHub.com/acme/x/pull/5", "`HTTPS://GitHub.com/acme/x/pull/5`"},
		{"issue's address on www", "https://www.github.com/acme/x/pull/5", "`https://www.github.com/acme/x/pull/5`"},
		{"our own GitHub", "http://github.test/acme/x/issues/5", "`http://github.test/acme/x/issues/5`"},
		{"control", "a\u0000b\u202ec\u2066d", "abcd"},
		{"control in an entity", "a&#x202e;b", "ab"},
		{"lines", "a\n\n@b\r\n# c", "a @" + z + "b # c"},
		{"fence", "```\n@a\n```", "\\`\\`\\` @" + z + "a \\`\\`\\`"},
	} {
		t.Run(c.name, func(t *testing.T) {
			still(t, nil, func(w *world) {
				w.add(bot.FollowUpDraft{Text: bot.Plain(c.text), Issue: 0})
				f := w.item(1)
				f.Text = bot.Plain(c.text)
				in, err := w.g.issueRequest(w.ctx, &task{f: f, i: &bot.Incident{Number: 1, Title: f.Text, Severity: "sev1"}})
				w.must(err)
				first, rest, _ := strings.Cut(*in.Body, "\n")
				if first != c.want {
					t.Errorf("%q, want %q", first, c.want)
				}
				about := strings.TrimPrefix(c.want, `\`)
				if strings.HasPrefix(c.want, `\`) && !strings.ContainsRune("#-", rune(about[0])) {
					about = c.want
				}
				if !strings.Contains(rest, "\nIncident: #"+z+"1 "+about+"\n") {
					t.Errorf("the incident's title: %q", rest)
				}
				if strings.Count(*in.Body, "<!--") != 1 || keyIn(*in.Body) != f.Key || !hasMarker(*in.Body, f.Key) {
					t.Errorf("the marker: %q", *in.Body)
				}
				title := *in.Title
				if at := strings.Index(title, "@"); at >= 0 && !strings.HasPrefix(title[at+1:], z) && !strings.HasSuffix(title, "@") {
					t.Errorf("title %q", title)
				}
				if title == "" || strings.ContainsAny(title, "\n\r\u202e") || strings.ContainsAny(title[:1], "-# ") {
					t.Errorf("title %q", title)
				}
			})
		})
	}
}

func TestTitles(t *testing.T) {
	for text, want := range map[string]string{
		"- # a":                   "a",
		"a < b & c":               "a < b & c",
		strings.Repeat("ä", 200):  strings.Repeat("ä", 200),
		strings.Repeat("ä", 201):  strings.Repeat("ä", 199) + "…",
		strings.Repeat("@a", 100): strings.TrimSuffix(strings.Repeat("@\u200ba", 67), "\u200ba") + "…",
		"###":                     "",
	} {
		got := titleOf(text)
		if utf8.RuneCountInString(got) > maxTitle || text[0] != '@' && got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

// People, channels and groups are named as they are called.
func TestReferencesAreNamed(t *testing.T) {
	still(t, nil, func(w *world) {
		w.must(w.carry("", func(work *bot.Work) error {
			if err := work.Tx.SavePerson(bot.Person{ID: ben, Name: "Ben @evil #1", Handle: "ben"}); err != nil {
				return err
			}
			if err := work.Tx.SaveChannel(bot.Channel{ID: "C00000001", Name: "ops"}); err != nil {
				return err
			}
			return work.Tx.SaveGroup(bot.Group{ID: "S00000001", Name: "On call", Handle: "oncall"})
		}))
		f := &bot.FollowUp{Number: 1, Key: "K", Owner: ben, Text: bot.Join("ask ", bot.MentionUser(ben), " in ", bot.MentionChannel("C00000001"),
			" or ", bot.MentionGroup("S00000001"), " or ", bot.MentionGroup("S00000002"), ", see ", bot.LinkTo("https://example.com/x", "the graph"), bot.Bold(" *now*"))}
		in, err := w.g.issueRequest(w.ctx, &task{f: f, i: &bot.Incident{Number: 1, Severity: "sev1"}})
		w.must(err)
		want := "ask Ben @\u200bevil #\u200b1 in #ops or On call or S00000002, see the graph (<https://example.com/x>) \\*now\\*\n\n"
		if !strings.HasPrefix(*in.Body, want) || !strings.Contains(*in.Body, "\nOwner: Ben @\u200bevil #\u200b1\n") {
			t.Errorf("%q, want\n%q", *in.Body, want)
		}
	})
}

func TestSetDue(t *testing.T) {
	m := marker("KEY")
	for _, c := range []struct {
		body string
		due  bot.Date
		want string
	}{
		{"a\n\nDue: 2026-12-01\n\n" + m + "\n", "2027-01-31", "a\n\nDue: 2027-01-31\n\n" + m + "\n"},
		{"a\r\n\r\nDue: 2026-12-01\r\n\r\n" + m, "2027-01-31", "a\r\n\r\nDue: 2027-01-31\r\n\r\n" + m},
		{"a\n\nDue: 2026-12-01\nx\n" + m, "", "a\n\nx\n" + m},
		{"a\n\n" + m, "", "a\n\n" + m},
		{"a\n\n" + m, "2027-01-31", "a\n\nDue: 2027-01-31\n\n" + m},
		{"Due: 2020-01-01\nDue: 2026-12-01\n" + m, "2027-01-31", "Due: 2020-01-01\nDue: 2027-01-31\n" + m},
		{"Due: soon\nnot Due: 2026-12-01\n" + m + "\nDue: 2020-01-01", "2027-01-31", "Due: soon\nnot Due: 2026-12-01\nDue: 2027-01-31\n\n" + m + "\nDue: 2020-01-01"},
		{"Due: 2026-12-01", "2027-01-31", "Due: 2026-12-01"},
		{"Due: 2026-12-01\n" + marker("OTHER"), "2027-01-31", "Due: 2026-12-01\n" + marker("OTHER")},
	} {
		if got := setDue(c.body, c.due, "KEY"); got != c.want {
			t.Errorf("%q to %q: %q, want %q", c.body, c.due, got, c.want)
		}
	}
}
