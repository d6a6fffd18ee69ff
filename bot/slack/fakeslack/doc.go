// Package fakeslack is a whole Slack workspace in memory: people, channels,
// messages, modals and the Web API, with the limits and errors of the real one.
//
// It is used in two ways. Tests put [Slack.Handler] behind an in-memory
// transport ([Net] is one), let an app call it with any Slack client, act as
// its people through [Slack.As] and look at what came of it. A demo serves the
// same handler over HTTP: under / there is a page that looks and works like a
// small Slack, in which one browser tab is one person.
//
// What it holds: one workspace, one app with a bot user, its channels with
// messages, threads, pins, bookmarks, reactions and files, the modals that are
// open, a journal of every API call ([Slack.Calls]) and the faults that were
// asked for ([Slack.Inject]).
//
// What it refuses is what Slack refuses: unknown tokens, names that are taken,
// posts to channels the bot is not in, blocks that are too long, triggers older
// than three seconds, a sixth use of a response URL. Where sources on Slack
// contradict each other, the stricter reading was taken, so that what works
// here works there.
//
// It keeps nothing on disk, sends nothing anywhere but to the app's request
// URLs, and has no Socket Mode. It is no test double for a client library: it
// speaks HTTP, and a client cannot tell.
//
// # Clocks
//
// Options.Now stamps messages and may be a demo's shifted clock. Signatures,
// the three seconds of a trigger, the thirty minutes of a response URL and rate
// limits follow Options.SignNow, which is real time (or a synctest bubble's).
//
// # Events
//
// Events are delivered in order, on a goroutine that lives while there are any.
// What a person does returns after the app has answered the first attempt; what
// the app does returns at once, and [Slack.Settle] waits for the events of it.
// Close ends retries that are still waiting.
package fakeslack
