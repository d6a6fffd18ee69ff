package deploy

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// goodTemplate uses every part of a template and has no fault.
func goodTemplate() *Template {
	return &Template{
		Name: "good", Auth: Auth{Kind: AuthBearer, Secret: canary}, Hosts: []string{"deploy.test", "*.run.test"},
		Headers:  map[string]string{"Accept": "application/json; version=3"},
		Versions: &Versions{URL: pattern("/versions/${app}?env=${environment}"), Items: "items", ID: "id", Label: "label", At: "at", By: "by", Current: "first"},
		Submit: Submit{
			URL: pattern("https://deploy.test/rollback/${app}"), Headers: map[string]Pattern{"X-Request-Id": pattern("${request_id}")},
			JSON: map[string]any{"id": pattern("${version_id:int}"), "list": []any{pattern("${reason}"), 1, true, nil}}, OK: []int{200, 202},
			IdempotencyHeader: "Idempotency-Key", Extract: map[string]Extract{"queue": {Header: "Location"}, "link": {JSON: "url", Optional: true}},
		},
		Find: &Find{URL: pattern("/runs?app=${app}"), Items: "runs", Match: "title", Equals: pattern("${request_id}-${step}"), Extract: map[string]Extract{"queue": {JSON: "queue"}}},
		Poll: []Poll{
			{URL: pattern("${queue}/json"), Extract: map[string]Extract{"run": {JSON: `runs.#(title%"*${request_id}*").id`}}, Status: "why", Failure: []string{"cancelled"}},
			{URL: pattern("/runs/${run}"), Guard: "started", Status: "state", Success: []string{"done"}, Failure: []string{"broken"}, Blocked: []string{"held"}, BlockedPath: "blocked", BlockedEquals: "true", Message: "message"},
		},
		Every: Every{First: time.Second}, Timeout: time.Hour,
	}
}

func TestAGoodTemplateHasNoFault(t *testing.T) {
	if all := goodTemplate().Check(map[string]string{"app": "gateway"}); len(all) > 0 {
		t.Error(all)
	}
	if all := yardTemplate().Check(map[string]string{"app": "gateway"}); len(all) > 0 {
		t.Error(all)
	}
}

func TestCheckNamesEveryFault(t *testing.T) {
	inside := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("198.41.0.0/24")}
	for _, tc := range []struct {
		want   string // path: text
		change func(*Template)
	}{
		{"hosts: no hosts", func(tm *Template) { tm.Hosts = nil }},
		{"hosts: host \"https://x\"", func(tm *Template) { tm.Hosts = append(tm.Hosts, "https://x") }},
		{"hosts: proxy is not", func(tm *Template) { tm.Proxy = &url.URL{Scheme: "ftp", Host: "x"} }},
		{"auth.kind: \"digest\" is not a kind", func(tm *Template) { tm.Auth.Kind = "digest" }},
		{"auth.secret: is needed for kind bearer", func(tm *Template) { tm.Auth.Secret = "" }},
		{"auth.secret: holds a line break", func(tm *Template) { tm.Auth.Secret += "\n" }},
		{"auth.user: is needed for kind basic", func(tm *Template) { tm.Auth.Kind = AuthBasic }},
		{"auth.user: cannot hold a colon", func(tm *Template) { tm.Auth.Kind, tm.Auth.User = AuthBasic, "a:b" }},
		{"auth.name: is needed for kind query", func(tm *Template) { tm.Auth.Kind = AuthQuery }},
		{"auth.name: \"Private Token\" is no name of a header", func(tm *Template) { tm.Auth.Kind, tm.Auth.Name = AuthHeader, "Private Token" }},
		{"auth.kind: form is for what is submitted as a form", func(tm *Template) { tm.Auth.Kind, tm.Auth.Name = AuthForm, "token" }},
		{"submit.form.token: is where auth puts the secret", func(tm *Template) {
			tm.Auth.Kind, tm.Auth.Name, tm.Submit.JSON, tm.Submit.Form = AuthForm, "token", nil, map[string]Pattern{"token": pattern("x")}
		}},
		{"auth.secret: webhook secret", func(tm *Template) { tm.Auth.Kind = AuthHMAC }},
		{"headers.Host: Host belongs to the connection", func(tm *Template) { tm.Headers["Host"] = "x" }},
		{"headers.X: a header has one line", func(tm *Template) { tm.Headers["X"] = "a\nb" }},
		{"versions.url: is missing", func(tm *Template) { tm.Versions.URL = Pattern{} }},
		{"versions.url: ${version} is not known here; known are: app, environment, reason", func(tm *Template) { tm.Versions.URL = pattern("/v/${version}") }},
		{"versions.url: \"https://other.test/v\": refused to connect to other.test:443: host is not allowed", func(tm *Template) { tm.Versions.URL = pattern("https://other.test/v") }},
		{"versions.id: is missing", func(tm *Template) { tm.Versions.ID = "" }},
		{"versions.items: \"items \" has a space", func(tm *Template) { tm.Versions.Items = "items " }},
		{"submit.url: is missing", func(tm *Template) { tm.Submit.URL = Pattern{} }},
		{"submit.url: \"/x\" is relative", func(tm *Template) { tm.Submit.URL = pattern("/x") }},
		{"versions.url: \"/versions/${app}?env=${environment}\" is relative, and submit.url has no host", func(tm *Template) { tm.Submit.URL = pattern("/x") }},
		{"submit.url: \"${app}/x\" begins with a variable", func(tm *Template) { tm.Submit.URL = pattern("${app}/x") }},
		{"submit.url: \"https://${app}.test/x\" has a variable in the host", func(tm *Template) { tm.Submit.URL = pattern("https://${app}.test/x") }},
		{"submit.url: \"https://deploy.test${app}/x\" has a variable in the host", func(tm *Template) { tm.Submit.URL = pattern("https://deploy.test${app}/x") }},
		{"submit.url: \"deploy.test/x\" is neither", func(tm *Template) { tm.Submit.URL = pattern("deploy.test/x") }},
		{"submit.url: \"https://deploy.test/x#y\": what follows #", func(tm *Template) { tm.Submit.URL = pattern("https://deploy.test/x#y") }},
		{"submit.url: \"https://u:p@deploy.test/x\": a URL must hold no credentials", func(tm *Template) { tm.Submit.URL = pattern("https://u:p@deploy.test/x") }},
		{"submit.url: the path of", func(tm *Template) { tm.Submit.URL = pattern("https://deploy.test/a/../x") }},
		{"submit.url: ${ap} is not known here", func(tm *Template) { tm.Submit.URL = pattern("https://deploy.test/${ap}") }},
		{"submit.url: :int and :bool are for the values of json", func(tm *Template) { tm.Submit.URL = pattern("https://deploy.test/${version_id:int}") }},
		{"submit.url: \"http://deploy.test/x\": plain http to a public host", func(tm *Template) { tm.Submit.URL = pattern("http://deploy.test/x") }},
		{"submit.url: \"http://198.41.0.4/x\": plain http to a public host", func(tm *Template) {
			tm.Hosts, tm.AllowCIDRs, tm.Submit.URL = append(tm.Hosts, "198.41.0.4"), inside, pattern("http://198.41.0.4/x")
		}},
		{"submit.url: \"http://192.168.0.4/x\": refused to connect to 192.168.0.4: private address", func(tm *Template) {
			tm.Hosts, tm.AllowCIDRs, tm.Submit.URL = append(tm.Hosts, "192.168.0.4"), inside, pattern("http://192.168.0.4/x")
		}},
		{"submit.method: \"GET\" is none of", func(tm *Template) { tm.Submit.Method = "GET" }},
		{"submit.headers.X: ${x} is not known here", func(tm *Template) { tm.Submit.Headers["X"] = pattern("${x}") }},
		{"submit.headers.Content-Length: Content-Length belongs", func(tm *Template) { tm.Submit.Headers["Content-Length"] = pattern("1") }},
		{"submit.headers.idempotency-key: is written idempotency", func(tm *Template) { tm.Submit.Headers["idempotency-key"] = pattern("x") }},
		{"submit.form: there is json as well", func(tm *Template) { tm.Submit.Form = map[string]Pattern{"a": pattern("b")} }},
		{"submit.form.a: ${b} is not known here", func(tm *Template) { tm.Submit.Form = map[string]Pattern{"a": pattern("${b}")} }},
		{"submit.json.a[1].b: ${c} is not known here", func(tm *Template) {
			tm.Submit.JSON = map[string]any{"a": []any{1, map[string]any{"b": pattern("${c}")}}}
		}},
		{"submit.json: \"v${version_id:int}\": ${name:int} and ${name:bool} are a whole value", func(tm *Template) { tm.Submit.JSON = pattern("v${version_id:int}") }},
		{"submit.json: the variable app is \"gateway\", and the request wants a whole number", func(tm *Template) { tm.Submit.JSON = pattern("${app:int}") }},
		{"submit.json.a: a value of type time.Duration", func(tm *Template) { tm.Submit.JSON = map[string]any{"a": time.Second} }},
		{"submit.ok: 302 accepts nothing", func(tm *Template) { tm.Submit.OK = []int{302} }},
		{"submit.idempotency: \"a b\" is no name of a header", func(tm *Template) { tm.Submit.IdempotencyHeader = "a b" }},
		{"submit.extract.run id: a variable's name", func(tm *Template) { tm.Submit.Extract["run id"] = Extract{JSON: "id"} }},
		{"submit.extract.version: version is a variable that every request has already", func(tm *Template) { tm.Submit.Extract["version"] = Extract{JSON: "id"} }},
		{"submit.extract.app: app is a variable that every request has already", func(tm *Template) { tm.Submit.Extract["app"] = Extract{JSON: "id"} }},
		{"submit.extract.id: says neither", func(tm *Template) { tm.Submit.Extract["id"] = Extract{} }},
		{"submit.extract.id: says both", func(tm *Template) { tm.Submit.Extract["id"] = Extract{JSON: "id", Header: "X"} }},
		{"submit.extract.id: \"a:b\" is no name of a header", func(tm *Template) { tm.Submit.Extract["id"] = Extract{Header: "a:b"} }},
		{"submit.extract.id: is blank", func(tm *Template) { tm.Submit.Extract["id"] = Extract{JSON: " "} }},
		{"submit.extract.id: \"${x\" is not closed", func(tm *Template) { tm.Submit.Extract["id"] = Extract{JSON: "${x"} }},
		{"submit.extract.id: ${x} is not known here", func(tm *Template) { tm.Submit.Extract["id"] = Extract{JSON: "${x}"} }},
		{"find.url: is missing", func(tm *Template) { tm.Find.URL = Pattern{} }},
		{"find.url: ${queue} is not known here", func(tm *Template) { tm.Find.URL = pattern("/${queue}") }},
		{"find.match: is missing", func(tm *Template) { tm.Find.Match = "" }},
		{"find.equals: must hold ${request_id}", func(tm *Template) { tm.Find.Equals = pattern("${version}") }},
		{"find.extract: lacks queue, which poll needs", func(tm *Template) { tm.Find.Extract = nil }},
		{"poll: is missing; if the result cannot be seen, write progress: none", func(tm *Template) { tm.Poll = nil }},
		{"poll: there is one, and progress: none", func(tm *Template) { tm.Blind = true }},
		{"poll[0].url: ${run} is not known here", func(tm *Template) { tm.Poll[0].URL = pattern("/${run}") }},
		{"poll[0].url: \"${app}/json\" begins with a variable", func(tm *Template) { tm.Poll[0].URL = pattern("${app}/json") }},
		{"poll[0].extract: is missing", func(tm *Template) { tm.Poll[0].Extract = map[string]Extract{"run": {JSON: "x", Optional: true}} }},
		{"poll[0].success: only the last poll", func(tm *Template) { tm.Poll[0].Success = []string{"x"} }},
		{"poll[1].url: ${nothing} is not known here; known are: app, environment, from, link, queue, reason", func(tm *Template) { tm.Poll[1].URL = pattern("/${nothing}") }},
		{"poll[1].status: is missing", func(tm *Template) { tm.Poll[1].Status = "" }},
		{"poll[1].success: names states, and status does not say", func(tm *Template) { tm.Poll[1].Status = "" }},
		{"poll[1].success: is missing", func(tm *Template) { tm.Poll[1].Success = nil }},
		{"poll[1].success: \"broken\" is under failure already", func(tm *Template) { tm.Poll[1].Success = []string{"broken"} }},
		{"poll[1].guard: is blank", func(tm *Template) { tm.Poll[1].Guard = " " }},
		{"poll[1].blocked: equals needs the path", func(tm *Template) { tm.Poll[1].BlockedPath = "" }},
		{"poll[1].blocked: path needs what", func(tm *Template) { tm.Poll[1].BlockedEquals = "" }},
		{"every.then: is negative", func(tm *Template) { tm.Every.Then = -1 }},
		{"timeout: is negative", func(tm *Template) { tm.Timeout = -1 }},
	} {
		tm := goodTemplate()
		tc.change(tm)
		all := tm.Check(map[string]string{"app": "gateway"})
		if !slices.ContainsFunc(all, func(p Problem) bool { return strings.HasPrefix(p.String(), tc.want) }) {
			t.Errorf("want %q in %q", tc.want, all)
		}
		if again := tm.Check(map[string]string{"app": "gateway"}); !slices.Equal(all, again) {
			t.Errorf("the second time %q is %q", all, again)
		}
	}
	for want, vars := range map[string]map[string]string{
		"submit.url: ${app} is not known here":                         nil,
		"submit.url: the variable app is empty":                        {"app": ""},
		"vars.step: step is a variable that every request has already": {"app": "x", "step": "y"},
		"vars.my app: a variable's name":                               {"app": "x", "my app": "y"},
	} {
		if all := goodTemplate().Check(vars); !slices.ContainsFunc(all, func(p Problem) bool { return strings.HasPrefix(p.String(), want) }) {
			t.Errorf("want %q in %q", want, all)
		}
	}
}

// Plain http is for the inside.
func TestPlainHTTPInside(t *testing.T) {
	tm := &Template{
		Auth: Auth{Kind: AuthNone}, Hosts: []string{"10.1.2.3", "deploy.internal"}, AllowCIDRs: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
		Submit: Submit{URL: pattern("http://deploy.internal/x")}, Versions: &Versions{URL: pattern("http://10.1.2.3/v"), ID: "id"}, Blind: true,
	}
	if all := tm.Check(nil); len(all) > 0 {
		t.Error(all)
	}
}

func TestCheckOfVerify(t *testing.T) {
	good := func() Verify {
		return Verify{URL: pattern("https://gw.test/healthz?app=${app}"), Path: "version", Equals: pattern("${version}"), For: 2 * time.Minute, Timeout: 10 * time.Minute}
	}
	if all := good().Check(map[string]string{"app": "gateway"}); len(all) > 0 {
		t.Error(all)
	}
	for want, change := range map[string]func(*Verify){
		"url: \"\" is neither":                            func(v *Verify) { v.URL = Pattern{} },
		"url: \"/healthz\" has no host":                   func(v *Verify) { v.URL = pattern("/healthz") },
		"url: \"https://${app}/x\" has a variable":        func(v *Verify) { v.URL = pattern("https://${app}/x") },
		"url: \"http://gw.test/\": plain http":            func(v *Verify) { v.URL = pattern("http://gw.test/") },
		"url: \"https://gw.test/\": refused to connect":   func(v *Verify) { v.URL, v.Hosts = pattern("https://gw.test/"), []string{"other.test"} },
		"url: ${ap} is not known here":                    func(v *Verify) { v.URL = pattern("https://gw.test/${ap}") },
		"expect: 42 is no status":                         func(v *Verify) { v.Status = 42 },
		"json: needs both path and equals":                func(v *Verify) { v.Path = "" },
		"json.equals: ${x} is not known here":             func(v *Verify) { v.Equals = pattern("${x}") },
		"json.path: \" version\" has a space at an end":   func(v *Verify) { v.Path = " version" },
		"for: for and timeout must not be negative":       func(v *Verify) { v.For = -1 },
		"timeout: is shorter than for: it could never":    func(v *Verify) { v.Timeout = time.Minute },
		"hosts: guard: host \"a b\": not a host name":     func(v *Verify) { v.Hosts = []string{"a b"} },
		"url: \"https://u@gw.test/\": a URL must hold no": func(v *Verify) { v.URL = pattern("https://u@gw.test/") },
	} {
		v := good()
		change(&v)
		if all := v.Check(map[string]string{"app": "gateway"}); !slices.ContainsFunc(all, func(p Problem) bool { return strings.HasPrefix(p.String(), want) }) {
			t.Errorf("want %q in %q", want, all)
		}
	}
}
