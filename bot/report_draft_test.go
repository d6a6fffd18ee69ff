package bot

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

// shelf is what a report is read from.
type shelf struct {
	ReadTx
	items     []*FollowUp
	rollbacks []*Rollback
	deploys   []Deploy
	events    []Event
}

func (s shelf) FollowUps(Viewer, FollowUpFilter) ([]*FollowUp, error) { return s.items, nil }
func (s shelf) Rollbacks(Viewer, RollbackFilter) ([]*Rollback, error) { return s.rollbacks, nil }
func (s shelf) Deploys(DeployFilter) ([]Deploy, error)                { return s.deploys, nil }
func (s shelf) Timeline(Viewer, int64, EventFilter) ([]Event, error)  { return s.events, nil }

func step(t *testing.T, name, from, to string) Step {
	t.Helper()
	begin, end := at(t, from), at(t, to)
	return Step{Name: name, From: Version{Label: "v2"}, To: Version{Label: "v1"}, State: RollbackSucceeded, SubmittedAt: &begin, EndedAt: &end,
		Link: "https://deploy.internal/7", DecidedBy: "U0EVE"}
}

// kustomerReport is the post-mortem of the incident of 23 January 2020.
func kustomerReport(t *testing.T, change func(*record, *shelf)) *Report {
	t.Helper()
	r := kustomer(t)
	s := kustomerSettings()
	s.Zone = zone(t, "America/New_York")
	s.Services = []Service{{ID: "api-gateway", Name: "API Gateway"}}
	all := &shelf{
		rollbacks: []*Rollback{
			{ID: "r2", Target: "gateway-chat", State: RollbackSucceeded, RequestedBy: "U0ANA", Steps: []Step{step(t, "chat", "21:48", "22:19")}},
			{ID: "r1", Target: "gateway-main", State: RollbackSucceeded, RequestedBy: "U0ANA", Steps: []Step{step(t, "main", "21:23", "21:41")}},
		},
		deploys: []Deploy{
			{Source: "tocsin", Service: "api-gateway", Environment: "production", Version: "v1", Kind: DeployRollback, FinishedAt: at(t, "21:18")},
			{Source: "generic", Service: "api-gateway", Environment: "production", Version: "v3", FinishedAt: at(t, "21:20")},
			{Source: "generic", Service: "api-gateway", Environment: "production", Version: "v2", FinishedAt: at(t, "21:15"), Actor: "ci-bot", URL: "https://ci.internal/1"},
			{Source: "generic", Service: "api-gateway", Environment: "production", Version: "v1", FinishedAt: at(t, "09:15")},
		},
	}
	if change != nil {
		change(r, all)
	}
	all.events = r.events
	report, err := ReadReport(all, Self(), s, r.i, at(t, "23:59"))
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func (r *Report) section(slug string) ReportSection {
	for _, s := range r.Sections {
		if s.Slug == slug {
			return s
		}
	}
	return ReportSection{}
}

func TestTheDraftOfKustomersReport(t *testing.T) {
	t.Parallel()
	r := kustomerReport(t, nil)
	for slug, want := range map[string]string{
		SectionSummary: "Users unable to load Kustomer application. It began on 23 January 2020 at 16:19 EST and was mitigated at 17:19 EST, 60 min later; it was resolved at 17:56 EST.",
		SectionImpact: "Affected were:\n\n- Prod1 (US) - API: major outage, 23 min until operational again\n" +
			"- Prod1 (US) - Channel - Chat: major outage, 60 min until operational again\n- Prod1 (US) - Web Client: major outage, 23 min until operational again",
		SectionTrigger: "v2 of API Gateway was deployed to production at 16:15 EST by ci-bot, 4 min before the impact began.",
		SectionResolution: "Rolled back:\n\n- gateway-main, main: v2 → v1 between 16:23 EST and 16:41 EST, 18 min\n" +
			"- gateway-chat, chat: v2 → v1 between 16:48 EST and 17:19 EST, 31 min\n\nChat is fully operational.",
		SectionRootCause: "", SectionLessons: "",
	} {
		if got := r.section(slug); got.Text.String() != want || got.Written != nil {
			t.Errorf("%s: %q\nwant %q", slug, got.Text.String(), want)
		}
	}
	for slug, want := range map[string]string{
		SectionSummary:    "Users unable to load Kustomer application. It began on 23 January 2020 at 16:19 EST and was mitigated at 17:19 EST, 60 min later; it was resolved at 17:56 EST.",
		SectionTrigger:    "A deploy at 16:15 EST, 4 min before the impact began.",
		SectionResolution: "The change was rolled back between 16:23 EST and 17:19 EST.",
		SectionRootCause:  "",
	} {
		if got := r.section(slug).Public.String(); got != want {
			t.Errorf("%s for customers: %q\nwant %q", slug, got, want)
		}
	}
	var took []string
	for _, d := range r.Durations {
		took = append(took, d.Name+" "+Length(d.Took))
	}
	if got := strings.Join(took, ", "); got != "Time to declare 2 min, Time to the first public update 16 min, Time to mitigate 60 min, Time to resolve 97 min" {
		t.Errorf("durations: %s", got)
	}
	var moments []string
	for _, m := range r.Moments {
		moments = append(moments, m.Name)
	}
	if got := strings.Join(moments, ", "); got != "Impact started, Declared, First public update, Mitigated, Resolved" {
		t.Errorf("moments: %s", got)
	}
	if len(r.Timeline) == 0 || r.Due != "2020-01-30" || r.Owner != "U0ANA" || r.Title != "Post-mortem: Users unable to load Kustomer application" {
		t.Errorf("%+v", r)
	}
}

func TestDraftsOfWhatIsNotKnown(t *testing.T) {
	t.Parallel()
	r := kustomerReport(t, func(r *record, s *shelf) {
		*r = *newRecord(t, "21:21")
		r.i.Services = nil
		r.add("21:30", Event{Kind: EventComponent, Data: components(Operational, "api")})
		r.add("21:31", Event{Kind: EventComponent, Data: components(Degraded, "chat")})
		s.rollbacks = nil
	})
	if got := r.section(SectionImpact).Text; got != "Affected were:\n\n- Prod1 (US) - Channel - Chat: degraded performance, 2 h so far" && !strings.Contains(string(got), "so far") || strings.Contains(string(got), "API") {
		t.Errorf("impact: %q", got)
	}
	if got := r.section(SectionTrigger).Text; got != "" {
		t.Errorf("the trigger of no service: %q", got)
	}
	if got := r.section(SectionResolution).Text; got != "" {
		t.Errorf("resolution: %q", got)
	}
	r = kustomerReport(t, func(r *record, s *shelf) { s.rollbacks, s.deploys = nil, nil })
	if got := r.section(SectionResolution); got.Public != "This incident has been resolved." || got.Text != "Chat is fully operational." {
		t.Errorf("resolution: %q, %q", got.Text, got.Public)
	}
}

// TestWhatPeopleWroteIsTaken, and what was redacted is a draft again.
func TestWhatPeopleWroteIsTaken(t *testing.T) {
	t.Parallel()
	wrote := func(r *record, slug string, text Text) Event {
		return r.add("23:58", Event{Kind: EventPostmortem, Actor: "U0BEN", Text: text, Data: Data{Postmortem: &PostmortemMark{What: PostmortemSet, Section: slug}}})
	}
	r := kustomerReport(t, func(r *record, _ *shelf) {
		wrote(r, SectionImpact, "First")
		wrote(r, SectionImpact, Join("**All** of it, says ", MentionUser("U0BEN")))
		e := wrote(r, SectionTrigger, "The password is hunter2")
		r.redact(e.Seq)
	})
	if got := r.section(SectionImpact); got.Text != Join("**All** of it, says ", MentionUser("U0BEN")) || got.Public != "**All** of it, says someone" || got.Written == nil || got.Written.By != "U0BEN" {
		t.Errorf("%+v", got)
	}
	if got := r.section(SectionTrigger); got.Written != nil || !strings.HasPrefix(got.Text.String(), "v2 of API Gateway") {
		t.Errorf("%+v", got)
	}
}

func TestItemsInAReport(t *testing.T) {
	t.Parallel()
	r := kustomerReport(t, func(_ *record, s *shelf) {
		issue := Issue{State: IssueOpened, Repo: "acme/secret", Number: 7, URL: "https://github.example/acme/secret/issues/7"}
		address := Issue{State: IssueFailed, Repo: "acme/secret", Number: 8, URL: "https://github.example/acme/secret/issues/8", Adopted: true}
		s.items = []*FollowUp{
			{Number: 1, Text: "Test each service *alone*", State: FollowUpDone, Owner: "U0BEN", Due: "2020-02-07", Issue: issue},
			{Number: 2, Text: Join("Ask ", MentionUser("U0CAT")), State: FollowUpInProgress},
			{Number: 3, Text: "Drop it", State: FollowUpDropped},
			{Number: 4, Text: RedactedText, State: FollowUpOpen},
			{Number: 5, Text: Plain(address.URL), State: FollowUpOpen, Issue: address},
			{Number: 6, Text: "- Watch caches", State: FollowUpOngoing},
		}
	})
	got := r.section(SectionLessons)
	if want := "- Test each service \\*alone\\* [DONE]\n- Ask someone [IN PROGRESS]\n- \\- Watch caches [ONGOING]"; got.Public.String() != want {
		t.Errorf("for customers: %q\nwant %q", got.Public, want)
	}
	if len(got.Items) != 6 || got.Items[0].Ref != "acme/secret#7" || got.Items[0].URL == "" || got.Items[1].Ref != "" {
		t.Errorf("%+v", got.Items)
	}
}

// TestNothingInternalIsPublic: no person, version, service or address of the
// record is in what customers read, unless a person wrote it there.
func TestNothingInternalIsPublic(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	secret := func() string { return fmt.Sprintf("canary%x", rng.Uint64()) }
	for range 50 {
		public := kustomerReport(t, func(r *record, s *shelf) {
			id := UserID("UCANARY" + strings.ToUpper(secret()))
			r.add("23:00", Event{Kind: EventNote, Actor: id, Text: Plain(secret())})
			r.add("23:01", Event{Kind: EventSummary, Actor: id, Text: Plain(secret())})
			r.add("23:02", Event{Kind: EventLink, Text: Plain("https://" + secret() + ".internal " + secret())})
			r.add("23:03", Event{Kind: EventUpdated, Actor: id, Text: Plain(secret())})
			r.add("23:04", Event{Kind: EventRole, Data: Data{Role: Commander, User: id}})
			r.add("23:05", Event{Kind: EventTask, Actor: id, Text: Plain(secret()), Data: Data{Task: &TaskMark{Number: 1, Owner: id}}})
			r.add("23:06", Event{Kind: EventTitle, Public: true, Data: Data{Public: true}, Text: Join("Trouble, says ", MentionUser(id), MentionChannel("CCANARY"), MentionGroup("SCANARY"))})
			for k := range s.deploys {
				d := &s.deploys[k]
				d.Version, d.Previous, d.Actor, d.URL, d.Environment = secret(), secret(), secret(), "https://"+secret(), secret()
			}
			for _, b := range s.rollbacks {
				b.ID, b.Target, b.Reason, b.Why, b.RequestedBy, b.ApprovedBy = secret(), secret(), Plain(secret()), secret(), id, id
				for k := range b.Steps {
					x := &b.Steps[k]
					x.Name, x.From, x.To, x.Link, x.Message, x.DecidedBy = secret(), Version{ID: secret(), By: secret()}, Version{Label: secret()}, "https://"+secret(), secret(), id
				}
			}
			url := "https://" + secret() + "/issues/1"
			s.items = []*FollowUp{
				{Number: 1, Text: "Watch caches", Owner: id, AddedBy: id, Service: secret(), Key: secret(), Issue: Issue{State: IssueOpened, Repo: secret(), Number: 1, URL: url, Why: secret(), Assignee: secret()}},
				{Number: 2, Text: Plain(url), Issue: Issue{State: IssueWanted, Adopted: true, Repo: secret(), Number: 1, URL: url}},
				{Number: 3, Text: Plain(secret()), State: FollowUpDropped},
			}
		}).PublicMarkdown().String()
		if bad := regexp.MustCompile(`(?i)\S*canary\S*|https?:\S*|<[@#!]\S*|API Gateway|api-gateway`).FindAllString(public, -1); len(bad) > 0 {
			t.Fatalf("customers read %q in\n%s", bad, public)
		}
		if !strings.Contains(public, "Trouble, says someonea channelsomeone") || !strings.Contains(public, "Watch caches") {
			t.Fatalf("customers read\n%s", public)
		}
	}
}

func TestEscapeMarkdown(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"plain words, 3 of them.":  "plain words, 3 of them.",
		"*bold* _it_ `code` ~no~":  "\\*bold\\* \\_it\\_ \\`code\\` \\~no\\~",
		"<script>&amp;":            "\\<script\\>\\&amp;",
		"![x](y) [go](z)":          "\\!\\[x\\](y) \\[go\\](z)",
		"# head\n## head":          "\\# head\n\\#\\# head",
		"> quote":                  "\\> quote",
		"a | b":                    "a \\| b",
		"- item\n+ item\n  - item": "\\- item\n\\+ item\n  \\- item",
		"1. item\n23) item":        "1\\. item\n23\\) item",
		"head\n===\nhead\n---":     "head\n\\===\nhead\n\\---",
		"x\n=":                     "x\n\\=",
		"2020-01-23 and 1.5 s":     "2020-01-23 and 1.5 s",
		`\*`:                       `\\\*`,
		"":                         "",
	} {
		if got := EscapeMarkdown(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

func TestLinked(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"See https://example.com/a?b=1&c_d=2.": "See <https://example.com/a?b=1&c_d=2>.",
		"*not* bold":                           `\*not\* bold`,
		"https://bank.example@evil.example/x":  "https://bank.example@evil.example/x",
		"1. first (http://a.example/x)":        `1\. first (<http://a.example/x>)`,
	} {
		if got := linked(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
	if got := UnescapeMarkdown(`\*a\* & <https://a.example/x_y> 1\. \[b\]`); got != "*a* & https://a.example/x_y 1. [b]" {
		t.Errorf("unescaped: %q", got)
	}
}
