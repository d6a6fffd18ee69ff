package fakeslack

import (
	"encoding/json"
	"io"
	"net/http"
	"time"
)

// The life of a response URL.
const (
	hookUses = 5
	hookLife = 30 * time.Minute
)

// hook is a response URL.
type hook struct {
	user, channel string
	ts            string // the message it belongs to, if any
	at            time.Time
	uses          int
}

func (s *Slack) newHook(user, channel, ts string) string {
	s.seq++
	id := s.opt.TeamID + "-" + s.id("R") + "-" + shortHash([]byte(user+channel+ts+jsonText(s.seq)))
	s.hooks[id] = &hook{user: user, channel: channel, ts: ts, at: s.opt.SignNow()}
	return s.opt.PublicURL + "/response/" + id
}

// reaction is a message as the answer to a command or a post to a response URL.
type reaction struct {
	draft
	inChannel, replace, remove bool
}

// readReaction reads one, with the limits of messages but none for the total.
func readReaction(body []byte) (*reaction, error) {
	a := args{}
	if err := a.readJSON(body); err != nil {
		return nil, err
	}
	delete(a, "metadata") // response URLs carry none; clients send an empty one
	r := &reaction{inChannel: a["response_type"] == "in_channel", replace: a.bool("replace_original"), remove: a.bool("delete_original")}
	blocks, given := a["blocks"]
	delete(a, "blocks")
	var err error
	if r.draft, err = readDraft(a); err != nil {
		return nil, err
	}
	if given {
		r.blocks, err = checkBlocks("/blocks", json.RawMessage(blocks), inResponse)
		r.hasBlocks = true
	}
	return r, err
}

func (r *reaction) message(user string) *message {
	m := &message{
		user: botUserID, bot: true, text: cut(r.text, maxPostText), blocks: r.blocks, attachments: r.attachments, threadTS: r.threadTS,
	}
	if !r.inChannel {
		m.ephemeralTo = user
	}
	return m
}

// serveHook takes posts to response URLs.
func (s *Slack) serveHook(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	f, abort := s.fault(r.Context(), "response_url")
	if abort {
		panic(http.ErrAbortHandler)
	}
	rep := reply{status: http.StatusBadRequest, body: obj{"ok": false, "error": "invalid_payload"}}
	switch {
	case f != nil && !f.DropAfterCommit && f.reply() != nil:
		rep = *f.reply()
	case err == nil:
		rep = s.useHook(r.PathValue("id"), body)
	}
	dropped := f != nil && f.DropAfterCommit
	s.record("response_url", args{"url": r.URL.Path, "body": string(body)}, rep, dropped)
	if dropped {
		panic(http.ErrAbortHandler)
	}
	if rep.status == http.StatusOK {
		_, _ = io.WriteString(w, "ok")
		return
	}
	rep.write(w)
}

func (s *Slack) useHook(id string, body []byte) reply {
	bad := func(status int, code string) reply {
		return reply{status: status, body: obj{"ok": false, "error": code}}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.hooks[id]
	switch {
	case h == nil:
		return bad(http.StatusNotFound, "no_service")
	case s.opt.SignNow().Sub(h.at) > hookLife:
		return bad(http.StatusNotFound, "expired_url")
	case h.uses >= hookUses:
		return bad(http.StatusNotFound, "used_url")
	}
	post, err := readReaction(body)
	if err != nil {
		return reply{status: http.StatusBadRequest, body: answer(nil, err).body}
	}
	c := s.channels[h.channel]
	m := c.find(h.ts)
	own := m != nil && m.bot
	switch {
	case post.remove && own:
		s.eraseAny(c, m)
	case post.remove:
		return bad(http.StatusNotFound, "message_not_found")
	case post.empty():
		return bad(http.StatusBadRequest, "no_text")
	case post.replace && own:
		post.hasBlocks = true
		s.revise(c, m, post.draft)
	default:
		s.post(c, post.message(h.user))
	}
	h.uses++
	return reply{status: http.StatusOK, body: obj{"ok": true}}
}

func (s *Slack) eraseAny(c *channel, m *message) {
	if m.ephemeralTo == "" {
		s.erase(c, m)
		return
	}
	c.drop(m.ts)
	s.changed()
}
