package slack

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	api "github.com/slack-go/slack"

	"github.com/tocsin-dev/tocsin/bot"
)

// envelope is what the Events API sends.
type envelope struct {
	Type          string          `json:"type"`
	Challenge     string          `json:"challenge"`
	TeamID        string          `json:"team_id"`
	ContextTeamID string          `json:"context_team_id"`
	EventID       string          `json:"event_id"`
	Event         json.RawMessage `json:"event"`
}

// inner is the event itself. channel and user are ids in some kinds and objects
// in others.
type inner struct {
	Type     string          `json:"type"`
	Subtype  string          `json:"subtype"`
	BotID    string          `json:"bot_id"`
	Text     string          `json:"text"`
	TS       string          `json:"ts"`
	ThreadTS string          `json:"thread_ts"`
	Kind     string          `json:"channel_type"`
	User     json.RawMessage `json:"user"`
	UserTeam string          `json:"user_team"`
	Channel  json.RawMessage `json:"channel"`
}

// id reads a field that is an id, or an object with one.
func id(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	var o idOf
	if json.Unmarshal(raw, &o) == nil {
		return o.ID
	}
	return ""
}

// event is one delivery of the Events API. What this app does not know is taken
// all the same; a refusal would only make Slack repeat it.
func (s *Slack) event(ctx context.Context, body []byte) answer {
	var env envelope
	if json.Unmarshal(body, &env) != nil {
		return answer{status: http.StatusBadRequest}
	}
	if env.Type == "url_verification" {
		return answer{http.StatusOK, map[string]string{"challenge": env.Challenge}}
	}
	var e inner
	if env.Type != "event_callback" || json.Unmarshal(env.Event, &e) != nil {
		return empty()
	}
	if !s.ours(env.TeamID) && (env.ContextTeamID == "" || !s.ours(env.ContextTeamID)) {
		return empty()
	}
	switch e.Type {
	case "app_mention":
		s.spoken(ctx, e)
		return empty()
	case "message":
		if e.Kind == "im" {
			s.spoken(ctx, e)
		}
		return empty()
	case "app_uninstalled", "tokens_revoked":
		s.removed(ctx, e.Type)
		return empty()
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := s.directoryEvent(ctx, e); err != nil {
		// Slack brings it again; its retries are what keeps the rows right.
		s.log.WarnContext(ctx, "an event could not be kept", "type", e.Type, "error", err)
		return answer{status: http.StatusServiceUnavailable}
	}
	return empty()
}

// spoken is a line said to the bot: a mention or a direct message.
func (s *Slack) spoken(ctx context.Context, e inner) {
	r, ok := s.parseSpoken(e)
	if !ok {
		return
	}
	if e.UserTeam != "" {
		s.stranger(ctx, payload{Team: &idOf{e.UserTeam}, User: userOf(r.User)})
	}
	ch := s.ask(r)
	out, done := await(ch)
	s.tasks.run(func(ctx context.Context) {
		if !done {
			out = <-ch
		}
		s.later(ctx, r, out)
	})
}

func userOf(id bot.UserID) (u struct {
	ID     string `json:"id"`
	TeamID string `json:"team_id"`
}) {
	u.ID = string(id)
	return u
}

// parseSpoken reads a message; ok is false for what nobody said to the bot:
// edits, joins, its own words and those of other apps.
func (s *Slack) parseSpoken(e inner) (r bot.Request, ok bool) {
	user, channel := id(e.User), id(e.Channel)
	_, me := s.us()
	if user == "" || channel == "" || e.TS == "" || e.BotID != "" || bot.UserID(user) == me ||
		e.Subtype != "" && e.Subtype != "file_share" && e.Subtype != "thread_broadcast" {
		return r, false
	}
	line := trim(decode(e.Text))
	if e.Type == "app_mention" {
		line = afterMention(line, me)
	}
	// The command typed where Slack takes it for a message means the same.
	for _, name := range append([]string{s.settings().Command}, s.settings().Aliases...) {
		if rest, found := strings.CutPrefix(string(line), name); found && (rest == "" || rest[0] == ' ' || rest[0] == '\n') {
			line = trim(bot.Text(rest))
			break
		}
	}
	return bot.Request{
		Key: "slack:" + channel + ":" + e.TS, User: bot.UserID(user), Channel: bot.ChannelID(channel),
		Thread: e.ThreadTS, Line: line, At: s.now(), Via: bot.ViaSlack,
	}, true
}

// afterMention is what follows the mention of the bot; of a mention at the end
// it is what stands before. me may not be known yet; then the first mention is
// taken to be the bot's.
func afterMention(t bot.Text, me bot.UserID) bot.Text {
	users := t.Users()
	if len(users) == 0 {
		return t
	}
	if me == "" || !slices.Contains(users, me) {
		me = users[0]
	}
	before, after, _ := strings.Cut(string(t), string(bot.MentionUser(me)))
	if after = strings.TrimLeft(after, " \t\n:,"); after != "" {
		return bot.Text(after)
	}
	return trim(bot.Text(before))
}

// removed is the end of the token. The rows and jobs stay for the next install.
func (s *Slack) removed(ctx context.Context, kind string) {
	if s.state.turn(false, "The app was removed from the workspace. "+advice(&callError{code: "token_revoked"})) {
		s.log.ErrorContext(ctx, "slack removed the app", "event", kind, "fix", advice(&callError{code: "token_revoked"}))
	}
}

// directoryEvent keeps what the workspace says of people, groups and channels.
func (s *Slack) directoryEvent(ctx context.Context, e inner) error {
	channel := bot.ChannelID(id(e.Channel))
	switch e.Type {
	case "member_joined_channel", "member_left_channel":
		return s.moved(ctx, channel, bot.UserID(id(e.User)), e.Type == "member_joined_channel")
	case "channel_rename", "group_rename":
		return s.renamed(ctx, channel, e.Channel)
	case "channel_archive", "group_archive":
		return s.archived(ctx, channel, true)
	case "channel_deleted", "group_deleted":
		return s.deleted(ctx, channel)
	case "channel_unarchive", "group_unarchive":
		return s.archived(ctx, channel, false)
	case "user_change", "team_join":
		var u api.User
		if json.Unmarshal(e.User, &u) != nil || u.ID == "" {
			return nil
		}
		return s.savePeople(ctx, []api.User{u}, s.now())
	case "subteam_created", "subteam_updated", "subteam_members_changed":
		s.poke() // the event holds only part of the group
	}
	return nil
}

// renamed keeps a channel's new name. The incident stays attached by the id.
func (s *Slack) renamed(ctx context.Context, channel bot.ChannelID, raw json.RawMessage) error {
	var c struct {
		Name string `json:"name"`
	}
	if json.Unmarshal(raw, &c) != nil || c.Name == "" || channel == "" {
		return nil
	}
	heard := s.now()
	return s.bot.Store.Update(ctx, func(tx bot.Tx) error {
		row, err := tx.Channel(channel)
		if bot.KindOf(err) == bot.KindNotFound {
			return nil // none that we use
		}
		if err != nil {
			return err
		}
		row.Name, row.SyncedAt = c.Name, heard
		if err := tx.SaveChannel(row); err != nil {
			return err
		}
		i, err := tx.IncidentByChannel(bot.Self(), channel)
		if bot.KindOf(err) == bot.KindNotFound {
			return nil
		}
		if err != nil {
			return err
		}
		return tx.SetChannel(i.Number, channel, c.Name)
	})
}

// archived keeps whether a channel takes messages. When it does again, what
// waited for it goes on, and what is drawn in it is brought up to date.
func (s *Slack) archived(ctx context.Context, channel bot.ChannelID, gone bool) error {
	if channel == "" {
		return nil
	}
	heard := s.now()
	return s.bot.Store.Update(ctx, func(tx bot.Tx) error {
		row, err := tx.Channel(channel)
		if err == nil {
			row.Archived, row.SyncedAt = gone, heard
			err = tx.SaveChannel(row)
		} else if bot.KindOf(err) == bot.KindNotFound {
			err = nil // none that we made or found by its name
		}
		if err != nil || gone {
			return err
		}
		return s.mended(tx, channel, true)
	})
}

// deleted is archived for good.
func (s *Slack) deleted(ctx context.Context, channel bot.ChannelID) error {
	if err := s.archived(ctx, channel, true); err != nil || channel == "" {
		return err
	}
	return s.bot.Store.Update(ctx, func(tx bot.Tx) error { return s.detach(tx, channel) })
}

// moved keeps who came into a channel or left it. What waited for the bot to
// come goes on.
func (s *Slack) moved(ctx context.Context, channel bot.ChannelID, who bot.UserID, joined bool) error {
	if err := s.member(ctx, channel, who, joined); err != nil {
		return err
	}
	if _, me := s.us(); !joined || who != me || channel == "" {
		return nil
	}
	return s.bot.Store.Update(ctx, func(tx bot.Tx) error { return s.mended(tx, channel, false) })
}
