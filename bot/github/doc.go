// Package github turns action items into GitHub issues, and hears what becomes
// of them there.
//
// What goes out are jobs: an issue is opened, looked for, assigned, labelled, and
// brought to where its item is. What comes in are signed webhooks
// ([GitHub.Mount]) and, as the word that counts in the end, a listing of each
// repository ([GitHub.Run]), asked with its last ETag, which costs nothing while
// nothing changed.
//
// # Once
//
// GitHub knows no idempotency key. So an issue is marked as being opened, durably,
// before the first byte leaves; one POST follows, which no transport repeats. An
// answer with a number is the issue, a clear refusal is a refusal, and proof that
// nothing left (no name, no connection, a limit) lets it be sent again. All else
// is unknown, as is what a crash left behind: the issue is looked for by the
// marker at the end of its body, in the list of its repository, for ten minutes,
// and is never opened again by itself. Assignees are added afterwards, since one
// bad login would cost the whole issue.
//
// # Limits
//
// Of writes one a second, of new issues 400 an hour: rows of the database, so that
// replicas keep to them together. A limit of GitHub's, told by 403 or 429, closes
// them for everybody until the time that it names.
//
// # What it refuses
//
// Redirects of writes, and any to another host; a token on a host that is not the
// API's; names of repositories and logins that could change the path of a request;
// a public repository unless that was allowed, and for a private incident always;
// any repository but the one that the item was given; unsigned deliveries, those
// signed by SHA-1 alone, and bodies over 5 MiB. What people wrote reaches GitHub as
// plain text: it names nobody, links to no issue, and loads nothing.
package github
