// Package web is Tocsin over HTTP: the status page that customers read, the
// JSON API for programs, and the addresses that tell an operator how the
// process is.
//
//   - [Server.Public] serves the status page, its feeds and Statuspage's v2
//     read API. Everything in it is rendered once per change by [Server.Run]
//     and answered from memory, so a spike of readers costs no database read
//     and a locked database leaves the last render standing.
//   - [Server.Mount] adds /api/v1, /healthz and /readyz (and /metrics, unless
//     it has an address of its own) to a mux.
//
// The two never share a mux that this package makes: the public one can be
// given an address of its own and then holds nothing that needs a token.
//
// # What this package refuses
//
// The public side reads [bot.PublicIncident] and nothing else, which a private
// incident cannot become. It takes GET and HEAD only, sets no cookie, and
// knows no reader, so every answer may be cached by anybody. What people wrote
// is escaped by html/template and encoding/xml, and a post-mortem's Markdown is
// drawn by package render; there is no setting that lets raw HTML or a foreign
// script through, and references to people and channels are never resolved there.
//
// The API decides nothing itself: it reads a token, and hands the command line
// to the [bot.Dispatcher] as that person, or reads as that person.
package web
