package bot

// FollowUpMark is what an entry tells of an action item: facts in closed form.
type FollowUpMark struct {
	Number int64         `json:"number"`
	What   FollowUpDeed  `json:"what"`
	State  FollowUpState `json:"state"`
	Owner  UserID        `json:"owner,omitempty"`
	Due    Date          `json:"due,omitempty"`
	Issue  IssueState    `json:"issue,omitempty"`
	Lost   bool          `json:"lost,omitempty"` // as [Issue.Lost]
	Repo   string        `json:"repo,omitempty"`
	Ref    int           `json:"issue_number,omitempty"`
	URL    string        `json:"url,omitempty"`
	Login  string        `json:"login,omitempty"` // who did it on GitHub, or who could not be assigned
	Task   int64         `json:"task,omitempty"`  // what it was before
	// Push says that GitHub is to be told.
	Push bool `json:"push,omitempty"`
}

// FollowUpDeed is what became of an action item.
type FollowUpDeed string

// The deeds.
const (
	DeedAdded      FollowUpDeed = "added"
	DeedState      FollowUpDeed = "state"
	DeedDue        FollowUpDeed = "due"
	DeedOwner      FollowUpDeed = "owner"
	DeedTitle      FollowUpDeed = "title"      // the issue's, which was given by its address
	DeedIssue      FollowUpDeed = "issue"      // it was opened, failed, or nobody knows
	DeedUnassigned FollowUpDeed = "unassigned" // GitHub did not take the owner
	DeedRetry      FollowUpDeed = "retry"      // somebody wants it opened again
	DeedRefused    FollowUpDeed = "refused"    // GitHub takes nothing from us for now
	DeedUnsent     FollowUpDeed = "unsent"     // GitHub did not take a change
)
