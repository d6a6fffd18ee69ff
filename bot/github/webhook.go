package github

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/wire"
)

const (
	// maxHook is the longest body that is read. GitHub's own cap is higher; events of
	// issues are far below it.
	maxHook = 5 << 20
	// hookTime bounds the wait for the database. GitHub waits for ten seconds and
	// then shows the delivery as failed, for somebody to send again.
	hookTime = 5 * time.Second

	eventHeader    = "X-GitHub-Event"
	deliveryHeader = "X-GitHub-Delivery"
)

// Mount serves /github/webhooks on mux. Without a secret it is not there.
func (g *GitHub) Mount(mux *http.ServeMux) {
	mux.HandleFunc("/github/webhooks", func(w http.ResponseWriter, r *http.Request) {
		switch {
		case g.signer == nil:
			refuse(w, http.StatusNotFound, bot.NotFound("No webhooks of GitHub are heard here.").
				WithHint("Set GITHUB_WEBHOOK_SECRET, and the same secret in the webhook's settings on GitHub."))
		case r.Method != http.MethodPost:
			w.Header().Set("Allow", http.MethodPost)
			refuse(w, http.StatusMethodNotAllowed, bot.Invalid("Only POST works here."))
		default:
			g.receive(w, r)
		}
	})
}

// deliveryID is what GitHub names a delivery by.
var deliveryID = regexp.MustCompile(`^[A-Za-z0-9-]{8,100}$`)

// receive takes a delivery. It is answered once what it says is kept.
func (g *GitHub) receive(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxHook))
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		refuse(w, http.StatusRequestEntityTooLarge, bot.Invalid("The body is longer than %d bytes.", maxHook))
		return
	case err != nil:
		refuse(w, http.StatusBadRequest, bot.Invalid("The body ended early."))
		return
	}
	if err := g.signer.Verify(r.Header, body, time.Now()); err != nil {
		g.log.WarnContext(r.Context(), "webhook refused", slog.String("error", err.Error()))
		refuse(w, http.StatusUnauthorized, bot.Forbidden("The signature is missing or not ours.").
			WithHint("Set the same secret in the webhook's settings on GitHub and in GITHUB_WEBHOOK_SECRET; X-Hub-Signature-256 is the only header looked at."))
		return
	}
	id := r.Header.Get(deliveryHeader)
	if !deliveryID.MatchString(id) {
		refuse(w, http.StatusBadRequest, bot.Invalid("%s is missing.", deliveryHeader).WithHint("GitHub sends it with each delivery."))
		return
	}
	if r.Header.Get(eventHeader) != "issues" {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	h, err := readHook(body)
	if err != nil {
		refuse(w, http.StatusBadRequest, bot.Invalid("The body cannot be read as an event of issues.").
			WithHint("Choose the content type application/json in the webhook's settings on GitHub."))
		return
	}
	g.hear(r.Context(), w, id, h)
}

// hear carries out what a delivery says. It is claimed by its id, which is the
// same each time that it is sent again.
func (g *GitHub) hear(ctx context.Context, w http.ResponseWriter, id string, h *hook) {
	effect := h.effect()
	if effect == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, hookTime)
	defer cancel()
	_, err := g.bot.Carry(ctx, bot.Request{Key: "github:" + id, Via: bot.ViaGitHub}, func(work *bot.Work) (bot.Reply, error) {
		return bot.Reply{}, effect(g, work)
	})
	if err != nil {
		g.log.ErrorContext(ctx, "webhook not kept", slog.String("delivery", id), slog.String("error", err.Error()))
		refuse(w, http.StatusServiceUnavailable, &bot.Error{
			Kind: bot.KindInternal, Text: "The event could not be kept.", Hint: "Redeliver it; the issue is also read at the next poll.",
		})
		return
	}
	wire.WriteJSON(w, http.StatusOK, struct {
		OK bool `json:"ok"`
	}{true})
}

// refuse writes an error in the form of the JSON API.
func refuse(w http.ResponseWriter, code int, e *bot.Error) {
	wire.WriteError(w, code, string(e.Kind), e.Sentence().String(), e.Hint)
}
