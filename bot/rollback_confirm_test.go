package bot

import (
	"fmt"
	"strings"
	"testing"
)

// TestConfirmRollback: a dialog has every step whole or not at all, says how many
// are left out, and never leaves out what is not undone.
func TestConfirmRollback(t *testing.T) {
	set := Defaults()
	plan := func(n int, name, version string) *Rollback {
		r := &Rollback{ID: "r1", Target: "gateway-prod", Service: "api-gateway", Environment: "production"}
		for k := range n {
			r.Steps = append(r.Steps, Step{Name: fmt.Sprint(name, k+1), From: Version{ID: version + "from"}, To: Version{ID: version + "to"}})
		}
		return r
	}
	sha := strings.Repeat("0123456789", 4)
	for _, c := range []struct {
		r    *Rollback
		want []string
	}{
		{plan(2, "main", ""), []string{"api-gateway in production:", "1. main1 from → to", "2. main2 from → to"}},
		{plan(5, "c", ""), []string{"5. c5 from → to"}},
		{plan(4, "main", sha), []string{"1. main1 " + sha + "from → " + sha + "to", "then main2, main3, main4: see the plan"}},
		{plan(10, strings.Repeat("n", 40), ""), []string{"2. " + strings.Repeat("n", 40) + "2 from → to", "and 8 more, see the plan"}},
		{plan(10, "n", strings.Repeat("<", 200)), []string{"then n1, n2, n3, n4, n5, n6, n7, n8, n9, n10: see the plan"}},
		{plan(3, strings.Repeat("n", 200), strings.Repeat("&", 200)), []string{"3 steps, see the plan"}},
	} {
		q := set.confirmRollback(c.r)
		got := q.Text.String()
		for _, part := range append(c.want, notUndone.String()) {
			if !strings.Contains(got, part) {
				t.Errorf("%q is not in %q", part, got)
			}
		}
		if n := width(q.Text); n > maxConfirm {
			t.Errorf("%d runes: %q", n, got)
		}
	}
}
