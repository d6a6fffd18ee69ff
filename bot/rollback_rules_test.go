package bot

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// rolling reads a rollback's steps from words such as "succeeded" or
// "+pending": a plus starts together with the step before, a star is queued.
func rolling(words string) *Rollback {
	when := time.Date(2020, 1, 23, 21, 30, 0, 0, time.UTC)
	r := &Rollback{ID: "r7", Target: "gateway", ApprovedAt: &when}
	for k, w := range strings.Fields(words) {
		w, parallel := strings.CutPrefix(w, "+")
		w, queued := strings.CutPrefix(w, "*")
		s := Step{Name: fmt.Sprintf("s%d", k+1), Parallel: parallel, State: RollbackState(w)}
		if queued {
			s.QueuedAt = &when
		}
		r.Steps = append(r.Steps, s)
	}
	r.State = r.derive()
	return r
}

func TestWhereARollbackStands(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]RollbackState{
		"pending pending":               RollbackApproved,
		"*pending pending":              RollbackApproved,
		"submitting pending":            RollbackSubmitting,
		"running pending":               RollbackRunning,
		"blocked running":               RollbackBlocked,
		"verifying pending":             RollbackVerifying,
		"verifying running":             RollbackRunning,
		"running unknown":               RollbackUnknown,
		"timed_out running":             RollbackTimedOut,
		"timed_out unknown":             RollbackUnknown,
		"failed running":                RollbackRunning,
		"failed pending":                RollbackApproved,
		"succeeded pending":             RollbackApproved,
		"succeeded succeeded":           RollbackSucceeded,
		"succeeded failed cancelled":    RollbackFailed,
		"succeeded cancelled":           RollbackCancelled,
		"failed succeeded":              RollbackFailed,
		"succeeded submitting +running": RollbackSubmitting,
	} {
		if got := rolling(words).State; got != want {
			t.Errorf("%s: %s, want %s", words, got, want)
		}
	}
}

func TestWhichStepsMayStart(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		words string
		goOn  bool
		ready string
		next  string // what a person may start earlier
	}{
		{"pending pending", false, "s1", "s1"},
		{"pending +pending pending", false, "s1 s2", "s1"},
		{"*pending +pending pending", false, "s2", ""},
		{"running pending", false, "", "s2"},
		{"succeeded pending pending", false, "s2", "s2"},
		{"succeeded running +pending", false, "s3", "s3"},
		{"succeeded pending +pending pending", false, "s2 s3", "s2"},
		{"running +succeeded pending", false, "", "s3"},
		{"succeeded +running pending", false, "", "s3"},
		{"succeeded +succeeded pending", false, "s3", "s3"},
		{"failed pending", false, "", "s2"},
		{"failed pending pending", true, "s2", "s2"},
		{"failed +running pending", true, "", "s3"},
		{"failed cancelled", true, "", ""},
		{"submitting pending", false, "", ""},
		{"unknown pending", false, "", ""},
		{"timed_out pending", true, "", ""},
		{"blocked pending", false, "", "s2"},
		{"verifying *pending pending", false, "", ""},
		{"succeeded succeeded", false, "", ""},
	} {
		r := rolling(c.words)
		if got := strings.Join(r.ready(c.goOn), " "); got != c.ready {
			t.Errorf("%s (go on: %v): %q may start, want %q", c.words, c.goOn, got, c.ready)
		}
		got := ""
		if s := r.Next(); s != nil {
			got = s.Name
		}
		if got != c.next {
			t.Errorf("%s: the next is %q, want %q", c.words, got, c.next)
		}
		r.Stopped = true
		if got := r.ready(c.goOn); len(got) > 0 || r.Next() != nil {
			t.Errorf("%s: %v may start although it was cancelled", c.words, got)
		}
	}
	waits := rolling("pending pending")
	waits.ApprovedAt, waits.State = nil, RollbackAwaiting
	if waits.Next() != nil {
		t.Error("a step may start before anybody approved")
	}
}

func TestWhatIsFinalWatchedAndLive(t *testing.T) {
	t.Parallel()
	all := strings.Fields("requested awaiting_approval approved submitting running blocked verifying succeeded failed timed_out unknown cancelled denied expired voided")
	final := strings.Fields("succeeded failed cancelled denied expired voided")
	watched := strings.Fields("running blocked verifying")
	for _, name := range all {
		s := RollbackState(name)
		if s.Final() != slices.Contains(final, name) || s.Watched() != slices.Contains(watched, name) {
			t.Errorf("%s: final %v, watched %v", s, s.Final(), s.Watched())
		}
		if s.Final() && s.active() {
			t.Errorf("%s is over and active", s)
		}
		r := &Rollback{State: s}
		if r.Live() == s.Final() {
			t.Errorf("%s: live %v", s, r.Live())
		}
		if r.PlanOnly = true; r.Live() {
			t.Errorf("%s: a mere plan holds the lock", s)
		}
		if label := s.Label(); label == "" || strings.Contains(label, "_") {
			t.Errorf("%s reads %q", s, label)
		}
	}
}

func TestChoose(t *testing.T) {
	t.Parallel()
	v := func(id, label string) Version { return Version{ID: id, Label: label} }
	list := []Version{v("4", "v2"), v("3", "v2"), v("2", "V1.9"), v("1", "")}
	for _, c := range []struct {
		name     string
		menu     Menu
		asked    string
		from, to string // ids
		err      string
	}{
		{"the one before", Menu{Versions: list[1:]}, "", "3", "2", ""},
		{"the same label under another id is no way back", Menu{Versions: list}, "", "4", "2", ""},
		{"back from what is not the newest", Menu{Versions: list, Current: 2}, "", "2", "1", ""},
		{"the last one", Menu{Versions: list, Current: 3}, "", "1", "", "there is no version before 1 for main to go back to"},
		{"by label in any case", Menu{Versions: list}, "v1.9 ", "4", "2", ""},
		{"by id", Menu{Versions: list}, "1", "4", "1", ""},
		{"forward", Menu{Versions: list, Current: 3}, "4", "1", "4", ""},
		{"an id in another case is another id", Menu{Versions: []Version{v("Ab", ""), v("aB", "")}}, "aB", "Ab", "aB", ""},
		{"what runs already", Menu{Versions: list}, "v2", "4", "4", ""},
		{"unknown", Menu{Versions: list}, "v9", "4", "", `main has no version "v9"; it could run: v2, v2, V1.9, 1`},
		{"current not told", Menu{Versions: list, Current: -1}, "", "", "", "which version main runs is not known; say where to go with --to VERSION"},
		{"current not told, asked", Menu{Versions: list, Current: -1}, "V1.9", "", "2", ""},
		{"nothing known", Menu{Current: -1}, "", "", "", "which version main runs is not known; say where to go with --to VERSION"},
		{"nothing known, asked", Menu{Current: -1}, "v1", "", "v1", ""},
		{"a place beyond the list", Menu{Versions: list, Current: 9}, "", "", "", "which version main runs is not known; say where to go with --to VERSION"},
	} {
		s := Step{Name: "main"}
		err := s.choose(c.menu, c.asked)
		if got := fmt.Sprint(err); err == nil && c.err != "" || err != nil && got != c.err {
			t.Errorf("%s: %v, want %q", c.name, err, c.err)
		}
		if s.From.ID != c.from || s.To.ID != c.to {
			t.Errorf("%s: from %q to %q, want %q and %q", c.name, s.From.ID, s.To.ID, c.from, c.to)
		}
	}
}

// TestTheSealCoversThePlan: whatever of a plan is another makes another hash,
// and nothing else does.
func TestTheSealCoversThePlan(t *testing.T) {
	t.Parallel()
	plan := func() *Rollback {
		return &Rollback{ID: "r7", Target: "gateway", Service: "api", Environment: "production", TargetDigest: "d", Steps: []Step{
			{Name: "main", From: Version{ID: "2"}, To: Version{ID: "1"}}, {Name: "chat", From: Version{ID: "2"}, To: Version{ID: "1"}},
		}}
	}
	hash := func(change func(*Rollback)) string {
		r := plan()
		change(r)
		r.seal()
		return r.PlanHash
	}
	same := hash(func(*Rollback) {})
	if len(same) != 64 {
		t.Fatalf("hash %q", same)
	}
	for name, change := range map[string]func(*Rollback){
		"id":          func(r *Rollback) { r.ID = "r8" },
		"target":      func(r *Rollback) { r.Target = "other" },
		"service":     func(r *Rollback) { r.Service = "other" },
		"environment": func(r *Rollback) { r.Environment = "staging" },
		"digest":      func(r *Rollback) { r.TargetDigest = "e" },
		"from":        func(r *Rollback) { r.Steps[1].From.ID = "3" },
		"to":          func(r *Rollback) { r.Steps[1].To.ID = "0" },
		"a step less": func(r *Rollback) { r.Steps = r.Steps[:1] },
		"a step more": func(r *Rollback) { r.Steps = append(r.Steps, Step{Name: "third"}) },
		"order":       func(r *Rollback) { slices.Reverse(r.Steps) },
		"name":        func(r *Rollback) { r.Steps[0].Name = "MAIN" },
	} {
		if hash(change) == same {
			t.Errorf("another %s has the same hash", name)
		}
	}
	if got := hash(func(r *Rollback) {
		r.State, r.Steps[0].State, r.Steps[0].Message = RollbackApproved, RollbackRunning, "queued"
	}); got != same {
		t.Error("how it goes changed the hash")
	}
}

func TestRollbackDeed(t *testing.T) {
	t.Parallel()
	pairs := []StepPair{{"main", "v2", "v1"}, {"chat", "v2", "v1"}}
	for _, c := range []struct {
		mark RollbackMark
		want string
	}{
		{RollbackMark{State: RollbackRequested}, "asked to roll back gateway (r7)"},
		{RollbackMark{State: RollbackRequested, Asked: "v1"}, "asked to roll back gateway to v1 (r7)"},
		{RollbackMark{State: RollbackAwaiting, Plan: pairs}, "planned r7: main v2 → v1, chat v2 → v1; it waits for approval"},
		{RollbackMark{State: RollbackVoided, Plan: pairs, PlanOnly: true}, "planned r7, and nothing more was asked for: main v2 → v1, chat v2 → v1"},
		{RollbackMark{State: RollbackApproved}, "approved r7, rollback of gateway"},
		{RollbackMark{State: RollbackDenied}, "denied r7"},
		{RollbackMark{State: RollbackCancelled}, "cancelled r7"},
		{RollbackMark{State: RollbackCancelled, StepState: RollbackCancelled}, "cancelled r7"},
		{RollbackMark{State: RollbackRunning, StepState: RollbackCancelled}, "cancelled what had not begun of r7"},
		{RollbackMark{State: RollbackFailed, StepState: RollbackCancelled}, "cancelled what had not begun of r7"},
		{RollbackMark{State: RollbackExpired}, "r7 expired: nobody approved it in time"},
		{RollbackMark{State: RollbackVoided}, "r7 is void"},
		{RollbackMark{State: RollbackFailed}, "r7 could not be planned"},
		{RollbackMark{State: RollbackRunning, Step: "main", StepState: StepPending}, "r7: main is sent"},
		{RollbackMark{State: RollbackRunning, Step: "main", StepState: RollbackRunning}, "r7: main was accepted by the deploy system"},
		{RollbackMark{State: RollbackUnknown, Step: "main", StepState: RollbackUnknown}, "r7: main may have been sent; the outcome is unknown"},
		{RollbackMark{State: RollbackTimedOut, Step: "main", StepState: RollbackTimedOut}, "r7: main is no longer watched"},
		{RollbackMark{State: RollbackBlocked, Step: "main", StepState: RollbackBlocked}, "r7: main waits for somebody in the deploy system"},
		{RollbackMark{State: RollbackVerifying, Step: "main", StepState: RollbackVerifying}, "r7: main is deployed; its health is being checked"},
		{RollbackMark{State: RollbackRunning, Step: "main", StepState: RollbackSucceeded, Minutes: 18}, "r7: main succeeded after 18 min"},
		{RollbackMark{State: RollbackSucceeded, Step: "chat", StepState: RollbackSucceeded}, "r7: chat succeeded; the rollback of gateway has succeeded"},
		{RollbackMark{State: RollbackFailed, Step: "chat", StepState: RollbackFailed, Minutes: 1}, "r7: chat failed after 1 min; the rollback of gateway has failed"},
	} {
		c.mark.ID, c.mark.Target = "r7", "gateway"
		if got := RollbackDeed(&c.mark).String(); got != c.want {
			t.Errorf("%+v reads %q, want %q", c.mark, got, c.want)
		}
	}
}

func TestRollbackButtons(t *testing.T) {
	t.Parallel()
	s := Defaults()
	at := time.Date(2020, 1, 23, 21, 30, 0, 0, time.UTC)
	lines := func(r *Rollback) string {
		var out []string
		for _, b := range s.RollbackButtons(r) {
			out = append(out, b.Line)
		}
		return strings.Join(out, " | ")
	}
	for _, c := range []struct {
		state RollbackState
		want  string
	}{
		{RollbackRequested, "rollback cancel r7"},
		{RollbackAwaiting, "rollback approve r7 | rollback deny r7 | rollback cancel r7"},
		{RollbackDenied, "rollback gateway --to v1"},
		{RollbackExpired, "rollback gateway --to v1"},
		{RollbackVoided, "rollback gateway --to v1"},
		{RollbackCancelled, "rollback gateway --to v1"},
		{RollbackFailed, "rollback gateway --to v1"},
		{RollbackSucceeded, ""},
	} {
		if got := lines(&Rollback{ID: "r7", Target: "gateway", Asked: "v1", State: c.state, ExpiresAt: &at}); got != c.want {
			t.Errorf("%s: %s, want %s", c.state, got, c.want)
		}
	}
	for words, want := range map[string]string{
		"*pending pending":         "rollback cancel r7",
		"running pending":          "rollback next r7 s2 | rollback cancel r7",
		"running *pending pending": "rollback cancel r7",
		"submitting pending":       "rollback cancel r7",
		"running running":          "",
		"succeeded running":        "",
		"unknown pending":          "rollback done r7 s1 | rollback resend r7 s1 | rollback cancel r7",
		"timed_out pending":        "rollback done r7 s1 | rollback cancel r7",
		"succeeded succeeded":      "",
		"succeeded failed":         "rollback gateway",
	} {
		if got := lines(rolling(words)); got != want {
			t.Errorf("%s: %s, want %s", words, got, want)
		}
	}
	stopped := rolling("unknown cancelled")
	stopped.Stopped = true
	if got, want := lines(stopped), "rollback done r7 s1 | rollback cancel r7"; got != want {
		t.Errorf("what was cancelled offers %s, want %s", got, want)
	}
	plan := &Rollback{ID: "r7", Target: "gateway", State: RollbackVoided, PlanOnly: true, PlanHash: "x"}
	if got, want := lines(plan), "rollback gateway"; got != want {
		t.Errorf("a plan offers %s, want %s", got, want)
	}
}

func TestCapital(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"": "", "denied": "Denied", "übel": "Übel", "X": "X"} {
		if got := capital(in); got != want {
			t.Errorf("capital(%q) = %q", in, got)
		}
	}
}

func TestRoundly(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "0 s", 400 * time.Millisecond: "0 s", 59 * time.Second: "59 s", 59*time.Second + 700*time.Millisecond: "1 min",
		time.Minute: "1 min", 89 * time.Second: "1 min", 91 * time.Second: "2 min", 10 * time.Minute: "10 min", 90 * time.Minute: "90 min",
		2 * time.Hour: "2 h", 47 * time.Hour: "47 h", 48 * time.Hour: "2 days", 5 * 24 * time.Hour: "5 days",
	} {
		if got := roundly(d); got != want {
			t.Errorf("roundly(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestApproversAreMentioned(t *testing.T) {
	t.Parallel()
	many := make([]UserID, 12)
	for k := range many {
		many[k] = UserID(fmt.Sprintf("U%d", k+10))
	}
	for _, c := range []struct {
		who  Approvers
		want string
	}{
		{Approvers{}, ""},
		{Approvers{Groups: []GroupID{"S1", "S2"}, Users: []UserID{"U1"}}, "<!subteam^S1>, <!subteam^S2>"},
		{Approvers{Groups: []GroupID{"S1"}, Users: []UserID{"U1", "U2"}, Named: []UserID{"U2"}}, "<!subteam^S1>, <@U2>"},
		{Approvers{Users: many, Named: many}, "<@U10>, <@U11>, <@U12>, <@U13>, <@U14>, <@U15>, <@U16>, <@U17>, <@U18>, <@U19>"},
	} {
		if got := c.who.Mention().String(); got != c.want {
			t.Errorf("%+v: %q, want %q", c.who, got, c.want)
		}
	}
}

func TestTheVersionBeforeIsNotTheOneThatWasLeft(t *testing.T) {
	t.Parallel()
	v := func(id, label string) Version { return Version{ID: id, Label: label} }
	for name, c := range map[string]struct {
		versions []Version
		want     string
	}{
		"after a rollback":      {[]Version{v("5", "v42"), v("4", "v43"), v("3", "v42"), v("2", "v41")}, "v41"},
		"after two":             {[]Version{v("7", "v42"), v("6", "v44"), v("5", "v42"), v("4", "v43"), v("3", "v42"), v("2", "v41")}, "v41"},
		"deployed twice":        {[]Version{v("3", "v42"), v("2", "v42"), v("1", "v41")}, "v41"},
		"a deploy since":        {[]Version{v("6", "v44"), v("5", "v42"), v("4", "v43")}, "v42"},
		"nothing was before it": {[]Version{v("5", "v42"), v("4", "v43"), v("3", "v42")}, ""},
	} {
		s := Step{Name: "main"}
		err := s.choose(Menu{Versions: c.versions}, "")
		if s.To.Name() != c.want && !(c.want == "" && err != nil) {
			t.Errorf("%s: to %s, %v", name, s.To.Name(), err)
		}
	}
}
