package fakeslack

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack"
)

func plainText(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject("plain_text", s, false, false)
}

// form is the modal of the tests: a title, a severity and who leads.
func form(callback string) slack.ModalViewRequest {
	title := slack.NewInputBlock("title", plainText("Title"), nil, slack.NewPlainTextInputBlockElement(nil, "value"))
	sev := slack.NewInputBlock("severity", plainText("Severity"), nil, slack.NewOptionsSelectBlockElement("static_select", plainText("Choose"), "value",
		slack.NewOptionBlockObject("sev1", plainText("SEV1 Critical"), nil), slack.NewOptionBlockObject("sev2", plainText("SEV2 Major"), nil)))
	lead := slack.NewInputBlock("lead", plainText("Lead"), nil, slack.NewOptionsSelectBlockElement("users_select", nil, "value"))
	lead.Optional = true
	return slack.ModalViewRequest{
		Type: "modal", CallbackID: callback, Title: plainText("Declare"), Submit: plainText("Declare it"), Close: plainText("Cancel"),
		PrivateMetadata: "meta", NotifyOnClose: true, Blocks: slack.Blocks{BlockSet: []slack.Block{title, sev, lead}},
	}
}

// opened is a world in which Ana has the form open.
func opened(t *testing.T) (*world, *Person, View) {
	w := newWorld(t)
	w.app.commands = func(_ http.ResponseWriter, f url.Values) {
		if _, err := w.api.OpenView(f.Get("trigger_id"), form("declare")); err != nil {
			t.Error(err)
		}
	}
	ana := w.As("ana")
	a, err := ana.Slash(t.Context(), "general", "/incident", "declare")
	if err != nil || a.View == nil || a.View.CallbackID != "declare" {
		t.Fatalf("%+v %v", a, err)
	}
	return w, ana, *a.View
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func TestSubmit(t *testing.T) {
	w, ana, v := opened(t)
	var got slack.InteractionCallback
	w.app.interact = func(rw http.ResponseWriter, ic slack.InteractionCallback) {
		if got = ic; ic.View.State.Values["title"]["value"].Value == "bad" {
			writeJSON(rw, slack.NewErrorsViewSubmissionResponse(map[string]string{"title": "Say more"}))
		}
	}
	a, err := ana.Submit(t.Context(), v.ID, nil)
	if err != nil || a.Errors["title"] == "" || a.Errors["severity"] == "" || a.Errors["lead"] != "" || got.Type != "" {
		t.Errorf("required fields: %+v %v; app got %q", a.Errors, err, got.Type)
	}
	a, err = ana.Submit(t.Context(), v.ID, map[string]string{"title": "bad", "severity": "SEV1 Critical", "lead": "ben"})
	if err != nil || a.Errors["title"] != "Say more" || len(ana.Views()) != 1 {
		t.Errorf("the app's errors: %+v %v", a, err)
	}
	a, err = ana.Submit(t.Context(), v.ID, map[string]string{"title": "Checkout down"})
	if err != nil || len(a.Errors) > 0 || len(ana.Views()) != 0 {
		t.Errorf("%+v %v", a, err)
	}
	values := got.View.State.Values
	if got.Type != slack.InteractionTypeViewSubmission || got.View.PrivateMetadata != "meta" || got.User.ID != "U0ANA" ||
		values["severity"]["value"].SelectedOption.Value != "sev1" || values["lead"]["value"].SelectedUser != "U0BEN" ||
		values["title"]["value"].Value != "Checkout down" || got.TriggerID == "" {
		t.Errorf("%+v", got)
	}
	if _, err := ana.Submit(t.Context(), v.ID, nil); err == nil {
		t.Error("a closed view was submitted")
	}
}

func TestSubmitAnswers(t *testing.T) {
	values := map[string]string{"title": "x", "severity": "sev2"}
	next := form("next")
	for _, c := range []struct {
		name   string
		answer any
		views  int
		bad    bool
	}{
		{"update", slack.NewUpdateViewSubmissionResponse(&next), 1, false},
		{"push", slack.NewPushViewSubmissionResponse(&next), 2, false},
		{"clear", slack.NewClearViewSubmissionResponse(), 0, false},
		{"errors for no block", slack.NewErrorsViewSubmissionResponse(map[string]string{"nope": "x"}), 1, true},
		{"unknown action", map[string]string{"response_action": "dance"}, 1, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, ana, v := opened(t)
			w.app.interact = func(rw http.ResponseWriter, _ slack.InteractionCallback) { writeJSON(rw, c.answer) }
			_, err := ana.Submit(t.Context(), v.ID, values)
			if (err != nil) != c.bad || len(ana.Views()) != c.views {
				t.Errorf("%v, %d views", err, len(ana.Views()))
			}
			if c.name == "update" && ana.Views()[0].Values["title"] != "x" {
				t.Error("an update lost what was typed in the same blocks")
			}
		})
	}
	t.Run("plain text is not understood", func(t *testing.T) {
		w, ana, v := opened(t)
		w.app.interact = func(rw http.ResponseWriter, _ slack.InteractionCallback) { _, _ = io.WriteString(rw, "ok") }
		if _, err := ana.Submit(t.Context(), v.ID, values); !errors.Is(err, ErrDispatch) {
			t.Error(err)
		}
	})
}

func TestViewsUpdatePushAndClose(t *testing.T) {
	w, ana, v := opened(t)
	_, err := w.api.UpdateView(form("x"), "", "wrong", v.ID)
	wantErr(t, err, "hash_conflict")
	_, err = w.api.UpdateView(form("x"), "", "", "V0NONE")
	wantErr(t, err, "not_found")
	must(w.api.UpdateView(form("loaded"), "", v.Hash, v.ID))(t)
	if got := ana.Views()[0]; got.CallbackID != "loaded" || got.Hash == v.Hash {
		t.Errorf("%+v", got)
	}
	var closed []slack.InteractionCallback
	w.app.interact = func(_ http.ResponseWriter, ic slack.InteractionCallback) {
		if ic.Type == slack.InteractionTypeViewClosed {
			closed = append(closed, ic)
		}
	}
	if err := ana.CloseView(t.Context(), v.ID, true); err != nil || len(closed) != 1 || !closed[0].IsCleared {
		t.Errorf("%+v %v", closed, err)
	}
	_, err = w.api.PushView("1.2.3", form("x"))
	wantErr(t, err, "invalid_trigger_id")
}

func TestPushIsForElementsOfTheModal(t *testing.T) {
	w := newWorld(t)
	view := form("first")
	more := slack.NewActionBlock("more", slack.NewButtonBlockElement("push", "1", plainText("More")))
	view.Blocks.BlockSet = append(view.Blocks.BlockSet, more)
	w.app.commands = func(_ http.ResponseWriter, f url.Values) {
		_, err := w.api.PushView(f.Get("trigger_id"), view)
		wantErr(t, err, "invalid_arguments")
	}
	ana := w.As("ana")
	must(ana.Slash(t.Context(), "general", "/incident", "x"))(t)
	w.app.commands = func(_ http.ResponseWriter, f url.Values) { must(w.api.OpenView(f.Get("trigger_id"), view))(t) }
	must(ana.Slash(t.Context(), "general", "/incident", "x"))(t)
	codes := []string{"", "", "push_limit_reached"}
	w.app.interact = func(_ http.ResponseWriter, ic slack.InteractionCallback) {
		if ic.Type == slack.InteractionTypeViewClosed {
			return
		}
		_, err := w.api.PushView(ic.TriggerID, view)
		wantErr(t, err, codes[0])
		codes = codes[1:]
	}
	for range 3 {
		views := ana.Views()
		must(ana.ClickIn(t.Context(), views[len(views)-1].ID, "More"))(t)
	}
	views := ana.Views()
	if len(views) != 3 {
		t.Fatalf("%d views", len(views))
	}
	if err := ana.CloseView(t.Context(), views[2].ID, false); err != nil || len(ana.Views()) != 2 {
		t.Error(err, len(ana.Views()))
	}
}

func TestTriggers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		a := must(w.As("ana").Slash(t.Context(), "general", "/inc", "x"))(t)
		must(w.api.OpenView(a.TriggerID, form("x")))(t)
		_, err := w.api.OpenView(a.TriggerID, form("x"))
		wantErr(t, err, "exchanged_trigger_id")
		a = must(w.As("ana").Slash(t.Context(), "general", "/inc", "x"))(t)
		time.Sleep(3*time.Second + time.Millisecond)
		_, err = w.api.OpenView(a.TriggerID, form("x"))
		wantErr(t, err, "expired_trigger_id")
	})
}

func TestHome(t *testing.T) {
	w := newWorld(t)
	home := slack.HomeTabViewRequest{Type: "home", Blocks: slack.Blocks{BlockSet: []slack.Block{
		slack.NewHeaderBlock(plainText("Open incidents")),
		slack.NewActionBlock("a", slack.NewButtonBlockElement("declare", "declare", plainText("Declare"))),
	}}}
	w.app.events = func(_ http.ResponseWriter, r received) {
		if r.event()["type"] == "app_home_opened" {
			must(w.api.PublishViewContext(t.Context(), slack.PublishViewContextRequest{UserID: r.event()["user"].(string), View: home}))(t)
		}
	}
	v, err := w.As("ana").OpenHome(t.Context())
	if err != nil || !strings.Contains(w.PlainView(v), "# Open incidents") {
		t.Errorf("%+v %v", v, err)
	}
	w.app.interact = func(_ http.ResponseWriter, ic slack.InteractionCallback) {
		if ic.Container.Type != "view" || ic.View.Type != "home" {
			t.Errorf("%+v", ic.Container)
		}
	}
	must(w.As("ana").ClickIn(t.Context(), v.ID, "Declare"))(t)
	hash := "wrong"
	_, err = w.api.PublishViewContext(t.Context(), slack.PublishViewContextRequest{UserID: "U0ANA", View: home, Hash: &hash})
	wantErr(t, err, "hash_conflict")
}
