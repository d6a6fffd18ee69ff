package deploy

import (
	"fmt"
	"maps"
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

// variables are what a request about step s of r can name. Where two have one
// name, ours win over those of the configuration, and these over what a deploy
// system answered.
func variables(r *bot.Rollback, s *bot.Step, own map[string]string) map[string]string {
	reason := ""
	if r.Reason != bot.RedactedText {
		reason = strings.Join(strings.Fields(r.Reason.String()), " ")
	}
	vars := map[string]string{}
	maps.Copy(vars, s.Vars)
	maps.Copy(vars, own)
	maps.Copy(vars, map[string]string{
		"request_id": r.ID, "service": r.Service, "environment": r.Environment, "target": r.Target, "step": s.Name,
		"from": labelOrID(s.From), "version": labelOrID(s.To), "version_id": s.To.ID,
		"reason": reason, "requested_by": string(r.RequestedBy),
	})
	return vars
}

// labelOrID is a version as a deploy system may be told of it: empty when it is
// not known, where people read that.
func labelOrID(v bot.Version) string {
	if v.ID == "" && v.Label == "" {
		return ""
	}
	return v.Name()
}

// sendKey names one sending of one step. It is the same when that is tried
// again after nothing left, and another when a person says to send again.
func sendKey(r *bot.Rollback, s *bot.Step) string {
	return fmt.Sprintf("%s-%s-%d", r.ID, s.Name, s.Tries)
}

// news returns those of vars that differ from known.
func news(vars, known map[string]string) map[string]string {
	out := map[string]string{}
	for k, v := range vars {
		if old, ok := known[k]; !ok || old != v {
			out[k] = v
		}
	}
	return out
}
