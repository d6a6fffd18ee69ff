// Package bot is the centre of Tocsin: the model of an incident, the rules
// that it obeys, and everything that can be done to it. It imports nothing of
// Tocsin's and does no I/O; package storage keeps what it decides, package
// commands reads what people type, and the packages below it (slack, github,
// deploy, web) carry its decisions out of the house.
//
// # Vocabulary
//
//   - An [Incident] is the fold of its [Event]s. Nothing about it is stored
//     that cannot be computed again from them ([Fold]).
//   - An [Event] is one entry of the record: what happened, when it was said
//     to have happened (At), when it was recorded (RecordedAt), by whom, and
//     through what. Events form a hash chain per [Stream].
//   - A [Request] is what somebody asked for, in nobody's dialect; a [Reply]
//     is what only they see in answer.
//   - A [Work] is one request being carried out inside one transaction.
//   - A [Job] is an effect on the world outside, written in the same
//     transaction as the event that caused it and done later, in order, by the
//     [Runner].
//   - A [Rollback] brings a service in an environment back to an earlier version:
//     a plan with every [Step]'s exact from and to, approved by a second person
//     for that plan alone. A [Target] is what can be rolled back, as configured; a
//     [Deploy] is a change that a deploy system told of, or that a rollback made.
//   - A [Task] is something to be done during an incident; a [FollowUp] is an
//     action item that outlives it, with a GitHub issue of its own.
//   - A [Clock] is what happens because time goes by; what it has to say is a
//     [Notice].
//   - A [Report] is a post-mortem as it stands: what people wrote, and for the
//     rest a draft from the record.
//   - A [Viewer] is for whom something is read; private incidents exist only
//     for their members.
//   - A [PublicIncident] is what customers may read. A private incident cannot
//     become one.
//
// # The data's path
//
// A line that somebody types takes four calls down and the same four back,
// with one struct at each border:
//
//	bot/slack, bot/web   verify, parse                → Request
//	Dispatcher           find the verb, check the right
//	Work                 claim the key, lock the incident, run the use case:
//	                     rule → events → jobs, reply kept for a repeat
//	Store                one commit                    → Reply
//
// Everything else is an effect and goes one way: an event is shown to each
// [Integration]'s Plan, which answers with jobs and is pure; the jobs commit
// with the event; the Runner calls Do for each, at least once, in the order of
// their lane. What comes back (a channel's id, a message's timestamp) is kept
// as a [Link], which is not an event.
//
// # Rollbacks
//
// A rollback is the one thing here that changes the world, so it is kept
// differently from what only tells of it. It is a row that is written together
// with an entry of its incident, since what a deploy system answers is no
// record. Its life is:
//
//	RequestRollback   the lock of service and environment is taken; versions are read
//	MakePlan          every step's from and to; from now on it can be approved
//	ApproveRollback   by somebody else, for this plan, for ten minutes
//	BeginStep         durable, before the first byte leaves; never twice by itself
//	AcceptStep        the deploy system has it; the next step is offered
//	HearStep, EndStep each with its own clock; what follows is started
//
// What nobody can know (the connection broke, the process died) is unknown: it
// keeps the lock, is looked for, and waits for a person. A dangerous right that
// comes from a group counts only as long as it was read lately ([Look.May]).
//
// # Action items and clocks
//
// An action item is a row written together with an entry, as a rollback is, and
// for the same reason. Its issue is opened once: it is marked as being opened
// ([BeginIssue]) before the first byte leaves; what nobody can know afterwards is
// unknown, is looked for by the marker in the body, and is opened again
// only when a person says so. What GitHub says later ([HearIssue]) counts unless
// it is older than what was heard before, or than what we have still to send.
//
// Every clock is a job with a later RunAt. When it is due it looks again, in one
// transaction that also sets the next one, and what there is to say goes to every
// [Notifier]. So a clock that struck for nothing says nothing, and one that
// struck while the program was down strikes once, late.
//
// # Replicas
//
// One process over a file and several over a PostgreSQL database do the same. A
// function given to the Store runs as if no other did at that time, and may run more
// than once. All go by the database's clock ([Bot.Now]). A lane is leased to one of
// them; what a job may still do counts from the lease, so that one that stood still
// leaves it to who has the lane now, and cannot finish what another one has finished.
// What must happen once for all of them (a poll, a look at the workspace) reserves
// its turn by a limit; nothing that decides is kept in a process. A job or a field
// that only a newer version knows is left for it.
//
// # The record
//
// [Audit] reads every stream and computes it again; a [RecordHead] says how all
// of them ended, and shows later what was cut off. What was purged leaves a
// tombstone, by which both still agree.
//
// # Who may import whom
//
// This package imports the standard library (none of net/http, database/sql, os
// or html/template) and robfig/cron. Packages commands and storage import this
// one and nothing else of ours; the packages below it import this one, their
// own sub-packages and the leaves bot/wire and bot/render (which draws what this one
// describes), never each other; bot/scenario makes scripts of real incidents, which
// cmd/tocsin plays. Stand-ins
// (fakeslack, fakegithub, fakedeploy) import the standard library, so that they cannot share a mistake
// with what they test. cmd/tocsin imports all. Its rules_test.go checks this.
//
// # What this package refuses
//
// It never talks to a network or a disk, never formats for Slack or HTML, and
// never asks what time it is except through [Bot.Now].
package bot
