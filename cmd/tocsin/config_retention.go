package main

import (
	"fmt"
	"regexp"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/tocsin-dev/tocsin/bot"
)

// audit reads where the record's daily head goes.
func (r *reader) audit(s *bot.Settings) set {
	return func(n *yaml.Node, what string) {
		r.object(n, what, fields{"channel": r.checked(&s.AuditChannel, wantChannel, checkChannelOrNone)})
	}
}

// The shortest policies. Effects are looked up for a while after they were done,
// and an incident's post-mortem is written from its record.
const (
	leastIncidents = 30 // days
	leastJobs      = 7
)

// retention reads how long what is over is kept.
func (r *reader) retention(s *bot.Settings) set {
	return func(n *yaml.Node, what string) {
		r.object(n, what, fields{
			"incidents": r.policy(&s.Retention.Incidents, leastIncidents),
			"jobs":      r.policy(&s.Retention.Jobs, leastJobs),
		})
	}
}

const (
	wantPolicy = "a length of time such as 90d, 26w or 3y, or never"
	never      = "never"
)

var formPolicy = regexp.MustCompile(`^([1-9][0-9]{0,4})([dwy])$`)

// policy reads how long something is kept, at least some days.
func (r *reader) policy(to *bot.Period, least int) set {
	return func(n *yaml.Node, what string) {
		text, ok := r.scalar(n, what, wantPolicy)
		if !ok {
			return
		}
		if text == never {
			*to = bot.Period{}
			return
		}
		m := formPolicy.FindStringSubmatch(text)
		if m == nil {
			r.fault(n, "%s is %s; it must be %s", what, quote(text), wantPolicy)
			return
		}
		count, _ := strconv.Atoi(m[1]) // the form has only such
		if days := count * map[string]int{"d": 1, "w": 7, "y": 365}[m[2]]; days < least || days > 100*366 {
			r.fault(n, "%s is %s; it must be between %dd and 100y, or never", what, quote(text), least)
			return
		}
		*to = bot.Period{N: count, Unit: m[2]}
	}
}

// policyNode writes a policy; none is never.
func policyNode(p bot.Period) *yaml.Node {
	if p.Zero() {
		return text(never)
	}
	return text(p.String())
}

// retentionWarning says what is kept longer than the file seems to want.
func (c *Config) retentionWarning() string {
	keep := c.Settings.Retention
	if keep.Incidents.Zero() || !keep.Jobs.Zero() {
		return ""
	}
	return fmt.Sprintf("retention: incidents are purged after %s, and the jobs that were done for them never; set retention.jobs, too", keep.Incidents)
}
