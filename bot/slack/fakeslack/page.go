package fakeslack

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"time"
)

//go:embed static
var static embed.FS

// pagePolicy lets the page use its own files only, and show pictures that
// messages link to.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
	"img-src 'self' data: http: https:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

// mountPage serves the page under / and what it asks for under /_/.
func (s *Slack) mountPage(mux *http.ServeMux) {
	files, err := fs.Sub(static, "static")
	if err != nil {
		panic(err) // the folder is compiled in
	}
	serve := http.FileServerFS(files)
	page := func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Security-Policy", pagePolicy)
			w.Header().Set("X-Content-Type-Options", "nosniff")
			w.Header().Set("Referrer-Policy", "no-referrer")
			w.Header().Set("Cache-Control", "no-cache")
			h.ServeHTTP(w, r)
		})
	}
	mux.Handle("GET /{$}", page(serve))
	mux.Handle("GET /static/", page(http.StripPrefix("/static", serve)))
	mux.HandleFunc("GET /archives/{channel}/{message}", s.followPermalink)
	mux.Handle("GET /_/state", page(http.HandlerFunc(s.serveState)))
	mux.Handle("GET /_/messages", page(http.HandlerFunc(s.serveMessages)))
	mux.Handle("GET /_/stream", page(http.HandlerFunc(s.serveStream)))
	// Only the page may act: other sites' requests are refused.
	mux.Handle("POST /_/act", page(http.NewCrossOriginProtection().Handler(http.HandlerFunc(s.serveAct))))
}

// followPermalink turns a message's link into the page's own address.
func (s *Slack) followPermalink(w http.ResponseWriter, r *http.Request) {
	ts := strings.TrimPrefix(r.PathValue("message"), "p")
	if len(ts) > 6 {
		ts = ts[:len(ts)-6] + "." + ts[len(ts)-6:]
	}
	hash := "#" + r.PathValue("channel") + "/" + ts
	if thread := r.URL.Query().Get("thread_ts"); thread != "" {
		hash += "/" + thread
	}
	w.Header().Set("Location", "../../"+hash)
	w.WriteHeader(http.StatusFound)
}

func sendJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(encode(v)) // the tab may have gone
}

// serveState answers with everything but messages, as one person sees it.
func (s *Slack) serveState(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	state := s.pageState(r.URL.Query().Get("user"))
	s.mu.Unlock()
	sendJSON(w, state)
}

func (s *Slack) pageState(user string) obj {
	var people, groups, shortcuts, channels []obj
	for _, id := range s.order {
		u := s.users[id]
		people = append(people, obj{
			"id": u.ID, "name": u.Name, "real_name": u.RealName, "tz": u.TZ, "bot": u.IsBot || u.ID == slackbotID,
			"deleted": u.Deleted, "external": s.external(u), "guest": u.IsRestricted || u.IsUltraRestricted,
		})
	}
	for _, g := range s.groups {
		groups = append(groups, obj{"id": g.ID, "handle": g.Handle, "name": g.Name})
	}
	for _, c := range s.opt.Shortcuts {
		shortcuts = append(shortcuts, obj{"name": c.Name, "callback_id": c.CallbackID, "global": c.Global})
	}
	state := obj{
		"version": s.version, "team": s.opt.TeamName, "bot": botUserID, "command": s.opt.Command, "aliases": s.opt.Aliases,
		"home": nil, "users": people, "groups": notNull(groups), "shortcuts": notNull(shortcuts), "links": notNull(s.opt.Links),
	}
	if u := s.users[user]; u != nil && user != botUserID {
		s.direct(botUserID, user) // so that there is a place to talk to the bot
		for _, id := range s.names {
			if c := s.channels[id]; !c.private || c.has(user) {
				channels = append(channels, s.pageChannel(c, user))
			}
		}
		views := []obj{}
		for _, v := range s.stacks[user] {
			views = append(views, s.viewJSON(v))
		}
		state["views"] = views
		if v := s.homes[user]; v != nil {
			state["home"] = s.viewJSON(v)
		}
	}
	state["channels"] = notNull(channels)
	return state
}

func (s *Slack) pageChannel(c *channel, user string) obj {
	unread := 0
	for _, m := range slices.Backward(c.msgs) {
		at, _ := parseTS(m.ts)
		if at <= c.read[user] {
			break
		}
		reply := m.threadTS != "" && m.threadTS != m.ts && !m.broadcast
		if m.user != user && !reply && m.subtype == "" && (m.ephemeralTo == "" || m.ephemeralTo == user) {
			unread++
		}
	}
	bookmarks := []obj{}
	for _, b := range c.bookmarks {
		bookmarks = append(bookmarks, obj{"id": b.ID, "title": b.Title, "link": b.Link, "emoji": b.Emoji})
	}
	pins := []string{}
	for _, p := range c.pins {
		pins = append(pins, p.ts)
	}
	return obj{
		"id": c.id, "name": c.name, "private": c.private, "im": c.im, "mpim": c.mpim, "with": c.with(user), "topic": c.topic.value,
		"purpose": c.purpose.value, "member": c.has(user), "members": slices.Clone(c.members), "archived": c.archived,
		"unread": unread, "pins": pins, "bookmarks": bookmarks,
	}
}

// pageMessages is how many messages of a conversation the page shows.
const pageMessages = 400

// serveMessages answers with a conversation, replies and all.
func (s *Slack) serveMessages(w http.ResponseWriter, r *http.Request) {
	user, id := r.URL.Query().Get("user"), r.URL.Query().Get("channel")
	s.mu.Lock()
	out := []obj{}
	if c := s.channels[id]; c != nil && (!c.private || c.has(user)) {
		for _, m := range c.msgs[max(0, len(c.msgs)-pageMessages):] {
			if m.ephemeralTo != "" && m.ephemeralTo != user {
				continue
			}
			o := s.messageJSON(c, m, false)
			o["ephemeral"], o["broadcast"], o["pinned"] = m.ephemeralTo != "", m.broadcast, c.pinned(m.ts)
			out = append(out, o)
		}
	}
	s.mu.Unlock()
	sendJSON(w, obj{"channel": id, "messages": out})
}

// serveStream pokes the page by server-sent events; it then asks for the rest.
func (s *Slack) serveStream(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	changes := s.Watch(ctx)
	rc := http.NewResponseController(w)
	_ = rc.SetWriteDeadline(time.Time{}) // a stream outlives the server's limit, where there is one
	w.Header().Set("Content-Type", "text/event-stream")
	for {
		s.mu.Lock()
		version := s.version
		s.mu.Unlock()
		if _, err := fmt.Fprintf(w, "data: %d\n\n", version); err != nil || rc.Flush() != nil {
			return
		}
		select {
		case _, more := <-changes:
			if !more {
				return
			}
		case <-s.stop.Done():
			return
		}
	}
}
