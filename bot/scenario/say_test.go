package scenario

import (
	"strings"
	"testing"
)

// tricky is an incident whose texts would be read as language.
const tricky = `{"schema": "tocsin-scenario/1", "title": "Critical –– down -- again", "organisation": "Example", "source_time_zone": "UTC",
"components": [{"name": "API"}], "services": [{"id": "api", "targets": [{"id": "prod"}, {"id": "chat"}]}],
"action_items": [{"title": "Say \"no\" -- always", "status": "open"}, {"title": "Twice", "status": "done"}, {"title": "#2 first", "status": "ongoing"}],
"postmortem": {"root_cause": "x"}, "milestones": {"declared_at": "2020-01-01T12:00:00Z"},
"events": [
{"n": 1, "at": "2019-05-01T00:00:00Z", "kind": "note", "text": "We looked --at -5m"},
{"n": 2, "at": "2020-01-01T11:00:00Z", "kind": "deploy", "text": "A release", "target": "chat", "components": {"API": "major_outage"}},
{"n": 3, "at": "2020-01-01T12:00:00Z", "kind": "declare", "text": "Looking -- at it", "public_status": "investigating"},
{"n": 4, "at": "2020-01-01T12:01:00Z", "kind": "comms", "text": "Resolved\n  the DNS issue"},
{"n": 5, "at": "2020-01-01T12:02:00Z", "kind": "rollback", "text": "Too --slow", "target": "chat"},
{"n": 6, "at": "2020-01-01T12:30:00Z", "kind": "status", "text": "Over", "public_status": "resolved"},
{"n": 7, "at": "2020-01-01T12:31:00Z", "kind": "status", "text": "Not over", "public_status": "investigating"},
{"n": 8, "at": "2020-01-01T12:40:00Z", "kind": "status", "text": "Over", "public_status": "resolved"},
{"n": 9, "at": "2020-01-01T12:41:00Z", "kind": "note", "text": "Tidied up"},
{"n": 10, "at": "2020-01-01T12:50:00Z", "kind": "postmortem", "text": "Told"}]}`

// TestSay: whatever a file's texts look like, they are typed as text, in order of
// time, and what comes after the end comes when it did.
func TestSay(t *testing.T) {
	s, err := Parse([]byte(tricky))
	if err != nil {
		t.Fatal(err)
	}
	all := lines(s.Script(cast))
	text := strings.Join(all, "\n")
	for _, want := range []string{
		"01 11:00 cem: deploys a new version of chat\n",
		"ana: /incident declare --service api -- Critical –– down -- again\n",
		"ana: /incident note --at 2019-05-01T00:00:00Z -- We looked --at -5m\n",
		"ana: /incident component api=major --at -60m\n",
		"dana: /incident update investigating --public --next 30m -- Looking -- at it.\n",
		"dana: /incident update -- Resolved the DNS issue\n",
		"cem: /incident rollback chat --reason Too slow\n",
		"01 12:30 dana: /incident resolve Over. --public\n",
		"01 12:31 ana: /incident reopen Not over\n01 12:31 dana: /incident update investigating Not over. --public\n",
		"01 12:40 dana: /incident resolve Over. --public\n01 12:41 ana: /incident note Tidied up\n",
		`ana: /incident action add --owner @ana -- Say "no" -- always` + "\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if strings.Contains(text, "note A release") {
		t.Error("a deploy is noted, although its notice tells of it")
	}
	last := all[len(all)-1]
	if !strings.HasPrefix(last, "01 12:50 ana: clicks [Publish]") || strings.Count(text, "action add") != 3 {
		t.Errorf("the last is %q in\n%s", last, text)
	}
}
