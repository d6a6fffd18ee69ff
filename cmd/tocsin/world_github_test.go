package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot/github/fakegithub"
)

const (
	testGitHub  = "ghp_TokenOfTheTests0123456789"
	testWebhook = "webhook-secret-of-the-tests"
)

// addGitHub makes the GitHub where action items have their issues.
func (w *world) addGitHub() {
	w.github = fakegithub.New(fakegithub.Options{
		Token: testGitHub, PublicURL: "http://github.test", WebhookURL: "http://tocsin.test/github/webhooks", WebhookSecret: testWebhook,
		Client: &http.Client{Transport: w.net, Timeout: 3 * time.Second},
	})
	for _, r := range []fakegithub.Repo{
		{Name: "acme/postmortems", Private: true, Assignees: []string{"ana", "ben"}},
		{Name: "acme/security", Private: true, Assignees: []string{"ana"}},
		{Name: "acme/api-gateway", Private: true, Assignees: []string{"ana", "ben"}},
		{Name: "acme/website", Assignees: []string{"ana"}},
		{Name: "acme/without-issues", Private: true, IssuesOff: true},
	} {
		w.github.AddRepo(r)
	}
	w.net["github.test"] = w.github.Handler()
}

// gitHub does what is done to GitHub:
//
//	github closes acme/postmortems#1 by ana
//	github closes acme/postmortems#1 by ana as not_planned
//	github reopens acme/postmortems#1 by ana
//	github deletes acme/postmortems#1 by ana
//	github moves acme/postmortems#1 to acme/api-gateway by ana
//	github answers 503 POST /repos/acme/postmortems/issues$    once; nothing is done
//	github loses POST /repos/acme/postmortems/issues$          once; it is done, and nobody hears of it
//	github webhooks stop, github webhooks go
func (w *world) gitHub(what string) {
	w.t.Helper()
	ctx := context.Background()
	f := strings.Fields(what)
	var err error
	switch {
	case len(f) >= 4 && f[len(f)-2] == "by" || len(f) == 6 && f[4] == "as":
		err = w.atGitHub(ctx, f)
	case len(f) == 4 && f[0] == "answers":
		var status int
		status, err = strconv.Atoi(f[1])
		w.github.Fail(fakegithub.Fault{Method: f[2], Path: f[3], Status: status, Times: 1})
	case len(f) == 3 && f[0] == "loses":
		w.github.Fail(fakegithub.Fault{Method: f[1], Path: f[2], Drop: true, Times: 1})
	case what == "webhooks stop":
		w.github.PauseWebhooks()
	case what == "webhooks go":
		w.github.ResumeWebhooks()
	default:
		err = errors.New("not understood")
	}
	if err != nil {
		w.errorf("github %s: %v", what, err)
	}
}

// atGitHub is what somebody does to an issue.
func (w *world) atGitHub(ctx context.Context, f []string) error {
	repo, number, ok := strings.Cut(f[1], "#")
	n, err := strconv.Atoi(number)
	if !ok || err != nil {
		return fmt.Errorf("%s is no issue", f[1])
	}
	switch {
	case f[0] == "closes" && len(f) == 6:
		return w.github.As(f[3]).Close(ctx, repo, n, f[5])
	case f[0] == "closes":
		return w.github.As(f[3]).Close(ctx, repo, n, "completed")
	case f[0] == "reopens":
		return w.github.As(f[3]).Reopen(ctx, repo, n)
	case f[0] == "deletes":
		return w.github.As(f[3]).Delete(ctx, repo, n)
	case f[0] == "moves" && f[2] == "to":
		_, err := w.github.As(f[5]).Transfer(ctx, repo, n, f[3])
		return err
	}
	return errors.New("not understood")
}

// issues are the issues of a repository as a reader sees them; of one alone, if
// it is named.
func (w *world) issues(where string) []string {
	repo, number, _ := strings.Cut(where, "#")
	var out []string
	for _, i := range w.github.Issues(repo) {
		if number != "" && number != strconv.Itoa(i.Number) {
			continue
		}
		out = append(out, fmt.Sprintf("#%d %s %s %s [%s] @%s\n%s", i.Number, i.State, i.StateReason, i.Title,
			strings.Join(i.Labels, ", "), strings.Join(i.Assignees, " @"), i.Body))
	}
	return out
}
