// Package fakedeploy is a small deploy system in memory: apps with releases,
// deploys and rollbacks that take their time, an HTTP API, signed notices of
// what was deployed, and a page to look at it all.
//
// It is used in two ways. Tests put [System.Handler] behind a transport or a
// server, act through [System.Deploy], make things go wrong ([System.Fault],
// [System.Fail], [System.Block]) and look at what came of it ([System.Runs],
// [System.Calls], [System.Notices]). A demo serves the same handler over HTTP:
// under / there is a page with a button that deploys a new version.
//
// # API
//
// Under /api/, JSON, Authorization: Bearer Options.Token. An error is
// {"error":"…"} with the status that fits it.
//
//	GET  /api/apps
//	GET  /api/apps/{app}/releases    {"items":[{"id","version","deployed_at","by","current"}]}
//	GET  /api/apps/{app}/health      {"version","ok"}
//	POST /api/apps/{app}/rollback    {"to":"rel-41","request_id":"r1","reason":"…","by":"ana"} → 201 {"run":{…}}
//	GET  /api/runs?request_id=&app=  {"items":[{…}]}, newest first
//	GET  /api/runs/{id}              {"id","app","status","message",…}
//
// Releases are listed oldest first and the current one is the last: as in Argo
// CD, a rollback that succeeded is appended as a release of its own, with a new
// id, the old version, and current. health asks for no token, because it stands
// for the app's own health check, and what calls that has none.
//
// # Runs
//
// One run of an app at a time; a second is refused with 409. A run is queued for
// a moment, then running, then succeeded or failed; while somebody holds it
// ([System.Block]) it is waiting. Its state follows from the clock alone and is
// worked out whenever somebody looks, so any clock will do, a synctest bubble's
// too. A request_id is kept and can be searched for, and makes nothing happen
// only once: what is sent twice is seen twice.
//
// # What it refuses
//
// A wrong token (401), an app or release that it does not have (404), a second
// run of an app (409), a body that is no JSON object or names no release (400)
// or is over a megabyte (413), and POSTs to its page from other sites (403). It
// keeps nothing on disk and sends nothing but notices to Options.NoticeURL.
package fakedeploy
