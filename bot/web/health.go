package web

import (
	"context"
	"net/http"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/wire"
)

// readyDeadline bounds a readiness check.
const readyDeadline = 3 * time.Second

// healthz says that the process answers, and nothing more: a restart would not
// mend a database or Slack.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	wire.WriteJSON(w, http.StatusOK, struct {
		OK      bool   `json:"ok"`
		Version string `json:"version"`
	}{true, s.version})
}

type readiness struct {
	OK       bool   `json:"ok"`
	Database string `json:"database"`
	Slack    string `json:"slack"`
	Version  string `json:"version"`
}

// readyz says whether work can be taken: the database answers with the schema
// that this build reads. Slack counts only with ?slack=1, since commands by
// API and the page work without it.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	out := readiness{OK: true, Database: "ok", Slack: "ok", Version: s.version}
	ctx, cancel := context.WithTimeout(r.Context(), readyDeadline)
	defer cancel()
	if err := s.probe(ctx); err != nil {
		s.log.WarnContext(ctx, "readiness: the database does not answer", "error", err)
		out.OK, out.Database = false, "does not answer"
	}
	if s.slack == nil {
		out.Slack = "not configured"
	} else if ok, detail := s.slack(); !ok {
		out.Slack = detail
		if detail == "" {
			out.Slack = "unreachable"
		}
		out.OK = out.OK && r.URL.Query().Get("slack") != "1"
	}
	code := http.StatusOK
	if !out.OK {
		code = http.StatusServiceUnavailable
	}
	wire.WriteJSON(w, code, out)
}

// probe reads from the tables that everything needs.
func (s *Server) probe(ctx context.Context) error {
	return s.bot.Store.View(ctx, func(tx bot.ReadTx) error {
		if _, err := tx.Incidents(bot.Everyone(), bot.IncidentFilter{Limit: 1}); err != nil {
			return err
		}
		_, _, err := tx.NextDue()
		return err
	})
}
