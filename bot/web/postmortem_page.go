package web

import (
	"context"
	"net/http"
	"strconv"

	"github.com/tocsin-dev/tocsin/bot"
)

// postmortemPage serves a post-mortem to whoever has a link to it, which the bot
// shows only to those who may read the incident ([bot.Settings.PostmortemURL]). A
// wrong link and an incident that never was are answered alike.
func (s *Server) postmortemPage(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.ParseInt(r.PathValue("n"), 10, 64)
	q := r.URL.Query()
	opens, over := false, false
	if err == nil {
		opens, over = s.bot.Settings.OpensPostmortem(n, q.Get("until"), q.Get("key"), s.bot.Now())
	}
	again := s.bot.Settings.Command + " #" + strconv.FormatInt(n, 10) + " postmortem"
	switch {
	case over:
		http.Error(w, "This link is over. Type "+again+" in Slack for a new one.", http.StatusForbidden)
		return
	case !opens:
		http.Error(w, "There is no such page.", http.StatusNotFound)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), apiDeadline)
	defer cancel()
	d, err := s.drawPostmortem(ctx, n, q.Get("as") == "markdown")
	if err != nil {
		if bot.KindOf(err) == bot.KindNotFound {
			http.Error(w, "There is no such page.", http.StatusNotFound)
			return
		}
		s.log.ErrorContext(ctx, "a post-mortem could not be drawn", "incident", n, "error", err)
		http.Error(w, "That did not work, and it is our fault. Try again in a moment.", http.StatusInternalServerError)
		return
	}
	d.write(w)
}

// drawPostmortem reads as the bot itself: the link stands for the reader's right.
func (s *Server) drawPostmortem(ctx context.Context, n int64, markdown bool) (d document, err error) {
	var p postmortem
	err = s.bot.Store.View(ctx, func(tx bot.ReadTx) (err error) {
		p, err = s.postmortemOf(tx, bot.Self(), strconv.FormatInt(n, 10))
		return err
	})
	switch {
	case err != nil:
		return document{}, err
	case markdown:
		return document{kind: "text/markdown; charset=utf-8", policy: policy, body: []byte(p.markdown())}, nil
	}
	return s.paper.draw(p.Title.OneLine(0).String(), p.markdown())
}
