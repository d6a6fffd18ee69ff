package deploy

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/tocsin-dev/tocsin/bot"
)

// These variables are what people see of a step, and are kept as such. A
// template that needs one in a later request has it as a variable, too.
const (
	linkVar    = "link"
	messageVar = "message"
)

// maxValue is the longest value that is kept of an answer, in bytes. A URL that
// a browser takes is no longer.
const maxValue = 2000

// harvest is what an answer held of what was looked for.
type harvest struct {
	link, message string
	vars          map[string]string
	missing       []string // required, and not there or null
}

// harvest reads want from an answer whose JSON paths begin at doc. An error is
// about a value that is there and cannot be used.
func (c *client) harvest(a answer, doc gjson.Result, want map[string]Extract, vars map[string]string) (harvest, error) {
	h := harvest{vars: map[string]string{}}
	var bad error
	for _, name := range slices.Sorted(maps.Keys(want)) {
		x := want[name]
		v, ok, err := x.read(a, doc, vars)
		if err == nil && ok {
			v, err = c.fit(a, name, v)
		}
		shown := c.shown(name)
		switch {
		case shown && err != nil: // nobody decides by it
		case err != nil:
			bad = errors.Join(bad, fmt.Errorf("its %s cannot be used: %w", name, err))
		case ok:
			h.keep(name, v, !shown)
		case !shown && !x.Optional:
			h.missing = append(h.missing, name)
		}
	}
	return h, bad
}

// shown reports whether a variable is for people only: nothing goes wrong when
// it is missing.
func (c *client) shown(name string) bool {
	return (name == linkVar || name == messageVar) && !c.used[name]
}

func (h *harvest) keep(name, v string, variable bool) {
	switch name {
	case linkVar:
		h.link = v
	case messageVar:
		h.message = v
	}
	if variable {
		h.vars[name] = v
	}
}

// read finds the value of x; ok is false when it is not there.
func (x Extract) read(a answer, doc gjson.Result, vars map[string]string) (v string, ok bool, err error) {
	if x.Header != "" {
		v = strings.TrimSpace(a.header.Get(x.Header))
		return v, v != "", nil
	}
	r, err := at(doc, x.JSON, vars)
	if err != nil {
		return "", false, err
	}
	v, ok = text(r)
	if !ok && r.Type == gjson.JSON && len(r.Array()) > 0 {
		return "", false, errors.New("it is a list or an object")
	}
	return v, ok && v != "", nil
}

// fit makes a value fit to be kept: short, without a secret, and where it is a
// URL one that may be asked with our secret or shown as a link.
func (c *client) fit(a answer, name, v string) (string, error) {
	v = bot.Clean(v)
	if name == messageVar && c.shown(name) {
		return c.scrub.line(v), nil
	}
	if c.urls[name] || name == linkVar {
		var err error
		if v, err = c.place(a, v); err != nil {
			return "", err
		}
	}
	switch {
	case len(v) > maxValue:
		return "", fmt.Errorf("it has %d characters", len(v))
	case c.scrub.hide(v) != v:
		return "", errors.New("it holds what looks like a secret")
	}
	return v, nil
}

// place makes a URL of an answer absolute and judges it. Our own credentials in
// its query are dropped; they are added again when it is asked.
func (c *client) place(a answer, v string) (string, error) {
	u, err := a.from.Parse(v)
	if err != nil {
		return "", errors.New("it is no URL")
	}
	if err := c.gate.check(u); err != nil {
		return "", err
	}
	u.Fragment, u.RawFragment = "", ""
	if q := u.Query(); c.t.Auth.Kind == AuthQuery && q.Has(c.t.Auth.Name) {
		q.Del(c.t.Auth.Name)
		u.RawQuery = q.Encode()
	}
	return u.String(), nil
}
