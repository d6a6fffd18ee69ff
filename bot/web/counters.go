package web

import (
	"net/http"
	"slices"
	"sync/atomic"
)

// route names a place for the request counter. It is a closed list, so that no
// path that a stranger makes up becomes a label.
type route int

const (
	routeHome route = iota
	routeIncident
	routeHistory
	routeFeed
	routeV2
	routeAsset
	routePublicOther
	routeCommands
	routeIncidents
	routeOneIncident
	routeTimeline
	routePostmortem
	routePostmortemPage
	routeFollowUps
	routeRollback
	routeOutbox
	routeOpenAPI
	routeAPIOther
	routeHealth
	routeReady
	routeMetrics
	routes // how many there are
)

var routeNames = [routes]string{
	"/", "/incidents/{id}", "/history", "/history.feed", "/api/v2", "/assets", "public_other",
	"/api/v1/commands", "/api/v1/incidents", "/api/v1/incidents/{n}", "/api/v1/incidents/{n}/timeline",
	"/api/v1/incidents/{n}/postmortem", "/dashboard/incidents/{n}/postmortem", "/api/v1/followups", "/api/v1/rollbacks/{id}", "/api/v1/outbox", "/api/v1/openapi.json", "api_other", "/healthz", "/readyz", "/metrics",
}

// codes are the status codes that this package answers with; anything else is
// counted as the last one.
var codes = [...]int{
	http.StatusOK, http.StatusMovedPermanently, http.StatusNotModified, http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden,
	http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusConflict, http.StatusRequestEntityTooLarge,
	http.StatusUnsupportedMediaType, http.StatusServiceUnavailable, http.StatusInternalServerError,
}

// counters count answers. The zero value is ready.
type counters struct {
	answers [routes][len(codes)]atomic.Uint64
}

func (c *counters) add(r route, code int) {
	k := slices.Index(codes[:], code)
	if k < 0 {
		k = len(codes) - 1
	}
	c.answers[r][k].Add(1)
}
