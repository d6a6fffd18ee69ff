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
	Backup   string `json:"backup,omitempty"`   // the last scheduled one
	Stopping string `json:"stopping,omitempty"` // why nothing should be sent here
	Version  string `json:"version"`
}

// Drain makes the server say that it is not ready, since the program is about to
// stop. Everything is still answered.
func (s *Server) Drain() { s.draining.Store(true) }

// Parting is h, but that its answers end their connections once the server drains,
// so that the next request goes elsewhere. Connections that wait are left alone: a
// request may be on its way over one.
func (s *Server) Parting(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.draining.Load() {
			w.Header().Set("Connection", "close")
		}
		h.ServeHTTP(w, r)
	})
}

// readyz says whether work can be taken: the program is not stopping, and the
// database answers with the schema that this build reads. Slack counts only with ?slack=1, since commands by
// API and the page work without it.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	out := readiness{OK: true, Database: "ok", Slack: "ok", Version: s.version}
	ctx, cancel := context.WithTimeout(r.Context(), readyDeadline)
	defer cancel()
	if err := s.probe(ctx); err != nil {
		s.log.WarnContext(ctx, "readiness: the database does not answer", "error", err)
		out.OK, out.Database = false, "does not answer"
	}
	if s.draining.Load() {
		out.OK, out.Stopping = false, "the program is stopping; send requests to another replica"
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
	if s.backup != nil { // one that fails is no reason to send nobody here
		out.Backup = "ok"
		if _, _, why := s.backup(); why != "" {
			out.Backup = "failed"
		}
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
