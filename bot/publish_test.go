package bot

import "testing"

// page is what customers read of r.
func (r *record) page() PublicIncident {
	p, _ := kustomerSettings().Public(r.i)
	return p
}

// redact marks entry seq as redacted and folds again, as [Redact] does.
func (r *record) redact(seq int64) {
	e := &r.events[seq-1]
	e.Text, e.Salt, e.Redacted = RedactedText, "", true
	r.i = Fold(r.events)
}

func TestPublicUpdateAfterCancelIsResolved(t *testing.T) {
	t.Parallel()
	r := newRecord(t, "10:00")
	r.add("10:05", Event{Kind: EventUpdated, Public: true, Text: "We look at it."})
	r.add("10:09", Event{Kind: EventCancelled, Text: "the probe", Data: Data{Status: Cancelled, Stock: true}})
	r.add("10:12", Event{Kind: EventUpdated, Public: true, Text: "Sorry for the noise."})
	if p := r.page(); p.Status != Resolved || p.ResolvedAt == nil || !p.ResolvedAt.Equal(at(t, "10:09")) {
		t.Errorf("status %s, resolved %v", p.Status, p.ResolvedAt)
	}
}

func TestWhatFollowsAResolutionDoesNotMoveIt(t *testing.T) {
	t.Parallel()
	r := kustomer(t)
	r.add("23:40", Event{Kind: EventUpdated, Public: true, Text: "The report is out."})
	if p := r.page(); p.ResolvedAt == nil || !p.ResolvedAt.Equal(at(t, "22:56")) {
		t.Errorf("resolved at %v", p.ResolvedAt)
	}
}

func TestCustomersReadInTheOrderOfPosting(t *testing.T) {
	t.Parallel()
	r := newRecord(t, "10:00")
	r.add("10:05", Event{Kind: EventUpdated, Public: true, Text: "First."})
	r.add("10:30", Event{Kind: EventUpdated, Public: true, Text: "Second.", At: at(t, "09:00")})
	p := r.page()
	if p.Updates[0].Body != "Second." || !p.Updates[0].At.Equal(at(t, "10:30")) || p.UpdatedAt.Before(p.CreatedAt) {
		t.Errorf("updates %+v", p.Updates)
	}
	if !r.i.LastUpdate.Equal(at(t, "10:30")) {
		t.Errorf("the team's clock runs from %v", r.i.LastUpdate)
	}
}

func TestAPromiseGoesWithItsUpdate(t *testing.T) {
	t.Parallel()
	r := newRecord(t, "10:00")
	next := at(t, "11:00")
	r.add("10:05", Event{Kind: EventUpdated, Public: true, Text: "First."})
	second := r.add("10:10", Event{Kind: EventUpdated, Public: true, Text: "Second.", Data: Data{NextBy: &next}})
	if p := r.page(); p.NextBy == nil || !p.NextBy.Equal(next) {
		t.Errorf("promised %v", p.NextBy)
	}
	r.add("10:11", Event{Kind: EventRetracted, Text: "no", Data: Data{Ref: second.Seq}})
	if p := r.page(); p.NextBy != nil {
		t.Errorf("a retracted promise still stands: %v", p.NextBy)
	}
}

func TestRedactionTakesOffThePageWhatIsReadAndNothingElse(t *testing.T) {
	t.Parallel()
	r := newRecord(t, "10:00")
	first := r.add("10:05", Event{Kind: EventUpdated, Public: true, Text: "Customer ACME is down."})
	fix := r.add("10:06", Event{Kind: EventUpdated, Public: true, Text: "A customer is down.", Data: Data{Ref: first.Seq}})
	r.redact(first.Seq) // what was corrected already
	if p := r.page(); len(p.Updates) != 1 || p.Updates[0].Body != "A customer is down." {
		t.Fatalf("after redacting the original: %+v", p.Updates)
	}
	r.redact(fix.Seq)
	if r.i.Published() {
		t.Errorf("customers read %q", r.page().Updates[0].Body)
	}
	third := r.add("10:09", Event{Kind: EventUpdated, Public: true, Text: "It is back.", Data: Data{Ref: first.Seq}})
	if p := r.page(); len(p.Updates) != 1 || p.Updates[0].Body != third.Text {
		t.Errorf("after a new correction: %+v", p.Updates)
	}
}

func TestRedactedTitleReadsNeutral(t *testing.T) {
	t.Parallel()
	r := newRecord(t, "10:00")
	r.add("10:05", Event{Kind: EventUpdated, Public: true, Text: "We look at it."})
	r.redact(1)
	if got := r.page().Name; got != neutralTitle {
		t.Errorf("customers read %q", got)
	}
}

func TestKeptTitleIsTheOneThatCustomersRead(t *testing.T) {
	t.Parallel()
	r := newRecord(t, "10:00")
	was := r.i.Title
	r.add("10:05", Event{Kind: EventUpdated, Public: true, Text: "We look at it."})
	r.add("10:06", Event{Kind: EventTitle, Text: "All data is lost", Data: Data{Kept: true}})
	if got := r.page().Name; got != was || r.i.Title != "All data is lost" {
		t.Errorf("customers read %q, the team %q", got, r.i.Title)
	}
}

func TestRedactedLinkLeavesTheCard(t *testing.T) {
	t.Parallel()
	r := newRecord(t, "10:00")
	e := r.add("10:05", Event{Kind: EventLink, Text: "https://x.example/?sig=SECRET the dump"})
	if l := r.i.Links; len(l) != 1 || l[0].URL != "https://x.example/?sig=SECRET" || l[0].Name != "the dump" {
		t.Fatalf("links %+v", l)
	}
	r.redact(e.Seq)
	if len(r.i.Links) != 0 {
		t.Errorf("links %+v", r.i.Links)
	}
}

func TestMaintenanceIsNoOutage(t *testing.T) {
	t.Parallel()
	r := newRecord(t, "10:00")
	r.add("10:01", Event{Kind: EventComponent, Data: components(Maintenance, "api")})
	r.add("10:10", Event{Kind: EventStatus, Data: Data{Status: Monitoring}})
	if got, ok := r.i.At(MilestoneMitigated); !ok || !got.Equal(at(t, "10:10")) {
		t.Errorf("mitigated = %v %v", got, ok)
	}
}

func TestComponentStatesAcrossIncidents(t *testing.T) {
	t.Parallel()
	change := func(clock string, s ComponentState) ComponentChange {
		return ComponentChange{Component: "api", State: s, At: at(t, clock)}
	}
	incident := func(open bool, s ComponentState) PublicIncident {
		return PublicIncident{Open: open, States: map[string]ComponentState{"api": s}}
	}
	for name, c := range map[string]struct {
		newest    ComponentChange
		incidents []PublicIncident
		want      ComponentState
	}{
		"left behind by an ended one": {change("10:00", MajorOutage), []PublicIncident{incident(false, MajorOutage)}, MajorOutage},
		"cleared in a later one":      {change("11:00", Operational), []PublicIncident{incident(false, Operational), incident(false, MajorOutage)}, Operational},
		"worst of the open ones":      {change("11:00", Operational), []PublicIncident{incident(true, Operational), incident(true, PartialOutage)}, PartialOutage},
	} {
		p := PublicPage{States: map[string]ComponentState{"api": Operational}, Incidents: c.incidents}
		p.states(map[string]ComponentChange{"api": c.newest})
		if got := p.States["api"]; got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestEventLink(t *testing.T) {
	t.Parallel()
	if a, n := (Event{Text: "https://x.example"}).Link(); a != "https://x.example" || n != "" {
		t.Errorf("%q %q", a, n)
	}
}
