// Package render draws post-mortems: [Markdown] writes a [bot.Report] as
// CommonMark for those who run incidents, and [HTML] turns Markdown that
// anybody wrote into HTML that is safe to show. It is a leaf: it imports bot and
// goldmark, reads no store and no network, and knows no page.
//
// # What this package refuses
//
// HTML knows the elements of CommonMark, and GitHub's tables, strikethrough and
// bare addresses; a line break of the writer stays one. HTML in Markdown is shown as
// the text that it is. An image becomes a link to it, so that a reader's browser
// asks nobody for anything. Links lead to http, https and mailto, say nofollow,
// noopener and noreferrer, and are plain text when they lead anywhere else, have no
// host, or carry a user that could pass for one. There is no attribute that a
// writer could choose but the target of a link, the first number of a list, and
// the language of a code block, and no setting that lets more through.
//
// Markdown keeps what people wrote in a section as Markdown of theirs, but nothing
// in it reaches beyond its section: a code block or a comment that was left open
// is closed. All else, such as titles, names and the texts of the timeline, stands
// as it was typed.
package render
