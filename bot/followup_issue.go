package bot

import (
	"cmp"
	"crypto/rand"
	"slices"
	"strconv"
	"strings"
	"time"
)

// newKey is a name that nobody else has: 26 letters and digits.
func newKey() string { return rand.Text() }

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// BeginIssue marks the issue of an action item as being opened; only when it
// answers true, and its transaction is committed, may the first byte leave. One
// that was begun before and of which no more is known was cut off by a crash; it
// becomes unknown and is not opened again by itself.
func BeginIssue(w *Work, f *FollowUp) (bool, error) {
	switch f.Issue.State {
	case IssueWanted:
	case IssueCreating:
		return false, LoseIssue(w, f, "the program stopped while it was being opened")
	default:
		return false, nil
	}
	now := w.Now
	f.Issue.State, f.Issue.TriedAt, f.Issue.Why, f.Issue.Lost = IssueCreating, &now, "", false
	return true, w.Tx.SaveFollowUp(f)
}

// KeepIssue says that nothing has left, so that the issue may be opened later.
func KeepIssue(w *Work, f *FollowUp, why string) error {
	if f.Issue.State != IssueCreating {
		return nil
	}
	f.Issue.State, f.Issue.TriedAt, f.Issue.Why = IssueWanted, nil, why
	return w.Tx.SaveFollowUp(f)
}

// FoundIssue is an issue as GitHub tells of it.
type FoundIssue struct {
	Repo      string // OWNER/NAME, which may have changed
	Number    int
	URL       string
	Title     string // of an adopted one
	UpdatedAt time.Time
	Closed    bool
	ClosedAt  time.Time // zero: not known
	Reason    string    // why it was closed: completed, not_planned, duplicate
}

// OpenIssue says that the issue exists: it was opened just now, or found.
func OpenIssue(w *Work, f *FollowUp, found FoundIssue) error {
	if f.Issue.State == IssueOpened || f.Issue.State == IssueNone {
		return nil
	}
	switch other, err := w.whoseIssue(cmp.Or(found.Repo, f.Issue.Repo), found.Number); {
	case err != nil:
		return err
	case other != nil && other.Number != f.Number: // by another address, of a repository that was renamed
		why, err := w.taken(f, other, "that issue belongs to another action item")
		if err != nil {
			return err
		}
		return FailIssue(w, f, why)
	}
	f.Issue.State, f.Issue.Number, f.Issue.URL, f.Issue.Why, f.Issue.Lost = IssueOpened, found.Number, found.URL, "", false
	if found.Repo != "" {
		f.Issue.Repo = found.Repo
	}
	f.Issue.UpdatedAt, f.Issue.RefusedAt = nil, nil
	f.Issue.heardAt(found.UpdatedAt)
	// What changed while it was being opened GitHub does not have yet. An adopted
	// one says itself where it stands.
	push := f.Issue.Pending() || f.State.Closed() && !f.Issue.Adopted
	if f.State.Closed() && !f.Issue.Adopted && !f.Issue.Turning() {
		f.Issue.Wanted++
		f.Issue.Turned = f.Issue.Wanted
	}
	if err := w.tellFollowUp(f, Event{}, FollowUpMark{What: DeedIssue, Push: push}); err != nil || !f.Issue.Adopted {
		return err
	}
	if title := Plain(found.Title).OneLine(MaxTitle); title != "" {
		f.Text = title
		if err := w.tellFollowUp(f, Event{Text: title}, FollowUpMark{What: DeedTitle}); err != nil {
			return err
		}
	}
	if f.Issue.Turning() { // what was said here since it was added counts
		return nil
	}
	return w.followIssue(f, found, "")
}

// whoseIssue is the action item that an issue belongs to, or nil.
func (w *Work) whoseIssue(repo string, number int) (*FollowUp, error) {
	if number == 0 {
		return nil, nil
	}
	list, err := w.Tx.FollowUps(Self(), FollowUpFilter{Repo: repo, Issue: number, Limit: 1})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

// FailIssue says that GitHub refused, and will again.
func FailIssue(w *Work, f *FollowUp, why string) error {
	if f.Issue.State == IssueOpened || f.Issue.State == IssueNone || f.Issue.State == IssueFailed {
		return nil
	}
	f.Issue.State, f.Issue.Why, f.Issue.RefusedAt = IssueFailed, why, nil
	return w.tellFollowUp(f, Event{Text: Plain(why)}, FollowUpMark{What: DeedIssue})
}

// LoseIssue says that nobody knows whether the issue was opened. It is looked
// for, and not opened again unless a person says so.
func LoseIssue(w *Work, f *FollowUp, why string) error {
	if f.Issue.State != IssueCreating {
		return nil
	}
	f.Issue.State, f.Issue.Why = IssueUnknown, why
	return w.tellFollowUp(f, Event{Text: Plain(why)}, FollowUpMark{What: DeedIssue})
}

// AskIssue says that an issue of which nobody knows was looked for long enough:
// now a person has to look.
func AskIssue(w *Work, f *FollowUp) error {
	if f.Issue.State != IssueUnknown || f.Issue.Lost {
		return nil
	}
	f.Issue.Lost = true
	return w.tellFollowUp(f, Event{Text: "no such issue was found"}, FollowUpMark{What: DeedIssue})
}

// RetryIssue opens the issue of an action item that has none: GitHub refused it,
// somebody looked and it is not there, or none was wanted when it was added.
func RetryIssue(w *Work, f *FollowUp) error {
	switch f.Issue.State {
	case IssueOpened:
		return Conflict("Action item %d has its issue: %s", f.Number, f.Issue.URL)
	case IssueWanted, IssueCreating:
		return Conflict("The issue of action item %d is being opened.", f.Number)
	case IssueUnknown:
		if !f.Issue.Lost {
			return Conflict("The issue of action item %d may have been opened; it is being looked for.", f.Number).
				WithHint("When it is not found within ten minutes you are asked.")
		}
	case IssueNone, IssueFailed, IssueGone:
	}
	if o := f.Issue; o.Adopted && o.State == IssueFailed { // it is looked up again, and no other opened
		// What was said here since it was added is to count then, so Sent stays.
		f.Issue = Issue{State: IssueWanted, Repo: o.Repo, Number: o.Number, URL: o.URL, Adopted: true, Wanted: o.Wanted, Sent: o.Sent, Turned: o.Turned}
		return w.tellFollowUp(f, Event{}, FollowUpMark{What: DeedRetry, Push: true})
	}
	if w.Incident.Drill {
		return Conflict("Incident #%d is a drill, which opens no issues.", w.Incident.Number)
	}
	repo := w.Settings().IssueRepo(w.Incident, f.Service)
	if repo == "" {
		return w.noRepo()
	}
	f.Issue = Issue{State: IssueWanted, Repo: repo, Wanted: f.Issue.Wanted, Sent: f.Issue.Wanted}
	return w.tellFollowUp(f, Event{}, FollowUpMark{What: DeedRetry, Push: true})
}

// NoRepo is what is said where an issue would go nowhere.
func (l *Look) NoRepo() string {
	switch {
	case l.Incident != nil && l.Incident.Drill:
		return "This is a drill; kept here, no issue opened."
	case l.Incident != nil && l.Settings().IssueRepo(l.Incident, "") != "":
		return "Kept here, no issue opened." // it was given an issue that it cannot have
	case l.Incident != nil && l.Incident.Private:
		return "No repository for the follow-ups of private incidents is set; kept here, no issue opened."
	}
	return "No repository for follow-ups is set; kept here, no issue opened."
}

func (w *Work) noRepo() error {
	if w.Incident.Private {
		return Conflict("No repository for the follow-ups of private incidents is set.").WithHint("Name it under private.repo in the configuration.")
	}
	return Conflict("No repository for follow-ups is set.").WithHint("Name it under followups.repo in the configuration.")
}

// SentIssue says that GitHub has our changes up to sent. at is GitHub's time of
// what it has now.
func SentIssue(w *Work, f *FollowUp, sent int64, at time.Time) error {
	if sent > f.Issue.Sent {
		f.Issue.Sent = sent
	}
	f.Issue.heardAt(at)
	return w.Tx.SaveFollowUp(f)
}

// heardAt keeps the newest of GitHub's times.
func (i *Issue) heardAt(at time.Time) {
	if !at.IsZero() && (i.UpdatedAt == nil || at.After(*i.UpdatedAt)) {
		at = at.UTC()
		i.UpdatedAt = &at
	}
}

// AssignIssue says whom GitHub took as assignee; login is whom it was asked to
// take, and why is a machine's reason if it did not.
func AssignIssue(w *Work, f *FollowUp, login, why string) error {
	if why == "" {
		f.Issue.Assignee = login
		return w.Tx.SaveFollowUp(f)
	}
	return w.tellFollowUp(f, Event{Text: Plain(why)}, FollowUpMark{What: DeedUnassigned, Login: login})
}

// HearIssue takes over what GitHub says of an issue: it was closed or opened
// there, or has moved. by is the login that did it, if that is known. What is
// older than what was heard before, or says what is so already, changes nothing;
// and neither does anything while GitHub does not have our own last opening or
// closing.
func HearIssue(w *Work, f *FollowUp, found FoundIssue, by string) error {
	if f.Issue.State != IssueOpened || f.Issue.UpdatedAt != nil && found.UpdatedAt.Before(*f.Issue.UpdatedAt) {
		return nil
	}
	moved := found.Number != 0 && (found.Number != f.Issue.Number || found.Repo != "" && !strings.EqualFold(found.Repo, f.Issue.Repo))
	if moved {
		switch other, err := w.whoseIssue(cmp.Or(found.Repo, f.Issue.Repo), found.Number); {
		case err != nil:
			return err
		case other != nil && other.Number != f.Number:
			why, err := w.taken(f, other, "it became an issue that belongs to another action item")
			if err != nil {
				return err
			}
			return GoneIssue(w, f, why)
		}
	}
	f.Issue.heardAt(found.UpdatedAt)
	if moved {
		f.Issue.Repo, f.Issue.Number, f.Issue.URL = cmp.Or(found.Repo, f.Issue.Repo), found.Number, found.URL
		if err := w.tellFollowUp(f, Event{}, FollowUpMark{What: DeedIssue, Login: by}); err != nil {
			return err
		}
	}
	if f.Issue.Turning() {
		return w.Tx.SaveFollowUp(f)
	}
	return w.followIssue(f, found, by)
}

// followIssue brings f where its issue is, as of when that happened.
func (w *Work) followIssue(f *FollowUp, found FoundIssue, by string) error {
	if found.Closed == f.State.Closed() {
		return w.Tx.SaveFollowUp(f)
	}
	state, why := FollowUpOpen, Text("")
	if found.Closed {
		state = FollowUpDone
		switch found.Reason {
		case "not_planned":
			state, why = FollowUpDropped, "closed as not planned"
		case "duplicate":
			state, why = FollowUpDropped, "closed as a duplicate"
		}
	}
	at := w.when(f, found)
	f.turn(state, at)
	return w.tellFollowUp(f, Event{At: at, Text: why, Via: ViaGitHub}, FollowUpMark{What: DeedState, Login: by})
}

// GoneIssue says that the issue was deleted, or can no longer be seen. The item
// stays as it is.
func GoneIssue(w *Work, f *FollowUp, why string) error {
	if f.Issue.State != IssueOpened {
		return nil
	}
	f.Issue.State, f.Issue.Why, f.Issue.Sent, f.Issue.RefusedAt = IssueGone, why, f.Issue.Wanted, nil
	return w.tellFollowUp(f, Event{Text: Plain(why)}, FollowUpMark{What: DeedIssue})
}

// IssueRepo is where an action item's issue goes: the service's repository, else
// the configured one; for a private incident the private one and no other. Empty:
// nowhere.
func (s *Settings) IssueRepo(i *Incident, service string) string {
	if i.Private {
		return s.Followups.PrivateRepo
	}
	if k := slices.IndexFunc(s.Services, func(v Service) bool { return v.ID == service && v.Repo != "" }); k >= 0 {
		return s.Services[k].Repo
	}
	return s.Followups.Repo
}

// IssueURL is where people read an issue.
func (s *Settings) IssueURL(repo string, number int) string {
	return s.Followups.Web + "/" + repo + "/issues/" + itoa(int64(number))
}
