package deploy

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot/wire"
)

// Problem is one thing that is wrong in a template or a health check. Path says
// where, as in "submit.url" or "poll[0].success".
type Problem struct{ Path, Text string }

func (p Problem) String() string { return p.Path + ": " + p.Text }

// names are the variables that a part can use.
type names map[string]bool

func (n names) with(more ...map[string]Extract) names {
	out := maps.Clone(n)
	for _, m := range more {
		for name := range m {
			out[name] = true
		}
	}
	return out
}

// checker collects problems.
type checker struct {
	vars map[string]string // the step's own
	gate *gate             // nil: hosts are not known
	base *url.URL          // nil: not known
	out  []Problem
}

func (k *checker) say(path, format string, args ...any) {
	k.out = append(k.out, Problem{path, fmt.Sprintf(format, args...)})
}

// Check says everything that is wrong with t for a step with these variables of
// its own. It asks nobody: whether names resolve and secrets are right shows
// when they are used.
func (t *Template) Check(vars map[string]string) []Problem {
	k := &checker{vars: vars}
	var err error
	guard := wire.Guard{Hosts: t.Hosts, AllowCIDRs: t.AllowCIDRs, AllowLoopback: true, Proxy: t.Proxy}
	if k.gate, err = newGate(guard); err != nil {
		k.say("hosts", "%s", strings.TrimPrefix(err.Error(), "guard: "))
	}
	k.base, _ = t.Submit.URL.origin() // what is wrong with it is said under submit.url
	known := k.known()
	k.auth(t.Auth, t.Submit)
	for _, name := range slices.Sorted(maps.Keys(t.Headers)) {
		k.header("headers."+name, name)
		if !isHeaderValue(t.Headers[name]) {
			k.say("headers."+name, "a header has one line")
		}
	}
	k.versions(t.Versions, known)
	k.submit(t.Submit, known)
	k.find(t, known)
	k.polls(t, known)
	k.pace(t)
	return k.out
}

// known are the variables that every request has. The step's own must not hide
// what every request has.
func (k *checker) known() names {
	out := names{}
	for _, name := range BuiltIn() {
		out[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(k.vars)) {
		switch {
		case out[name]:
			k.say("vars."+name, "%s is a variable that every request has already", name)
		case !isName(name):
			k.say("vars."+name, "a variable's name is letters, digits and _, and does not begin with a digit")
		}
	}
	for name := range k.vars {
		out[name] = true
	}
	return out
}

func (k *checker) auth(a Auth, s Submit) {
	needs := map[AuthKind][]string{
		AuthNone: {}, AuthBearer: {"secret"}, AuthBasic: {"secret", "user"}, AuthHMAC: {"secret"},
		AuthHeader: {"secret", "name"}, AuthQuery: {"secret", "name"}, AuthForm: {"secret", "name"},
	}
	want, ok := needs[a.Kind]
	if !ok {
		k.say("auth.kind", "%q is not a kind; they are none, bearer, basic, header, query, form, hmac", a.Kind)
		return
	}
	has := map[string]string{"secret": a.Secret, "user": a.User, "name": a.Name}
	for _, field := range want {
		if has[field] == "" {
			k.say("auth."+field, "is needed for kind %s", a.Kind)
		}
	}
	if a.Kind == AuthHeader && a.Name != "" {
		k.header("auth.name", a.Name)
	}
	if !isHeaderValue(a.Secret) || strings.TrimSpace(a.Secret) != a.Secret {
		k.say("auth.secret", "holds a line break, or a space at an end")
	}
	if a.Kind == AuthBasic && strings.Contains(a.User, ":") {
		k.say("auth.user", "cannot hold a colon")
	}
	if a.Kind == AuthForm && s.JSON != nil {
		k.say("auth.kind", "form is for what is submitted as a form; submit has json")
	}
	if a.Kind == AuthForm && s.Form[a.Name].source != "" {
		k.say("submit.form."+a.Name, "is where auth puts the secret")
	}
	if a.Kind == AuthHMAC && a.Secret != "" {
		if _, err := wire.NewWebhookSigner(a.Secret); err != nil {
			k.say("auth.secret", "%s", err)
		}
	}
}

func (k *checker) versions(v *Versions, known names) {
	if v == nil {
		return
	}
	early := maps.Clone(known)
	for _, name := range []string{"from", "version", "version_id"} {
		delete(early, name) // they are what is being read
	}
	k.url("versions.url", v.URL, early, nil)
	if v.ID == "" {
		k.say("versions.id", "is missing: the JSON path, within an item, of what the deploy system calls a version")
	}
	for _, p := range [][2]string{{"items", v.Items}, {"id", v.ID}, {"label", v.Label}, {"at", v.At}, {"by", v.By}, {"current", v.Current}} {
		k.path("versions."+p[0], p[1], early)
	}
}

func (k *checker) submit(s Submit, known names) {
	if s.URL.source != "" && k.base == nil {
		if _, err := s.URL.origin(); err == nil {
			k.say("submit.url", "%q is relative, and there is nothing that it could be relative to; write https://…", s.URL)
		}
	}
	k.url("submit.url", s.URL, known, nil)
	if m := s.method(); !slices.Contains([]string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}, m) {
		k.say("submit.method", "%q is none of POST, PUT, PATCH, DELETE", m)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Headers)) {
		k.header("submit.headers."+name, name)
		k.text("submit.headers."+name, s.Headers[name], known)
		if strings.EqualFold(name, "Idempotency-Key") || strings.EqualFold(name, "X-Idempotency-Key") {
			k.say("submit.headers."+name, "is written idempotency: header:%s, and only if the system honours it", name)
		}
	}
	if s.JSON != nil && s.Form != nil {
		k.say("submit.form", "there is json as well; a request has one body")
	}
	k.tree("submit.json", s.JSON, known)
	for _, name := range slices.Sorted(maps.Keys(s.Form)) {
		k.text("submit.form."+name, s.Form[name], known)
	}
	for _, status := range s.OK {
		if !(answer{status: status}).ok() {
			k.say("submit.ok", "%d accepts nothing; statuses that do are 200 to 299", status)
		}
	}
	if s.IdempotencyHeader != "" {
		k.header("submit.idempotency", s.IdempotencyHeader)
	}
	k.extracts("submit.extract", s.Extract, known)
}

func (k *checker) pace(t *Template) {
	for _, p := range []struct {
		name string
		is   time.Duration
	}{{"every.first", t.Every.First}, {"every.then", t.Every.Then}, {"every.after", t.Every.After}, {"timeout", t.Timeout}} {
		if p.is < 0 {
			k.say(p.name, "is negative")
		}
	}
}
