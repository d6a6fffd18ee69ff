package bot

import (
	"slices"
	"strings"
	"time"
)

// DeployKind is what kind of change was made to a service.
type DeployKind string

// The kinds.
const (
	DeployOf       DeployKind = "deploy"
	DeployRollback DeployKind = "rollback"
	DeployFlag     DeployKind = "flag"
	DeployConfig   DeployKind = "config"
)

// DeployKinds lists every kind.
func DeployKinds() []DeployKind {
	return []DeployKind{DeployOf, DeployRollback, DeployFlag, DeployConfig}
}

// DeployStatus is how a deploy stands.
type DeployStatus string

// The statuses.
const (
	DeployStarted   DeployStatus = "started"
	DeploySucceeded DeployStatus = "succeeded"
	DeployFailed    DeployStatus = "failed"
)

// DeployStatuses lists every status.
func DeployStatuses() []DeployStatus {
	return []DeployStatus{DeployStarted, DeploySucceeded, DeployFailed}
}

// Deploy is a change of a service that a deploy system told of, or that a
// rollback made. Source and Key name it: what is told twice is kept once.
type Deploy struct {
	Source      string // generic, …; tocsin for our own rollbacks
	Key         string
	Service     string // a service's id, or what the deploy system calls one that is not configured
	Environment string
	Kind        DeployKind
	Version     string
	Previous    string // may be empty
	Status      DeployStatus
	Actor       string // as the deploy system calls them
	URL         string
	StartedAt   time.Time // zero: not told
	FinishedAt  time.Time // zero: not told, or not yet
	ReceivedAt  time.Time
}

// At is when d took effect, as far as it is known.
func (d Deploy) At() time.Time {
	switch {
	case !d.FinishedAt.IsZero():
		return d.FinishedAt
	case !d.StartedAt.IsZero():
		return d.StartedAt
	}
	return d.ReceivedAt
}

// MaxDeployField is the longest field of a deploy notice in runes.
const MaxDeployField = 200

// DeployMark is what an entry tells of a deploy, besides its text.
type DeployMark struct {
	Source  string       `json:"source"`
	Service string       `json:"service"`
	Kind    DeployKind   `json:"kind"`
	Status  DeployStatus `json:"status"`
}

// TakeDeploy keeps what a deploy system told. New says that it was not told
// before. It becomes part of the house's record and of that of every open
// incident of the service, and voids the plans that it makes untrue. It needs
// no right: who may tell is known by the secret.
func TakeDeploy(w *Work, d Deploy) (isNew bool, err error) {
	if err := d.check(); err != nil {
		return false, err
	}
	if s, ok := Find(w.Settings().Services, d.Service); ok {
		d.Service = s.ID
	}
	d.ReceivedAt = w.Now
	isNew, err = w.Tx.SaveDeploy(d)
	if err != nil || !isNew {
		return isNew, err
	}
	return true, w.tellDeploy(d)
}

// tellDeploy records d where people look for it.
func (w *Work) tellDeploy(d Deploy) error {
	e := Event{Kind: EventDeploy, Text: d.sentence(w.Settings()), At: d.eventTime(w.Now), Data: Data{
		Deploy: &DeployMark{d.Source, d.Service, d.Kind, d.Status},
	}}
	open, err := w.Tx.Incidents(Self(), IncidentFilter{Open: true, Limit: 500})
	if err != nil {
		return err
	}
	for k := len(open) - 1; k >= 0; k-- { // oldest first, as everybody locks them
		if !slices.Contains(open[k].Services, d.Service) {
			continue
		}
		if err := w.lockAsBot(open[k].Number); err != nil {
			return err
		}
		if _, err := w.Record(e); err != nil {
			return err
		}
	}
	if err := w.voidPlans(d); err != nil {
		return err
	}
	_, err = w.RecordHouse(e) // last, as everybody locks it behind incidents
	return err
}

// eventTime is when d happened; what a clock that is ahead says counts as now.
func (d Deploy) eventTime(now time.Time) time.Time {
	if at := d.At(); at.Before(now) {
		return at
	}
	return now
}

// lockAsBot locks an incident whoever asked.
func (w *Work) lockAsBot(number int64) error {
	i, err := w.Tx.LockIncident(Self(), number)
	w.Incident = i
	return err
}

func (d Deploy) check() error {
	for _, f := range []struct{ name, value string }{
		{"source", d.Source}, {"dedupe_key", d.Key}, {"service", d.Service}, {"environment", d.Environment}, {"version", d.Version},
	} {
		if strings.TrimSpace(f.value) == "" {
			return Invalid("%s is missing.", f.name)
		}
	}
	for _, f := range []struct{ name, value string }{
		{"dedupe_key", d.Key}, {"service", d.Service}, {"environment", d.Environment}, {"version", d.Version},
		{"previous", d.Previous}, {"actor", d.Actor},
	} {
		if n := len([]rune(f.value)); n > MaxDeployField {
			return Invalid("%s has %d characters; %d is the most.", f.name, n, MaxDeployField)
		}
		if Clean(f.value) != f.value || strings.ContainsAny(f.value, "\n\t") {
			return Invalid("%s holds control characters.", f.name)
		}
	}
	if !slices.Contains(DeployKinds(), d.Kind) {
		return Invalid("%q is no kind of deploy; write deploy, rollback, flag or config.", d.Kind)
	}
	if !slices.Contains(DeployStatuses(), d.Status) {
		return Invalid("%q is no status of a deploy; write started, succeeded or failed.", d.Status)
	}
	return nil
}

// sentence is d as people read it in a timeline.
func (d Deploy) sentence(s *Settings) Text {
	words := map[DeployKind]string{DeployOf: "deploy of ", DeployRollback: "rollback to ", DeployFlag: "flag change ", DeployConfig: "configuration change "}
	t := s.service(d.Service) + ": " + words[d.Kind] + d.Version
	if d.Previous != "" {
		t += " (before: " + d.Previous + ")"
	}
	where := " to "
	if d.Kind == DeployRollback {
		where = " in "
	}
	t += where + d.Environment + " " + string(d.Status)
	if d.Actor != "" {
		return Join(Plain(t+", by "), ActorText(d.Actor))
	}
	return Plain(t)
}

// ActorText is who a deploy system says made a change. It knows people by what it
// was told of them, which for a rollback of ours is the id of who asked for it.
func ActorText(actor string) Text {
	// Ids of nine characters or more are what Slack gives; shorter ones have a digit,
	// which tells them from a word in capitals.
	if n := len(actor); IsUserID(actor) && (n >= 9 || n >= 5 && strings.ContainsAny(actor, "0123456789")) {
		return MentionUser(UserID(actor))
	}
	return Plain(actor)
}
