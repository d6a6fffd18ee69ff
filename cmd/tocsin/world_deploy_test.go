package main

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot/deploy/fakedeploy"
	"github.com/tocsin-dev/tocsin/bot/wire"
)

// addDeploys makes the deploy system: the two clusters of the API gateway, each
// with three releases.
func (w *world) addDeploys() {
	w.deploy = fakedeploy.New(fakedeploy.Options{
		Token: testDeploy, PublicURL: "https://deploy.test", NoticeURL: "http://tocsin.test/hooks/deploys/generic", NoticeSecret: testNotices,
		Client: &http.Client{Transport: w.net, Timeout: 3 * time.Second},
	})
	for _, app := range []string{"gateway", "gateway-chat"} {
		w.deploy.AddApp(fakedeploy.App{
			Name: app, Service: "api-gateway", Environment: "production", Duration: 3 * time.Minute,
			Releases: []fakedeploy.Release{{Version: "v40", By: "cem"}, {Version: "v41", By: "ben"}},
		})
	}
	w.net["deploy.test"] = w.deploy.Handler()
}

// dial makes the program's clients towards deploy systems. Addresses are not
// checked here, since there are none; hosts and redirects are.
func (w *world) dial(g wire.Guard) (*http.Client, error) {
	t, err := wire.NewTransport(g)
	if err != nil {
		return nil, err
	}
	return &http.Client{
		Timeout: g.Timeout, Transport: guarded{t, w.net},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, nil
}

type guarded struct {
	guard *wire.Transport
	next  http.RoundTripper
}

func (g guarded) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := g.guard.CheckURL(r.URL); err != nil {
		return nil, err
	}
	return g.next.RoundTrip(r)
}

// deploySystem does what is done to the deploy system:
//
//	deploys v42 to gateway by ana        at once, with a notice
//	deploys take 18m in gateway
//	deploys fail in gateway: disk full   the next run there
//	deploys drop before|after POST /api/apps/*/rollback       once
//	deploys answer 503 POST /api/apps/*/rollback              once
//	deploys hold gateway, deploys release gateway             its newest run waits for somebody
func (w *world) deploySystem(what string) {
	w.t.Helper()
	ctx := context.Background()
	f := strings.Fields(what)
	var err error
	switch {
	case len(f) == 5 && f[1] == "to":
		err = w.deploy.DeployNow(ctx, f[2], f[0], f[4])
	case len(f) == 4 && f[0] == "take":
		var d time.Duration
		d, err = time.ParseDuration(f[1])
		w.deploy.SetDuration(f[3], d)
	case f[0] == "fail":
		app, why, _ := strings.Cut(strings.TrimPrefix(what, "fail in "), ": ")
		w.deploy.Fail(app, why)
	case f[0] == "drop":
		w.deploy.Fault(fakedeploy.Fault{Method: f[2], Path: f[3], DropBefore: f[1] == "before", DropAfter: f[1] == "after"})
	case f[0] == "answer":
		w.deploy.Fault(fakedeploy.Fault{Method: f[2], Path: f[3], Status: map[string]int{"503": 503, "500": 500, "404": 404}[f[1]]})
	case f[0] == "hold":
		err = w.deploy.Block(w.newestRun(f[1]))
	case f[0] == "release":
		err = w.deploy.Unblock(w.newestRun(f[1]))
	default:
		err = errors.New("not understood")
	}
	if err != nil {
		w.errorf("deploys %s: %v", what, err)
	}
}

func (w *world) newestRun(app string) (id string) {
	for _, r := range w.deploy.Runs() {
		if r.App == app {
			id = r.ID
		}
	}
	return id
}

// sent counts the requests for a rollback that reached the deploy system.
func (w *world) sent() (n int) {
	for _, c := range w.deploy.Calls() {
		if c.Method == http.MethodPost && strings.HasSuffix(c.Path, "/rollback") {
			n++
		}
	}
	return n
}
