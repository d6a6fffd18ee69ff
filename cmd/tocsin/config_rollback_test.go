package main

import (
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/deploy"
)

// argoConfig rolls a gateway back through Argo CD. It has every key that the
// language has, also those that this version does not use.
const argoConfig = `services: [{id: api-gateway}]
rollback_templates:
  argocd:
    auth: {kind: bearer, secret_ref: env:ARGOCD_TOKEN}
    hosts: ["argocd.internal:443"]
    allow_cidrs: ["10.20.0.0/16"]
    versions: {url: "/api/v1/applications/${app}", items: "status.history", id: id, label: revision, at: deployedAt, current: last}
    submit:
      method: POST
      url: "https://argocd.internal/api/v1/applications/${app}/rollback"
      json: {name: "${app}", id: "${version_id:int}", prune: false}
      ok: [200]
      idempotency: none
      extract: {link: "json:metadata.selfLink?"}
    find: null
    poll:
      - url: "https://argocd.internal/api/v1/applications/${app}?refresh=normal"
        guard: {path: status.operationState.startedAt, not_before: submitted_at}
        status: status.operationState.phase
        success: [Succeeded]
        failure: [Failed, Error]
        blocked: []
        message: status.operationState.message
    every: {first: 2s, then: 15s, after: 1m}
    timeout: 60m
    callback: {enabled: false}
    cancel: {method: DELETE, url: "https://argocd.internal/api/v1/applications/${app}/operation"}
    dry_run: {set: {json.dryRun: true}}
rollback_targets:
  - name: gateway-prod
    service: api-gateway
    environment: production
    steps:
      - {name: main, use: argocd, vars: {app: gateway}}
      - {name: chat, use: argocd, vars: {app: gateway-chat}, start: parallel}
    on_step_failure: stop
    hold: {before: [], note: "auto-sync is off; release after the revert is merged"}
    verify: [{url: "https://gw/healthz", expect: 200, json: {path: version, equals: "${version}"}, for: 2m, timeout: 10m}]
    who: {groups: [S0ONCALL, S0SRE]}
    approval: {mode: second_person, groups: [S0SRE], expires: 10m, break_glass: [S0IC]}
    lock: {key: "api-gateway/production", lease: 30m, cooldown: 5m, ignore_freeze: true}
`

// genericConfig speaks to a deploy system of one's own, and uses what the
// example of Argo CD does not.
const genericConfig = `services: [{id: shop}]
rollback_templates:
  deployer:
    auth: {kind: hmac, secret_ref: env:DEPLOYER_SECRET}
    hosts: [deploy.example.com]
    proxy: http://proxy.internal:3128
    submit:
      method: PUT
      url: https://deploy.example.com/v1/releases
      headers: {X-Reason: "${reason}"}
      form: {to: "${version}", by: "${requested_by}", key: "${request_id}"}
      ok: [200, 202]
      idempotency: key_in_body
      extract: {queue: "header:Location", number: "json:data.number"}
    find: {url: "/v1/releases?service=${service}", items: releases, match: note, extract: {queue: "json:queue", number: "json:number"}}
    poll:
      - {url: "${queue}", extract: {run: "json:run"}}
      - {url: "/v1/releases/${number}", status: done, success: [true], failure: [false], blocked: {path: waiting, equals: true}}
    callback: {enabled: true, verify: hmac-hex, secret_ref: env:CALLBACK_SECRET, match: id, status: state, success: [ok], failure: [bad]}
rollback_targets:
  - name: shop
    service: shop
    environment: production
    steps: [{name: all, use: deployer}]
    on_step_failure: continue
    hold: {before: [{url: "https://deploy.example.com/hold"}]}
    approval: {mode: none}
    lock: {ignore_freeze: false}
`

func TestArgoExample(t *testing.T) {
	const secret = "argocd-token-of-the-example"
	c := mustLoad(t, argoConfig, "ARGOCD_TOKEN="+secret, "SLACK_BOT_TOKEN=xoxb-0123456789abcdef", "SLACK_SIGNING_SECRET=0123456789abcdef")
	if faults := c.CheckServe(); len(faults) > 0 {
		t.Error(faults)
	}
	target, tpl := c.Settings.Targets[0], c.Rollback.Templates["argocd"]
	carry, poll := c.Rollback.Targets["gateway-prod"], tpl.Poll[0]
	verify := carry.Verify[0]
	ranges := []netip.Prefix{netip.MustParsePrefix("10.20.0.0/16")}
	json, _ := tpl.Submit.JSON.(map[string]any)
	id, _ := json["id"].(deploy.Pattern)
	checks := map[string]bool{
		"target": target.Name == "gateway-prod" && target.Service == "api-gateway" && target.Environment == "production" && !target.GoOn &&
			target.Note == "auto-sync is off; release after the revert is merged" && len(target.Digest) == 64,
		"steps": slices.Equal(target.Steps, []bot.TargetStep{{Name: "main"}, {Name: "chat", Parallel: true}}),
		"who":   slices.Equal(target.Who, []bot.GroupID{"S0ONCALL", "S0SRE"}),
		"approval": !target.Approval.Alone && slices.Equal(target.Approval.Groups, []bot.GroupID{"S0SRE"}) &&
			target.Approval.Expires == 10*time.Minute,
		"lock":          target.LockKey == "api-gateway/production" && target.Cooldown == 5*time.Minute,
		"use":           carry.Name == "gateway-prod" && carry.Steps["chat"].Use == "argocd" && carry.Steps["chat"].Vars["app"] == "gateway-chat",
		"verify":        verify.URL.String() == "https://gw/healthz" && verify.Status == 200 && verify.Path == "version" && verify.Equals.String() == "${version}" && verify.For == 2*time.Minute && verify.Timeout == 10*time.Minute,
		"verify, where": slices.Equal(verify.Hosts, []string{"gw:443"}) && slices.Equal(verify.CIDRs, ranges),
		"template":      tpl.Name == "argocd" && slices.Equal(tpl.Hosts, []string{"argocd.internal:443"}) && slices.Equal(tpl.AllowCIDRs, ranges) && tpl.Timeout == time.Hour && !tpl.Blind && tpl.Find == nil && tpl.Proxy == nil,
		"auth":          tpl.Auth == deploy.Auth{Kind: deploy.AuthBearer},
		"every":         tpl.Every == deploy.Every{First: 2 * time.Second, Then: 15 * time.Second, After: time.Minute},
		"versions":      tpl.Versions.URL.String() == "/api/v1/applications/${app}" && tpl.Versions.Items == "status.history" && tpl.Versions.ID == "id" && tpl.Versions.Label == "revision" && tpl.Versions.At == "deployedAt" && tpl.Versions.Current == "last",
		"submit":        tpl.Submit.Method == http.MethodPost && tpl.Submit.URL.String() == "https://argocd.internal/api/v1/applications/${app}/rollback" && slices.Equal(tpl.Submit.OK, []int{200}) && tpl.Submit.IdempotencyHeader == "",
		"json":          id.String() == "${version_id:int}" && json["prune"] == false && tpl.Submit.Form == nil,
		"extract":       tpl.Submit.Extract["link"] == deploy.Extract{JSON: "metadata.selfLink", Optional: true},
		"poll":          poll.Guard == "status.operationState.startedAt" && poll.Status == "status.operationState.phase" && poll.Message == "status.operationState.message" && slices.Equal(poll.Success, []string{"Succeeded"}) && slices.Equal(poll.Failure, []string{"Failed", "Error"}) && len(poll.Blocked) == 0,
	}
	for part, ok := range checks {
		if !ok {
			t.Errorf("%s was not read: %+v\n%+v\n%+v", part, target, carry, tpl)
		}
	}
	full, err := c.DeployTemplates()
	if err != nil || full["argocd"].Auth.Secret != secret || tpl.Auth.Secret != "" {
		t.Errorf("the secret belongs into the copy: %+v %+v, error %v", full["argocd"].Auth, tpl.Auth, err)
	}
	if !slices.Contains(c.Secrets(), secret) {
		t.Error("the token would show in the log")
	}
}

func TestGenericExample(t *testing.T) {
	c := mustLoad(t, genericConfig)
	target, tpl := c.Settings.Targets[0], c.Rollback.Templates["deployer"]
	checks := map[string]bool{
		"defaults": target.LockKey == "shop/production" && target.Cooldown == 0 && target.Approval.Expires == 0,
		"target":   target.GoOn && target.Approval.Alone,
		"submit":   tpl.Submit.Method == http.MethodPut && tpl.Submit.JSON == nil && tpl.Submit.Form["to"].String() == "${version}" && tpl.Submit.Headers["X-Reason"].String() == "${reason}",
		"extract":  tpl.Submit.Extract["queue"] == deploy.Extract{Header: "Location"} && tpl.Submit.Extract["number"] == deploy.Extract{JSON: "data.number"},
		"find":     tpl.Find.Items == "releases" && tpl.Find.Match == "note" && tpl.Find.Equals.String() == "${request_id}" && tpl.Find.Extract["number"].JSON == "number",
		"polls":    len(tpl.Poll) == 2 && tpl.Poll[0].Extract["run"].JSON == "run" && slices.Equal(tpl.Poll[1].Success, []string{"true"}),
		"blocked":  tpl.Poll[1].BlockedPath == "waiting" && tpl.Poll[1].BlockedEquals == "true",
		"proxy":    tpl.Proxy.String() == "http://proxy.internal:3128",
	}
	for part, ok := range checks {
		if !ok {
			t.Errorf("%s was not read: %+v\n%+v", part, target, tpl)
		}
	}
	if got := c.CheckServe(); strings.Contains(got.Error(), "CALLBACK_SECRET") || !strings.Contains(got.Error(), "env:DEPLOYER_SECRET: rollback_templates.deployer.auth.secret_ref refers to it: the variable DEPLOYER_SECRET is not set") {
		t.Errorf("one secret is needed and one is not: %v", got)
	}
	if _, err := c.DeployTemplates(); err == nil {
		t.Error("templates without their secret were handed out")
	}
}

// TestUnusedKeysAreSaid: what has no effect must not be taken for having one.
func TestUnusedKeysAreSaid(t *testing.T) {
	for text, want := range map[string][]string{
		argoConfig: {
			"tocsin.yaml:27:13: rollback_templates.argocd.cancel is not used by this version",
			"tocsin.yaml:28:14: rollback_templates.argocd.dry_run is not used by this version",
			"tocsin.yaml:40:81: rollback_targets[0].approval.break_glass is not used by this version",
		},
		genericConfig: {
			"tocsin.yaml:19:15: rollback_templates.deployer.callback is not used by this version",
			"tocsin.yaml:26:20: rollback_targets[0].hold.before is not used by this version",
			"tocsin.yaml:28:27: rollback_targets[0].lock.ignore_freeze: false is not used by this version; a freeze never holds up a rollback",
		},
	} {
		if c := mustLoad(t, text); !slices.Equal(c.Warnings, want) {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(c.Warnings, "\n"), strings.Join(want, "\n"))
		}
	}
}

func digestOf(t *testing.T, text string) string {
	t.Helper()
	return mustLoad(t, text).Settings.Targets[0].Digest
}

// TestDigest: what an approval is bound to changes with the target and its
// templates, and with nothing else.
func TestDigest(t *testing.T) {
	was := digestOf(t, argoConfig)
	edit := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(argoConfig) }
	same := map[string]string{
		"comment":        edit("  argocd:", "  argocd: # ours"),
		"order of keys":  edit("expect: 200, json: {path: version, equals: \"${version}\"}", "json: {equals: \"${version}\", path: version}, expect: 200"),
		"quotes":         edit(`"status.history"`, "status.history", "name: gateway-prod", `name: "gateway-prod"`),
		"default":        edit("    on_step_failure: stop\n", "", "expires: 10m, ", ""),
		"nothing":        edit("    find: null\n", ""),
		"other template": edit("rollback_targets:", "  other: {hosts: [h], progress: none, submit: {url: 'https://h/'}}\nrollback_targets:"),
		"elsewhere":      "organisation: Kustomer\n" + argoConfig,
		"printed":        printed(t, argoConfig),
	}
	for name, text := range same {
		if digestOf(t, text) != was {
			t.Errorf("%s: another digest", name)
		}
	}
	other := map[string]string{
		"target":         edit("cooldown: 5m", "cooldown: 6m"),
		"step":           edit("app: gateway}", "app: gateway2}"),
		"order of steps": edit("name: main", "name: chat", "name: chat", "name: main"),
		"template":       edit("prune: false", "prune: true"),
		"type":           edit("prune: false", `prune: "false"`),
		"reference":      edit("env:ARGOCD_TOKEN", "env:ARGOCD_TOKEN2"),
		"health check":   edit("for: 2m", "for: 1m"),
	}
	for name, text := range other {
		if digestOf(t, text) == was {
			t.Errorf("%s: the same digest", name)
		}
	}
}

func printed(t *testing.T, text string) string {
	t.Helper()
	out, err := mustLoad(t, text).YAML()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestRollbacksPrintAndReadBack(t *testing.T) {
	for name, text := range map[string]string{"argo": argoConfig, "generic": genericConfig} {
		first := printed(t, text)
		if second := printed(t, first); second != first {
			t.Errorf("%s: printed\n%s\nread back as\n%s", name, first, second)
		}
	}
	for _, want := range []string{"timeout: 1h", "lock: {ignore_freeze: false, key: shop/production, cooldown: 0s}", "approval: {mode: none, expires: 10m}", "start: after_verified"} {
		if got := printed(t, genericConfig); !strings.Contains(got, want) {
			t.Errorf("the default %q is not printed:\n%s", want, got)
		}
	}
}

// TestReadmeExampleLoads keeps the README's example of a template true.
func TestReadmeExampleLoads(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, found := strings.Cut(string(readme), "```yaml\n")
	text, _, closed := strings.Cut(text, "```")
	if !found || !closed {
		t.Fatal("README.md has no example in YAML")
	}
	file := filepath.Join(t.TempDir(), "tocsin.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := loadConfig(overrides{config: &file}, []string{
		"SLACK_BOT_TOKEN=" + testBotToken, "SLACK_SIGNING_SECRET=" + testSecret, "DEPLOY_TOKEN=" + testDeploy,
	})
	if err != nil {
		t.Fatal(err)
	}
	if faults := c.CheckServe(); len(faults) > 0 || len(c.Settings.Targets) != 1 || len(c.Settings.Targets[0].Steps) != 2 {
		t.Errorf("faults %v, targets %+v", faults, c.Settings.Targets)
	}
}
