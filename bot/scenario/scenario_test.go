package scenario

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// cast is who plays in these tests.
var cast = Cast{Commander: "ana", Comms: "dana", Engineer: "cem", Approver: "ben"}

func load(t *testing.T, name string) *Scenario {
	t.Helper()
	s, err := Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestLoad reads every file that comes with the program; each is what its name
// says and can be played.
func TestLoad(t *testing.T) {
	names := Names()
	if len(names) == 0 {
		t.Fatal("there are none")
	}
	for _, name := range names {
		s := load(t, name)
		if s.Name != name || len(s.Sources) == 0 || len(s.Script(cast)) == 0 {
			t.Errorf("%s: named %q, %d sources", name, s.Name, len(s.Sources))
		}
	}
	_, err := Load("kustomer")
	if e := (*bot.Error)(nil); !errors.As(err, &e) || !strings.Contains(e.Hint, Default) {
		t.Errorf("%v", err)
	}
}

// TestParse: what cannot be played is refused, with every fault named.
func TestParse(t *testing.T) {
	const good = `{"schema": "tocsin-scenario/1", "title": "Down", "organisation": "Example", "source_time_zone": "UTC", "components": [{"name": "API"}],
"services": [{"id": "api", "targets": [{"id": "prod", "steps": ["main"]}]}], "action_items": [{"title": "Test", "status": "done"}],
"events": [{"n": 1, "at": "2020-01-01T00:00:00Z", "kind": "impact", "text": "Slow", "components": {"API": "major_outage"}, "public_status": "investigating", "target": "prod"}]}`
	if _, err := Parse([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ from, to, want string }{
		{`scenario/1`, `scenario/2`, `schema is "tocsin-scenario/2"`},
		{`"Down"`, `" "`, "title is missing"},
		{`"Example"`, `""`, "organisation is missing"},
		{`"UTC"`, `"Mars"`, "source_time_zone"},
		{`"UTC"`, `"Local"`, "source_time_zone"},
		{`"title"`, `"severity": "SEV9 (guessed)", "title"`, `severity "SEV9 (guessed)"`},
		{`[{"name": "API"}]`, `[{"name": "API"}, {"name": "api"}]`, `"API" and "api" would both be called api`},
		{`[{"name": "API"}]`, `[{"name": "API"}, {"name": "数据库"}]`, `component "数据库" has no letter`},
		{`"id": "api"`, `"id": "the api"`, `service "the api" is none`},
		{`{"id": "prod", "steps": ["main"]}`, `{"id": "prod"}, {"id": "prod"}`, `target "prod" is there twice`},
		{`{"id": "prod", "steps": ["main"]}`, `{"id": "prod"}, {"id": "api-all"}`, `target "api-all" is there twice`},
		{`"text": "Slow"`, `"text": "Ask ana@example.com"`, "customers would not be told this without a question: it holds an e-mail address"},
		{`"text": "Slow"`, `"text": "@ben looks"`, "it names somebody"},
		{`"title"`, `"milestones": {"detected_at": "2020-01-01T00:05:00Z", "declared_at": "2020-01-01T00:00:00Z"}, "title"`, "detected_at is later than the declaration"},
		{`"title"`, `"milestones": {"declared_at": "2020-01-01T00:05:00Z"}, "title"`, "before it was declared"},
		{`"target": "prod"}]`, `"target": "prod"}, {"n": 2, "at": "2020-01-02T00:00:00Z", "kind": "postmortem", "text": "Told"}]`, "the post-mortem comes before the end"},
		{`2020-01-01T`, `0002-01-01T`, "not between 1990 and 2100"},
		{`"done"`, `"finished"`, `status "finished" is none of`},
		{`"status": "done"}`, `"status": "done"}, {"title": " Test", "status": "open"}`, "is there twice"},
		{`"major_outage"`, `"down"`, `"down" is no state of a component`},
		{`{"API": "major`, `{"Web": "major`, `"Web" is not in components`},
		{`"investigating"`, `"looking"`, `"looking" is no status`},
		{`"target": "prod"`, `"target": "chat"`, `target "chat" is none of [prod]`},
		{`"at": "2020-01-01T00:00:00Z", `, ``, "event 1: at is missing"},
		{`"text": "Slow", `, ``, "kind or text is missing"},
		{`"2020-01-01T00:00:00Z"`, `"yesterday"`, `yesterday is no time; write it as "2020-01-23T21:15:00Z"`},
		{`"n": 1`, `"n": "one"`, "line 3:"},
		{`"kind": "impact"`, `"kid": "impact"`, `unknown field "kid"`},
		{`"prod"}]}`, `"prod"}]} {}`, "something follows"},
		{`"events": [{`, `"events": [], "note": "`, "scenario:"},
	} {
		text := strings.Replace(good, c.from, c.to, 1)
		if text == good {
			t.Errorf("%q is not in the text", c.from)
		}
		if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.to, err, c.want)
		}
	}
	both := strings.NewReplacer(`"done"`, `"finished"`, `"investigating"`, `"looking"`).Replace(good)
	if _, err := Parse([]byte(both)); err == nil || !strings.Contains(err.Error(), "finished") || !strings.Contains(err.Error(), "looking") {
		t.Errorf("one of two faults: %v", err)
	}
}

// TestShift: everything moves by the same time, and so do the times of day that
// texts tell; what was read stays as it is.
func TestShift(t *testing.T) {
	s := load(t, Default)
	by := 6*365*24*time.Hour + 95*time.Minute
	m := s.Shift(by)
	if !m.Begin().Equal(s.Begin().Add(by)) || !m.End().Equal(s.End().Add(by)) || !m.Milestones.Mitigated.Equal(s.Milestones.Mitigated.Add(by)) {
		t.Errorf("%v to %v, mitigated %v", m.Begin(), m.End(), m.Milestones.Mitigated)
	}
	if !strings.Contains(m.Postmortem.Impact, "until 18:17 EST; ") || !strings.Contains(s.Postmortem.Impact, "until 16:42 local; ") {
		t.Errorf("%q\n%q", m.Postmortem.Impact, s.Postmortem.Impact)
	}
	summer := s.Shift(180 * 24 * time.Hour) // the clocks are an hour ahead then
	if !strings.Contains(summer.Postmortem.Impact, "until 17:42 EDT; ") {
		t.Errorf("%q", summer.Postmortem.Impact)
	}
	if _, ok := m.Took("gateway-chat"); !ok {
		t.Error("how long the rollback took is lost")
	}
}

// lines are a script as a reader sees it.
func lines(steps []Step) []string {
	out := make([]string, len(steps))
	for k, s := range steps {
		out[k] = s.At.Format("02 15:04 ") + s.By + ": " + s.Act.String()
	}
	return out
}

// TestScript: the script of the incident that this program was made for.
func TestScript(t *testing.T) {
	got := lines(load(t, Default).Script(cast))
	rest := got
	for _, want := range []string{
		"23 21:15 cem: deploys a new version of gateway-main and gateway-chat",
		"23 21:19 ana: /incident declare sev1 Users unable to load Kustomer application --service api-gateway",
		"23 21:19 ana: /incident milestone detected now",
		"23 21:19 ana: /incident component api=major channel-chat=major web-client=major",
		"23 21:23 cem: /incident rollback gateway-main --reason Rollback of the main API gateway issued",
		"23 21:23 ben: clicks [Approve] for the rollback of gateway-main",
		"23 21:35 dana: /incident update investigating We are investigating the issue and will share information as soon as we have it. --public --next 30m",
		"23 21:41 cem: waits until the rollback of gateway-main is over",
		"23 21:42 ana: /incident component api=ok channel-chat=degraded web-client=ok",
		"23 22:11 dana: /incident update investigating The application works; chat still shows errors, so some customers may not be able to write in. --public",
		"23 22:56 dana: /incident resolve This incident has been resolved. --public",
		"23 23:06 ana: /incident action add Revert the changes to the API gateway's memory settings --owner @ana",
		"23 23:16 ana: closes the issue “Revert the changes to the API gateway's memory settings” on GitHub",
		"23 23:18 ben: types /incident action ongoing for “Test each service alone before deploying runtime settings that lie outside the application code”",
		"24 15:00 ana: /incident note Four tests in an isolated production container: only builds with the changed memory settings misbehave, whatever the code version",
		"28 23:11 ana: /incident postmortem publish --public",
		"28 23:11 ana: clicks [Publish]",
	} {
		k := 0
		for k < len(rest) && rest[k] != want {
			k++
		}
		if k == len(rest) {
			t.Fatalf("%q is missing, or too early, in\n%s", want, strings.Join(got, "\n"))
		}
		rest = rest[k+1:]
	}
	if len(rest) > 0 {
		t.Errorf("%q follow", rest)
	}
}

// TestScriptTellsLate: what happened before somebody declared is told with its own
// time, and a milestone that does not follow from the record is set.
func TestScriptTellsLate(t *testing.T) {
	all := strings.Join(lines(load(t, "github-mysql-2018-10").Script(cast)), "\n")
	for _, want := range []string{
		"21 23:09 ana: /incident declare Degraded service",
		"21 23:09 ana: /incident note Internal monitoring alerts --at -15m",
		"21 23:09 ana: /incident milestone detected 15m ago",
		"21 23:09 ana: /incident milestone impact 17m ago",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not in\n%s", want, all)
		}
	}
}

// stage keeps what it was asked to do, refuses one act, and stops at one time.
type stage struct {
	did     []string
	fails   string
	why     error
	stopped string
}

func (s *stage) Until(_ context.Context, t time.Time) error {
	if t.Format("15:04") == s.stopped {
		return errors.New("the clock stands still")
	}
	s.did = append(s.did, t.Format("15:04"))
	return nil
}

func (s *stage) Do(_ context.Context, x Step) error {
	if x.Act.String() == s.fails {
		return cmp.Or(s.why, errors.New("refused"))
	}
	s.did = append(s.did, x.Act.String())
	return nil
}

// TestPlay: time passes before each step; one that fails is told of and named, and
// the play goes on unless time does not.
func TestPlay(t *testing.T) {
	at := time.Date(2020, 1, 23, 21, 0, 0, 0, time.UTC)
	steps := []Step{{at, "ana", Type{Line: "declare Down"}}, {at.Add(time.Minute), "ben", Click{"Approve"}}, {at.Add(time.Hour), "ana", Type{Line: "resolve"}}}
	var told []string
	tell := func(x Step, err error) { told = append(told, fmt.Sprint(x.By, " ", err)) }
	s := &stage{fails: "clicks [Approve]"}
	err := Play(t.Context(), steps, s, tell)
	if err == nil || err.Error() != "step 2 of 3, ben clicks [Approve]: refused" {
		t.Error(err)
	}
	if got := strings.Join(s.did, ", "); got != "21:00, /incident declare Down, 21:01, 22:00, /incident resolve" || strings.Join(told, ", ") != "ana <nil>, ben refused, ana <nil>" {
		t.Errorf("%s; told %v", got, told)
	}
	s = &stage{fails: "/incident declare Down", why: fmt.Errorf("refused: %w", ErrLost)}
	if err = Play(t.Context(), steps, s, tell); err == nil || strings.Join(s.did, ", ") != "21:00" {
		t.Errorf("%v; did %v", err, s.did)
	}
	s, told = &stage{fails: "clicks [Approve]", stopped: "22:00"}, nil
	err = Play(t.Context(), steps, s, tell)
	if err == nil || !strings.Contains(err.Error(), "step 2 of 3") || !strings.HasSuffix(err.Error(), "before step 3 of 3: the clock stands still") || len(told) != 2 {
		t.Errorf("%v; told %v", err, told)
	}
}

// FuzzParse: a file that is read can be moved and made a script of, whatever is in
// it: in order of time, every line one line.
func FuzzParse(f *testing.F) {
	for _, name := range Names() {
		text, err := files.ReadFile("files/" + name + ".json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := Parse(text)
		if err != nil {
			return
		}
		m := s.Shift(time.Hour)
		steps := m.Script(cast)
		if len(steps) == 0 || !m.End().Equal(s.End().Add(time.Hour)) {
			t.Errorf("%d steps, %v", len(steps), m.End())
		}
		for k, x := range steps {
			if k > 0 && x.At.Before(steps[k-1].At) {
				t.Errorf("step %d is before the one before it", k)
			}
			if a, ok := x.Act.(Type); ok && strings.ContainsAny(a.Line, "\n\r") {
				t.Errorf("%q", a.Line)
			}
		}
	})
}
