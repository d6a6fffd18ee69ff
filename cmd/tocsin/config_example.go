package main

// exampleConfig is what `tocsin config --example` prints: one of everything.
const exampleConfig = `organisation: Kustomer
timezone: America/New_York            # IANA; for pages, digests and post-mortems. Default UTC
slack: {command: /incident, aliases: [/inc], announce_channel: incidents, channel_name: "inc-{number}-{title}"}
default_severity: sev2
severities:                            # first is worst
  - {id: sev1, name: Critical, impact: critical, update_every: 30m, first_public: 10m, public_every: 30m, postmortem_due: 5bd, followup_due: 15d, page: true, call: "https://meet.example.com/{number}"}
  - {id: sev2, name: Major,    impact: major,    update_every: 60m, first_public: 30m, public_every: 60m, postmortem_due: 10bd, followup_due: 30d}
  - {id: sev3, name: Minor,    impact: minor,    update_every: 4h,  followup_due: 8w}
roles: [{id: commander, name: Incident commander}, {id: comms, name: Communications}]
components: [{id: api, name: API, group: "Prod1 (US)"}, {id: chat, name: "Channel - Chat", group: "Prod1 (US)"}, {id: web, name: Web Client, group: "Prod1 (US)"}]
services:   [{id: api-gateway, name: API Gateway, components: [api, chat, web], repo: acme/api-gateway, team: platform}]
teams:      [{id: platform, group: S0PLATFORM, channel: team-platform, manager: U0MANAGER, pager: platform-pd}]
people:     {U0ANA: {github: ana}, U0BEN: {github: ben}}
holidays:   [2026-12-25, 2027-01-01]
followups:  {repo: acme/postmortems, labels: [postmortem], remind: ["-2d", "0d", "every 7d"]}
digests:    [{cron: "0 9 * * MON", channel: eng-managers, what: followups}]
backup:     {dir: /var/backups/tocsin, cron: "0 3 * * *", keep: 14} # of an SQLite file; the newest 14 stay
private:    {invite: [S0SECURITY], repo: acme/security-postmortems}
audit:      {channel: security-log}    # the record's daily head is posted there
retention:  {incidents: 3y, jobs: 90d} # what is over longer than that is purged. Default never and 90d
permissions: {declare: [everyone], respond: [everyone], publish: [commander, comms, admin], rollback: [S0ONCALL], approve: [S0SRE], break_glass: [commander], admin: [U0BOSS]}
deploys:    {generic: {secret: "env:DEPLOY_HOOK_SECRET"}}
rollback_templates: {}                 # how to speak to a deploy system
rollback_targets: []
`
