package slack

import (
	"fmt"
	"slices"

	"github.com/tocsin-dev/tocsin/bot"
)

// work is a job's payload: ids, never texts.
type work struct {
	Seq  int64 `json:"seq,omitempty"`  // the entry that it is about
	Post int64 `json:"post,omitempty"` // the entry whose post is drawn again
	// For what is told of a failure: the method, and Slack's code.
	Call   string `json:"call,omitempty"`
	Code   string `json:"code,omitempty"`
	Needed string `json:"needed,omitempty"` // the scope that was missing
	// Refused are people who could not be invited, with Slack's code for each.
	Refused map[bot.UserID]string `json:"refused,omitempty"`
	// For a rollback: its id, and which call for its approvers this is, from 0, to
	// whom.
	Rollback string     `json:"rollback,omitempty"`
	Round    int        `json:"round,omitempty"`
	User     bot.UserID `json:"user,omitempty"`
	// FollowUp is the number of an action item.
	FollowUp int64 `json:"followup,omitempty"`
	// Notice is what a clock has to say.
	Notice *bot.Notice `json:"notice,omitempty"`
}

// lane is where everything that is said in an incident's channel waits, behind
// the making of the channel.
func lane(incident int64) string { return fmt.Sprintf("slack:incident:%d", incident) }

// faceLane is where the redrawing of an incident's card and topic waits. Slack allows fewer edits than posts, and what is said must not wait for
// what is only kept current.
func faceLane(incident int64) string { return fmt.Sprintf("slack:face:%d", incident) }

// dmLane is where what is for one person waits.
func dmLane(who bot.UserID) string { return "slack:dm:" + string(who) }

// job makes a job of one of the kinds in [Slack.kinds]. Those that redraw have
// an Edit, so that of several only the last is done.
func (s *Slack) job(kind string, incident int64, w work) bot.Job {
	j := bot.Job{Kind: kind, Lane: lane(incident), Incident: incident, Payload: bot.Payload(w)}
	switch kind {
	case "card", "topic":
		j.Lane, j.Edit = faceLane(incident), fmt.Sprintf("slack:%s:%d", kind, incident)
	case "reannounce": // apart, since only one of the two channels may be shut
		j.Lane, j.Edit = faceLane(incident)+":announcement", fmt.Sprintf("slack:%s:%d", kind, incident)
	case "announce", "thread":
		j.Lane = "slack:channel:" + s.settings().Announce
	case "behalf":
		j.Lane = fmt.Sprintf("slack:behalf:%d", incident)
	case "repost":
		j.Edit = fmt.Sprintf("slack:post:%d:%d", incident, w.Post)
	case "progress":
		j.Lane, j.Edit = rollbackLane(w.Rollback), rollbackLane(w.Rollback)
	case "summon":
		j.Lane = "slack:summon:" + w.Rollback
	case "unask": // not behind the calls that are still to come
		j.Lane = "slack:unask:" + w.Rollback
	case "ask": // of each person's own, so that no DM that hangs holds up another
		j.Lane, j.Dedup = dmLane(w.User), fmt.Sprintf("slack:ask:%s:%d:%s", w.Rollback, w.Round, w.User)
	case "reitem":
		j.Lane, j.Edit = itemsLane(incident), fmt.Sprintf("slack:followup:%d", w.FollowUp)
	case "regive": // of each item's own, since its DMs may be far behind
		j.Lane = fmt.Sprintf("slack:given:%d:%d", incident, w.FollowUp)
		j.Edit = j.Lane
	case "personal", "given":
		j.Lane = dmLane(w.User)
	case "nudge":
		j.Dedup = fmt.Sprintf("slack:nudge:%s:%d", w.Rollback, w.Round)
	}
	return j
}

// enqueue writes jobs that follow from no event.
func (s *Slack) enqueue(tx bot.Tx, jobs ...bot.Job) error {
	for _, j := range jobs {
		j.Kind, j.CreatedAt = s.Name()+"."+j.Kind, s.now()
		if err := tx.Enqueue(j); err != nil {
			return err
		}
	}
	return nil
}

// Plan implements [bot.Integration].
func (s *Slack) Plan(e bot.Event, i *bot.Incident) []bot.Job {
	if i == nil {
		return nil
	}
	w := work{Seq: e.Seq}
	var kinds []string
	switch e.Kind {
	case bot.EventDeclared:
		// "first" and "announce" post what "card" and "reannounce" redraw.
		kinds = []string{"channel", "first", "pin", "invite", "reply", "announce"}
	case bot.EventNote, bot.EventFailed, bot.EventReminder:
		// They change nothing that is shown.
	case bot.EventRole:
		kinds = []string{"post", "invite", "card", "topic", "reannounce"}
	case bot.EventUpdated, bot.EventStatus, bot.EventSeverity, bot.EventTitle, bot.EventResolved, bot.EventReopened, bot.EventCancelled:
		kinds = []string{"post", "card", "topic", "reannounce"}
	case bot.EventComponent, bot.EventPublished, bot.EventRetracted:
		kinds = []string{"post", "card", "reannounce"}
	case bot.EventSummary, bot.EventLink, bot.EventMilestone:
		kinds = []string{"card", "reannounce"}
	case bot.EventDeploy:
		kinds = []string{"post"}
	case bot.EventRollback:
		kinds, w.Rollback = rollbackKinds(e.Data.Rollback), rollbackID(e)
	case bot.EventFollowUp:
		kinds, w.FollowUp = followUpKinds(e.Data.FollowUp), followUpID(e)
	case bot.EventTask:
		kinds, w.Post = taskKinds(e, i)
	case bot.EventPostmortem:
		kinds = postmortemKinds(e.Data.Postmortem)
	case bot.EventRedacted:
		kinds, w.Post = []string{"repost", "card", "topic", "reannounce"}, e.Data.Ref
	}
	if threaded(s.settings(), e) {
		kinds = append(kinds, "thread")
	}
	if e.Data.OnBehalf {
		kinds = append(kinds, "behalf")
	}
	var jobs []bot.Job
	for _, k := range kinds {
		if slices.Contains([]string{"announce", "reannounce", "thread"}, k) && !s.announced(i) {
			continue
		}
		own := w
		if k == "behalf" {
			own.Post = 0 // it tells of e itself
		}
		jobs = append(jobs, s.job(k, i.Number, own))
	}
	jobs = append(jobs, s.given(e)...)
	jobs = append(jobs, s.summons(e)...)
	return append(jobs, s.unasks(e)...)
}

// announced reports whether i is told to everybody. Private incidents are not,
// and drills must alarm nobody.
func (s *Slack) announced(i *bot.Incident) bool {
	return s.settings().Announce != "" && !i.Private && !i.Drill
}

// threaded reports whether e may be told in the announcement's thread, since
// the edit of the announcement notifies nobody: a severity among the two worst
// (whether it is a raise is seen when it is told), the commander, the end, and
// the post-mortem.
func threaded(set *bot.Settings, e bot.Event) bool {
	switch e.Kind {
	case bot.EventSeverity:
		return set.SeverityRank(e.Data.Severity) < 2
	case bot.EventRole:
		return e.Data.Role == bot.Commander
	case bot.EventResolved:
		return true
	case bot.EventPostmortem:
		return published(e) && !e.Data.Postmortem.Again
	}
	return false
}

// published reports whether e says that the post-mortem can be read.
func published(e bot.Event) bool {
	m := e.Data.Postmortem
	return m != nil && m.What == bot.PostmortemPublished
}

// postmortemKinds are the jobs that follow from an entry about the post-mortem. The
// writing shows nowhere, and who moved its due date was told.
func postmortemKinds(m *bot.PostmortemMark) []string {
	if m == nil || m.What == bot.PostmortemSet || m.What == bot.PostmortemMoved {
		return nil
	}
	return []string{"post"}
}

// raised reports whether the last of severities, in the order of the record, is
// worse than the one before.
func raised(set *bot.Settings, severities []string) bool {
	n := len(severities)
	return n > 1 && set.SeverityRank(severities[n-1]) < set.SeverityRank(severities[n-2])
}

// invitees are those who should be in the channel after e.
func invitees(e bot.Event, i *bot.Incident) []bot.UserID {
	if e.Kind != bot.EventDeclared {
		return []bot.UserID{e.Data.User}
	}
	list := []bot.UserID{e.Actor}
	for _, role := range sortedKeys(i.Roles) {
		list = append(list, i.Roles[role])
	}
	slices.Sort(list)
	return slices.Compact(list)
}
