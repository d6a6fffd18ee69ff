package main

import (
	"strings"
	"testing"

	"github.com/tocsin-dev/tocsin/bot"
)

func TestRetentionConfig(t *testing.T) {
	for text, want := range map[string]bot.Retention{
		"":                                      {Jobs: bot.Period{N: 90, Unit: "d"}},
		"retention: {incidents: 3y}":            {Incidents: bot.Period{N: 3, Unit: "y"}, Jobs: bot.Period{N: 90, Unit: "d"}},
		"retention: {incidents: 52w, jobs: 7d}": {Incidents: bot.Period{N: 52, Unit: "w"}, Jobs: bot.Period{N: 7, Unit: "d"}},
		"retention: {incidents: never, jobs: never}":  {},
		"audit: {channel: '#security'}":               {Jobs: bot.Period{N: 90, Unit: "d"}},
		"audit: {channel: ''}\nretention: {jobs: 1y}": {Jobs: bot.Period{N: 1, Unit: "y"}},
	} {
		c := mustLoad(t, text)
		if c.Settings.Retention != want || (c.Settings.AuditChannel != "") != strings.Contains(text, "security") {
			t.Errorf("%s: %+v, %q", text, c.Settings.Retention, c.Settings.AuditChannel)
		}
		out, err := c.YAML()
		if err != nil {
			t.Fatal(err)
		}
		if again := mustLoad(t, string(out)); again.Settings.Retention != want || again.Settings.AuditChannel != c.Settings.AuditChannel {
			t.Errorf("printed and read again: %+v\n%s", again.Settings.Retention, out)
		}
	}
	if c := mustLoad(t, "retention: {incidents: 1y, jobs: never}"); len(c.Warnings) != 1 {
		t.Errorf("warnings: %v", c.Warnings)
	}
}

func TestRetentionFaults(t *testing.T) {
	for text, want := range map[string]string{
		"retention: {incident: 1y}":     `unknown key "incident" in retention; did you mean "incidents"?`,
		"retention: {incidents: 29d}":   `retention.incidents is "29d"; it must be between 30d and 100y, or never`,
		"retention: {jobs: 6d}":         `retention.jobs is "6d"; it must be between 7d and 100y, or never`,
		"retention: {jobs: 90}":         `it must be a length of time such as 90d, 26w or 3y, or never`,
		"retention: {jobs: 5bd}":        `it must be a length of time such as 90d, 26w or 3y, or never`,
		"retention: {incidents: [1y]}":  `it must be a length of time such as 90d, 26w or 3y, or never`,
		"retention: {incidents: 999y}":  `between 30d and 100y`,
		"audit: {chanel: x}":            `unknown key "chanel" in audit; did you mean "channel"?`,
		"audit: {channel: Not a Name!}": `is no channel`,
	} {
		if _, err := load(t, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}
