package bot

// FollowUpDraft is an action item to be added.
type FollowUpDraft struct {
	Text     Text   // or
	Repo     string // an issue that exists: OWNER/NAME and
	Issue    int    // its number
	Owner    UserID
	Due      Date // empty: by the severity's policy
	Priority string
	Service  string
	Task     int64 // the task that becomes one; Text may be empty
}

// AddFollowUp adds an action item to w.Incident, also when that has ended. An
// issue is opened for it where a repository is configured. Said twice within a
// minute it is a conflict that names the first.
func AddFollowUp(w *Work, d FollowUpDraft) (*FollowUp, error) {
	f := &FollowUp{
		Incident: w.Incident.Number, Seq: w.Incident.Head.Seq + 1, Key: newKey(), State: FollowUpOpen,
		Owner: d.Owner, Due: d.Due, Priority: d.Priority, Service: d.Service, AddedBy: w.Who.ID, AddedAt: w.Now,
	}
	var err error
	opens := !w.Incident.Drill // what is done in a drill opens no issue
	switch {
	case d.Task != 0:
		if err = w.fromTask(f, &d); err != nil {
			return nil, err
		}
	case d.Issue != 0:
		d.Text = Plain(w.Settings().IssueURL(d.Repo, d.Issue))
		if w.Incident.Drill {
			break // what is done in a drill closes no issue
		}
		if err = w.adopts(f, d); err != nil {
			return nil, err
		}
		opens = false
	}
	if f.Text, err = oneLine("action item", d.Text, MaxTitle); err != nil {
		return nil, err
	}
	if err := w.addedAlready(f); err != nil {
		return nil, err
	}
	if f.Due == "" {
		f.Due = w.dueByPolicy(f.Owner)
	}
	if opens {
		if repo := w.Settings().IssueRepo(w.Incident, f.Service); repo != "" {
			f.Issue = Issue{State: IssueWanted, Repo: repo}
		}
	}
	if f.Number, err = w.Tx.NextFollowUp(); err != nil {
		return nil, err
	}
	if err := w.Tx.CreateFollowUp(f); err != nil {
		return nil, err
	}
	m := FollowUpMark{What: DeedAdded, Task: d.Task, Push: f.Issue.State == IssueWanted}
	return f, w.tellFollowUp(f, Event{Text: f.Text}, m)
}

// fromTask fills f from a task, which is over with that.
func (w *Work) fromTask(f *FollowUp, d *FollowUpDraft) error {
	t, err := w.openTask(d.Task)
	if err != nil {
		return err
	}
	if d.Text == "" {
		d.Text = t.Text
	}
	if f.Owner == "" {
		f.Owner = t.Owner
	}
	return nil
}

// adopts fills f from an issue that exists. One that belongs to an item which the
// person may not see is left alone without a word, and f kept here.
func (w *Work) adopts(f *FollowUp, d FollowUpDraft) error {
	have, err := w.whoseIssue(d.Repo, d.Issue)
	if err != nil {
		return err
	}
	if have != nil {
		switch _, err := w.Tx.FollowUp(w.Viewer(), have.Number); {
		case KindOf(err) == KindNotFound:
			return nil
		case err != nil:
			return err
		}
		return Conflict("That issue is action item %d of incident #%d already.", have.Number, have.Incident)
	}
	f.Issue = Issue{State: IssueWanted, Repo: d.Repo, Number: d.Issue, Adopted: true, URL: w.Settings().IssueURL(d.Repo, d.Issue)}
	return nil
}

// addedAlready refuses the same item again within a minute: a double click, the
// Enter key once too often. A program means what it says.
func (w *Work) addedAlready(f *FollowUp) error {
	if w.Req.Exact {
		return nil
	}
	list, err := w.Tx.FollowUps(w.Viewer(), FollowUpFilter{Incident: w.Incident.Number, Limit: 500})
	if err != nil {
		return err
	}
	for _, o := range list {
		if o.Text == f.Text && o.AddedBy == w.Who.ID && w.Now.Sub(o.AddedAt) < twice {
			return Conflict("That is action item %d already.", o.Number).WithLine("Show the items", "action list")
		}
	}
	return nil
}

// dueByPolicy is when an item of the incident is due that is added today.
func (w *Work) dueByPolicy(owner UserID) Date {
	p := w.Settings().Severity(w.Incident.Severity).FollowupDue
	if p.Zero() {
		return ""
	}
	zone := w.Settings().Zone
	if who, err := FindPerson(w.Tx, owner); owner != "" && err == nil {
		zone, _ = who.Location(zone)
	}
	return DateOf(p.From(w.Now.In(zone), w.Settings().Holiday))
}
