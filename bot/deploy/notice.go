package deploy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/wire"
)

const (
	// sourceGeneric is the source whose notices are in our own form.
	sourceGeneric = "generic"
	// maxNotice is the longest body that is read, in bytes.
	maxNotice = 1 << 20
	// noticeTime bounds the wait for the database. Senders by Standard Webhooks
	// wait for 15 seconds or more.
	noticeTime = 10 * time.Second
)

// Mount serves /hooks/deploys/{source} on mux. A source without a secret, and
// one that this version does not know, is not there.
func (d *Deploy) Mount(mux *http.ServeMux) {
	mux.HandleFunc("/hooks/deploys/{source}", func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.PathValue("source") != sourceGeneric || d.signer == nil:
			refuse(w, http.StatusNotFound, bot.NotFound("No deploy notices are heard here.").
				WithHint("The configuration turns one on: deploys: {generic: {secret: env:DEPLOY_HOOK_SECRET}}"))
		case r.Method != http.MethodPost:
			w.Header().Set("Allow", http.MethodPost)
			refuse(w, http.StatusMethodNotAllowed, bot.Invalid("Only POST works here."))
		default:
			d.receive(w, r)
		}
	})
}

// receive takes a generic notice. It is answered once it is kept, so that a sender
// that hears nothing may send it again: a repeat gets the same answer.
func (d *Deploy) receive(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxNotice))
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		refuse(w, http.StatusRequestEntityTooLarge, bot.Invalid("The body is longer than %d bytes.", maxNotice))
		return
	case err != nil:
		refuse(w, http.StatusBadRequest, bot.Invalid("The body ended early."))
		return
	}
	// Real time, whatever the incidents' clock says.
	if err := d.signer.Verify(r.Header, body, time.Now()); err != nil {
		d.log.WarnContext(r.Context(), "deploy notice refused", slog.String("error", err.Error()))
		refuse(w, http.StatusUnauthorized, bot.Forbidden("The signature is missing, too old, or not ours.").
			WithHint("Sign id.timestamp.body by Standard Webhooks with the secret of deploys.generic, at the time of sending."))
		return
	}
	id := r.Header.Get(wire.WebhookIDHeader)
	isNew, err := d.take(r.Context(), id, body)
	if err != nil {
		d.refuseNotice(r.Context(), w, err)
		return
	}
	wire.WriteJSON(w, http.StatusOK, struct {
		OK  bool `json:"ok"`
		New bool `json:"new"`
	}{true, isNew})
}

// take keeps a notice. Its id is that of the delivery, the same each time that
// it is sent again; with another body under it, one of the two would be lost.
func (d *Deploy) take(ctx context.Context, id string, body []byte) (isNew bool, err error) {
	notice, err := parseNotice(body, id)
	if err != nil {
		return false, err
	}
	ctx, cancel := context.WithTimeout(ctx, noticeTime)
	defer cancel()
	sum := sha256.Sum256(body)
	request := bot.Request{Key: "deploy:" + sourceGeneric + ":" + id, Digest: hex.EncodeToString(sum[:])}
	reply, err := d.bot.Carry(ctx, request, func(w *bot.Work) (bot.Reply, error) {
		n := notice
		n.StartedAt, n.FinishedAt = soFar(n.StartedAt, w.Now), soFar(n.FinishedAt, w.Now)
		isNew, err := bot.TakeDeploy(w, n)
		if err != nil || !isNew {
			return bot.Say(noticeKnown), err
		}
		return bot.Say(noticeNew), nil
	})
	return reply.Summary == noticeNew, err
}

// What is kept as the answer to a notice.
const (
	noticeNew   bot.Text = "new"
	noticeKnown bot.Text = "known"
)

// refuseNotice writes why a notice was not taken. What is the sender's is shown
// with what would have worked; what is ours is logged, and can be sent again.
func (d *Deploy) refuseNotice(ctx context.Context, w http.ResponseWriter, err error) {
	var known *bot.Error
	switch {
	case errors.As(err, &known) && known.Kind == bot.KindInvalid:
		if known.Hint == "" {
			known.Hint = noticeHint
		}
		refuse(w, http.StatusBadRequest, known)
	case errors.As(err, &known) && known.Kind == bot.KindConflict:
		refuse(w, http.StatusConflict, bot.Conflict("The %s was used for another body.", wire.WebhookIDHeader).
			WithHint("Use a new id for each notice, and the same one only to send the same body again."))
	default:
		d.log.ErrorContext(ctx, "deploy notice not kept", slog.String("error", err.Error()))
		w.Header().Set("Retry-After", "5")
		refuse(w, http.StatusServiceUnavailable, &bot.Error{
			Kind: bot.KindInternal, Text: "The notice could not be kept.", Hint: "Send it again, with the same " + wire.WebhookIDHeader + ".",
		})
	}
}

// refuse writes an error in the form of the JSON API.
func refuse(w http.ResponseWriter, code int, e *bot.Error) {
	wire.WriteError(w, code, string(e.Kind), e.Sentence().String(), e.Hint)
}
