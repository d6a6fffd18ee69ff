// Package slack is Tocsin's ear and mouth in a Slack workspace.
//
// What comes in ([Slack.Mount]) is signed: commands, clicks, forms and events
// are verified on their raw bytes, decoded from Slack's dialect into a
// [bot.Request], and carried out by the [bot.Dispatcher] before Slack is
// answered. What only the asker sees rides on that answer, or follows through
// the response URL when it is late or long.
//
// What goes out is a job. [Slack.Plan] says which, from an event alone;
// [Slack.Do] reads what is stored now, draws it, and calls. Everything that
// concerns one incident's channel waits in one lane, so it appears in the order
// of the record; the announcements wait in their channel's.
//
// What is known of people, groups and channels is kept as rows by [Slack.Run],
// so that no command waits for Slack.
//
// # Looking before repeating
//
// Slack has no idempotency key. Every message carries the number of its job as
// metadata (tocsin_delivery), and a job whose earlier try may have worked looks
// for it in the history first. A channel is adopted only when this bot made it,
// after the declare, under the name that was asked for, and no incident has it;
// any other holder of the name is left alone and a suffix is tried. Pins and
// invitations may be repeated. What goes to a response URL cannot be looked
// for: a crash between the call and its record can show it twice to one person.
//
// # What waits
//
// While a channel is archived or without the app, or the app may not post,
// everything that is said there waits in its lane; somebody is told once, and
// it goes on when Slack tells of the repair, when Slack answers again, or by a
// try that comes ever less often. After seven days a job is given up. A deleted
// channel is made anew (held.go).
//
// # Rollbacks
//
// A rollback is one message in its incident's channel, changed in place from its
// plan to its end. Each drawing of one that is under way leaves the next behind
// as a job, so that its clocks move and a change is never held up (rollback.go).
// Who could approve a plan is called at once, after two and after five minutes
// (summon.go), and the next cluster is offered as soon as one was accepted
// (offer.go).
//
// # Action items and clocks
//
// An action item is one message in its incident's channel, too, posted when it was
// added and changed in place; what must be noticed of its issue is posted besides
// (followup.go). What a clock has to say ([Slack.Notice]) is looked at again when it
// is said, so that what has waited is said once and as it is now, or not at all
// (notice.go).
//
// # What it refuses
//
// Unsigned and stale requests, other workspaces, response URLs that are not on
// Slack's hosts, and mass mentions: no text of a person, of any length or
// content, can become one, break a block, or be cut within a character.
//
// Errors of Slack's are classed in one table (errors.go).
package slack
