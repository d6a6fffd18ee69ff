// Package fakegithub is a small GitHub in memory: repositories with issues,
// labels, assignees, comments and milestones, the API that go-github and octokit
// speak, signed webhooks, and pages on which people close and reopen issues.
//
// It is used in two ways. Tests put [GitHub.Handler] behind a transport or a
// server, act as other people ([GitHub.As]), make things go wrong ([GitHub.Fail],
// [GitHub.PauseWebhooks], [GitHub.SetListLag]) and look at what came of it
// ([GitHub.Issues], [GitHub.Calls], [GitHub.Deliveries]). A demo serves the same
// handler over HTTP, under any path.
//
// # API
//
// Under /api/v3/, as an Enterprise server has it, and without, as api.github.com
// does; there paths such as /repos and /app are the API's and all others are
// pages. An error is {"message":"…","documentation_url":"…"} with errors, if a
// field is wrong. Answers carry a Link to other pages of a list, an ETag (304
// costs nothing) and the state of the rate limit.
//
//	GET, POST          /repos/{o}/{r}/issues               state, labels, creator, assignee, milestone, since, sort, direction
//	GET, PATCH         /repos/{o}/{r}/issues/{n}           301 if moved, 410 if deleted
//	GET, POST          …/issues/{n}/comments               GET, PATCH …/issues/comments/{id}
//	GET, POST, PUT, DELETE  …/issues/{n}/labels[/{name}]   GET …/issues/{n}/events
//	POST, DELETE       …/issues/{n}/assignees              GET …/assignees[/{login}]
//	GET, POST, PATCH, DELETE  …/labels[/{name}]            GET, POST …/milestones
//	GET                …/hooks[/{id}[/deliveries[/{id}]]]  POST …/deliveries/{id}/attempts
//	GET                /repos/{o}/{r}, /rate_limit, /user, /users/{login}, /installation/repositories
//	GET, POST          /app, /app/installations/{id}[/access_tokens], /app/hook/…
//
// /repositories/{id}/… is /repos/{o}/{r}/… by a name that stays.
//
// # Who calls
//
// Options.Token, an installation token, which an App's JWT buys for an hour, or
// nobody, who reads what is public. Whoever it is acts as Options.Login. Anything
// else is 401. What one does not see is 404.
//
// # Webhooks
//
// Whatever changes an issue, through the API or by a person, is told in order by
// one goroutine, once: as GitHub, it never repeats a webhook by itself. Redeliver
// does, under the same GUID.
//
// # What it leaves out
//
// Actions, deployments, contents, pull requests (beyond their place in lists of
// issues), search, GraphQL and OAuth are 404. Locks, reactions, sub-issues and
// the old SHA-1 signature are not there. Its pages refuse POSTs from other sites
// (403). It keeps nothing on disk and sends nothing but webhooks to
// Options.WebhookURL.
package fakegithub
