package bot

import "time"

// RefuseIssue says that GitHub takes nothing from us: it does not know what signs
// us in, or that has no right. Nothing was done, and it is tried again until
// somebody mends that; they are told once.
func RefuseIssue(w *Work, f *FollowUp, why string) error {
	switch f.Issue.State {
	case IssueCreating:
		f.Issue.State, f.Issue.TriedAt = IssueWanted, nil
	case IssueWanted, IssueUnknown, IssueOpened:
	case IssueNone, IssueFailed, IssueGone:
		return nil
	}
	f.Issue.Why = why
	if f.Issue.RefusedAt != nil {
		return w.Tx.SaveFollowUp(f)
	}
	now := w.Now
	f.Issue.RefusedAt = &now
	return w.tellFollowUp(f, Event{Text: Plain(why)}, FollowUpMark{What: DeedRefused})
}

// ResumeIssue says that GitHub takes what we send again, so that the next refusal
// is told.
func ResumeIssue(w *Work, f *FollowUp) error {
	if f.Issue.RefusedAt == nil {
		return nil
	}
	f.Issue.RefusedAt, f.Issue.Why = nil, ""
	return w.Tx.SaveFollowUp(f)
}

// UnsentIssue says that GitHub refused our changes up to sent, and will again. So
// what it says of the issue counts from now on.
func UnsentIssue(w *Work, f *FollowUp, sent int64, why string) error {
	if f.Issue.State != IssueOpened {
		return nil
	}
	f.Issue.Sent = max(f.Issue.Sent, sent)
	return w.tellFollowUp(f, Event{Text: Plain(why)}, FollowUpMark{What: DeedUnsent})
}

// when is GitHub's time of what it says of the issue of f: no time to come, and
// none before f stood as it does.
func (w *Work) when(f *FollowUp, found FoundIssue) time.Time {
	at := found.UpdatedAt
	if found.Closed && !found.ClosedAt.IsZero() {
		at = found.ClosedAt
	}
	if at.IsZero() || at.After(w.Now) {
		return w.Now
	}
	from := f.AddedAt
	if f.ClosedAt != nil && f.ClosedAt.After(from) {
		from = *f.ClosedAt
	}
	if at.Before(from) {
		return from
	}
	return at.UTC()
}

// taken says that an issue that was to be f's belongs to other. Nobody hears by it
// of an item of a private incident.
func (w *Work) taken(f, other *FollowUp, why string) (string, error) {
	i, err := w.Tx.Incident(Self(), other.Incident)
	if err != nil || !i.Private || i.Number == f.Incident {
		return why, err
	}
	return "that issue cannot be followed by this item", nil
}
