package slack

import (
	"testing"

	"github.com/tocsin-dev/tocsin/bot"
)

// A form says what leaving it means where Cancel would be what it does.
func TestFormClose(t *testing.T) {
	t.Parallel()
	for says, want := range map[string]string{"": "Cancel", "Keep it open": "Keep it open"} {
		if got := modal(bot.Form{Verb: "cancel", Title: "Cancel incident", Close: says}, "").Close.Text; got != want {
			t.Errorf("%q is drawn as %q", says, got)
		}
	}
}
