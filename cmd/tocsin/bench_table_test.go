package main

import (
	"fmt"
	"io"
	"sync"
	"text/tabwriter"
)

// figure is what was measured of one goal.
type figure struct {
	name, goal, measured, reference string
	met                             bool
}

// table holds the figures of a run of the benchmarks, which is printed at its end.
var table figures

type figures struct {
	mu   sync.Mutex
	list []figure
}

// add keeps f, in place of an earlier one of its name: a benchmark may be run more
// than once.
func (t *figures) add(f figure) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for k := range t.list {
		if t.list[k].name == f.name {
			t.list[k] = f
			return
		}
	}
	t.list = append(t.list, f)
}

func (t *figures) print(to io.Writer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.list) == 0 {
		return
	}
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "\nwhat\tgoal\tmeasured\treference\tmet")
	for _, f := range t.list {
		met := "yes"
		switch {
		case f.goal == "":
			met = ""
		case !f.met:
			met = "NO"
		}
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", f.name, f.goal, f.measured, f.reference, met)
	}
	_ = w.Flush() // to the terminal
}
