package commands

import (
	"maps"
	"strings"
	"testing"

	"github.com/tocsin-dev/tocsin/bot"
)

// reread parses the line of a verb's values and compares.
func reread(t *testing.T, s *bot.Settings, c *Command, v values) {
	t.Helper()
	want := maps.Clone(v)
	want.canon(s, c)
	line := c.line(v)
	p, err := parse(s, line)
	if err != nil {
		t.Fatalf("%s %q\nline %q\n%v", c.Name, v, line, err)
	}
	if p.cmd != c || !maps.Equal(p.values, want) {
		t.Fatalf("line %q\n got %s %q\nwant %s %q", line, p.cmd.Name, p.values, c.Name, want)
	}
}

func TestLine(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		verb string
		v    values
		want string
	}{
		{"declare", values{"severity": "sev1", "title": "Checkout is down"}, "declare sev1 Checkout is down"},
		{"declare", values{"title": "sev1 is not meant", "new": "true"}, "declare --new -- sev1 is not meant"},
		{"update", values{"status": "monitoring", "public": "true", "text": "--public is kept", "next": "30m"}, "update monitoring --public --next=30m -- --public is kept"},
		{"update", values{"text": "slow", "component": "web=degraded_performance\nChannel - Chat=ok"}, `update --component=web=degraded_performance --component="Channel - Chat=ok" -- slow`},
		{"assign", values{"role": "Incident commander", "user": bot.MentionUser("U1")}, `assign "Incident commander" <@U1>`},
		{"note", values{"text": `"quoted"`}, `note -- "quoted"`},
		{"rollback", values{"target": "gateway-prod", "to": "v 41", "plan": "true"}, `rollback gateway-prod --to="v 41" --plan`},
		{"rollback", values{"target": "gateway-prod", "reason": `the "memory" settings`, "edit": "true"}, `rollback gateway-prod --reason="the ""memory"" settings" --edit`},
		{"rollback", values{"target": "approve"}, `rollback "approve"`},
		{"rollback", values{"to": "v41", "reason": "--plan"}, `rollback --to=v41 --reason=--plan`},
		{"rollback done", values{"id": "r7", "step": "main"}, "rollback done r7 main"},
		{"rollback done", values{"step": "2"}, `rollback done "2"`},
		{"rollback deny", values{"text": "7 nodes are left"}, "rollback deny -- 7 nodes are left"},
		{"task promote", values{"n": "all"}, "task promote all"},
		{"action add", values{"text": "Limit it", "due": "14d", "service": "API Gateway"}, `action add --due=14d --service="API Gateway" Limit it`},
		{"action due", values{"n": "3", "date": "2099-12-01", "text": "It is late"}, "action due 3 2099-12-01 It is late"},
		{"remind in", values{"in": "20m", "text": "minutes count"}, "remind in 20m minutes count"},
		{"remind at", values{"at": "tomorrow 09:00", "text": "look"}, `remind at "tomorrow 09:00" look`},
		{"postmortem set", values{"section": "root-cause", "text": "and effect", "base": "7"}, "postmortem set root-cause --base=7 and effect"},
		{"postmortem set", values{"section": "lessons", "text": "learned late"}, `postmortem set "lessons" learned late`},
	} {
		c := table[tc.verb]
		if got := c.line(tc.v).String(); got != tc.want {
			t.Errorf("line of %s with %q = %q, want %q", tc.verb, tc.v, got, tc.want)
		}
		reread(t, house(), c, tc.v)
	}
}

// FuzzLine writes lines from values of any content and reads them back.
func FuzzLine(f *testing.F) {
	f.Add("a", "b", true, uint8(0))
	f.Add(`--public "x`, "Web Client", false, uint8(3))
	f.Add("fix \n\t “y” 'z' —", `he said ""no""`, true, uint8(9))
	s := house()
	verbs := All()
	f.Fuzz(func(t *testing.T, text, word string, flag bool, pick uint8) {
		c := verbs[int(pick)%len(verbs)]
		v := values{}
		for k := range c.Args {
			a := &c.Args[k]
			if x := sample(s, a, text, word, flag); x != "" {
				v[a.Name] = x
			}
		}
		reread(t, s, c, v)
		// With references, which stand in buttons as Slack writes them.
		if a := c.text(); a != nil && v[a.Name] != "" && !strings.Contains(string(v[a.Name]), "<") {
			v[a.Name] = bot.Join(v[a.Name], " ", bot.MentionUser("U1"))
			line := c.line(v).String()
			p, err := parse(s, bot.ParseRefs(line))
			want := maps.Clone(v)
			want.canon(s, c)
			if err == nil && p.values[a.Name] != want[a.Name] {
				t.Fatalf("line %q\n got %q\nwant %q", line, p.values[a.Name], want[a.Name])
			}
		}
	})
}

// sample is a value that a could have: of a kind that is read as it stands any
// content, of an optional positional one only what is surely its.
func sample(s *bot.Settings, a *Arg, text, word string, flag bool) bot.Text {
	word = string(bot.Plain(strings.TrimSpace(strings.NewReplacer("\n", " ", "\x02", "", "\x03", "").Replace(word))))
	switch a.Kind.(type) {
	case Text, Item:
		return trim(bot.Plain(text))
	case Switch:
		if flag {
			return "true"
		}
		return ""
	case Status:
		return bot.Text(bot.Statuses()[len(word)%4])
	case Severity:
		if flag {
			return bot.Text(s.Severities[len(word)%3].ID)
		}
		return ""
	case Number, ActionNumber, ReminderNumber, NumberOrAll:
		return bot.Text("7")
	case RollbackID:
		return bot.Text("r7")
	case Choice:
		return "all"
	case Change:
		if a.Flag {
			return bot.Text("api=ok\n" + word)
		}
		return bot.Text("web=major\n" + word)
	}
	switch {
	case a.Flag && flag:
		return ""
	case word == "" && a.Required:
		return "none"
	}
	return bot.Text(word)
}
