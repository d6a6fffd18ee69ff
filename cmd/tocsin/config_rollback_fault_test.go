package main

import (
	"slices"
	"strings"
	"testing"
)

// faultBase has no fault; each case of the table brings its own.
const faultBase = `services: [{id: api-gateway}]
rollback_templates:
  t:
    hosts: [h.example.com]
    submit: {url: "https://h.example.com/${app}"}
    poll: {url: /status, status: s, success: [ok], failure: [bad]}
rollback_targets:
  - name: gw
    service: api-gateway
    environment: production
    steps: [{name: main, use: t, vars: {app: a}}]
`

func TestRollbackFaults(t *testing.T) {
	if _, err := load(t, faultBase); err != nil {
		t.Fatal(err)
	}
	const template, target, url, poll, steps = "    hosts: [h.example.com]\n", "    environment: production\n", "https://h.example.com/${app}", "    poll: {url: /status, status: s, success: [ok], failure: [bad]}\n", "[{name: main, use: t, vars: {app: a}}]"
	tests := map[string]struct{ was, is, want string }{
		"unknown variable":                                {url, url + "/${verzion}", `tocsin.yaml:5:19: rollback_templates.t.submit.url: unknown variable ${verzion}; did you mean "version"? (for step main of target gw)`},
		"unknown variable, nothing near":                  {url, url + "/${zzzzzzzzzz}", `tocsin.yaml:5:19: rollback_templates.t.submit.url: unknown variable ${zzzzzzzzzz}; use one of: app, from, reason, request_id, service, step, target, version, … (for step main of target gw)`},
		"unknown variable of one step":                    {steps, `[{name: main, use: t, vars: {app: a}}, {name: chat, use: t}]`, `tocsin.yaml:5:19: rollback_templates.t.submit.url: unknown variable ${app}; use one of: step, from, reason, target, service, version, request_id, version_id, … (for step chat of target gw)`},
		"unknown variable of a template that nobody uses": {"rollback_targets:", "  other: {hosts: [o.example.com], progress: none, submit: {url: 'https://o.example.com/${own}/${status:int}'}}\nrollback_targets:", `tocsin.yaml:7:65: rollback_templates.other.submit.url: :int and :bool are for the values of json`},
		"variable of later":                               {poll, "    versions: {url: '/v/${version_id}', id: id}\n" + poll, `tocsin.yaml:6:21: rollback_templates.t.versions.url: unknown variable ${version_id}; use one of: reason, request_id, service, environment, requested_by, step, target, app`},
		"not closed":                                      {url, "https://h.example.com/${app", `tocsin.yaml:5:19: rollback_templates.t.submit.url: "${app" is not closed; a variable is written ${name}, and ${ itself $${`},
		"no kind":                                         {url, "https://h.example.com/${app:float}", `tocsin.yaml:5:19: rollback_templates.t.submit.url: ${app:float}: the kinds are ${app:int} and ${app:bool}`},
		"kind in a URL":                                   {url, "https://h.example.com/${app:int}", `tocsin.yaml:5:19: rollback_templates.t.submit.url: :int and :bool are for the values of json`},
		"variable in a host":                              {url, "https://${app}.example.com/", `tocsin.yaml:5:19: rollback_templates.t.submit.url: "https://${app}.example.com/" has a variable in the host; a host is written out`},
		"variable for a host":                             {template, "    hosts: ['${app}']\n", `tocsin.yaml:4:13: rollback_templates.t.hosts[0]: "${app}": no variable may stand in a host; write the hosts out`},
		"host not listed":                                 {url, "https://evil.example.com/${app}", `tocsin.yaml:5:19: rollback_templates.t.submit.url: "https://evil.example.com/${app}": refused to connect to evil.example.com:443: host is not allowed; write it under hosts`},
		"port not listed":                                 {url, "https://h.example.com:8443/${app}", `tocsin.yaml:5:19: rollback_templates.t.submit.url: "https://h.example.com:8443/${app}": refused to connect to h.example.com:8443: port is not allowed; write it under hosts`},
		"plain http":                                      {url, "http://h.example.com/${app}", `tocsin.yaml:5:19: rollback_templates.t.submit.url: "http://h.example.com/${app}": plain http to a public host; use https, or list the private range that the host is in under allow_cidrs`},
		"no host":                                         {template, "", `tocsin.yaml:4:5: rollback_templates.t.hosts: no hosts; a client may only reach hosts that are named`},
		"host with a path":                                {template, "    hosts: ['h.example.com/x']\n", `tocsin.yaml:4:13: rollback_templates.t.hosts[0]: "h.example.com/x" is no host; write HOST or HOST:PORT`},
		"two bodies":                                      {`${app}"}`, `${app}", json: {a: 1}, form: {a: "1"}}`, `tocsin.yaml:5:71: rollback_templates.t.submit.form: there is json as well; a request has one body`},
		"JSON as text":                                    {`${app}"}`, `${app}", json: "{}"}`, `tocsin.yaml:5:57: rollback_templates.t.submit.json is "{}"; it must be a group of keys or a list`},
		"JSON number":                                     {`${app}"}`, `${app}", json: {a: .nan}}`, `tocsin.yaml:5:61: rollback_templates.t.submit.json.a is ".nan", which is no number in JSON; write it in quotes if it is a text`},
		"variable as a key":                               {`${app}"}`, `${app}", json: {"${app}": 1}}`, `tocsin.yaml:5:58: rollback_templates.t.submit.json: "${app}" is a key, and variables are filled in in values only`},
		"not a number":                                    {`${app}"}`, `${app}", json: {a: "${app:int}"}}`, `tocsin.yaml:5:61: rollback_templates.t.submit.json.a: the variable app is "a", and the request wants a whole number (for step main of target gw)`},
		"method":                                          {`${app}"}`, `${app}", method: GET}`, `tocsin.yaml:5:59: rollback_templates.t.submit.method: "GET" is not known; use one of: PUT, POST, PATCH, DELETE`},
		"status":                                          {`${app}"}`, `${app}", ok: [404]}`, `tocsin.yaml:5:56: rollback_templates.t.submit.ok[0] is "404"; it must be a status from 200 to 299`},
		"idempotency":                                     {`${app}"}`, `${app}", idempotency: header}`, `tocsin.yaml:5:64: rollback_templates.t.submit.idempotency: "header" is not known; use one of: none, header:NAME, key_in_body`},
		"no key in the body":                              {`${app}"}`, `${app}", idempotency: key_in_body, json: {a: "${app}"}}`, `tocsin.yaml:5:64: rollback_templates.t.submit.idempotency: key_in_body says that ${request_id} is in json or form, and it is not`},
		"extract":                                         {`${app}"}`, `${app}", extract: {link: metadata.link}}`, `tocsin.yaml:5:67: rollback_templates.t.submit.extract.link: "metadata.link" says not where it is; write json:PATH or header:NAME, with ? at the end if it may be missing`},
		"extract hides":                                   {`${app}"}`, `${app}", extract: {version: "json:v"}}`, `tocsin.yaml:5:70: rollback_templates.t.submit.extract.version: version is a variable that every request has already; choose another name`},
		"header":                                          {`${app}"}`, `${app}", headers: {Host: x}}`, `tocsin.yaml:5:67: rollback_templates.t.submit.headers.Host: Host belongs to the connection and cannot be set`},
		"header of all":                                   {template, template + "    headers: {Accept: '${app}'}\n", `tocsin.yaml:5:23: rollback_templates.t.headers.Accept is "${app}"; variables are filled in in submit.headers only`},
		"nothing to send":                                 {`    submit: {url: "https://h.example.com/${app}"}` + "\n", "", `tocsin.yaml:4:5: rollback_templates.t.submit.url is missing`},
		"nothing to send to":                              {`url: "https://h.example.com/${app}"`, "", `tocsin.yaml:5:13: rollback_templates.t.submit.url is missing`},
		"no way to see the result":                        {poll, "", `tocsin.yaml:4:5: rollback_templates.t.poll is missing; if the result cannot be seen, write progress: none`},
		"both ways to see":                                {template, template + "    progress: none\n", `tocsin.yaml:7:11: rollback_templates.t.poll: there is one, and progress: none says that there is nothing to ask`},
		"callback alone":                                  {poll, "    callback: {enabled: true}\n", "tocsin.yaml:4:5: rollback_templates.t.poll is missing; if the result cannot be seen, write progress: none\ntocsin.yaml:6:15: rollback_templates.t.callback: calls of a deploy system are not heard by this version; write poll, which asks it"},
		"no states":                                       {"success: [ok], failure: [bad]", "message: m", `tocsin.yaml:6:11: rollback_templates.t.poll[0].success is missing: the states that mean it is done`},
		"state twice":                                     {"failure: [bad]", "failure: [ok]", `tocsin.yaml:6:46: rollback_templates.t.poll[0].success: "ok" is under failure already`},
		"state is a list":                                 {"failure: [bad]", "failure: [[bad]]", `tocsin.yaml:6:62: rollback_templates.t.poll.failure[0] is a list; it must be a text or a number`},
		"one state":                                       {"success: [ok]", "success: ok", `tocsin.yaml:6:46: rollback_templates.t.poll.success is "ok"; it must be a list`},
		"guard":                                           {"status: s", "status: s, guard: {path: at, not_before: now}", `tocsin.yaml:6:67: rollback_templates.t.poll.guard.not_before: "now" is not known; use one of: submitted_at`},
		"blocked":                                         {"status: s", "status: s, blocked: {path: held}", `tocsin.yaml:6:46: rollback_templates.t.poll.blocked has no equals`},
		"typo in a poll":                                  {"status: s", "statsu: s", "tocsin.yaml:6:26: unknown key \"statsu\" in rollback_templates.t.poll; did you mean \"status\"?\ntocsin.yaml:6:46: rollback_templates.t.poll[0].success names states, and status does not say where a state is\ntocsin.yaml:6:61: rollback_templates.t.poll[0].failure names states, and status does not say where a state is"},
		"find without request":                            {template, template + "    find: {url: /find, match: text, equals: '${app}'}\n", `tocsin.yaml:5:45: rollback_templates.t.find.equals must hold ${request_id}; anything else may be another request`},
		"secret kind":                                     {template, template + "    auth: {kind: bearer}\n", `tocsin.yaml:5:11: rollback_templates.t.auth has no secret_ref`},
		"secret itself":                                   {template, template + "    auth: {kind: bearer, secret_ref: hunter2hunter2hunter2}\n", `tocsin.yaml:5:38: rollback_templates.t.auth.secret_ref holds a value (not shown); secrets never stand in this file, write env:NAME or file:PATH`},
		"secret in a URL":                                 {url, url + "?token=0123456789abcdef0123&v=${version}", `tocsin.yaml:5:19: this looks like a secret (not shown); secrets never stand in this file, write env:NAME or file:PATH where a reference is taken, or use the environment`},
		"secret for nothing":                              {template, template + "    auth: {secret_ref: env:T}\n", `tocsin.yaml:5:12: rollback_templates.t.auth: the kind none has no secret_ref`},
		"header without a name":                           {template, template + "    auth: {kind: header, secret_ref: env:T}\n", `tocsin.yaml:5:11: rollback_templates.t.auth has no name`},
		"GitHub App":                                      {template, template + "    auth: {kind: github_app}\n", `tocsin.yaml:5:18: rollback_templates.t.auth.kind: github_app is not in this version; use bearer and the token of a GitHub account that may do this alone`},
		"form auth for JSON":                              {`${app}"}`, `${app}", json: {a: 1}}` + "\n    auth: {kind: form, name: token, secret_ref: env:T}", `tocsin.yaml:6:18: rollback_templates.t.auth.kind: form is for what is submitted as a form; submit has json`},
		"proxy":                                           {template, template + "    proxy: ftp://proxy.internal\n", `tocsin.yaml:5:12: rollback_templates.t.proxy: "ftp://proxy.internal" is no proxy; write it as http://HOST:PORT, https://HOST:PORT or socks5://HOST:PORT`},
		"proxy with a password":                           {template, template + "    proxy: http://me:hunter2@proxy.internal:3128\n", `tocsin.yaml:5:12: this looks like a secret (not shown); secrets never stand in this file, write env:NAME or file:PATH where a reference is taken, or use the environment`},
		"timeout":                                         {template, template + "    timeout: 2bd\n", `tocsin.yaml:5:14: rollback_templates.t.timeout is "2bd"; business days have no fixed length, use hours or days`},
		"timeout of none":                                 {template, template + "    timeout: 0s\n", `tocsin.yaml:5:14: rollback_templates.t.timeout is "0s"; it must be between 1s and 1d`},
		"every":                                           {template, template + "    every: {first: 2h}\n", `tocsin.yaml:5:20: rollback_templates.t.every.first is "2h"; it must be between 1s and 1h`},
		"loopback":                                        {template, "    hosts: [h.example.com, '127.0.0.1:8080']\n", `tocsin.yaml:4:28: rollback_templates.t.hosts[1]: "127.0.0.1:8080" is loopback; list its range in the template's allow_cidrs, and set TOCSIN_ALLOW_LOOPBACK=1`},
		"loopback by name":                                {template, "    hosts: [h.example.com, 'localhost:8080']\n", `tocsin.yaml:4:28: rollback_templates.t.hosts[1]: "localhost:8080" is loopback; list its range in the template's allow_cidrs, and set TOCSIN_ALLOW_LOOPBACK=1`},
		"private":                                         {template, "    hosts: [h.example.com, 10.1.2.3]\n    allow_cidrs: [10.2.0.0/16]\n", `tocsin.yaml:4:28: rollback_templates.t.hosts[1]: "10.1.2.3" is a private address; list its range in the template's allow_cidrs`},
		"metadata":                                        {template, "    hosts: [h.example.com, 169.254.169.254]\n    allow_cidrs: [169.254.0.0/16]\n", `tocsin.yaml:4:28: rollback_templates.t.hosts[1]: "169.254.169.254" is an address that no configuration opens: metadata, link-local, multicast or reserved`},
		"no step":                                         {steps, "[]", `tocsin.yaml:11:12: rollback_targets[0].steps is empty; there must be at least one`},
		"step twice":                                      {steps, `[{name: main, use: t, vars: {app: a}}, {name: Main, use: t, vars: {app: a}}]`, `tocsin.yaml:11:51: rollback_targets[0].steps[1]: the name "Main" is taken already, on line 11`},
		"first is parallel":                               {"use: t, vars", "use: t, start: parallel, vars", `tocsin.yaml:11:13: rollback_targets[0].steps[0]: the first step has none before it to start with; only later ones can be parallel`},
		"template":                                        {"use: t,", "use: tt,", `tocsin.yaml:11:31: rollback_targets[0].steps[0].use: there is no rollback template "tt"; did you mean "t"?`},
		"variable hides":                                  {"vars: {app: a}", "vars: {app: a, version: b}", `tocsin.yaml:11:49: rollback_targets[0].steps[0].vars: "version" is always there and cannot be set; choose another name`},
		"variable's name":                                 {"vars: {app: a}", "vars: {app: a, the-app: b}", `tocsin.yaml:11:49: rollback_targets[0].steps[0].vars: "the-app" is no name of a variable; use letters, digits and _`},
		"variable in a variable":                          {"vars: {app: a}", "vars: {app: '${version}'}", `tocsin.yaml:11:46: rollback_targets[0].steps[0].vars.app is "${version}"; a variable's value is text, in which no other is filled in`},
		"target twice":                                    {"rollback_targets:\n", "rollback_targets:\n  - {name: GW, service: api-gateway, environment: production, steps: [{name: main, use: t, vars: {app: a}}]}\n", `tocsin.yaml:9:5: rollback_targets[1]: the name "gw" is taken already, on line 8`},
		"two locks":                                       {"rollback_targets:\n", "rollback_targets:\n  - {name: other, service: api-gateway, environment: production, steps: [{name: main, use: t, vars: {app: a}}], lock: {key: mine}}\n", `tocsin.yaml:9:5: rollback_targets[1]: its lock is "api-gateway/production", and that of "other" on line 8, which has the same service and environment, is "mine"; give both the same lock.key`},
		"cooldown":                                        {target, target + "    lock: {cooldown: soon}\n", `tocsin.yaml:11:22: rollback_targets[0].lock.cooldown is "soon"; it must be a length of time such as 30m, 4h, 15d or 5bd`},
		"approval of a week":                              {target, target + "    approval: {expires: 1w}\n", `tocsin.yaml:11:25: rollback_targets[0].approval.expires is "1w"; it must be between 1m and 1d`},
		"approval mode":                                   {target, target + "    approval: {mode: second}\n", `tocsin.yaml:11:22: rollback_targets[0].approval.mode: "second" is not known; use one of: none, second_person`},
		"health check, relative":                          {target, target + "    verify: [{url: /healthz}]\n", `tocsin.yaml:11:20: rollback_targets[0].verify[0].url: "/healthz" has no host; write https://…`},
		"health check, no URL":                            {target, target + "    verify: [{expect: 200}]\n", `tocsin.yaml:11:14: rollback_targets[0].verify[0] has no url`},
		"health check, plain":                             {target, target + "    verify: [{url: 'http://gw/healthz'}]\n", `tocsin.yaml:11:20: rollback_targets[0].verify[0].url: "http://gw/healthz": plain http to a public host; use https, or list the private range that the host is in under allow_cidrs`},
		"health check, host":                              {target, target + "    verify: [{url: 'https://${app}/healthz'}]\n", `tocsin.yaml:11:20: rollback_targets[0].verify[0].url: "https://${app}/healthz" has a variable in the host; a host is written out`},
		"health check, loopback":                          {target, target + "    verify: [{url: 'https://127.0.0.1/healthz'}]\n", `tocsin.yaml:11:20: rollback_targets[0].verify[0].url: "https://127.0.0.1/healthz": refused to connect to 127.0.0.1: loopback address is not allowed`},
		"health check, unknown":                           {target, target + "    verify: [{url: 'https://gw/${vershion}'}]\n", `tocsin.yaml:11:20: rollback_targets[0].verify[0].url: unknown variable ${vershion}; did you mean "version"? (for step main of target gw)`},
		"health check, half":                              {target, target + "    verify: [{url: 'https://gw/', json: {path: version}}]\n", `tocsin.yaml:11:41: rollback_targets[0].verify[0].json has no equals`},
		"health check, too short":                         {target, target + "    verify: [{url: 'https://gw/', for: 5m, timeout: 1m}]\n", `tocsin.yaml:11:53: rollback_targets[0].verify[0].timeout is shorter than for: it could never hold that long`},
		"health check, status":                            {target, target + "    verify: [{url: 'https://gw/', expect: ok}]\n", `tocsin.yaml:11:43: rollback_targets[0].verify[0].expect is "ok"; it must be a status from 100 to 599`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := load(t, strings.Replace(faultBase, tt.was, tt.is, 1))
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

// TestRollbackFaultsAtOnce: each is told where it is, and once, though two steps
// use the template.
func TestRollbackFaultsAtOnce(t *testing.T) {
	_, err := load(t, `services: [{id: api-gateway}]
rollback_templates:
  t:
    hosts: [h.example.com]
    submit: {url: "https://h.example.com/${app}/${cluster}", json: {to: "${verzion}", by: "${reqested_by}"}}
    poll: {url: /status, status: s, success: [ok], failure: [bad]}
    every: {first: now}
rollback_targets:
  - name: gw
    service: api-gatway
    environment: production
    steps:
      - {name: main, use: t, vars: {app: a, cluster: one}}
      - {name: chat, use: t, vars: {app: b}}
      - {name: kb, use: u}
`)
	want := `tocsin.yaml:5:19: rollback_templates.t.submit.url: unknown variable ${cluster}; use one of: step, reason, target, version, app, from, request_id, service, … (for step chat of target gw)
tocsin.yaml:5:73: rollback_templates.t.submit.json.to: unknown variable ${verzion}; did you mean "version"? (for step main of target gw, step chat of target gw)
tocsin.yaml:5:91: rollback_templates.t.submit.json.by: unknown variable ${reqested_by}; did you mean "requested_by"? (for step main of target gw, step chat of target gw)
tocsin.yaml:7:20: rollback_templates.t.every.first is "now"; it must be a length of time such as 30m, 4h, 15d or 5bd
tocsin.yaml:10:14: rollback_targets[0].service: there is no service "api-gatway"; did you mean "api-gateway"?
tocsin.yaml:15:25: rollback_targets[0].steps[2].use: there is no rollback template "u"; did you mean "t"?`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

// TestLoopbackNeedsTheOperator: the range in the file does not open it alone.
func TestLoopbackNeedsTheOperator(t *testing.T) {
	const text = `services: [{id: a}]
rollback_templates:
  t: {hosts: ["localhost:9000", "[::1]:9000"], allow_cidrs: [127.0.0.0/8, "::1/128"], progress: none, submit: {url: "http://localhost:9000/x"}}
rollback_targets:
  - {name: x, service: a, environment: p, steps: [{name: m, use: t}], verify: [{url: "http://127.0.0.1:9001/"}]}
`
	environ := []string{"SLACK_BOT_TOKEN=xoxb-0123456789abcdef", "SLACK_SIGNING_SECRET=0123456789abcdef"}
	want := []string{
		`tocsin.yaml:3:15: rollback_templates.t.hosts[0]: "localhost:9000" is loopback, which is for development; set TOCSIN_ALLOW_LOOPBACK=1 to allow it`,
		`tocsin.yaml:3:33: rollback_templates.t.hosts[1]: "[::1]:9000" is loopback, which is for development; set TOCSIN_ALLOW_LOOPBACK=1 to allow it`,
		`tocsin.yaml:5:86: rollback_targets[0].verify[0].url: "127.0.0.1:9001" is loopback, which is for development; set TOCSIN_ALLOW_LOOPBACK=1 to allow it`,
	}
	var got []string
	for _, f := range mustLoad(t, text, environ...).CheckServe() {
		got = append(got, f.String())
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if faults := mustLoad(t, text, append(environ, "TOCSIN_ALLOW_LOOPBACK=1")...).CheckServe(); len(faults) > 0 {
		t.Errorf("allowed, and yet: %v", faults)
	}
}

// TestSigningSecretsHaveTheirForm: the start says so, and not the first request.
func TestSigningSecretsHaveTheirForm(t *testing.T) {
	const text = "deploys: {generic: {secret: env:NOTICES}}\n" + genericConfig
	const plain, good = "a-secret-without-its-form", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	c := mustLoad(t, text, "NOTICES="+plain, "DEPLOYER_SECRET="+plain)
	said := c.CheckServe().Error()
	for _, what := range []string{"env:NOTICES: deploys.generic.secret", "env:DEPLOYER_SECRET: rollback_templates.deployer.auth.secret_ref"} {
		if !strings.Contains(said, what+" refers to it: it is no secret of Standard Webhooks") {
			t.Errorf("%s: %s", what, said)
		}
	}
	if strings.Contains(said, plain) || !slices.Contains(c.Secrets(), plain) || len(c.DeploySecrets()) != 0 {
		t.Errorf("a secret shows, or is used: %s", said)
	}
	c = mustLoad(t, text, "NOTICES="+good, "DEPLOYER_SECRET="+good)
	if got := c.DeploySecrets(); len(got) != 1 || got["generic"] != good {
		t.Errorf("got %d secrets of deploy notices", len(got))
	}
	if full, err := c.DeployTemplates(); err != nil || full["deployer"].Auth.Secret != good {
		t.Errorf("the template has not got its secret: %v", err)
	}
}

// TestBasicSecretIsMasked: in a header the password stands behind the name, in
// Base64.
func TestBasicSecretIsMasked(t *testing.T) {
	text := strings.Replace(faultBase, "    hosts:", "    auth: {kind: basic, user: me, secret_ref: env:PASSWORD}\n    hosts:", 1)
	c := mustLoad(t, text, "PASSWORD=0123456789abcdef")
	if !slices.Contains(c.Secrets(), "bWU6MDEyMzQ1Njc4OWFiY2RlZg==") {
		t.Error("the header would show in the log")
	}
}

func TestRootMayApproveWhereConfigured(t *testing.T) {
	if c := mustLoad(t, faultBase); c.Settings.RootApproves {
		t.Error("the root token approves without having been allowed to")
	}
	if c := mustLoad(t, faultBase+"api: {approve: always}\n"); !c.Settings.RootApproves {
		t.Error("api.approve is not handed on")
	}
}
