package bot

import (
	"strings"
	"testing"
	"time"
)

// written is m without its dialect, a line for each block, buttons in brackets.
func written(m Message) string {
	var out []string
	for _, b := range m.Blocks {
		line := b.Text.String()
		for _, x := range b.Buttons {
			line += "[" + x.Label + ": " + x.Line + "]"
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

func holds(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("%q is not in:\n%s", p, text)
		}
	}
}

// TestFollowUpCard: each state of an item and of its issue in words, with the
// buttons that can follow.
func TestFollowUpCard(t *testing.T) {
	t.Parallel()
	set := Defaults()
	set.Services = []Service{{ID: "api", Name: "API"}}
	issue := func(s IssueState) Issue { return Issue{State: s, Repo: "acme/pm"} }
	opened := Issue{State: IssueOpened, Repo: "acme/pm", Number: 3, URL: "https://github.com/acme/pm/issues/3"}
	adopted := func(s IssueState) Issue { i := opened; i.State, i.Adopted = s, true; return i }
	refused := func(i Issue) Issue { i.RefusedAt = &time.Time{}; return i }
	lost, gone := issue(IssueUnknown), opened
	lost.Lost, gone.State = true, IssueGone
	const all, retry = "[Start: action start 7][Done: action done 7][Drop: action drop 7]", "action retry 7]"
	for name, c := range map[string]struct {
		state FollowUpState
		issue Issue
		want  []string
		not   string
	}{
		"kept":      {FollowUpOpen, Issue{}, []string{"Action item 7 [OPEN] Do it", "Owner <@U1> · due 1 Dec 2026 · p1 · API\n", "Kept here, no issue opened", "Added by <@U2>", all}, retry},
		"wanted":    {FollowUpOpen, issue(IssueWanted), []string{"An issue in acme/pm is being opened"}, retry},
		"refused":   {FollowUpOpen, refused(issue(IssueWanted)), []string{"No issue yet in acme/pm: GitHub refuses us"}, retry},
		"unheard":   {FollowUpOpen, refused(adopted(IssueWanted)), []string{"Issue acme/pm#3 (https://github.com/acme/pm/issues/3), which waits to be read: GitHub refuses us"}, retry},
		"creating":  {FollowUpOpen, issue(IssueCreating), []string{"An issue in acme/pm is being opened"}, retry},
		"adopting":  {FollowUpOpen, adopted(IssueWanted), []string{"Issue acme/pm#3 (https://github.com/acme/pm/issues/3), which is being read"}, retry},
		"unread":    {FollowUpOpen, adopted(IssueFailed), []string{"Issue acme/pm#3 (https://github.com/acme/pm/issues/3), which could not be read", "[Try again: " + retry}, "opened"},
		"searching": {FollowUpOpen, issue(IssueUnknown), []string{"may have been opened; it is being looked for"}, retry},
		"lost":      {FollowUpOpen, lost, []string{"Nobody knows whether its issue in acme/pm was opened", "[Open it again: " + retry}, ""},
		"opened":    {FollowUpInProgress, opened, []string{"[IN PROGRESS]", "Issue acme/pm#3", "[Done: action done 7][Drop: action drop 7]"}, "Start"},
		"gone":      {FollowUpOngoing, gone, []string{"[ONGOING]", "which was deleted or can no longer be seen", "[Open a new issue: " + retry}, "Start"},
		"done":      {FollowUpDone, opened, []string{"[DONE]", "[Reopen: action reopen 7]"}, "Drop"},
		"closed":    {FollowUpDropped, gone, []string{"[DROPPED]", "[Reopen: action reopen 7]"}, retry},
		"failed":    {FollowUpOpen, issue(IssueFailed), []string{"No issue: it could not be opened in acme/pm", "[Try again: " + retry}, ""},
	} {
		f := &FollowUp{Number: 7, Incident: 1, State: c.state, Owner: "U1", Due: "2026-12-01", Priority: "p1", Service: "api", AddedBy: "U2", Text: "Do it", Issue: c.issue}
		got := written(set.FollowUpCard(f, Event{}))
		holds(t, got, c.want...)
		if c.not != "" && strings.Contains(got, c.not) {
			t.Errorf("%s: %q is in:\n%s", name, c.not, got)
		}
	}
	if q, _ := (&FollowUp{Issue: lost}).retryButton(); q.Confirm == nil {
		t.Error("it is opened a second time by one slip")
	}
}

// TestFollowUpTurned: who brought an item where it is, here or on GitHub.
func TestFollowUpTurned(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 12, 1, 15, 4, 0, 0, time.UTC)
	mark := func(s FollowUpState, login string) Data {
		return Data{FollowUp: &FollowUpMark{Number: 7, What: DeedState, State: s, Login: login}}
	}
	for want, e := range map[string]Event{
		"":                                      {},
		" · done by <@U1> 2026-12-01 15:04 UTC": {Actor: "U1", At: at, Data: mark(FollowUpDone, "")},
		" · dropped by octo on GitHub 2026-12-01 15:04 UTC": {Via: ViaGitHub, At: at, Data: mark(FollowUpDropped, "octo")},
		" · reopened on GitHub 2026-12-01 15:04 UTC":        {Via: ViaGitHub, At: at, Data: mark(FollowUpOpen, "")},
	} {
		if got := e.turned().String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
