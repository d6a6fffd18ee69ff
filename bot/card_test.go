package bot

import (
	"strings"
	"testing"
)

// small is the last line of the card of r, with its times of day.
func (r *record) small(t *testing.T, s Settings, clock string) string {
	t.Helper()
	var out string
	for _, b := range s.Card(r.i, at(t, clock)).Blocks {
		if b.Kind == BlockSmall {
			out = strings.ReplaceAll(strings.ReplaceAll(b.Text.String(), "2020-01-23 ", ""), " UTC", "")
		}
	}
	_, out, _ = strings.Cut(out, " · ")
	return out
}

// TestTheCardSaysWhatCustomersWait for: what they were promised stands whatever the
// team was promised since, and so does a first update that the severity asks for.
func TestTheCardSaysWhatCustomersWaitFor(t *testing.T) {
	t.Parallel()
	set := Defaults()
	r := newRecord(t, "10:00")
	said := func(clock, want string) {
		t.Helper()
		if got := r.small(t, set, clock); got != want {
			t.Errorf("at %s the card says %q, want %q", clock, got, want)
		}
	}
	said("10:01", "Customers read nothing yet; a first update is due by 10:10 · Next update by 10:30")
	said("10:12", "Customers read nothing yet; a first update was due 10:10 · Next update by 10:30")
	next := at(t, "10:18")
	public := r.add("10:12", Event{Kind: EventUpdated, Public: true, Text: "We look.", Data: Data{NextBy: &next}})
	said("10:12", "Customers read: Investigating · Next update by 10:18")
	r.add("10:13", Event{Kind: EventUpdated, Text: "It is the cache."})
	said("10:14", "Customers read: Investigating; they were promised more by 10:18 · Next update by 10:43")
	r.add("10:15", Event{Kind: EventRetracted, Text: "no", Data: Data{Ref: public.Seq}})
	said("10:16", "Customers read nothing yet; a first update was due 10:10 · Next update by 10:43")
	set.Severities[0].FirstPublic = 0
	said("10:16", "Customers read nothing yet · Next update by 10:43")
}

// TestTheCardOfWhatWasNone says what the page says, not the status that it has.
func TestTheCardOfWhatWasNone(t *testing.T) {
	t.Parallel()
	r := newRecord(t, "10:00")
	public := r.add("10:05", Event{Kind: EventUpdated, Public: true, Text: "We look."})
	stock := r.add("10:06", Event{Kind: EventCancelled, Text: "a probe", Data: Data{Status: Cancelled, Stock: true}})
	if got := r.small(t, Defaults(), "10:07"); got != "Customers read: no impact" {
		t.Errorf("the card says %q", got)
	}
	r.add("10:08", Event{Kind: EventRetracted, Text: "no", Data: Data{Ref: stock.Seq}})
	if got := r.small(t, Defaults(), "10:09"); got != "Customers read: Investigating" {
		t.Errorf("what customers read last is update %d, and the card says %q", public.Seq, got)
	}
}
