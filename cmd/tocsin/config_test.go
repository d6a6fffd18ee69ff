package main

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// load reads text as tocsin.yaml, with environ.
func load(t *testing.T, text string, environ ...string) (*Config, error) {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := os.WriteFile("tocsin.yaml", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return loadConfig(overrides{}, environ)
}

func mustLoad(t *testing.T, text string, environ ...string) *Config {
	t.Helper()
	c, err := load(t, text, environ...)
	if err != nil {
		t.Fatalf("refused:\n%v", err)
	}
	return c
}

func TestThreeFaultsAreReportedAtOnce(t *testing.T) {
	_, err := load(t, `organisation: Kustomer
severites:
  - {id: sev1, name: Critical}
default_severity: sev9
components: [{id: api}, {id: chat}]
services:
  - {id: gateway, components: [api, chta]}
`)
	want := `tocsin.yaml:2:1: unknown key "severites"; did you mean "severities"?
tocsin.yaml:4:19: default_severity: there is no severity "sev9"; did you mean "sev1"?
tocsin.yaml:7:37: services[0].components[1]: there is no component "chta"; did you mean "chat"?`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

// TestFaults has one fault of each kind and what it is answered with.
func TestFaults(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"unknown key in a group":    {"slack: {comand: /x}", `tocsin.yaml:1:9: unknown key "comand" in slack; did you mean "command"?`},
		"unknown key, nothing near": {"api: {zzz: 1}", `tocsin.yaml:1:7: unknown key "zzz" in api; use one of: approve`},
		"key twice":                 {"people: {}\npeople: {}", `tocsin.yaml:2:1: the key "people" is here twice; the first is on line 1`},
		"not YAML":                  {"a: [b\n", `tocsin.yaml:1: this is not YAML: did not find expected ',' or ']'`},
		"not a mapping":             {"- a", `tocsin.yaml:1:1: the file is a list; it must be a group of keys`},
		"two documents":             {"organisation: A\n---\norganisation: B\n", `tocsin.yaml:2: a second YAML document begins; the configuration is one document, so remove the line ---`},
		"alias":                     {"organisation: &a X\ntimezone: UTC", `tocsin.yaml:1:15: anchors and aliases (& and *) are not read here; write the value out`},
		"number for a name":         {"organisation: 42", `tocsin.yaml:1:15: organisation is "42"; it must be a name (in quotes, if this is one)`},
		"list for a name":           {"organisation: [a]", `tocsin.yaml:1:15: organisation is a list; it must be a name`},
		"text for a list":           {"severities: sev1", `tocsin.yaml:1:13: severities is "sev1"; it must be a list`},
		"text for a group":          {"slack: x", `tocsin.yaml:1:8: slack is "x"; it must be a group of keys`},
		"yes for true":              {"severities: [{id: sev2, page: yes}]", `tocsin.yaml:1:31: severities[0].page is "yes"; it must be true or false`},
		"zone, typo":                {"timezone: America/New_Yrok", `tocsin.yaml:1:11: timezone: there is no time zone "America/New_Yrok"; did you mean "America/New_York"?`},
		"zone, city alone":          {"timezone: new york", `tocsin.yaml:1:11: timezone: there is no time zone "new york"; did you mean "America/New_York"?`},
		"zone, none":                {"timezone: Zzz", `tocsin.yaml:1:11: timezone: there is no time zone "Zzz"; use an IANA name such as UTC, America/New_York or Europe/Berlin`},
		"zone of this machine":      {"timezone: Local", `tocsin.yaml:1:11: timezone: there is no time zone "Local"; use an IANA name such as UTC, America/New_York or Europe/Berlin`},
		"impact":                    {"severities: [{id: sev2, impact: critcal}]", `tocsin.yaml:1:33: severities[0].impact: "critcal" is not known; did you mean "critical"?`},
		"duration":                  {"severities: [{id: sev2, update_every: soon}]", `tocsin.yaml:1:39: severities[0].update_every is "soon"; it must be a length of time such as 30m, 4h, 15d or 5bd`},
		"duration in business days": {"severities: [{id: sev2, update_every: 2bd}]", `tocsin.yaml:1:39: severities[0].update_every is "2bd"; business days have no fixed length, use hours or days`},
		"duration too short":        {"severities: [{id: sev2, update_every: 5s}]", `tocsin.yaml:1:39: severities[0].update_every is "5s"; it must be between 1m and 1w`},
		"period":                    {"severities: [{id: sev2, followup_due: 3x}]", `tocsin.yaml:1:39: severities[0].followup_due is "3x"; it must be a length of time such as 30m, 4h, 15d or 5bd`},
		"call":                      {"severities: [{id: sev2, call: 'https://a/{nr}'}]", `tocsin.yaml:1:31: severities[0].call: "{nr}" is not filled in; use one of: {number}`},
		"no id":                     {"severities: [{name: X}, {id: sev2}]", `tocsin.yaml:1:14: severities[0] has no id`},
		"bad id":                    {"components: [{id: 'a b'}]", `tocsin.yaml:1:19: components[0].id: "a b" is no id; use up to 40 letters, digits, dots, _ and -, and put how it should read into name`},
		"same id":                   {"components: [{id: api},\n {id: API}]", `tocsin.yaml:2:2: components[1]: the id "API" is taken already, on line 1`},
		"no severity at all":        {"severities: []", `tocsin.yaml:1:13: severities is empty; there must be at least one, or leave the key out for sev1, sev2 and sev3`},
		"default is gone":           {"severities: [{id: p1}, {id: p2}]", `tocsin.yaml:1:13: severities: none has the id "sev2", which is the default; set default_severity to one of: p1, p2`},
		"name for an id":            {"default_severity: Critical", `tocsin.yaml:1:19: default_severity: there is no severity "Critical"; did you mean "sev1"?`},
		"role is a word":            {"roles: [{id: everyone}]", `tocsin.yaml:1:14: roles[0].id: "everyone" has a meaning of its own and cannot be a role`},
		"role like a group":         {"roles: [{id: SCRIBE}]", `tocsin.yaml:1:14: roles[0].id: "SCRIBE" is no role's id; use up to 40 lower-case letters, digits, _ and -, and put how it should read into name`},
		"team":                      {"services: [{id: a, team: infra}]", `tocsin.yaml:1:26: services[0].team: there is no team "infra"; none is configured`},
		"right":                     {"permissions: {publsh: [admin]}", `tocsin.yaml:1:15: unknown key "publsh" in permissions; did you mean "publish"?`},
		"holder":                    {"permissions: {publish: [comander]}", `tocsin.yaml:1:25: permissions.publish[0]: there is no role or word "comander"; did you mean "commander"?`},
		"holder by handle":          {"permissions: {admin: ['@boss']}", `tocsin.yaml:1:23: permissions.admin[0]: there is no role or word "@boss"; use one of: comms, admin, everyone, commander, or an id such as U024BE7LH or S0614TZR7`},
		"command without slash":     {"slack: {command: incident}", `tocsin.yaml:1:18: slack.command: "incident" is no slash command; it needs a / and up to 31 lower-case letters, digits, _ and -; did you mean "/incident"?`},
		"alias without slash":       {"slack: {aliases: [inc]}", `tocsin.yaml:1:19: slack.aliases[0]: "inc" is no slash command; it needs a / and up to 31 lower-case letters, digits, _ and -; did you mean "/inc"?`},
		"alias is the command":      {"slack: {aliases: [/incident]}", `tocsin.yaml:1:8: slack: the command /incident is among its own aliases`},
		"channel pattern":           {"slack: {channel_name: 'inc-{title}'}", `tocsin.yaml:1:23: slack.channel_name: "inc-{title}" lacks {number}, without which two incidents could not be told apart`},
		"channel pattern, hole":     {"slack: {channel_name: 'inc-{numbr}'}", `tocsin.yaml:1:23: slack.channel_name: "{numbr}" is not filled in; did you mean "{number}"?`},
		"channel":                   {"slack: {announce_channel: 'The Incidents'}", `tocsin.yaml:1:27: slack.announce_channel: "The Incidents" is no channel; write its name in lower case, such as incidents, or its id, such as C024BE91L`},
		"repository":                {"followups: {repo: 'https://github.com/acme/x'}", `tocsin.yaml:1:19: followups.repo: "https://github.com/acme/x" is an address; did you mean "acme/x"?`},
		"repository, climbing":      {"followups: {repo: '../user'}", `tocsin.yaml:1:19: followups.repo: "../user" is no repository; write OWNER/NAME`},
		"label with a comma":        {"followups: {labels: ['a,b']}", `tocsin.yaml:1:22: followups.labels[0]: "a,b": a label with a comma cannot be searched for; leave it out`},
		"reminder":                  {"followups: {remind: [daily]}", `tocsin.yaml:1:22: followups.remind[0]: "daily" is no reminder; write -2d, 0d, 3bd or every 7d`},
		"date":                      {"holidays: [25.12.2026]", `tocsin.yaml:1:12: holidays[0]: "25.12.2026" is no date; write it as 2026-12-25`},
		"person":                    {"people: {ana: {github: ana}}", `tocsin.yaml:1:10: people: "ana" is no user id; Slack shows it in a profile under ⋮ → Copy member ID, such as U024BE7LH`},
		"group":                     {"private: {invite: [security]}", `tocsin.yaml:1:20: private.invite[0]: "security" is no user group's id; Slack shows it in the group's menu under Copy group ID, such as S0614TZR7`},
		"cron":                      {"digests: [{cron: 9am, channel: x}]", `tocsin.yaml:1:18: digests[0].cron: "9am" is no schedule (minute hour day month weekday), such as "0 9 * * MON"`},
		"cron with zone":            {"digests: [{cron: TZ=UTC, channel: x}]", `tocsin.yaml:1:18: digests[0].cron: "TZ=UTC" names a zone; schedules are in timezone`},
		"cron every":                {"digests: [{cron: '@every 1h', channel: x}]", `tocsin.yaml:1:18: digests[0].cron: "@every 1h" counts from each start of the program; write the times, such as "0 9 * * MON"`},
		"cron too often":            {"digests: [{cron: '*/5 9 * * *', channel: x}]", `tocsin.yaml:1:18: digests[0].cron: "*/5 9 * * *" comes more often than every 15 minutes`},
		"cron never":                {"digests: [{cron: 0 0 30 2 *, channel: x}]", `tocsin.yaml:1:18: digests[0].cron: "0 0 30 2 *" never comes`},
		"digest to nowhere":         {"digests: [{cron: '@daily'}]", `tocsin.yaml:1:11: digests[0] has no channel`},
		"deploy source":             {"deploys: {githb: {}}", `tocsin.yaml:1:11: unknown key "githb" in deploys; did you mean "github"?`},
		"listen":                    {"listen: 8080", `tocsin.yaml:1:9: listen is "8080"; it must be an address such as 127.0.0.1:8080`},
		"listen, port":              {"listen: ':http'", `tocsin.yaml:1:9: listen: ":http": the port must be a number from 0 to 65535`},
		"URL":                       {"base_url: status.example.com", `tocsin.yaml:1:11: base_url: "status.example.com" is no web address; write it as https://HOST/`},
		"database":                  {"database: mysql://h/db", `tocsin.yaml:1:11: database: databases of kind "mysql" are not known; give a file path or postgres://…`},
		"template":                  {"rollback_targets: [{name: x, service: a, environment: p, steps: [{name: m, use: argo}]}]\nservices: [{id: a}]\nrollback_templates: {argocd: {hosts: [h], progress: none, submit: {url: 'https://h/'}}}", `tocsin.yaml:1:81: rollback_targets[0].steps[0].use: there is no rollback template "argo"; did you mean "argocd"?`},
		"target is a verb":          {"rollback_targets: [{name: undo, service: a, environment: p, steps: [{name: m, use: t}]}]\nservices: [{id: a}]\nrollback_templates: {t: {hosts: [h], progress: none, submit: {url: 'https://h/'}}}", `tocsin.yaml:1:27: rollback_targets[0].name: "undo" is a word of the rollback command and cannot be a target`},
		"range":                     {"rollback_templates: {a: {hosts: [h], progress: none, submit: {url: 'https://h/'}, allow_cidrs: [10.0.0.1/8]}}", `tocsin.yaml:1:97: rollback_templates.a.allow_cidrs[0]: "10.0.0.1/8" is no range of addresses; write it as 10.20.0.0/16`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := load(t, tt.text)
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestNoFileIsTheDefaults(t *testing.T) {
	t.Chdir(t.TempDir())
	c, err := loadConfig(overrides{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "127.0.0.1:8080" || c.Database != "tocsin.db" || c.BaseURL != "http://127.0.0.1:8080" || c.PublicURL != c.BaseURL || c.File != "" {
		t.Errorf("got %s %s %s %s %q", c.Listen, c.Database, c.BaseURL, c.PublicURL, c.File)
	}
	if got := bot.IDs(c.Settings.Severities); !slices.Equal(got, []string{"sev1", "sev2", "sev3"}) || c.Settings.BaseURL != c.BaseURL {
		t.Errorf("severities %v, base URL %q", got, c.Settings.BaseURL)
	}
}

func TestNamedFileMustBeThere(t *testing.T) {
	t.Chdir(t.TempDir())
	name := "nix.yaml"
	_, err := loadConfig(overrides{config: &name}, nil)
	var faults Faults
	if !errors.As(err, &faults) || len(faults) != 1 || faults[0].Where != "--config" {
		t.Errorf("got %v", err)
	}
	if _, err := loadConfig(overrides{}, []string{"TOCSIN_CONFIG=" + name}); err == nil || !strings.HasPrefix(err.Error(), "TOCSIN_CONFIG: ") {
		t.Errorf("got %v", err)
	}
}

// TestExample loads what `tocsin config --example` prints and looks at a value
// of each part.
func TestExample(t *testing.T) {
	c := mustLoad(t, exampleConfig)
	s := c.Settings
	sev1 := s.Severities[0]
	checks := map[string]bool{
		"organisation": s.Organisation == "Kustomer", "zone": s.Zone.String() == "America/New_York",
		"severity":   sev1.ID == "sev1" && sev1.Impact == bot.ImpactCritical && sev1.UpdateEvery == 30*time.Minute && sev1.Page,
		"due":        sev1.PostmortemDue == bot.Period{N: 5, Unit: "bd"} && sev1.FollowupDue == bot.Period{N: 15, Unit: "d"},
		"call":       sev1.Call == "https://meet.example.com/{number}",
		"component":  s.Components[1] == bot.Component{ID: "chat", Name: "Channel - Chat", Group: "Prod1 (US)"},
		"service":    slices.Equal(s.Services[0].Components, []string{"api", "chat", "web"}) && s.Services[0].Team == "platform",
		"team":       s.Teams[0] == bot.Team{ID: "platform", Group: "S0PLATFORM", Channel: "team-platform", Manager: "U0MANAGER", Pager: "platform-pd"},
		"permission": slices.Equal(s.Permissions[bot.RightApprove], []string{"S0SRE"}),
		"private":    slices.Equal(s.PrivateInvite, []bot.GroupID{"S0SECURITY"}) && c.PrivateRepo == "acme/security-postmortems",
		"people":     c.People["U0BEN"].GitHub == "ben", "holidays": slices.Equal(c.Holidays, []string{"2026-12-25", "2027-01-01"}),
		"followups": c.Followups.Repo == "acme/postmortems" && len(c.Followups.Remind) == 3,
		"digests":   c.Digests[0] == DigestConfig{"0 9 * * MON", "eng-managers", "followups"},
		"deploys":   c.Deploys["generic"] == "env:DEPLOY_HOOK_SECRET",
	}
	for part, ok := range checks {
		if !ok {
			t.Errorf("%s was not read: %+v", part, s)
		}
	}
}

// TestPrintedConfigReadsBack: what is printed is a file that means the same.
func TestPrintedConfigReadsBack(t *testing.T) {
	const rollback = `
rollback_templates:
  argocd:
    auth: {kind: bearer, secret_ref: "env:ARGOCD_TOKEN"}
    hosts: ["argocd.internal:443"] # beside it
    allow_cidrs: [10.20.0.0/16]
    submit: {url: "https://argocd.internal/${app}?token=${request_id}", json: {id: "${version_id:int}", n: [1, true, null, 1e3], text: "two\nlines"}}
    poll: {url: "/status", status: phase, success: [done, true, 7], failure: [no], blocked: {path: held, equals: true}}
    timeout: 30m
    find: null
    callback: {enabled: false}
rollback_targets:
  - {name: gw, service: api-gateway, environment: production, steps: [{name: main, use: argocd, vars: {app: 7}}], hold: {note: x}, approval: {expires: 10m, groups: [S0SRE]}, who: {groups: [S0SRE]}}
`
	example := strings.NewReplacer("rollback_templates: {}", "# ", "rollback_targets: []", rollback).Replace(exampleConfig)
	for name, text := range map[string]string{"empty": "", "example": example, "off": "slack: {aliases: [], announce_channel: '', post_every: 0s}\npermissions: {publish: []}"} {
		t.Run(name, func(t *testing.T) {
			first, err := mustLoad(t, text).YAML()
			if err != nil {
				t.Fatal(err)
			}
			second, err := mustLoad(t, string(first)).YAML()
			if err != nil {
				t.Fatal(err)
			}
			if string(first) != string(second) {
				t.Errorf("printed\n%s\nread back as\n%s", first, second)
			}
		})
	}
}

func TestRoles(t *testing.T) {
	c := mustLoad(t, "roles: [{id: scribe}]")
	if got := bot.IDs(c.Settings.Roles); !slices.Equal(got, []string{"commander", "scribe"}) {
		t.Errorf("the commander is missing: %v", got)
	}
	if got := c.Settings.Permissions[bot.RightPublish]; !slices.Equal(got, []string{"commander", "admin"}) {
		t.Errorf("publish is held by %v, of whom one does not exist", got)
	}
}

func FuzzConfig(f *testing.F) {
	f.Add([]byte(exampleConfig))
	f.Add([]byte(argoConfig))
	f.Add([]byte(genericConfig))
	f.Add([]byte("rollback_templates: {a: {hosts: [h], submit: {url: \"https://h/${a\\nb}\", json: {\"a\\nb\": [.nan]}}}}"))
	f.Add([]byte("severities: [{id: a, update_every: 5bd}]\nx: &a [*a]\n"))
	f.Add([]byte("digests: [{cron: 'TZ=', channel: x}, {cron: '0-0/0 * * * *', channel: y}]"))
	f.Add([]byte("rollback_templates: {a: {hosts: [h], submit: {json: {x: \"\\x07\"}}}}\nslack: {channel_name: '{number}'}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		first, again := parsed(t, text)
		if first == "" {
			return
		}
		if second, _ := parsed(t, []byte(first)); second != first {
			t.Errorf("%q prints as\n%s\nwhich reads back as\n%s\n%v", text, first, second, again)
		}
	})
}

// parsed returns text as it prints when it is without faults.
func parsed(t *testing.T, text []byte) (string, Faults) {
	c := &Config{Settings: bot.Defaults(), Database: "tocsin.db", Listen: ":1", LogLevel: "info"}
	faults := c.parse("f", strings.NewReader(string(text)))
	for _, fault := range faults {
		if fault.Where == "" || fault.Text == "" || strings.Contains(fault.String(), "\n") {
			t.Errorf("%q has an empty fault or one of two lines: %q", text, fault)
		}
	}
	if len(faults) > 0 {
		return "", faults
	}
	out, err := c.YAML()
	if err != nil {
		t.Fatal(err)
	}
	return string(out), nil
}
