package fakegithub

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// hookConfig never shows the secret.
func (g *GitHub) hookConfig() obj {
	c := obj{"url": g.opt.WebhookURL, "content_type": "json", "insecure_ssl": "0"}
	if g.opt.WebhookSecret != "" {
		c["secret"] = "********"
	}
	return c
}

func (g *GitHub) hookJSON(r *repo) obj {
	self := g.repoAPI(r) + "/hooks/" + strconv.FormatInt(g.hookID, 10)
	return obj{
		"id": g.hookID, "type": "Repository", "name": "web", "active": g.opt.WebhookURL != "", "events": []string{"issues", "issue_comment"},
		"config": g.hookConfig(), "url": self, "deliveries_url": self + "/deliveries", "ping_url": self + "/pings", "test_url": self + "/test",
	}
}

// onHook finds the one hook there is.
func (g *GitHub) onHook(e func(request, *repo) (reply, error)) endpoint {
	return g.pushing(func(q request, r *repo) (reply, error) {
		if q.number("hook") != g.hookID {
			return reply{}, refuse(http.StatusNotFound, "Not Found")
		}
		return e(q, r)
	})
}

func (g *GitHub) deliveryJSON(d *delivery) obj {
	var repo any
	if r := g.find(d.Repo); r != nil {
		repo = r.id
	}
	status := "OK"
	if d.Status/100 != 2 {
		status = http.StatusText(d.Status)
	}
	if d.Status == 0 {
		status = "failed to connect to host"
	}
	return obj{
		"id": d.ID, "guid": d.GUID, "delivered_at": d.At.UTC().Format(time.RFC3339Nano), "redelivery": d.Redelivery, "duration": 0.1,
		"status": status, "status_code": d.Status, "event": d.Event, "action": d.Action, "installation_id": nil, "repository_id": repo,
		"throttled_at": nil,
	}
}

// listDeliveries lists what was sent, newest first. The cursor is the id that
// the next page begins after.
func (g *GitHub) listDeliveries(q request) (reply, error) {
	query := q.URL.Query()
	size := positive(query.Get("per_page"), pageSize, maxPageSize)
	cursor, _ := strconv.ParseInt(query.Get("cursor"), 10, 64) // none begins at the newest
	list := []obj{}
	var last int64
	for _, d := range slices.Backward(g.deliveries) {
		failed := d.Status/100 != 2
		if !d.Sent || cursor != 0 && d.ID >= cursor || query.Get("status") == "failure" && !failed || query.Get("status") == "success" && failed {
			continue
		}
		if len(list) == size {
			rep, err := ok(list)
			rep.header = map[string]string{"Link": "<" + g.link(q, map[string]string{"cursor": strconv.FormatInt(last, 10)}) + `>; rel="next"`}
			return rep, err
		}
		list, last = append(list, g.deliveryJSON(d)), d.ID
	}
	return ok(list)
}

func (g *GitHub) findDelivery(q request) (*delivery, error) {
	k := slices.IndexFunc(g.deliveries, func(d *delivery) bool { return d.ID == q.number("id") && d.Sent })
	if k < 0 {
		return nil, refuse(http.StatusNotFound, "Not Found")
	}
	return g.deliveries[k], nil
}

func (g *GitHub) oneDelivery(q request) (reply, error) {
	d, err := g.findDelivery(q)
	if err != nil {
		return reply{}, err
	}
	out := g.deliveryJSON(d)
	out["url"] = g.opt.WebhookURL
	out["request"] = obj{"headers": g.hookHeaders(d.Delivery), "payload": json.RawMessage(d.Body)}
	out["response"] = obj{"headers": obj{}, "payload": d.Error}
	return ok(out)
}

func (g *GitHub) redeliverCall(q request) (reply, error) {
	d, err := g.findDelivery(q)
	if err != nil {
		return reply{}, err
	}
	g.redeliver(d)
	return reply{status: http.StatusAccepted, body: obj{}}, nil
}
