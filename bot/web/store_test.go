package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/storage/storagetest/fresh"
)

const rootToken = "root-token-0123456789"

// world is a server over a real store, with a dispatcher that knows four verbs.
type world struct {
	t     *testing.T
	srv   *Server
	bot   *bot.Bot
	mux   *http.ServeMux
	asked []bot.Request
	now   time.Time
}

func newWorld(t *testing.T, change func(*Config)) *world {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	store := fresh.Open(t, filepath.Join(t.TempDir(), "tocsin.db"))
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	w := &world{t: t, bot: bot.New(fresh.Twice(store), kustomerSettings(t), log), now: now, mux: http.NewServeMux()}
	w.bot.Now = func() time.Time { return w.now }
	for _, id := range []bot.UserID{"U0ANA", "U0BEN"} {
		w.knows(id)
	}
	c := Config{Bot: w.bot, Dispatcher: w, RootToken: rootToken, Version: "1.2.3", Log: log}
	if change != nil {
		change(&c)
	}
	var err error
	if w.srv, err = New(c); err != nil {
		t.Fatal(err)
	}
	w.srv.Mount(w.mux)
	w.mux.Handle("/", w.srv.Public())
	return w
}

// knows keeps that somebody is a full member of the workspace.
func (w *world) knows(id bot.UserID) {
	w.t.Helper()
	err := w.bot.Store.Update(w.t.Context(), func(tx bot.Tx) error { return tx.SavePerson(bot.Person{ID: id, SyncedAt: now}) })
	if err != nil {
		w.t.Fatal(err)
	}
}

// Dispatch knows: declare TITLE, private TITLE, publish TEXT (of incident 1),
// form, and fail, which is our fault. All else is invalid.
func (w *world) Dispatch(ctx context.Context, r bot.Request) (bot.Reply, error) {
	w.asked = append(w.asked, r)
	verb, rest, _ := strings.Cut(string(r.Line), " ")
	switch verb {
	case "declare", "private":
		return w.bot.Carry(ctx, r, func(k *bot.Work) (bot.Reply, error) {
			e, err := bot.Declare(k, bot.Draft{Title: bot.Text(rest), Private: verb == "private"})
			reply := bot.Say("Declared.")
			reply.Incident = e.Incident
			return reply, err
		})
	case "publish":
		return w.bot.Carry(ctx, r, func(k *bot.Work) (bot.Reply, error) {
			if err := k.Lock(1); err != nil {
				return bot.Reply{}, err
			}
			_, err := bot.Update(k, bot.UpdateDraft{Text: bot.Text(rest), Public: true})
			return bot.Say("Published."), err
		})
	case "form":
		return bot.Reply{Form: &bot.Form{Verb: "declare", Inputs: []bot.FormInput{{Name: "title", Required: true}, {Name: "since"}}}}, nil
	case "fail":
		return bot.Reply{}, context.DeadlineExceeded
	case "undecided":
		return bot.Reply{}, fmt.Errorf("secret detail: %w", bot.Unknown())
	case "break":
		return bot.Reply{}, errors.New("secret detail")
	}
	return bot.Reply{}, bot.Invalid("There is no command %q.", verb).WithHint("Try help.").WithLine("Help", "help")
}

func (w *world) run(line string, headers ...string) (*http.Response, string) {
	w.t.Helper()
	body, err := json.Marshal(map[string]string{"user": "U0ANA", "text": line})
	if err != nil {
		w.t.Fatal(err)
	}
	headers = append(headers, "Authorization: Bearer "+rootToken)
	r := ask(w.t, w.mux, http.MethodPost, "/api/v1/commands", string(body), headers...)
	return r, text(w.t, r)
}

// get reads a path of the API with a token and decodes the answer.
func (w *world) get(path, token string, want int) map[string]any {
	w.t.Helper()
	r := ask(w.t, w.mux, http.MethodGet, path, "", "Authorization: Bearer "+token)
	body := text(w.t, r)
	if r.StatusCode != want {
		w.t.Fatalf("GET %s: %s, want %d: %s", path, r.Status, want, body)
	}
	var out map[string]any
	if err := json.Unmarshal([]byte(body), &out); err != nil {
		w.t.Fatalf("GET %s: %v in %s", path, err, body)
	}
	return out
}

// token makes a personal token.
func (w *world) token(user bot.UserID, change func(*bot.Token)) string {
	w.t.Helper()
	var plain string
	err := w.bot.Store.Update(w.t.Context(), func(tx bot.Tx) error {
		draft := bot.Token{User: user}
		if change != nil {
			change(&draft)
		}
		p, made, err := bot.CreateToken(tx, draft, w.now)
		plain = p
		if err == nil && !draft.RevokedAt.IsZero() {
			err = tx.RevokeToken(made.ID, draft.RevokedAt)
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return plain
}

// keep writes a record into the store.
func (w *world) keep(r *record) {
	w.t.Helper()
	err := w.bot.Store.Update(w.t.Context(), func(tx bot.Tx) error {
		number, err := tx.NextNumber()
		if err != nil {
			return err
		}
		i := &bot.Incident{Number: number, Private: r.Private}
		if err := tx.CreateIncident(i); err != nil {
			return err
		}
		for _, e := range r.events {
			e.Incident = number
			e = e.Seal(i.Head, e.RecordedAt)
			i.Apply(e)
			if err := tx.Append(e, i); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}
