package bot

import (
	"strings"
	"testing"
	"time"
)

func TestKustomerPage(t *testing.T) {
	t.Parallel()
	p, ok := kustomerSettings().Public(kustomer(t).i)
	if !ok {
		t.Fatal("the incident is not public")
	}
	var labels []string
	var sequence []Status
	for k := len(p.Updates) - 1; k >= 0; k-- {
		u := p.Updates[k]
		labels = append(labels, u.Label)
		if len(sequence) == 0 || sequence[len(sequence)-1] != u.Status {
			sequence = append(sequence, u.Status)
		}
	}
	if got := strings.Join(labels, " "); got != "Investigating Update Monitoring Investigating Monitoring Resolved" {
		t.Errorf("labels = %s", got)
	}
	if len(sequence) != 5 || sequence[4] != Resolved || sequence[2] != Investigating {
		t.Errorf("sequence = %v", sequence)
	}
	if got := AffectedLine(p.Affected); got != "Prod1 (US) (API, Channel - Chat, Web Client)" {
		t.Errorf("affected = %s", got)
	}
	if len(p.ID) != 12 || strings.Trim(p.ID, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
		t.Errorf("id = %q", p.ID)
	}
	if p.Impact != ImpactCritical || p.ResolvedAt == nil || !p.ResolvedAt.Equal(at(t, "22:56")) {
		t.Errorf("impact %s, resolved %v", p.Impact, p.ResolvedAt)
	}
	if got := p.Updates[0].Body; got != "This incident has been resolved." {
		t.Errorf("last update = %q", got)
	}
}

func TestWhatIsNeverPublic(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Incident){
		"private":     func(i *Incident) { i.Private = true },
		"drill":       func(i *Incident) { i.Drill = true },
		"unpublished": func(i *Incident) { i.Updates = nil },
		"all retracted": func(i *Incident) {
			for k := range i.Updates {
				i.Updates[k].Retracted = true
			}
		},
	} {
		i := kustomer(t).i
		change(i)
		if p, ok := kustomerSettings().Public(i); ok || p.ID != "" {
			t.Errorf("%s: customers read %+v", name, p)
		}
	}
}

func TestPublicTextsNameNobody(t *testing.T) {
	t.Parallel()
	r := newRecord(t, "10:00")
	r.add("10:05", Event{Kind: EventUpdated, Public: true, Text: Join(MentionUser("U0ANA"), " in ", MentionChannel("C0SECRET"), " looks at it")})
	p, _ := kustomerSettings().Public(r.i)
	if got := p.Updates[0].Body.String(); got != "someone in a channel looks at it" {
		t.Errorf("customers read %q", got)
	}
}

func TestFixRetractAndPublishLater(t *testing.T) {
	t.Parallel()
	r := newRecord(t, "10:00")
	internal := r.add("10:02", Event{Kind: EventUpdated, Text: "It is the database."})
	first := r.add("10:05", Event{Kind: EventUpdated, Public: true, Text: "We look at it."})
	r.add("10:06", Event{Kind: EventUpdated, Public: true, Text: "We are looking into it.", Data: Data{Ref: first.Seq}})
	p, _ := kustomerSettings().Public(r.i)
	if len(p.Updates) != 1 || p.Updates[0].Body != "We are looking into it." || !p.Updates[0].At.Equal(first.At) || p.Updates[0].FixedAt == nil {
		t.Fatalf("after fix: %+v", p.Updates)
	}
	r.add("10:07", Event{Kind: EventPublished, Public: true, Text: internal.Text, Data: Data{Ref: internal.Seq, Status: Investigating}})
	r.add("10:08", Event{Kind: EventRetracted, Text: "Too early.", Data: Data{Ref: first.Seq}})
	p, _ = kustomerSettings().Public(r.i)
	if len(p.Updates) != 1 || p.Updates[0].Body != "It is the database." {
		t.Fatalf("after retract: %+v", p.Updates)
	}
}

func TestCancelledReadsResolved(t *testing.T) {
	t.Parallel()
	r := newRecord(t, "10:00")
	r.add("10:05", Event{Kind: EventUpdated, Public: true, Text: "We look at it."})
	r.add("10:09", Event{Kind: EventCancelled, Public: true, Text: "False alarm of the new probe", Data: Data{Status: Cancelled, Stock: true}})
	p, _ := kustomerSettings().Public(r.i)
	if p.Status != Resolved || p.Open || strings.Contains(p.Updates[0].Body.String(), "probe") {
		t.Errorf("customers read %+v", p.Updates[0])
	}
}

func TestImpactOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		states []ComponentState
		all    bool
		want   Impact
	}{
		{nil, true, ImpactNone},
		{[]ComponentState{Operational, Maintenance}, true, ImpactNone},
		{[]ComponentState{Degraded, Operational}, true, ImpactMinor},
		{[]ComponentState{PartialOutage, Degraded}, true, ImpactMajor},
		{[]ComponentState{MajorOutage, Operational}, true, ImpactMajor},
		{[]ComponentState{MajorOutage, MajorOutage}, true, ImpactCritical},
		{[]ComponentState{MajorOutage}, false, ImpactMajor},
	} {
		if got := ImpactOf(c.states, c.all); got != c.want {
			t.Errorf("ImpactOf(%v, %v) = %s, want %s", c.states, c.all, got, c.want)
		}
	}
}

func TestPublicIDsAreStable(t *testing.T) {
	t.Parallel()
	if a, b := PublicID("incident", "12"), PublicID("incident", "13"); a == b || a != PublicID("incident", "12") {
		t.Errorf("ids %s %s", a, b)
	}
	if PublicID("incident", "1") == PublicID("component", "1") {
		t.Error("an incident and a component share an id")
	}
}

func TestHeldBecause(t *testing.T) {
	t.Parallel()
	for text, held := range map[Text]bool{
		"We are investigating this issue, version 1.2.3.4567": false,
		"Please contact support for 10 % of 8:30 requests":    false,
		"See https://status.example.com/incidents":            false,
		"Time 16:42:30 UTC":                   false,
		Join("ask ", MentionUser("U0ANA")):    true,
		Join("see ", MentionChannel("C0OPS")): true,
		"```panic: nil```":                    true,
		"Mail ana@example.com":                true,
		"node 10.0.3.7 is down":               true,
		"node 192.168.1.1:8080 is down":       true,
		"db.prod.internal is slow":            true,
		"::1 refused":                         true,
		"token xoxb-123":                      true,
		"AKIAIOSFODNN7EXAMPLE":                true,
		"postgres://app:hunter2@db/main":      true,
	} {
		if why := HeldBecause(text); (why != "") != held {
			t.Errorf("HeldBecause(%q) = %q", text.String(), why)
		}
	}
}

func TestHeldBecauseOfSeveral(t *testing.T) {
	t.Parallel()
	for text, want := range map[Text]string{
		"Mail ana@example.com":                        "it holds an e-mail address",
		"Mail ana@example.com of 10.0.0.5":            "it holds a private address and an e-mail address",
		"xoxb-1 of a@b.example at 10.0.0.5":           "it holds what looks like a secret, a private address and an e-mail address",
		Join(MentionUser("U0ANA"), " or a@b.example"): "it holds an e-mail address, and it mentions a person or a group of the workspace",
	} {
		if got := HeldBecause(text); got != want {
			t.Errorf("%q: %q, want %q", text.String(), got, want)
		}
	}
}

func TestPeriod(t *testing.T) {
	t.Parallel()
	ny, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	friday := time.Date(2026, 11, 20, 17, 0, 0, 0, ny)
	christmas := func(t time.Time) bool { return t.Month() == 11 && t.Day() == 26 }
	for in, want := range map[string]time.Time{
		"30m": friday.Add(30 * time.Minute),
		"1bd": time.Date(2026, 11, 23, 17, 0, 0, 0, ny),
		"4bd": time.Date(2026, 11, 27, 17, 0, 0, 0, ny), // the 26th is a holiday
		"2w":  time.Date(2026, 12, 4, 17, 0, 0, 0, ny),
	} {
		p, err := ParsePeriod(in)
		if err != nil {
			t.Fatalf("%s: %v", in, err)
		}
		if got := p.From(friday, christmas); !got.Equal(want) {
			t.Errorf("%s from Friday = %v, want %v", in, got, want)
		}
		if p.String() != in {
			t.Errorf("String() = %s, want %s", p, in)
		}
	}
	saturday := time.Date(2026, 10, 31, 9, 0, 0, 0, ny)
	if got := (Period{2, "d"}).From(saturday, nil); got.Hour() != 9 {
		t.Errorf("two days over the end of summer time = %v", got)
	}
	for _, bad := range []string{"", "5", "m", "-3d", "3 parsecs", "1e9d", "999999999999d"} {
		if p, err := ParsePeriod(bad); err == nil {
			t.Errorf("ParsePeriod(%q) = %v", bad, p)
		}
	}
}
