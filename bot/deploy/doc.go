// Package deploy speaks to the systems that deploy: it hears what was deployed,
// and sends what is to be rolled back.
//
// What comes in ([Deploy.Mount]) are deploy notices, signed and told once
// (Standard Webhooks). They become rows, entries of the record, and the reason
// why a plan is void.
//
// What goes out is described by templates, in the language of the configuration
// ([Template]): how to read which versions there are, how to send, how to find
// what may have been sent, how to follow it. A template is data; nothing in it is
// run. Each step of a rollback waits in a lane of its own.
//
// # Once
//
// A step is marked as being sent, durably, before its first byte leaves. From
// then on only proof that nothing left (no name, no connection, no handshake, a
// refusal of our own guard, an answer that asks to come later) lets it be sent
// again, within [bot.SubmitTime]. Everything else that is no clear answer is
// unknown: it is looked for where the template can find it, and otherwise a
// person decides. A crash between the mark and the answer is unknown, too.
//
// # What it refuses
//
// Hosts and addresses that the template does not name, redirects, URLs in
// answers that lead elsewhere, plain http to a public host, and to know better
// than the deploy system: a state that the template does not name is "still
// running".
package deploy
