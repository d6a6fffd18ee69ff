package scenario

import (
	"context"
	"errors"
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
	const good = `{"schema": "tocsin-scenario/1", "title": "Down", "source_time_zone": "UTC", "components": [{"name": "API"}],
"services": [{"id": "api", "targets": [{"id": "prod", "steps": ["main"]}]}], "action_items": [{"title": "Test", "status": "done"}],
"events": [{"n": 1, "at": "2020-01-01T00:00:00Z", "kind": "impact", "text": "Slow", "components": {"API": "major_outage"}, "public_status": "investigating", "target": "prod"}]}`
	if _, err := Parse([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ from, to, want string }{
		{`scenario/1`, `scenario/2`, `schema is "tocsin-scenario/2"`},
		{`"Down"`, `""`, "title is missing"},
		{`"UTC"`, `"Mars"`, "source_time_zone"},
		{`[{"name": "API"}]`, `[{"name": "API"}, {"name": "API"}]`, `"API" is there twice`},
		{`[{"name": "API"}]`, `[{"name": "API"}, {"name": "…"}]`, "has no name"},
		{`"done"`, `"finished"`, `status "finished" is none of`},
		{`"major_outage"`, `"down"`, `"down" is no state of a component`},
		{`{"API": "major`, `{"Web": "major`, `"Web" is not in components`},
		{`"investigating"`, `"looking"`, `"looking" is no status`},
		{`"target": "prod"`, `"target": "chat"`, `target "chat" is none of [prod]`},
		{`"at": "2020-01-01T00:00:00Z", `, ``, "at is missing"},
		{`"text": "Slow", `, ``, "kind or text is missing"},
		{`"2020-01-01T00:00:00Z"`, `"yesterday"`, "scenario:"},
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
		"23 21:23 ben: clicks [Approve]",
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

// stage keeps what it was asked to do, and refuses one act.
type stage struct {
	did   []string
	fails string
}

func (s *stage) Until(_ context.Context, t time.Time) error {
	s.did = append(s.did, t.Format("15:04"))
	return nil
}

func (s *stage) Do(_ context.Context, x Step) error {
	if x.Act.String() == s.fails {
		return errors.New("refused")
	}
	s.did = append(s.did, x.Act.String())
	return nil
}

// TestPlay: time passes before each step, and the first that fails is the last.
func TestPlay(t *testing.T) {
	at := time.Date(2020, 1, 23, 21, 0, 0, 0, time.UTC)
	steps := []Step{{at, "ana", Type{"declare Down"}}, {at.Add(time.Minute), "ben", Click{"Approve"}}, {at.Add(time.Hour), "ana", Type{"resolve"}}}
	var told []string
	s := &stage{fails: "clicks [Approve]"}
	err := Play(t.Context(), steps, s, func(x Step) { told = append(told, x.By) })
	if err == nil || err.Error() != "step 2 of 3, ben clicks [Approve]: refused" {
		t.Error(err)
	}
	if got := strings.Join(s.did, ", "); got != "21:00, /incident declare Down, 21:01" || strings.Join(told, " ") != "ana ben" {
		t.Errorf("%s; told %v", got, told)
	}
}

// FuzzParse: a file that is read can be moved and played, whatever is in it.
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
	})
}
