package deploy

import (
	"fmt"
	"maps"
	"slices"
)

// find checks how what may have been sent is looked for. It stands in for the
// answer that never came, and so must give what that would have given.
func (k *checker) find(t *Template, known names) {
	f := t.Find
	if f == nil {
		return
	}
	k.url("find.url", f.URL, known, nil)
	k.path("find.items", f.Items, known)
	k.path("find.match", f.Match, known)
	k.text("find.equals", f.Equals, known)
	if f.Match == "" {
		k.say("find.match", "is missing: the JSON path, within an item, of the text that names the request")
	}
	if !slices.Contains(f.Equals.Names(), "request_id") {
		k.say("find.equals", "must hold ${request_id}; anything else may be another request")
	}
	k.extracts("find.extract", f.Extract, known)
	needed := k.needed(t)
	for _, name := range slices.Sorted(maps.Keys(t.Submit.Extract)) {
		if _, ok := f.Extract[name]; !ok && needed[name] {
			k.say("find.extract", "lacks %s, which poll needs and only the answer to submit gives", name)
		}
	}
}

// needed are the variables that polls use, but for those that an earlier poll
// gives.
func (k *checker) needed(t *Template) names {
	out, given := names{}, names{}
	for _, p := range t.Poll {
		all := p.URL.Names()
		for _, path := range p.paths() {
			if q, err := ParsePattern(path); err == nil {
				all = append(all, q.Names()...)
			}
		}
		for _, name := range all {
			if !given[name] {
				out[name] = true
			}
		}
		given = given.with(p.Extract)
	}
	return out
}

// polls checks how a step is followed to its end.
func (k *checker) polls(t *Template, known names) {
	switch {
	case len(t.Poll) == 0 && !t.Blind:
		k.say("poll", "is missing; if the result cannot be seen, write progress: none")
	case len(t.Poll) > 0 && t.Blind:
		k.say("poll", "there is one, and progress: none says that there is nothing to ask")
	}
	// Given by answers, and so possibly URLs.
	given := names{}.with(t.Submit.Extract)
	for n, p := range t.Poll {
		at := fmt.Sprintf("poll[%d]", n)
		now := maps.Clone(known)
		maps.Copy(now, given)
		k.url(at+".url", p.URL, now, given)
		k.extracts(at+".extract", p.Extract, now)
		for _, f := range [][2]string{{".guard", p.Guard}, {".status", p.Status}, {".blocked", p.BlockedPath}, {".message", p.Message}} {
			k.path(at+f[0], f[1], now)
		}
		k.states(at, p)
		if n == len(t.Poll)-1 {
			k.last(at, p)
		} else {
			k.early(at, p)
		}
		given = given.with(p.Extract)
	}
}

// last is the poll that says how it ended. It need name no failure: a flag is
// off, or not yet.
func (k *checker) last(at string, p Poll) {
	if p.Status == "" {
		k.say(at+".status", "is missing: the JSON path of the state")
	}
	if len(p.Success) == 0 {
		k.say(at+".success", "is missing: the states that mean it is done")
	}
}

// early is a poll before the last one.
func (k *checker) early(at string, p Poll) {
	gives := false
	for _, x := range p.Extract {
		gives = gives || !x.Optional
	}
	if !gives {
		k.say(at+".extract", "is missing: a poll before the last one is there for what the next one needs")
	}
	if len(p.Success) > 0 {
		k.say(at+".success", "only the last poll can say that it is done")
	}
}

// states checks that every state means one thing.
func (k *checker) states(at string, p Poll) {
	all := map[string]string{}
	for _, list := range []struct {
		name   string
		states []string
	}{{".blocked", p.Blocked}, {".failure", p.Failure}, {".success", p.Success}} {
		if len(list.states) > 0 && p.Status == "" {
			k.say(at+list.name, "names states, and status does not say where a state is")
		}
		for _, s := range list.states {
			if before, ok := all[s]; ok {
				k.say(at+list.name, "%q is under %s already", s, before[1:])
			}
			all[s] = list.name
		}
	}
	if p.BlockedEquals != "" && p.BlockedPath == "" {
		k.say(at+".blocked", "equals needs the path of what it compares")
	}
	if p.BlockedPath != "" && p.BlockedEquals == "" {
		k.say(at+".blocked", "path needs what its value must equal, as in {path: blocked, equals: true}")
	}
}

// extracts checks what is read from an answer.
func (k *checker) extracts(at string, want map[string]Extract, known names) {
	for _, name := range slices.Sorted(maps.Keys(want)) {
		x, path := want[name], at+"."+name
		if !isName(name) {
			k.say(path, "a variable's name is letters, digits and _, and does not begin with a digit")
		}
		_, own := k.vars[name]
		if own || slices.Contains(BuiltIn(), name) {
			k.say(path, "%s is a variable that every request has already; choose another name", name)
		}
		switch {
		case x.Header == "" && x.JSON == "":
			k.say(path, "says neither json:PATH nor header:NAME")
		case x.Header != "" && x.JSON != "":
			k.say(path, "says both json:PATH and header:NAME")
		case x.Header != "" && !isToken(x.Header):
			k.say(path, "%q is no name of a header", x.Header)
		}
		k.path(path, x.JSON, known)
	}
}

// Check says everything that is wrong with v for a step with these variables of
// its own.
func (v Verify) Check(vars map[string]string) []Problem {
	k := &checker{vars: vars}
	known := k.known()
	k.out = nil // what is wrong with the variables, the template says
	guard, err := v.guard()
	if err != nil {
		k.say("url", "%s", err)
	} else {
		guard.AllowLoopback = true
		if k.gate, err = newGate(guard); err != nil {
			k.say("hosts", "%s", err)
		}
		k.base, _ = v.URL.origin()
		k.url("url", v.URL, known, nil)
	}
	if v.Status != 0 && (v.Status < 100 || v.Status > 599) {
		k.say("expect", "%d is no status", v.Status)
	}
	k.path("json.path", v.Path, known)
	k.text("json.equals", v.Equals, known)
	if (v.Path == "") != (v.Equals.source == "") {
		k.say("json", "needs both path and equals")
	}
	if v.For < 0 || v.Timeout < 0 {
		k.say("for", "for and timeout must not be negative")
	}
	if v.Timeout > 0 && v.Timeout < v.For {
		k.say("timeout", "is shorter than for: it could never hold that long")
	}
	return k.out
}
