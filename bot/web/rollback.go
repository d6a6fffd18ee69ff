package web

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// rollbackShape is a rollback as the API shows it. Those of whom only the plan
// was asked for are shown too, since a program that asked has no other way to
// read it.
type rollbackShape struct {
	ID          string            `json:"id"`
	Incident    int64             `json:"incident"`
	Target      string            `json:"target"`
	Service     string            `json:"service"`
	Environment string            `json:"environment"`
	Reason      *string           `json:"reason"`
	State       bot.RollbackState `json:"state"`
	Why         *string           `json:"why"` // a machine's reason for how it ended
	PlanOnly    bool              `json:"plan_only"`
	Asked       *string           `json:"asked"` // null: the version before the current one
	Steps       []stepShape       `json:"steps"`
	PlanHash    *string           `json:"plan_hash"`
	RequestedBy *string           `json:"requested_by"`
	ApprovedBy  *string           `json:"approved_by"`
	ClosedBy    *string           `json:"closed_by"`
	RequestedAt *time.Time        `json:"requested_at"`
	ReadAt      *time.Time        `json:"read_at"`
	ExpiresAt   *time.Time        `json:"expires_at"`
	ApprovedAt  *time.Time        `json:"approved_at"`
	EndedAt     *time.Time        `json:"ended_at"`
}

// stepShape is one step. From and to are versions as people call them, the ids
// what the deploy system calls them.
type stepShape struct {
	Name        string            `json:"name"`
	From        *string           `json:"from"`
	To          *string           `json:"to"`
	FromID      *string           `json:"from_id"`
	ToID        *string           `json:"to_id"`
	State       bot.RollbackState `json:"state"`
	Link        *string           `json:"link"`
	Message     *string           `json:"message"`
	Tries       int               `json:"tries"`
	SubmittedAt *time.Time        `json:"submitted_at"`
	EndedAt     *time.Time        `json:"ended_at"`
	DecidedBy   *string           `json:"decided_by"` // null: the machine could tell
}

func (s *Server) getRollback(ctx context.Context, c call) (any, error) {
	var r *bot.Rollback
	err := s.read(ctx, c, func(tx bot.ReadTx, v bot.Viewer) (err error) {
		r, err = findRollback(tx, v, c.PathValue("id"))
		return err
	})
	if err != nil {
		return nil, err
	}
	return rollbackShapeOf(r), nil
}

// findRollback returns the rollback that a path names. What is hidden from v,
// what was never used and what is no id are answered alike.
func findRollback(tx bot.ReadTx, v bot.Viewer, id string) (*bot.Rollback, error) {
	absent := bot.NotFound("There is no rollback %.20q.", id)
	number, ok := strings.CutPrefix(id, "r")
	if n, err := strconv.ParseInt(number, 10, 64); !ok || err != nil || n < 1 {
		return nil, absent
	}
	r, err := tx.Rollback(v, id)
	if bot.KindOf(err) == bot.KindNotFound {
		return nil, absent
	}
	return r, err
}

// maxRollbacks is how many rollbacks of one incident are shown, the newest.
const maxRollbacks = 500

// rollbacksOf returns the rollbacks of an incident, oldest first.
func rollbacksOf(tx bot.ReadTx, v bot.Viewer, incident int64) ([]*bot.Rollback, error) {
	found, err := tx.Rollbacks(v, bot.RollbackFilter{Incident: incident, Limit: maxRollbacks})
	slices.Reverse(found)
	return found, err
}

func rollbackShapeOf(r *bot.Rollback) rollbackShape {
	out := rollbackShape{
		ID: r.ID, Incident: r.Incident, Target: r.Target, Service: r.Service, Environment: r.Environment, Reason: known(r.Reason.String()),
		State: r.State, Why: known(r.Why), PlanOnly: r.PlanOnly, Asked: known(r.Asked), Steps: make([]stepShape, len(r.Steps)),
		PlanHash: known(r.PlanHash), RequestedBy: known(string(r.RequestedBy)), ApprovedBy: known(string(r.ApprovedBy)), ClosedBy: known(string(r.ClosedBy)),
		RequestedAt: utc(&r.RequestedAt), ReadAt: utc(r.ReadAt), ExpiresAt: utc(r.ExpiresAt), ApprovedAt: utc(r.ApprovedAt), EndedAt: utc(r.EndedAt),
	}
	for k, s := range r.Steps {
		out.Steps[k] = stepShape{
			Name: s.Name, From: nameOf(s.From), To: nameOf(s.To), FromID: known(s.From.ID), ToID: known(s.To.ID), State: s.State,
			Link: known(s.Link), Message: known(s.Message), Tries: s.Tries, SubmittedAt: utc(s.SubmittedAt), EndedAt: utc(s.EndedAt),
			DecidedBy: known(string(s.DecidedBy)),
		}
	}
	return out
}

// nameOf is how people call v, or nil when it is not known.
func nameOf(v bot.Version) *string {
	if v.ID == "" && v.Label == "" {
		return nil
	}
	name := v.Name()
	return &name
}
