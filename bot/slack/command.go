package slack

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// command is a slash command.
func (s *Slack) command(ctx context.Context, body []byte) answer {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return answer{status: http.StatusBadRequest}
	}
	if form.Get("ssl_check") == "1" {
		return empty()
	}
	if form.Get("command") == "" || form.Get("user_id") == "" {
		return answer{status: http.StatusBadRequest}
	}
	r := s.parseCommand(form)
	if !s.ours(form.Get("team_id")) {
		return s.only(bot.Say("This Tocsin belongs to another workspace and takes no commands from here."))
	}
	ch := s.ask(r)
	out, ok := await(ch)
	if !ok {
		s.tasks.run(func(ctx context.Context) { s.later(ctx, r, <-ch) })
		return s.only(bot.Say("Working on it… The result follows here. If none comes within a minute, send the line again."))
	}
	return s.commandAnswer(ctx, r, out, form.Get("trigger_id"))
}

func (s *Slack) parseCommand(form url.Values) bot.Request {
	key := ""
	if id := form.Get("trigger_id"); id != "" {
		key = "slack:" + id
	}
	return bot.Request{
		Key: key, User: bot.UserID(form.Get("user_id")), Channel: bot.ChannelID(form.Get("channel_id")),
		Line: trim(decode(form.Get("text"))), ReplyURL: form.Get("response_url"), At: s.now(), Via: bot.ViaSlack,
	}
}

func trim(t bot.Text) bot.Text { return bot.Text(strings.TrimSpace(string(t))) }

// ours reports whether team is our workspace. Until that is known all are: the
// signature has shown that the request is for this app.
func (s *Slack) ours(team string) bool {
	mine, _ := s.us()
	return mine == "" || team == "" || team == mine
}

// only answers with a message that the asker alone sees.
func (s *Slack) only(r bot.Reply) answer {
	return answer{http.StatusOK, s.response(draw(r.Message, r.Incident)[0])}
}

// commandAnswer answers a command with its reply. A form is opened, and a long
// reply sent, after Slack was answered.
func (s *Slack) commandAnswer(ctx context.Context, r bot.Request, out outcome, trigger string) answer {
	reply := s.reply(ctx, r, out)
	if reply.Form != nil {
		s.tasks.run(func(ctx context.Context) { s.open(ctx, r, reply, trigger) })
		return empty()
	}
	if reply.Summary == "" && len(reply.Blocks) == 0 {
		return empty()
	}
	all := draw(reply.Message, reply.Incident)
	first := s.response(all[0])
	if b, err := encode(first); err != nil || len(b) > maxAnswer && r.ReplyURL != "" {
		s.tasks.run(func(ctx context.Context) { s.respond(ctx, r.ReplyURL, false, all) })
		return empty()
	}
	if len(all) > 1 && r.ReplyURL != "" {
		s.tasks.run(func(ctx context.Context) { s.respond(ctx, r.ReplyURL, false, all[1:]) })
	}
	return answer{http.StatusOK, first}
}

// later delivers what became known after Slack was answered. Its trigger is too
// old for a form by then.
func (s *Slack) later(ctx context.Context, r bot.Request, out outcome) {
	reply := s.reply(ctx, r, out)
	if reply.Form != nil {
		reply = s.formInstead(ctx, r, reply)
	}
	if reply.Summary != "" || len(reply.Blocks) > 0 {
		s.send(ctx, r, reply, false)
	}
}

// send delivers a reply to the person who asked, by the response URL if there
// is one, else as an ephemeral message where they asked, else by DM.
func (s *Slack) send(ctx context.Context, r bot.Request, reply bot.Reply, replace bool) {
	all := draw(reply.Message, reply.Incident)
	if r.ReplyURL != "" {
		s.respond(ctx, r.ReplyURL, replace, all)
		return
	}
	for _, d := range all {
		if err := s.whisper(ctx, r, d); err != nil {
			s.log.WarnContext(ctx, "a reply could not be delivered", "error", err)
			return
		}
	}
}

// whisper posts what one person sees. Where they or the bot may not be, it is
// a DM.
func (s *Slack) whisper(ctx context.Context, r bot.Request, d drawn) error {
	to, thread := r.Channel, r.Thread
	if to != "" && !isDM(to) {
		err := s.insist(ctx, "chat.postEphemeral", func(ctx context.Context) error {
			_, err := s.api.PostEphemeralContext(ctx, string(to), string(r.User), options(d, thread)...)
			return err
		})
		if !isCode(err, "user_not_in_channel", "not_in_channel", "channel_not_found", "is_archived") {
			return err
		}
		thread = ""
	}
	if !isDM(to) {
		to = bot.ChannelID(r.User) // Slack opens the DM
	}
	return s.insist(ctx, "chat.postMessage", func(ctx context.Context) error {
		_, _, err := s.api.PostMessageContext(ctx, string(to), options(d, thread)...)
		return err
	})
}

func isDM(c bot.ChannelID) bool { return strings.HasPrefix(string(c), "D") }

// insist tries a reply a few times. Replies are no jobs: they are of use to one
// person for a minute, and what they tell is in the record.
func (s *Slack) insist(ctx context.Context, method string, fn func(context.Context) error) error {
	pause := time.Second
	for try := 1; ; try++ {
		err := s.call(ctx, method, fn)
		var e *callError
		if err == nil || try == 3 || !errors.As(err, &e) || e.class != classRetry && e.class != classWait {
			return err
		}
		if e.class == classWait {
			pause = min(max(pause, e.wait), time.Minute)
		}
		t := time.NewTimer(pause)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return err
		}
		pause *= 2
	}
}
