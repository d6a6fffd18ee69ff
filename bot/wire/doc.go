// Package wire holds what every integration needs at the edge of the network:
// signatures, an HTTP client that goes only where it was told to, whether a request
// can have left, how an answer is written, and the masking of secrets in logs.
//
//   - [SlackSigner], [GitHubSigner] and [WebhookSigner] check the signature of
//     a request on its raw bytes, and write one for the other direction. They
//     take the time as a parameter and keep no state: who must not act twice on
//     one delivery remembers its id.
//   - [NewClient] and [NewTransport] make HTTP clients bounded by a [Guard]:
//     named hosts, addresses checked at connect time, no redirects, a deadline
//     and a cap on what is read.
//   - [Redactor] masks known secrets and secret-shaped text in strings and in
//     everything that passes through an slog.Handler. [LooksSecret] only asks.
//
// It refuses rather than guesses. No constructor accepts an empty or short
// secret, no guard works without hosts, and a metadata address is out of reach
// whatever the configuration says.
//
// The package is a leaf. It imports the standard library only and knows nothing
// of incidents, so that the parts that decide who may come in, and where we go
// out, can be read on their own.
package wire
