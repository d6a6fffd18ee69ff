package fakedeploy

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

func (s *System) listApps(*http.Request, []byte) (reply, error) {
	items := []obj{}
	for _, name := range s.order {
		a := s.apps[name]
		o := obj{
			"name": a.Name, "service": a.Service, "environment": a.Environment,
			"version": a.current().Version, "release": a.current().ID, "run": nil,
		}
		if a.active != nil {
			o["run"] = a.active.ID
		}
		items = append(items, o)
	}
	return list(items), nil
}

func list(items []obj) reply { return reply{status: http.StatusOK, body: obj{"items": items}} }

// named finds the app in a request's path.
func (s *System) named(r *http.Request) (*app, error) {
	if a := s.apps[r.PathValue("app")]; a != nil {
		return a, nil
	}
	return nil, refuse(http.StatusNotFound, "there is no app %q", r.PathValue("app"))
}

func (s *System) listReleases(r *http.Request, _ []byte) (reply, error) {
	a, err := s.named(r)
	if err != nil {
		return reply{}, err
	}
	items := []obj{}
	for k, one := range a.Releases {
		items = append(items, obj{
			"id": one.ID, "version": one.Version, "deployed_at": stamp(one.DeployedAt), "by": one.By, "current": k == len(a.Releases)-1,
		})
	}
	return list(items), nil
}

func (s *System) health(r *http.Request, _ []byte) (reply, error) {
	a, err := s.named(r)
	if err != nil {
		return reply{}, err
	}
	version := a.current().Version
	return reply{status: http.StatusOK, body: obj{"version": version, "ok": version != "" && !a.unwell}}, nil
}

// rollback answers that the run is queued, whatever the clock says: it has been
// accepted and not yet looked at.
func (s *System) rollback(r *http.Request, body []byte) (reply, error) {
	if _, err := s.named(r); err != nil {
		return reply{}, err
	}
	var in struct {
		To        string `json:"to"`
		RequestID string `json:"request_id"`
		Reason    string `json:"reason"`
		By        string `json:"by"`
	}
	if err := json.Unmarshal(body, &in); err != nil || in.To == "" {
		return reply{}, refuse(http.StatusBadRequest, `the body must be like {"to":"rel-41","request_id":"r1","reason":"errors since 16:15"}`)
	}
	a, err := s.free(r.PathValue("app"))
	if err != nil {
		return reply{}, err
	}
	to, ok := a.release(in.To)
	if !ok {
		return reply{}, refuse(http.StatusNotFound, "%s has no release %q", a.Name, in.To)
	}
	if in.By == "" {
		in.By = "api"
	}
	began := s.begin(a, Run{Kind: KindRollback, To: to.ID, Version: to.Version, Reason: in.Reason, RequestID: in.RequestID, By: in.By})
	if s.opt.TellRollbacks {
		s.tell(began, "started")
		s.watch(began)
	}
	return reply{status: http.StatusCreated, body: obj{"run": runJSON(s.show(began))}}, nil
}

func (s *System) listRuns(r *http.Request, _ []byte) (reply, error) {
	query := r.URL.Query()
	id, name := query.Get("request_id"), query.Get("app")
	items := []obj{}
	for _, one := range slices.Backward(s.runs) {
		if (id == "" || one.RequestID == id) && (name == "" || one.App == name) {
			items = append(items, runJSON(s.show(one)))
		}
	}
	return list(items), nil
}

func (s *System) oneRun(r *http.Request, _ []byte) (reply, error) {
	one := s.find(r.PathValue("id"))
	if one == nil {
		return reply{}, refuse(http.StatusNotFound, "there is no run %q", r.PathValue("id"))
	}
	return reply{status: http.StatusOK, body: runJSON(s.show(one))}, nil
}

func runJSON(r Run) obj {
	return obj{
		"id": r.ID, "kind": r.Kind, "app": r.App, "to": r.To, "version": r.Version, "previous": r.Previous, "status": r.Status,
		"percent": r.Percent, "message": r.Message, "reason": r.Reason, "request_id": r.RequestID, "by": r.By, "url": r.URL,
		"created_at": stamp(r.CreatedAt), "started_at": stamp(r.StartedAt), "finished_at": stamp(r.FinishedAt),
	}
}

// stamp writes a time as RFC 3339 in UTC; null if it is not known. The fraction
// stays: a second that was cut off lies before the request that caused it.
func stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339Nano)
}
