package scenario

import (
	"regexp"
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

// language is what the command language would read in a text: flags, with the
// dashes that phones make of them, quotes, and a bare --.
var language = regexp.MustCompile(`["“”„«»]|[-–—]{2}|(^|\s)[–—]|^-`)

// say puts a text behind a line so that all of it is text. Behind a bare -- all is;
// it is left out where nothing could be misread, since people do not type it.
// firstCounts says that the first word could be one of the language, too.
func say(line, text string, firstCounts bool) string {
	text = oneLine(text)
	if firstCounts || language.MatchString(text) {
		return line + " -- " + text
	}
	return line + " " + text
}

// beginsLikeOne reports whether the first word of a text could be read as a severity
// or a status.
func beginsLikeOne(text string) bool {
	word, _, _ := strings.Cut(oneLine(text), " ")
	word = strings.TrimRight(word, ":,.;")
	settings := bot.Defaults()
	_, severity := settings.ParseSeverity(word)
	_, status := bot.ParseStatus(word)
	return severity || status
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// sentence ends a text as customers expect it to.
func sentence(text string) string {
	if text = oneLine(text); strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}
