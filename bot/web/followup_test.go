package web

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// withRepo configures where action items open their issues.
func withRepo(c *Config) {
	withTarget(c)
	c.Bot.Settings.Followups.Repo = "acme/postmortems"
}

// in does something in an incident as user.
func (w *world) in(user bot.UserID, incident int64, fn func(*bot.Work) error) {
	w.t.Helper()
	w.carry(user, func(k *bot.Work) error {
		if err := k.Lock(incident); err != nil {
			return err
		}
		return fn(k)
	})
}

// item adds an action item.
func (w *world) item(user bot.UserID, incident int64, d bot.FollowUpDraft) (number int64) {
	w.t.Helper()
	w.in(user, incident, func(k *bot.Work) error {
		f, err := bot.AddFollowUp(k, d)
		if err == nil {
			number = f.Number
		}
		return err
	})
	return number
}

// change changes an action item; empty user: Tocsin itself.
func (w *world) change(user bot.UserID, number int64, fn func(*bot.Work, *bot.FollowUp) error) {
	w.t.Helper()
	w.carry(user, func(k *bot.Work) error {
		f, err := bot.TakeFollowUp(k, number)
		if err != nil {
			return err
		}
		return fn(k, f)
	})
}

// opened says that GitHub has the issue of an action item.
func (w *world) opened(number int64, issue int) {
	w.t.Helper()
	w.change("", number, func(k *bot.Work, f *bot.FollowUp) error {
		if _, err := bot.BeginIssue(k, f); err != nil {
			return err
		}
		return bot.OpenIssue(k, f, bot.FoundIssue{Repo: f.Issue.Repo, Number: issue, URL: fmt.Sprintf("https://github.com/%s/issues/%d", f.Issue.Repo, issue)})
	})
}

func TestFollowUpShape(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.keep(declare(1, now, "Checkout is down"))
	w.bot.Settings.Severities = nil // no due date by policy
	w.item("U0ANA", 1, bot.FollowUpDraft{Text: "Reverse the settings"})
	r := ask(t, w.mux, http.MethodGet, "/api/v1/followups", "", "Authorization: Bearer "+rootToken)
	want := `{"items":[{"number":1,"incident":1,"text":"Reverse the settings","state":"open","owner":null,"due":null,"priority":null,"service":null,` +
		`"issue":null,"added_by":"U0ANA","added_at":"2020-01-24T14:30:00Z","closed_at":null}],"next":null}` + "\n"
	if got := text(t, r); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}

	w = newWorld(t, withRepo)
	w.keep(declare(1, now, "Checkout is down"))
	draft := bot.FollowUpDraft{Text: bot.Join("Ask ", bot.MentionUser("U0BEN")), Owner: "U0BEN", Due: "2020-02-01", Priority: "p1", Service: "api-gateway"}
	w.item("U0ANA", 1, draft)
	first := w.get("/api/v1/followups", rootToken, 200)["items"].([]any)[0].(map[string]any)
	if got := fmt.Sprint(first["issue"]); got != "map[number:<nil> repo:acme/postmortems state:wanted url:<nil> why:<nil>]" {
		t.Errorf("before it is opened: %s", got)
	}
	w.opened(1, 7)
	w.change("U0BEN", 1, func(k *bot.Work, f *bot.FollowUp) error { return bot.SetFollowUp(k, f, bot.FollowUpDone, "") })
	got := w.get("/api/v1/followups", rootToken, 200)["items"].([]any)[0]
	for field, want := range map[string]any{
		"text": "Ask <@U0BEN>", "state": "done", "owner": "U0BEN", "due": "2020-02-01", "priority": "p1", "service": "api-gateway",
		"closed_at": "2020-01-24T14:32:00Z",
		"issue":     map[string]any{"url": "https://github.com/acme/postmortems/issues/7", "number": 7.0, "repo": "acme/postmortems", "state": "opened", "why": nil},
	} {
		if have := got.(map[string]any)[field]; !reflect.DeepEqual(have, want) {
			t.Errorf("%s = %v, want %v", field, have, want)
		}
	}
	// An incident has the full objects, in lists as well.
	for _, i := range []any{w.get("/api/v1/incidents/1", rootToken, 200), w.get("/api/v1/incidents", rootToken, 200)["items"].([]any)[0]} {
		if list := i.(map[string]any)["followups"]; !reflect.DeepEqual(list, []any{got}) {
			t.Errorf("the incident's followups: %v", list)
		}
	}
	w.in("U0ANA", 1, func(k *bot.Work) error { _, err := bot.Redact(k, 2, "A name"); return err })
	if got := w.get("/api/v1/followups", rootToken, 200)["items"].([]any)[0].(map[string]any)["text"]; got != "[redacted]" {
		t.Errorf("a redacted text reads %v", got)
	}
}

func TestFollowUpLists(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withTarget)
	w.keep(declare(1, now, "Checkout is down"))
	for k, d := range []bot.FollowUpDraft{
		{Due: "2020-01-25", Owner: "U0ANA"}, // today in New York is the 25th, in UTC the 26th
		{Due: "2020-01-24", Owner: "U0BEN"},
		{Due: "2020-01-24", Owner: "U0ANA"},
		{Due: "2020-01-20", Owner: "U0ANA"},
		{Due: "2020-01-20", Owner: "U0BEN"},
	} {
		d.Text = bot.Plain(fmt.Sprint("Item ", k))
		w.item("U0ANA", 1, d)
	}
	for number, state := range map[int64]bot.FollowUpState{3: bot.FollowUpInProgress, 4: bot.FollowUpDone, 5: bot.FollowUpDropped} {
		w.change("U0ANA", number, func(k *bot.Work, f *bot.FollowUp) error { return bot.SetFollowUp(k, f, state, "") })
	}
	w.now = time.Date(2020, 1, 26, 3, 0, 0, 0, time.UTC)
	numbers := func(query string) string {
		var seen []string
		for path, n := "/api/v1/followups?"+query, 0; path != "" && n < 9; n++ {
			got := w.get(path, rootToken, 200)
			for _, i := range got["items"].([]any) {
				seen = append(seen, fmt.Sprint(i.(map[string]any)["number"]))
			}
			path = ""
			if next, more := got["next"].(string); more {
				path = "/api/v1/followups?" + query + "&page=" + next
			}
		}
		return strings.Join(seen, " ")
	}
	for query, want := range map[string]string{
		"": "1 2 3 4 5", "limit=2": "1 2 3 4 5", "state=open": "1 2", "state=open,in_progress": "1 2 3", "state=done&state=dropped": "4 5",
		"state=OPEN,&limit=1": "1 2", "state=ongoing": "", "owner=U0BEN": "2 5", "owner=U0BEN&state=open": "2", "overdue=true": "2 3", "overdue=1&limit=1": "2 3",
		"overdue=false": "1 2 3 4 5", "overdue=true&state=in_progress": "3", "overdue=true&owner=U0BEN": "2", "owner=U0EVE": "",
	} {
		if got := numbers(query); got != want {
			t.Errorf("?%s gave %q, want %q", query, got, want)
		}
	}
	for _, query := range []string{"state=closed", "state=open,odd", "owner=ana", "overdue=soon", "page=x", "page=0", "limit=0"} {
		w.get("/api/v1/followups?"+query, rootToken, 400)
	}
}

// TestFollowUpReaders: an action item is seen with its incident, and by a token
// that was made for it.
func TestFollowUpReaders(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	if r, body := w.run("private Zanzibar"); r.StatusCode != http.StatusOK {
		t.Fatal(body)
	}
	w.item("U0ANA", 1, bot.FollowUpDraft{Text: "Zanzibar"})
	for name, token := range map[string]string{"somebody else": w.token("U0BEN", nil), "everyone": rootToken} {
		if got := w.get("/api/v1/followups?state=open", token, 200); len(got["items"].([]any)) != 0 {
			t.Errorf("%s reads %v", name, got)
		}
	}
	if got := w.get("/api/v1/followups", w.token("U0ANA", nil), 200); len(got["items"].([]any)) != 1 {
		t.Errorf("its author reads %v", got)
	}
	for verb, code := range map[string]int{"action": 200, "action list": 200, "action add": 403, "show": 403} {
		w.get("/api/v1/followups", w.token("U0ANA", func(d *bot.Token) { d.Verbs = []string{verb} }), code)
	}
	if r := ask(t, w.mux, http.MethodGet, "/api/v1/followups", ""); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("without a token: %s", r.Status)
	}
}

func TestTasks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.keep(declare(1, now.Add(-time.Hour), "Checkout is down"))
	w.in("U0ANA", 1, func(k *bot.Work) error { _, err := bot.AddTask(k, "Call the vendor", "U0BEN"); return err })
	w.in("U0ANA", 1, func(k *bot.Work) error { _, err := bot.AddTask(k, "Add an alert", ""); return err })
	w.in("U0BEN", 1, func(k *bot.Work) error { _, err := bot.DoneTask(k, 1); return err })
	w.in("U0BEN", 1, func(k *bot.Work) error { _, err := bot.PromoteTask(k, 2); return err })
	got := fmt.Sprint(w.get("/api/v1/incidents/1", rootToken, 200)["tasks"])
	want := "[map[added_at:2020-01-24T14:30:00Z added_by:U0ANA done_at:2020-01-24T14:32:00Z done_by:U0BEN followup:<nil> number:1 owner:U0BEN text:Call the vendor] " +
		"map[added_at:2020-01-24T14:31:00Z added_by:U0ANA done_at:2020-01-24T14:33:00.000001Z done_by:U0BEN followup:1 number:2 owner:<nil> text:Add an alert]]"
	if got != want {
		t.Errorf("tasks = %s\nwant    %s", got, want)
	}
}

// TestLaterEntries: what an entry tells of tasks, action items, reminders and
// the post-mortem is in its data.
func TestLaterEntries(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withRepo)
	w.keep(declare(1, now, "Checkout is down"))
	w.later(1)
	var got []string
	for _, item := range w.get("/api/v1/incidents/1/timeline", rootToken, 200)["items"].([]any) {
		e := item.(map[string]any)
		for _, kind := range []string{"task", "followup", "reminder", "postmortem"} {
			if facts, ok := e["data"].(map[string]any)[kind]; ok {
				got = append(got, fmt.Sprint(e["kind"], " ", e["actor"], " ", e["text"], " ", facts))
			}
		}
	}
	want := []string{
		"task U0ANA Call the vendor map[number:1]",
		"task U0BEN <nil> map[done:true number:1]",
		"followup U0ANA Add an alert map[due:2020-02-01 issue:wanted number:1 owner:U0BEN push:true repo:acme/postmortems state:open what:added]",
		"followup <nil> <nil> map[due:2020-02-01 issue:opened issue_number:7 number:1 owner:U0BEN repo:acme/postmortems state:open url:https://github.com/acme/postmortems/issues/7 what:issue]",
		"postmortem U0ANA Nobody looked. map[section:root-cause what:set]",
		"postmortem U0ANA <nil> map[owner:U0BEN what:owner]",
		"postmortem U0ANA <nil> map[due:2020-02-03 what:due]",
		"postmortem U0ANA <nil> map[what:publish]",
	}
	if a, b := strings.Join(got, "\n"), strings.Join(want, "\n"); a != b {
		t.Errorf("entries\n%s\nwant\n%s", a, b)
	}
}

// later makes an entry of each of the later kinds.
func (w *world) later(incident int64) {
	w.t.Helper()
	w.in("U0ANA", incident, func(k *bot.Work) error { _, err := bot.AddTask(k, "Call the vendor", ""); return err })
	w.in("U0BEN", incident, func(k *bot.Work) error { _, err := bot.DoneTask(k, 1); return err })
	n := w.item("U0ANA", incident, bot.FollowUpDraft{Text: "Add an alert", Owner: "U0BEN", Due: "2020-02-01"})
	w.opened(n, 7)
	w.in("U0ANA", incident, func(k *bot.Work) error {
		_, err := bot.SetSection(k, bot.SectionRootCause, "Nobody looked.", nil)
		return err
	})
	w.in("U0ANA", incident, func(k *bot.Work) error { _, err := bot.OwnPostmortem(k, "U0BEN"); return err })
	w.in("U0ANA", incident, func(k *bot.Work) error { _, err := bot.DuePostmortem(k, "2020-02-03"); return err })
	w.in("U0ANA", incident, func(k *bot.Work) error { _, err := bot.PublishPostmortem(k, false); return err })
}
