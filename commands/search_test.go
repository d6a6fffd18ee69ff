package commands

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tocsin-dev/tocsin/bot"
)

func TestSearch(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.say("U0ANA", "C0", "declare sev1 Checkout is down --new")
	d.say("U0ANA", "C0", "declare sev2 Connection pool exhausted --drill --new")
	d.say("U0BEN", "C0", "#1 note "+strings.Repeat("long before it ", 40)+"the pool of connections is full")
	r := d.say("U0CAT", "C9", "search pool")
	d.holds(r, "Incidents with pool", "#2 Connection pool exhausted\nSEV2 · Investigating · drill", "#1 Checkout is down\nSEV1 · Investigating", "<@U0BEN> noted", "… ", "the pool of connections is full")
	if text := all(r); strings.Index(text, "#2") > strings.Index(text, "#1") || strings.Count(text, "long before it") > 5 || r.Incident != 0 {
		t.Errorf("the answer is %s", text)
	}
	if text := all(d.say("U0CAT", "C9", "search pool exhausted")); strings.Contains(text, "#1") || !strings.Contains(text, "#2") {
		t.Errorf("all words have to be there: %s", text)
	}
	for _, line := range []string{`search "pool connection"`, `search “pool connection”`, `search "pool connection" is`} {
		d.holds(d.say("U0CAT", "C9", line), "Nothing was found for", "try")
	}
	d.holds(d.say("U0CAT", "C9", `find "connection pool"`), "#2 Connection pool exhausted")
	for _, line := range []string{"search 1", "search #1", "search inc-1", "search INC-1", "search #inc-1-checkout-is-down"} {
		d.holds(d.say("U0CAT", "C9", line), "#1 Checkout is down")
	}
	d.update(func(tx bot.Tx) error { return tx.SetChannel(1, "C1", "inc-1") })
	d.holds(d.say("U0CAT", "C9", "search <#C1>"), "#1 Checkout is down")
	d.holds(d.say("U0CAT", "C9", "search 77"), "Nothing was found for")
	d.holds(d.say("U0CAT", "C9", "search 🔥 !!"), "There is no word in")
	for _, line := range []string{`search -- --below`, `search * OR "`, `search pool --verbose`, "search " + strings.Repeat("a'\"* ", 800), "search it's"} {
		d.say("U0CAT", "C9", line)
	}
	d.holds(d.say("U0CAT", "C9", "search "+strings.Repeat("pool ", 40)), "Only the first words were looked for.")
}

// Nothing typed and all lines of a button: the form comes, and finds what it sends.
func TestSearchForm(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	r := d.say("U0CAT", "C9", "search")
	if r.Form == nil || len(r.Form.Inputs) != 1 || !r.Form.Inputs[0].Required || r.Form.Inputs[0].Name != "text" {
		t.Fatalf("the form is %+v", r.Form)
	}
	q := d.request("U0CAT", "C9", "")
	q.Verb, q.Values = "search", map[string]bot.Text{"text": `"checkout is" --down`}
	sent, err := d.to.Dispatch(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	d.holds(sent, "#1 Checkout is down")
	d.exact = true
	if e := d.refused("U0CAT", "C9", "search", bot.KindInvalid); !strings.Contains(e.Hint, "search connection pool exhausted") {
		t.Errorf("hint %q", e.Hint)
	}
}

func TestSearchOlder(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for k := range 25 {
		d.say("U0ANA", "C0", fmt.Sprintf("declare sev1 Latency %d of the API --new", k+1))
	}
	r, seen := d.say("U0CAT", "C9", `search "of the" latency`), 0
	for _, want := range []int{10, 10, 5} {
		got := strings.Count(all(r), "Latency ") / 3 // in the summary, the row and the entry
		if seen += got; got != want {
			t.Errorf("%d incidents, want %d: %s", got, want, all(r))
		}
		if more := buttons(r)["Show older ones"]; (more != "") != (want == 10) {
			t.Fatalf("button %q", more)
		} else if more != "" {
			r = d.say("U0CAT", "C9", more)
		}
	}
	if seen != 25 {
		t.Errorf("%d incidents were shown", seen)
	}
}

// What a person must not know of they do not find, and what was redacted nobody.
func TestSearchHidden(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.say("U0ANA", "C0", "declare sev1 Canary in the logs --private")
	d.say("U0ANA", "C0", "#1 note the key is hunter2")
	d.say("U0ANA", "C0", "declare sev1 Checkout is down --new")
	for _, line := range []string{"search N", "search inc-N", "search canary", "search hunter2"} {
		own, err := d.try("U0BEN", "C0", strings.ReplaceAll(line, "N", "1"))
		never, err2 := d.try("U0BEN", "C0", strings.ReplaceAll(line, "N", "7"))
		if err != nil || err2 != nil || strings.ReplaceAll(all(own), "1", "7") != all(never) || strings.Contains(all(own), "Canary") {
			t.Errorf("%q: %q, %v; for a number never used: %q, %v", line, all(own), err, all(never), err2)
		}
	}
	d.holds(d.say("U0ANA", "C0", "search hunter2"), "#1 Canary in the logs", "private", "the key is hunter2")
	d.say("U0ANA", "C0", "#1 redact 2 a key")
	d.holds(d.say("U0ANA", "C0", "search hunter2"), "Nothing was found")
}
