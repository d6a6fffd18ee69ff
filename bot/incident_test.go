package bot

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"
)

// record builds a stream for the rules' tests.
type record struct {
	t      *testing.T
	events []Event
	i      *Incident
}

func newRecord(t *testing.T, declared string) *record {
	r := &record{t: t, i: &Incident{}}
	r.add(declared, Event{Kind: EventDeclared, Text: "Users unable to load Kustomer application", Actor: "U0ANA",
		Data: Data{Severity: "sev1", User: "U0ANA", Acting: true, Services: []string{"api-gateway"}}})
	return r
}

func at(t *testing.T, clock string) time.Time {
	t.Helper()
	out, err := time.Parse("2006-01-02 15:04", "2020-01-23 "+clock)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (r *record) add(clock string, e Event) Event {
	r.t.Helper()
	e.Incident = 1
	e = e.Seal(r.i.Head, at(r.t, clock))
	r.events = append(r.events, e)
	r.i.Apply(e)
	return e
}

func components(state ComponentState, ids ...string) Data {
	var d Data
	for _, id := range ids {
		d.Components = append(d.Components, ComponentChange{Component: id, State: state})
	}
	return d
}

// kustomer is the incident of 23 January 2020, as its report tells it.
func kustomer(t *testing.T) *record {
	r := newRecord(t, "21:21")
	r.add("21:22", Event{Kind: EventComponent, At: at(t, "21:19"), Data: components(MajorOutage, "api", "chat", "web")})
	public := func(clock string, s Status, text Text) {
		r.add(clock, Event{Kind: EventUpdated, Text: text, Public: true, Actor: "U0ANA", Data: Data{Status: s}})
	}
	public("21:35", Investigating, "We are investigating.")
	public("21:41", "", "We are continuing to investigate this issue.")
	r.add("21:42", Event{Kind: EventComponent, Data: components(Operational, "api", "web")})
	r.add("21:42", Event{Kind: EventComponent, Data: components(Degraded, "chat")})
	public("21:48", Monitoring, "The application has recovered.")
	public("22:11", Investigating, "Chat shows errors.")
	r.add("22:19", Event{Kind: EventComponent, Data: components(Operational, "chat")})
	public("22:25", Monitoring, "Chat is fully operational.")
	r.add("22:56", Event{Kind: EventResolved, Public: true, Data: Data{Status: Resolved, Stock: true}})
	return r
}

func kustomerSettings() *Settings {
	s := Defaults()
	s.Components = []Component{
		{ID: "api", Name: "API", Group: "Prod1 (US)"},
		{ID: "chat", Name: "Channel - Chat", Group: "Prod1 (US)"},
		{ID: "web", Name: "Web Client", Group: "Prod1 (US)"},
	}
	return &s
}

func TestKustomerMilestones(t *testing.T) {
	t.Parallel()
	i := kustomer(t).i
	for m, clock := range map[Milestone]string{
		MilestoneImpact: "21:19", MilestoneDeclared: "21:21", MilestoneMitigated: "22:19", MilestoneResolved: "22:56",
	} {
		if got, ok := i.At(m); !ok || !got.Equal(at(t, clock)) {
			t.Errorf("%s = %v %v, want %s", m, got, ok, clock)
		}
	}
	for _, m := range []Milestone{MilestoneDetected, MilestoneIdentified} {
		if got, ok := i.At(m); ok {
			t.Errorf("%s = %v, want unknown", m, got)
		}
	}
	for id, minutes := range map[string]int{"api": 23, "web": 23, "chat": 60} {
		if got := i.Downtime(id, at(t, "23:00")); got != time.Duration(minutes)*time.Minute {
			t.Errorf("downtime of %s = %v, want %d minutes", id, got, minutes)
		}
	}
}

func TestMilestoneThatAPersonSetWins(t *testing.T) {
	t.Parallel()
	r := kustomer(t)
	when := at(t, "21:15")
	r.add("23:10", Event{Kind: EventMilestone, Data: Data{Milestone: MilestoneImpact, When: &when}})
	if got, _ := r.i.At(MilestoneImpact); !got.Equal(when) {
		t.Errorf("impact = %v", got)
	}
}

func TestMitigatedWithoutComponentsIsTheLastMonitoring(t *testing.T) {
	t.Parallel()
	r := newRecord(t, "10:00")
	r.add("10:10", Event{Kind: EventStatus, Data: Data{Status: Monitoring}})
	r.add("10:20", Event{Kind: EventStatus, Data: Data{Status: Investigating}})
	r.add("10:30", Event{Kind: EventStatus, Data: Data{Status: Monitoring}})
	if got, ok := r.i.At(MilestoneMitigated); !ok || !got.Equal(at(t, "10:30")) {
		t.Errorf("mitigated = %v %v", got, ok)
	}
}

func TestNotMitigatedWhileAComponentIsUnwell(t *testing.T) {
	t.Parallel()
	r := newRecord(t, "10:00")
	r.add("10:01", Event{Kind: EventComponent, Data: components(Degraded, "api", "chat")})
	r.add("10:05", Event{Kind: EventComponent, Data: components(Operational, "api")})
	r.add("10:10", Event{Kind: EventStatus, Data: Data{Status: Monitoring}})
	if got, ok := r.i.At(MilestoneMitigated); ok {
		t.Errorf("mitigated = %v while chat is degraded", got)
	}
	if got := r.i.Downtime("chat", at(t, "11:01")); got != time.Hour {
		t.Errorf("downtime so far = %v", got)
	}
}

func TestBackdatedComponentDoesNotWinOverALaterState(t *testing.T) {
	t.Parallel()
	r := newRecord(t, "10:00")
	r.add("10:10", Event{Kind: EventComponent, Data: components(Operational, "api")})
	r.add("10:20", Event{Kind: EventComponent, At: at(t, "09:50"), Data: components(MajorOutage, "api")})
	if got := r.i.Components["api"]; got != Operational {
		t.Errorf("api is %s", got)
	}
	if got := r.i.Downtime("api", at(t, "11:00")); got != 20*time.Minute {
		t.Errorf("downtime = %v", got)
	}
}

func TestFoldRebuildsTheIncident(t *testing.T) {
	t.Parallel()
	r := kustomer(t)
	got, want := Fold(r.events), r.i
	if !reflect.DeepEqual(got, want) {
		t.Errorf("Fold = %+v\nwant %+v", got, want)
	}
	stored, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var read Incident
	if err := json.Unmarshal(stored, &read); err != nil {
		t.Fatal(err)
	}
	read.Head = want.Head
	if !reflect.DeepEqual(&read, want) {
		t.Errorf("through JSON: %+v\nwant %+v", &read, want)
	}
}

func TestChainNamesTheChangedEntry(t *testing.T) {
	t.Parallel()
	verify := func(events []Event) error {
		var head Head
		for _, e := range events {
			if err := e.Verify(head); err != nil {
				return err
			}
			head = e.Head()
		}
		return nil
	}
	intact := kustomer(t).events
	if err := verify(intact); err != nil {
		t.Fatalf("the intact chain: %v", err)
	}
	for name, spoil := range map[string]func([]Event) []Event{
		"text":    func(e []Event) []Event { e[3].Text = "All is well."; return e },
		"actor":   func(e []Event) []Event { e[3].Actor = "U0EVE"; return e },
		"time":    func(e []Event) []Event { e[3].At = e[3].At.Add(time.Minute); return e },
		"data":    func(e []Event) []Event { e[3].Data.Status = Resolved; return e },
		"public":  func(e []Event) []Event { e[3].Public = !e[3].Public; return e },
		"deleted": func(e []Event) []Event { return append(e[:3:3], e[4:]...) },
		"swapped": func(e []Event) []Event { e[3], e[4] = e[4], e[3]; return e },
	} {
		if err := verify(spoil(append([]Event(nil), intact...))); err == nil {
			t.Errorf("%s: the chain still verifies", name)
		}
	}
	redacted := append([]Event(nil), intact...)
	redacted[3].Text, redacted[3].Salt, redacted[3].Redacted = RedactedText, "", true
	if err := verify(redacted); err != nil {
		t.Errorf("a redacted entry breaks the chain: %v", err)
	}
}

func TestRecordedTimeNeverGoesBack(t *testing.T) {
	t.Parallel()
	r := newRecord(t, "10:00")
	e := r.add("09:00", Event{Kind: EventNote, Text: "the clock was set back"})
	if !e.RecordedAt.After(r.events[0].RecordedAt) {
		t.Errorf("recorded at %v, before the entry at %v", e.RecordedAt, r.events[0].RecordedAt)
	}
}

func TestReopenedIncidentForgetsItsEnd(t *testing.T) {
	t.Parallel()
	r := kustomer(t)
	r.add("23:30", Event{Kind: EventReopened, Text: "It is back.", Data: Data{Status: Investigating}})
	if !r.i.Open() || r.i.ResolvedAt != nil || r.i.Reopened != 1 {
		t.Errorf("after reopen: %+v", r.i)
	}
	if _, ok := r.i.At(MilestoneResolved); ok {
		t.Error("a reopened incident has a time of resolution")
	}
}

// TestLastUpdateKeepsItsTime: an end without words does not make the last ones
// newer than they are.
func TestLastUpdateKeepsItsTime(t *testing.T) {
	r := newRecord(t, "21:21")
	r.add("21:35", Event{Kind: EventUpdated, Text: "We are investigating."})
	r.add("22:56", Event{Kind: EventResolved})
	if !r.i.LastTextAt.Equal(at(t, "21:35")) || !r.i.LastUpdate.Equal(at(t, "22:56")) {
		t.Errorf("said at %v, told at %v", r.i.LastTextAt, r.i.LastUpdate)
	}
	r.add("22:57", Event{Kind: EventReopened, Text: "It is back."})
	if r.i.LastText != "It is back." || !r.i.LastTextAt.Equal(at(t, "22:57")) {
		t.Errorf("%q at %v", r.i.LastText, r.i.LastTextAt)
	}
}
