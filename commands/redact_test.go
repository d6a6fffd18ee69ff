package commands

import (
	"fmt"
	"strings"
	"testing"
)

// TestRedactSaysWhatWent: the answer names what held the same text and what is out
// of reach.
func TestRedactSaysWhatWent(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	d.say("U0ANA", "C1", "summary The password is hunter2 today")
	seq := d.incident(1).Head.Seq
	d.say("U0BEN", "C1", "pm set summary The password is hunter2 today")
	r := d.say("U0ANA", "C1", fmt.Sprintf("redact %d It held a secret", seq))
	d.holds(r, fmt.Sprintf("The text of entry %d of #1", seq),
		fmt.Sprintf("Gone with it, since the same text stood there: entry %d, the post-mortem's section Summary.", seq+1),
		"is drawn again without it", "out of reach")
	d.say("U0ANA", "C1", "note hunter2")
	r = d.say("U0ANA", "C1", fmt.Sprintf("redact %d It held a secret", d.incident(1).Head.Seq))
	if strings.Contains(all(r), "Gone with it") {
		t.Errorf("nothing else held it: %s", all(r))
	}
}
