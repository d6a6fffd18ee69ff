package fakegithub_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/tocsin-dev/tocsin/bot/github/fakegithub"
)

func TestEveryChangeIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *fakegithub.Options) { o.AppID, o.InstallationID = "12", "34" })
	w.open("x", labels("a"), func(r *github.IssueRequest) { r.Assignees = &[]string{"ana"} })
	if got, want := w.got(), "opened #1 by tocsin[bot]\nlabeled #1 by tocsin[bot] a\nassigned #1 by tocsin[bot] ana\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	ben := w.As("Ben")
	for _, act := range []func() error{
		func() error { return ben.Close(w.ctx, repoName, 1, "not_planned") },
		func() error { return ben.Close(w.ctx, repoName, 1, "completed") }, // it is closed
		func() error { return ben.Reopen(w.ctx, repoName, 1) },
		func() error { return ben.Edit(w.ctx, repoName, 1, "y", "") },
		func() error { return ben.Assign(w.ctx, repoName, 1, "cem", "nobody") },
		func() error { return ben.Unassign(w.ctx, repoName, 1, "ana") },
		func() error { return ben.Label(w.ctx, repoName, 1, "b") },
		func() error { return ben.Unlabel(w.ctx, repoName, 1, "a", "never") },
		func() error { return ben.Comment(w.ctx, repoName, 1, "hm") },
		func() error { return ben.Delete(w.ctx, repoName, 1) },
	} {
		if err := act(); err != nil {
			t.Error(err)
		}
	}
	all := w.Deliveries()
	want := "closed #1 by Ben\nreopened #1 by Ben\nedited #1 by Ben\nassigned #1 by Ben cem\nunassigned #1 by Ben ana\nlabeled #1 by Ben b\nunlabeled #1 by Ben a\n" +
		"comment created #1 by Ben hm\ndeleted #1 by Ben\n"
	if got := w.got(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	closed := all[3]
	told, err := github.ParseWebHook(closed.Event, []byte(closed.Body))
	e, ok := told.(*github.IssuesEvent)
	if err != nil || !ok || e.GetIssue().GetStateReason() != "not_planned" || e.GetRepo().GetFullName() != repoName || !e.GetRepo().GetPrivate() || e.GetInstallation().GetID() != 34 ||
		e.GetRepo().GetOwner().GetLogin() != "acme" || e.GetSender().GetType() != "User" || len(e.GetIssue().Labels) != 1 || closed.Status != 200 || !closed.Sent || closed.Action != "closed" {
		t.Errorf("%+v %v", closed, err)
	}
	if !strings.Contains(all[5].Body, `"changes":{"title":{"from":"x"}}`) {
		t.Error(all[5].Body)
	}
}

// TestWebhooksThatAreLate comes with all that GitHub may do to them: late, out
// of order, twice and never.
func TestWebhooksThatAreLate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.open("x")
	w.got()
	w.PauseWebhooks()
	ana := w.As("ana")
	for _, act := range []func() error{
		func() error { return ana.Close(w.ctx, repoName, 1, "") },
		func() error { return ana.Reopen(w.ctx, repoName, 1) },
		func() error { return ana.Label(w.ctx, repoName, 1, "b") },
	} {
		if err := act(); err != nil {
			t.Error(err)
		}
	}
	if got := w.got(); got != "" {
		t.Errorf("not held: %s", got)
	}
	held := w.Deliveries()[1:]
	for _, d := range []fakegithub.Delivery{held[1], held[0], held[0]} {
		if !d.Held {
			t.Errorf("%+v", d)
		}
		if err := w.Redeliver(d.GUID); err != nil {
			t.Error(err)
		}
	}
	if got := w.guids(); got != held[1].GUID+" "+held[0].GUID+" "+held[0].GUID {
		t.Errorf("%s of %+v", got, held)
	}
	if got, want := w.got(), "reopened #1 by ana\nclosed #1 by ana\nclosed #1 by ana\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	w.ResumeWebhooks()
	if got, want := w.got(), "labeled #1 by ana b\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	w.PauseWebhooks()
	_ = ana.Close(w.ctx, repoName, 1, "")
	w.DropWebhooks()
	w.ResumeWebhooks()
	all := w.Deliveries()
	if got := w.got(); got != "" || all[len(all)-1].Sent {
		t.Errorf("it was not lost: %s", got)
	}
	if err := w.Redeliver(all[len(all)-1].GUID); err != nil || w.got() != "closed #1 by ana\n" {
		t.Errorf("what was lost cannot be redelivered: %v", err)
	}
	if err := w.Redeliver("nope"); err == nil {
		t.Error("a delivery that never was")
	}
}

func (w *world) guids() string {
	w.hook.mu.Lock()
	defer w.hook.mu.Unlock()
	var out []string
	for _, h := range w.hook.list {
		out = append(out, h.guid)
	}
	return strings.Join(out, " ")
}

func TestRedeliveryByAPI(t *testing.T) {
	t.Parallel()
	w, sign := newApp(t)
	w.hook.answer(http.StatusServiceUnavailable)
	w.open("x")
	_ = w.got()
	w.hook.answer(0)
	_ = w.As("ana").Close(w.ctx, repoName, 1, "")
	w.got()
	app := w.client(sign(`"12"`, 0, time.Minute))
	list := must(app.Apps.ListHookDeliveries(w.ctx, nil))
	if len(list) != 2 || list[0].GetAction() != "closed" || list[0].GetStatusCode() != 200 || list[1].GetStatusCode() != 503 {
		t.Fatalf("%v", list)
	}
	failed := list[1]
	if resp := w.raw("GET /app/hook/deliveries?status=failure", "", "Authorization", "Bearer "+sign(`"12"`, 0, time.Minute)); strings.Count(text(t, resp), `"guid"`) != 1 {
		t.Error("failures are not picked")
	}
	first, resp, err := app.Apps.ListHookDeliveries(w.ctx, &github.ListCursorOptions{PerPage: 1})
	if err != nil || len(first) != 1 || resp.Cursor == "" {
		t.Fatalf("%v %+v", err, resp)
	}
	second := must(app.Apps.ListHookDeliveries(w.ctx, &github.ListCursorOptions{PerPage: 1, Cursor: resp.Cursor}))
	if len(second) != 1 || second[0].GetID() != failed.GetID() {
		t.Errorf("%v", second)
	}
	one := must(app.Apps.GetHookDelivery(w.ctx, failed.GetID()))
	if one.Request == nil || one.Request.Headers["X-GitHub-Delivery"] != failed.GetGUID() {
		t.Errorf("%v", one)
	}
	// 202 is an error of go-github's, which is no failure.
	if _, _, err := app.Apps.RedeliverHookDelivery(w.ctx, failed.GetID()); err == nil || !strings.Contains(err.Error(), "job scheduled") {
		t.Error(err)
	}
	_ = w.WaitWebhooks(w.ctx)
	if got := w.guids(); got != failed.GetGUID() {
		t.Errorf("%s, want %s", got, failed.GetGUID())
	}
	if all := w.Deliveries(); !all[2].Redelivery || all[2].GUID != all[0].GUID || all[2].ID == all[0].ID || all[2].Body != all[0].Body {
		t.Errorf("%+v", all[2])
	}
	hooks := must(w.client(testToken).Repositories.ListHooks(w.ctx, "acme", "postmortems", nil))
	if len(hooks) != 1 || hooks[0].GetConfig().GetSecret() == testSecret {
		t.Fatalf("%v", hooks)
	}
	if list := must(w.client(testToken).Repositories.ListHookDeliveries(w.ctx, "acme", "postmortems", hooks[0].GetID(), nil)); len(list) != 3 {
		t.Errorf("%v", list)
	}
}

// TestADeadReceiver is given up on after ten seconds, and not tried again.
func TestADeadReceiver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.hook.hang = true
		began := time.Now()
		if _, err := w.As("ana").Open(t.Context(), repoName, "x", ""); err != nil {
			t.Fatal(err)
		}
		all := w.Deliveries()
		if took := time.Since(began); took != 10*time.Second || len(all) != 1 || !all[0].Sent || all[0].Status != 0 || all[0].Error == "" {
			t.Errorf("%s %+v", took, all)
		}
		go func() { _, _ = w.As("ana").Open(t.Context(), repoName, "y", "") }()
		synctest.Wait()
		began = time.Now()
		if w.Close(); time.Since(began) != 0 {
			t.Errorf("Close took %s", time.Since(began))
		}
		if w.open("z"); len(w.Deliveries()) != 2 {
			t.Errorf("something is sent after Close: %+v", w.Deliveries())
		}
	})
}

func TestRedirectsOfTheReceiverAreNotFollowed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.hook.answer(http.StatusTemporaryRedirect)
	w.open("x")
	if got := w.got(); got != "opened #1 by tocsin[bot]\n" || w.Deliveries()[0].Status != 307 {
		t.Errorf("%q %+v", got, w.Deliveries())
	}
}
