package web

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// followUpShape is an action item as the API shows it.
type followUpShape struct {
	Number   int64             `json:"number"`
	Incident int64             `json:"incident"`
	Text     string            `json:"text"`
	State    bot.FollowUpState `json:"state"`
	Owner    *string           `json:"owner"`
	Due      *string           `json:"due"`
	Priority *string           `json:"priority"`
	Service  *string           `json:"service"`
	Issue    *issueShape       `json:"issue"` // null: none is wanted
	AddedBy  *string           `json:"added_by"`
	AddedAt  *time.Time        `json:"added_at"`
	ClosedAt *time.Time        `json:"closed_at"`
}

// issueShape is the issue of an action item, which may have to be opened yet.
type issueShape struct {
	URL    *string        `json:"url"`
	Number *int           `json:"number"`
	Repo   *string        `json:"repo"`
	State  bot.IssueState `json:"state"`
	Why    *string        `json:"why"` // a machine's reason for the state
}

// taskShape is something to be done during an incident.
type taskShape struct {
	Number   int64      `json:"number"`
	Text     string     `json:"text"`
	Owner    *string    `json:"owner"`
	AddedBy  *string    `json:"added_by"`
	AddedAt  *time.Time `json:"added_at"`
	DoneBy   *string    `json:"done_by"`
	DoneAt   *time.Time `json:"done_at"`
	Followup *int64     `json:"followup"` // the action item that it became
}

func (s *Server) getFollowUps(ctx context.Context, c call) (any, error) {
	limit, err := c.limit()
	if err != nil {
		return nil, err
	}
	f, err := s.followUpFilter(c)
	if err != nil {
		return nil, err
	}
	f.Limit = limit + 1
	var found []*bot.FollowUp
	err = s.read(ctx, c, func(tx bot.ReadTx, v bot.Viewer) error {
		found, err = tx.FollowUps(v, f)
		return err
	})
	if err != nil {
		return nil, err
	}
	cursor := func(f *bot.FollowUp) string { return strconv.FormatInt(f.Number, 10) }
	return cut(found, limit, cursor, followUpShapeOf), nil
}

// followUpFilter reads which action items are asked for.
func (s *Server) followUpFilter(c call) (f bot.FollowUpFilter, err error) {
	query := c.URL.Query()
	if f.States, err = parseStates(query["state"]); err != nil {
		return f, err
	}
	if f.Owner = bot.UserID(query.Get("owner")); f.Owner != "" && !bot.IsUserID(string(f.Owner)) {
		return f, bot.Invalid("%.40q is no user id.", string(f.Owner)).WithHint("Give the owner as in Slack's profile: U012ABCDEF.")
	}
	if v := query.Get("overdue"); v != "" {
		overdue, err := strconv.ParseBool(v)
		if err != nil {
			return f, bot.Invalid("overdue cannot be %.20q.", v).WithHint("Use overdue=true, or leave it out.")
		}
		if overdue {
			f.Open, f.DueBefore = true, bot.DateOf(s.bot.Now().In(s.bot.Settings.Zone))
		}
	}
	f.After, err = c.number("page")
	return f, err
}

// parseStates reads states, of which each value may hold several.
func parseStates(values []string) ([]bot.FollowUpState, error) {
	var out []bot.FollowUpState
	for word := range strings.SplitSeq(strings.Join(values, ","), ",") {
		if word = strings.TrimSpace(word); word == "" {
			continue
		}
		state := bot.FollowUpState(strings.ToLower(word))
		if !slices.Contains(bot.FollowUpStates(), state) {
			return nil, bot.Invalid("%.40q is no state of a follow-up.", word).WithHint("Use open, in_progress, ongoing, done or dropped.")
		}
		out = append(out, state)
	}
	return out, nil
}

// maxFollowUps is how many action items of one incident are shown.
const maxFollowUps = 500

func followUpsOf(tx bot.ReadTx, v bot.Viewer, incident int64) ([]*bot.FollowUp, error) {
	return tx.FollowUps(v, bot.FollowUpFilter{Incident: incident, Limit: maxFollowUps})
}

func followUpShapeOf(f *bot.FollowUp) followUpShape {
	out := followUpShape{
		Number: f.Number, Incident: f.Incident, Text: f.Text.String(), State: f.State, Owner: known(string(f.Owner)), Due: known(string(f.Due)),
		Priority: known(f.Priority), Service: known(f.Service), AddedBy: known(string(f.AddedBy)), AddedAt: utc(&f.AddedAt), ClosedAt: utc(f.ClosedAt),
	}
	if i := f.Issue; i.State != bot.IssueNone {
		out.Issue = &issueShape{URL: known(i.URL), Repo: known(i.Repo), State: i.State, Why: known(i.Why)}
		if i.Number != 0 {
			out.Issue.Number = &i.Number
		}
	}
	return out
}

func followUpShapes(list []*bot.FollowUp) []followUpShape {
	out := make([]followUpShape, len(list))
	for k, f := range list {
		out[k] = followUpShapeOf(f)
	}
	return out
}

func taskShapes(list []bot.Task) []taskShape {
	out := make([]taskShape, len(list))
	for k := range list {
		t := &list[k]
		out[k] = taskShape{
			Number: t.Number, Text: t.Text.String(), Owner: known(string(t.Owner)), AddedBy: known(string(t.AddedBy)), AddedAt: utc(&t.AddedAt),
			DoneBy: known(string(t.DoneBy)), DoneAt: utc(t.DoneAt),
		}
		if t.FollowUp != 0 {
			out[k].Followup = &t.FollowUp
		}
	}
	return out
}
