package commands

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/tocsin-dev/tocsin/bot"
)

// house is an install with names that are hard to read.
func house() *bot.Settings {
	s := bot.Defaults()
	s.Components = []bot.Component{
		{ID: "api", Name: "API", Group: "Prod1 (US)"}, {ID: "chat", Name: "Channel - Chat", Group: "Prod1 (US)"},
		{ID: "web", Name: "Web Client", Group: "Prod1 (US)"},
	}
	s.Services = []bot.Service{{ID: "api-gateway", Name: "API Gateway"}, {ID: "search", Name: "Search"}}
	s.Targets = []bot.Target{
		{Name: "gateway-prod", Service: "api-gateway", Environment: "production", LockKey: "api-gateway/production", Digest: "d1", Steps: []bot.TargetStep{{Name: "main"}, {Name: "chat"}}},
		{Name: "search-prod", Service: "search", Environment: "production", LockKey: "search/production", Digest: "d2", Steps: []bot.TargetStep{{Name: "main"}}},
	}
	s.BaseURL = "http://127.0.0.1:8080"
	return &s
}

// written is a parse as a table writes it: the verb, then name=value, sorted.
func written(p parsed) string {
	parts := []string{p.cmd.Name}
	for _, k := range slices.Sorted(maps.Keys(p.values)) {
		parts = append(parts, k+"="+strings.ReplaceAll(p.values[k].String(), "\n", "⏎"))
	}
	return p.head + strings.Join(parts, " | ")
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ line, want string }{
		{"", "card"},
		{"12", "#12 card"},
		{"  #12  ", "#12 card"},
		{"inc-12", "#12 card"},
		{"INC-12 resolve", "#12 resolve"},
		{"#inc-12-checkout-down status identified", "#12 status | status=identified"},
		{"/incident list", "list"},
		{"/inc #12 list all", "#12 list | which=all"},

		{"declare sev1 Checkout is down", "declare | severity=sev1 | title=Checkout is down"},
		{"Declare SEV-1 Checkout is down", "declare | severity=sev1 | title=Checkout is down"},
		{"declare sev 1 Checkout is down", "declare | severity=sev1 | title=Checkout is down"},
		{"declare p1 Checkout is down", "declare | severity=sev1 | title=Checkout is down"},
		{"declare sev1: Checkout is down", "declare | severity=sev1 | title=Checkout is down"},
		{"declare Critical Checkout is down", "declare | severity=sev1 | title=Checkout is down"},
		{"declare 3 hosts are down", "declare | title=3 hosts are down"},
		{"declare sev9 Checkout is down", "declare | severity=sev9 | title=Checkout is down"},
		{"declare sev 9 Checkout is down", "declare | severity=sev 9 | title=Checkout is down"},
		{"declare sev1", "declare | severity=sev1"},
		{"declare", "declare"},
		{"new Logins fail", "declare | title=Logins fail"},
		{"test sev2 Everybody is paged", "declare | drill=true | severity=sev2 | title=Everybody is paged"},
		{"test", "declare | drill=true"},
		{"declare “Checkout is down”", "declare | title=Checkout is down"},
		{`declare "Checkout" is down`, `declare | title="Checkout" is down`},
		{"declare don't panic", "declare | title=don't panic"},
		{`declare 5" screens fail --private`, `declare | private=true | title=5" screens fail`},
		{`declare "Checkout is down --private`, `declare | private=true | title="Checkout is down`},
		{"declare sev1 Checkout is down --service api-gateway --since -20m", "declare | service=api-gateway | severity=sev1 | since=-20m | title=Checkout is down"},
		{"declare sev1 Checkout is down —service API Gateway —service search", "declare | service=api-gateway⏎search | severity=sev1 | title=Checkout is down"},
		{"declare Slow chat --since 2020-01-23 16:15 --drill", "declare | drill=true | since=2020-01-23 16:15 | title=Slow chat"},
		{"declare --since 20m ago sev1 Slow chat", "declare | severity=sev1 | since=20m ago | title=Slow chat"},
		{"declare sev1 --service=“API Gateway” Slow chat", "declare | service=api-gateway | severity=sev1 | title=Slow chat"},
		{"declare --drill --new Slow chat –private", "declare | drill=true | new=true | private=true | title=Slow chat"},
		{"declare -- sev1 --drill --private", "declare | title=sev1 --drill --private"},

		{"update The fix --public is the flag", "update | text=The fix --public is the flag"},
		{"update The fix is out --public", "update | public=true | text=The fix is out"},
		{"update --public The fix is out", "update | public=true | text=The fix is out"},
		{"update monitoring --public The fix is out --next 30m", "update | next=30m | public=true | status=monitoring | text=The fix is out"},
		{"update monitoring A fix is out —public —next 30m", "update | next=30m | public=true | status=monitoring | text=A fix is out"},
		{"update Resolved: all is well", "update | status=resolved | text=all is well"},
		{"update resolved the DNS part, chat still down", "update | status=resolved | text=the DNS part, chat still down"},
		{"update -- resolved the DNS part", "update | text=resolved the DNS part"},
		{"update --unknown word", "update | text=--unknown word"},
		{"update a trace --at com.example.Main", "update | at=com.example.Main | text=a trace"},
		{"update a trace --at main --oops more", "update | text=a trace --at main --oops more"},
		{"update down — all regions --public", "update | public=true | text=down — all regions"},
		{"update first\nsecond  line\n\tthird --public", "update | public=true | text=first⏎second  line⏎\tthird"},
		{"update slow --component Web Client=degraded --component api=ok", "update | component=web=degraded_performance⏎api=operational | text=slow"},
		{"update slow --component \"Web Client\"=major", "update | component=web=major_outage | text=slow"},
		{"update slow --component “Channel - Chat=partial”", "update | component=chat=partial_outage | text=slow"},
		{"update slow --public=no", "update | text=slow"},
		{"update fix The chat is slow", "update fix | text=The chat is slow"},
		{"update fix 7 The chat is slow", "update fix | n=7 | text=The chat is slow"},
		{"update Fix deployed everywhere", "update | text=Fix deployed everywhere"},
		{"update retract #7 It was wrong", "update retract | n=7 | text=It was wrong"},
		{"update publish", "update publish"},
		{"update publish 7 --sure", "update publish | n=7 | sure=true"},
		{"update -- fix deployed", "update | text=fix deployed"},

		{"status monitoring", "status | status=monitoring"},
		{"status Monitoring --at 16:48", "status | at=16:48 | status=monitoring"},
		{"--at 16:48", ""},
		{"mitigate", "status | status=monitoring"},
		{"mitigate --at -5m", "status | at=-5m | status=monitoring"},
		{"status", "status"},
		{"component api=degraded", "component | component=api=degraded_performance"},
		{"component api = degraded", "component | component=api=degraded_performance"},
		{"component API=major Web Client=ok --at yesterday 16:15", "component | at=yesterday 16:15 | component=api=major_outage⏎web=operational"},
		{"component Channel - Chat=partial api=ok", "component | component=chat=partial_outage⏎api=operational"},
		{"severity sev1", "severity | severity=sev1"},
		{"sev 1", "severity | severity=sev1"},
		{"sev critical", "severity | severity=sev1"},
		{"severity SEV 2", "severity | severity=sev2"},
		{"title Payments are delayed --public", "title | public=true | text=Payments are delayed"},
		{"rename Payments", "title | text=Payments"},
		{"summary It is the cache", "summary | text=It is the cache"},
		{"assign comms @ana", "assign | role=comms | user=@ana"},
		{"assign Incident commander none", "assign | role=commander | user=none"},
		{"role comms none", "assign | role=comms | user=none"},
		{"ic", "assign | role=commander | user=me"},
		{"lead @ben", "assign | role=commander | user=@ben"},
		{"note Ben restarted it --at 16:40", "note | at=16:40 | text=Ben restarted it"},
		{"note he said --help twice", "note | text=he said --help twice"},
		{"timeline", "timeline"},
		{"timeline --full", "timeline | full=true"},
		{"redact 7 A name", "redact | seq=7 | text=A name"},
		{"milestone impact 16:19", "milestone | milestone=impact | time=16:19"},
		{"milestone Detected 2020-01-23 16:19", "milestone | milestone=detected | time=2020-01-23 16:19"},
		{"milestone mitigated 20 minutes ago", "milestone | milestone=mitigated | time=20 minutes ago"},
		{"link https://example.com/d Gateway dashboard", "link | name=Gateway dashboard | url=https://example.com/d"},
		{"resolve", "resolve"},
		{"fixed The deploy was rolled back --all-clear", "resolve | all-clear=true | text=The deploy was rolled back"},
		{"close --internal", "resolve | internal=true"},
		{"#12 resolve It works again --public --at 17:56", "#12 resolve | at=17:56 | public=true | text=It works again"},
		{"reopen It is back", "reopen | text=It is back"},
		{"cancel A false alarm", "cancel | text=A false alarm"},
		{"deploys", "deploys"},
		{"deploys API Gateway", "deploys | service=api-gateway"},
		{"deploys batch-jobs", "deploys | service=batch-jobs"},
		{"rollback", "rollback"},
		{"rollback Gateway-Prod", "rollback | target=gateway-prod"},
		{"#12 rollback gateway-prod —to “v 41” —reason bad memory settings —plan", "#12 rollback | plan=true | reason=bad memory settings | target=gateway-prod | to=v 41"},
		{"rollback --to v41 gateway-prod", "rollback | target=gateway-prod | to=v41"},
		{"rollback --reason bad memory — it's again --to=v41 gateway-prod", "rollback | reason=bad memory — it's again | target=gateway-prod | to=v41"},
		{`rollback --reason "bad memory" gateway-prod`, "rollback | reason=bad memory | target=gateway-prod"},
		{`rollback --reason="bad memory" gateway-prod`, "rollback | reason=bad memory | target=gateway-prod"},
		{"rollback gateway-prod --reason=bad memory --plan", "rollback | plan=true | reason=bad memory | target=gateway-prod"},
		{`rollback gateway-prod --reason bad "memory" settings`, `rollback | reason=bad "memory" settings | target=gateway-prod`},
		{"rollback gateway-prod --reason it is --memory-limit 2", "rollback | reason=it is --memory-limit 2 | target=gateway-prod"},
		{"rollback search-prod --edit", "rollback | edit=true | target=search-prod"},
		{`rollback "approve"`, "rollback | target=approve"},
		{"rollback approve", "rollback approve"},
		{"rollback approve R7", "rollback approve | id=r7"},
		{"rollback approve #7", "rollback approve | id=r7"},
		{"rollback show 7", "rollback show | id=r7"},
		{"rollback deny r7 The migration cannot go back", "rollback deny | id=r7 | text=The migration cannot go back"},
		{"rollback deny The migration cannot go back", "rollback deny | text=The migration cannot go back"},
		{"rollback cancel r7", "rollback cancel | id=r7"},
		{"rollback next", "rollback next"},
		{"rollback done main", "rollback done | step=main"},
		{"rollback done r7 main", "rollback done | id=r7 | step=main"},
		{`rollback resend 7 "main cluster"`, "rollback resend | id=r7 | step=main cluster"},
		{`rollback gateway-prod --reason "bad memory" settings --plan`, `rollback | plan=true | reason="bad memory" settings | target=gateway-prod`},
		{`rollback gateway-prod --reason="bad memory" it starves`, `rollback | reason="bad memory" it starves | target=gateway-prod`},
		{`rollback gateway-prod --reason "bad memory"`, "rollback | reason=bad memory | target=gateway-prod"},
		{`rollback gateway-prod --reason="bad memory" --plan`, "rollback | plan=true | reason=bad memory | target=gateway-prod"},
		{"task", "task"},
		{"todo", "task"},
		{"todo add Call the provider —owner @ana", "task add | owner=@ana | text=Call the provider"},
		{"Task Add call them", "task add | text=call them"},
		{"task done #3", "task done | n=3"},
		{"task promote ALL", "task promote | n=all"},
		{"task promote 3", "task promote | n=3"},
		{"action", "action"},
		{"action --all", "action | all=true"},
		{"followup add Limit the retries – today —due 14d –priority P1 —service API Gateway", "action add | due=14d | priority=p1 | service=api-gateway | text=Limit the retries – today"},
		{"action add 3 things to do", "action add | text=3 things to do"},
		{"action add https://github.com/acme/api/issues/7 --due 2099-12-01", "action add | due=2099-12-01 | text=https://github.com/acme/api/issues/7"},
		{"#12 action list", "#12 action list"},
		{"followup done 3 It is out", "action done | n=3 | text=It is out"},
		{"action due 3 14d Ana is ill", "action due | date=14d | n=3 | text=Ana is ill"},
		{"action owner #3 none", "action owner | n=3 | user=none"},
		{"remind in 20m Look", "remind in | in=20m | text=Look"},
		{"remind in 20 minutes to look", "remind in | in=20m | text=to look"},
		{"remind in 2 hours look", "remind in | in=2h | text=look"},
		{"remind in an hour look", "remind in | in=1h | text=look"},
		{"remind at 15:04 Look", "remind at | at=15:04 | text=Look"},
		{"remind at tomorrow 09:00 Look at 10:00", "remind at | at=tomorrow 09:00 | text=Look at 10:00"},
		{"pm", "postmortem"},
		{"pm set root cause The cache had no limit", "postmortem set | section=root-cause | text=The cache had no limit"},
		{"pm set Root-Cause: It was DNS", "postmortem set | section=root-cause | text=It was DNS"},
		{"pm set lessons learned a bit late", "postmortem set | section=lessons-learned-action-items | text=a bit late"},
		{"pm set lessons learned & action items none", "postmortem set | section=lessons-learned-action-items | text=none"},
		{"pm set action items We alert", "postmortem set | section=lessons-learned-action-items | text=We alert"},
		{"postmortem set summary —base 7 -- —it", "postmortem set | base=7 | section=summary | text=—it"},
		{"postmortem set nose It is red", "postmortem set | section=nose | text=It is red"},
		{"pm publish —public", "postmortem publish | public=true"},
		{"list", "list"},
		{"list open", "list | which=open"},
		{"show #12", "show | incident=12"},
		{"show 12 --more", "show | incident=12 | more=true"},
		{"mine", "mine"},
		{"help update fix", "help | verb=update fix"},
		{"update", "update"},
		{"update --edit --public", "update | edit=true | public=true"},
	} {
		if tc.want == "" {
			continue
		}
		p, err := parse(house(), bot.Plain(tc.line))
		if err != nil {
			t.Errorf("parse(%q): %v", tc.line, err)
			continue
		}
		if got := written(p); got != tc.want {
			t.Errorf("parse(%q)\n got %s\nwant %s", tc.line, got, tc.want)
		}
	}
}

func TestParseReferences(t *testing.T) {
	t.Parallel()
	p, err := parse(house(), bot.Join(bot.MentionChannel("C12"), " assign comms ", bot.MentionUser("U0ANA")))
	if err != nil || p.channel != "C12" || p.values["user"] != bot.MentionUser("U0ANA") {
		t.Errorf("a channel and a person: %+v, %v", p, err)
	}
	p, err = parse(house(), bot.Join("note ", bot.LinkTo("https://example.com", `a "b c --at d`), " seen --at 16:15"))
	if err != nil || p.values["at"] != "16:15" || !strings.HasSuffix(string(p.values["text"]), " seen") {
		t.Errorf("a link with spaces, quotes and dashes inside: %+v, %v", p.values, err)
	}
}

// A line that cannot be read says why, and offers the line that would have
// worked.
func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ line, text, offer string }{
		{"staus monitoring", "no command", "status monitoring"},
		{"#12 reslove it works", "no command", "#12 resolve it works"},
		{"monitoring", "no command", "status monitoring"},
		{"#12 monitoring the queues", "no command", "#12 update monitoring the queues"},
		{"sev1 Checkout is down", "no command", "declare sev1 Checkout is down"},
		{"sev1", "no command", "severity sev1"},
		{"status monitoring the queues", "more than status takes", "update monitoring the queues"},
		{"mitigate we failed over", "more than status takes", "update monitoring we failed over"},
		{"update publish the fix", "more than update publish takes", "update -- publish the fix"},
		{"status monitoring --att 16:15", "no --att", "status monitoring --at 16:15"},
		{"list --al", "no --al", ""},
		{"#12 rollback aprove r7", "no rollback target", "#12 rollback approve r7"},
		{"rollback Deny r7 It is too late", "no rollback target", "rollback deny r7 It is too late"},
		{"rollback break-glass r7 It burns", "not in this version", ""},
		{"rollback gatewy-prod now", "no rollback target", ""},
		{"rollback gateway-prod now", "more than rollback takes", ""},
		{"rollback approve r7 please", "more than rollback approve takes", ""},
		{"rollback gateway-prod --paln", "no --paln", "rollback gateway-prod --plan"},
		{"rollback gateway-prod --reason bad memory --paln", "no --paln", "rollback gateway-prod --reason bad memory --plan"},
		{"rollback gateway-prod --reason --plan", "--reason needs a value", ""},
		{"rollback gateway-prod --to v41 --to v40", "given twice", ""},
		{"action finish 3", `no "action finish"`, "action done 3"},
		{"#12 followup crate Alert on it", `no "action crate"`, "#12 action add crate Alert on it"},
		{"action ad Alert on it", `no "action ad"`, "action add Alert on it"},
		{"action Alert on the queue", `no "action Alert"`, "action add Alert on the queue"},
		{"action edit 3 Alert", "action edit is not in this version", ""},
		{"action delete 3", `no "action delete"`, "action drop 3"},
		{"todo buy milk", `no "task buy"`, "task add buy milk"},
		{"todo finish 3", `no "task finish"`, "task done 3"},
		{"remind 20m look", `no "remind 20m"`, "remind in 20m look"},
		{"remind me in 20m to look", `no "remind me"`, "remind in 20m to look"},
		{"remind me 15:04 look", `no "remind me"`, "remind at 15:04 look"},
		{"remind every day look", "remind every is not in this version", ""},
		{"remind delete 3", `no "remind delete"`, "remind cancel 3"},
		{"remind foo", `no "remind foo"`, ""},
		{"pm root cause It was DNS", `no "postmortem root"`, "postmortem set root cause It was DNS"},
		{"pm show", `no "postmortem show"`, "postmortem"},
		{"#12 pm publsh --public", `no "postmortem publsh"`, "#12 postmortem publish --public"},
		{"task list all", "more than task list takes", ""},
		{"update we are on it --next", "--next needs a value", ""},
		{"declare Slow chat --since 16:15 --since 16:20", "given twice", ""},
	} {
		_, err := parse(house(), bot.Plain(tc.line))
		e, ok := err.(*bot.Error) //nolint:errorlint // the parser wraps nothing
		if !ok || e.Kind != bot.KindInvalid {
			t.Errorf("parse(%q) = %v, want a refusal", tc.line, err)
			continue
		}
		if !strings.Contains(e.Text, tc.text) || e.Line != tc.offer || e.Hint == "" {
			t.Errorf("parse(%q)\n got %q, offers %q, hint %q\nwant %q, offers %q", tc.line, e.Text, e.Line, e.Hint, tc.text, tc.offer)
		}
	}
	_, err := parse(house(), "the checkout is broken for all")
	if e, ok := err.(*bot.Error); !ok || len(e.Lines) != 3 || e.Lines[0].Line != "update the checkout is broken for all" { //nolint:errorlint // as above
		t.Errorf("a message without a verb: %#v", err)
	}
}

func TestNearFlagIsNoted(t *testing.T) {
	t.Parallel()
	for _, line := range []bot.Text{"update A fix is out --pubilc", "update --publc A fix is out"} {
		p, err := parse(house(), line)
		if err != nil || len(p.notes) != 1 || !strings.Contains(p.notes[0].String(), "--public") || p.values["public"] != "" {
			t.Errorf("parse(%q): notes %v, values %v, %v", line, p.notes, p.values, err)
		}
	}
}

// A long line of what is dearest to read, is read at once.
func TestParseIsLinear(t *testing.T) {
	t.Parallel()
	for _, piece := range []string{`"a `, "“a ", "--at ", "--at x ", "--public ", "— ", "-- ", "\x02@U1", "a=\"", "api=", "sev ", `""`} {
		for _, verb := range []string{"update ", "rollback --reason "} {
			line := bot.Text(verb + strings.Repeat(piece, 1<<18/len(piece)) + "end")
			began := time.Now()
			_, _ = parse(house(), line) // whether it can be read is not the question
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("%s and 256 kB of %q took %s", verb, piece, took)
			}
			t.Log(verb, piece, time.Since(began))
		}
	}
}

// FuzzParse checks that no line panics and nothing typed is lost: each word
// stands in a value, or is the verb, the incident, or a flag's name; and a text
// is a piece of the line as it was typed.
func FuzzParse(f *testing.F) {
	for _, c := range All() {
		for _, e := range c.Examples {
			f.Add(e)
		}
	}
	f.Add("#12 update “Web Client” it's --at \x02@U1\x03 -- — \"x\"\"y\" =\"")
	s := house()
	f.Fuzz(func(t *testing.T, in string) {
		line := bot.ParseRefs(in)
		p, err := scan(s, line)
		if err != nil {
			return
		}
		kept := map[string]bool{}
		keep := func(parts ...string) {
			for _, w := range atoms(strings.Join(parts, " ")) {
				kept[w] = true
			}
		}
		family, _, _ := strings.Cut(p.cmd.Name, " ")
		keep(p.cmd.Name, p.head, s.Command, strings.Join(s.Aliases, " "), strings.Join(p.cmd.Aliases, " "), strings.Join(table[family].Aliases, " "), "inc")
		if p.head != "" { // behind the number of inc-12-checkout is its name
			w := dropCommand(s, split(line))
			keep(string(w[0].text))
		}
		if p.short != nil {
			keep(p.short.Word)
		}
		for name, v := range p.values {
			keep(name, string(v))
			if v == "" {
				t.Fatalf("scan(%q): %s is there and empty", in, name)
			}
		}
		for _, w := range atoms(string(line)) {
			// A switch keeps only whether it is set: --public=no.
			if !kept[w] && !strings.Contains(string(line), "="+w) {
				t.Fatalf("scan(%q) lost %q: %s", in, w, written(p))
			}
		}
		if a := p.cmd.text(); a != nil && p.values[a.Name] != "" {
			bare := strings.NewReplacer(`"`, "")
			if text := bare.Replace(string(p.values[a.Name])); !strings.Contains(bare.Replace(string(line)), text) {
				t.Fatalf("scan(%q) rewrote the text: %q", in, text)
			}
		}
	})
}

// atoms returns the runs of letters and digits of s, in lower case.
func atoms(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}
