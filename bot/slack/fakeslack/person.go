package fakeslack

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/url"
	"slices"
)

// A Person acts as somebody in the workspace: types, clicks, fills in forms.
// Make one with As.
type Person struct {
	s  *Slack
	id string
}

// As returns the person with an id or handle, to act as. What an unknown
// person does fails.
func (s *Slack) As(user string) *Person {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u := s.findUser(user); u != nil {
		user = u.ID
	}
	return &Person{s, user}
}

// ID is the person's user id.
func (p *Person) ID() string { return p.id }

// An Answer is what a person gets to see of the app's answer.
type Answer struct {
	// Message is the message it became, mostly ephemeral; nil for an empty
	// answer. Text is its PlainText, with names.
	Message *Message
	Text    string
	// View is the modal that is now on top for this person, or nil.
	View *View
	// Errors are those of a form's fields, by block id.
	Errors map[string]string
	// ResponseURL and TriggerID are what the app was given.
	ResponseURL, TriggerID string
	// Status and Body are the HTTP answer itself.
	Status int
	Body   string
}

// refuse is an error that Slack shows a person without asking the app.
func refuse(format string, a ...any) error { return fmt.Errorf("slack: "+format, a...) }

// me returns the acting user if active. Call it with the mutex held.
func (p *Person) me() (*User, error) {
	u := p.s.users[p.id]
	if u == nil || u.Deleted {
		return nil, refuse("no active user %s", p.id)
	}
	return u, nil
}

// in returns the acting user and a conversation that user is in.
func (p *Person) in(channel string) (*User, *channel, error) {
	u, err := p.me()
	if err != nil {
		return nil, nil, err
	}
	c := p.s.findChannel(channel)
	if c == nil || !c.has(u.ID) {
		return nil, nil, refuse("%s is not in %s", u.Name, channel)
	}
	return u, c, nil
}

// Slash types a slash command. The text is escaped as for an app that asked
// for it: @handle becomes <@U…>, #channel <#C…|name>, and so on.
func (p *Person) Slash(ctx context.Context, channel, command, text string) (Answer, error) {
	ask, form, err := p.slashForm(channel, command, text)
	if err != nil {
		return Answer{}, err
	}
	r, err := p.s.succeed(ctx, formRequest("/slack/commands", form))
	if err != nil {
		p.s.failed(ask, command, err)
		return Answer{Status: r.status, Body: string(r.body), ResponseURL: ask.url, TriggerID: ask.trigger}, err
	}
	var post *reaction
	if kind, _, _ := mime.ParseMediaType(r.header.Get("Content-Type")); kind == "application/json" && len(r.body) > 0 {
		if post, err = readReaction(r.body); err != nil {
			p.s.failed(ask, command, err)
			return Answer{Status: r.status, Body: string(r.body)}, fmt.Errorf("%w: %w", ErrDispatch, err)
		}
	} else if len(r.body) > 0 {
		post = &reaction{draft: draft{text: string(r.body), hasText: true}}
	}
	return p.s.answered(ask, r, post, command+" "+text), nil
}

// asked is a request to the app on the way.
type asked struct {
	user, channel, url, trigger string
}

func (p *Person) slashForm(channel, command, text string) (asked, url.Values, error) {
	s := p.s
	s.mu.Lock()
	defer s.mu.Unlock()
	u, c, err := p.in(channel)
	switch {
	case err != nil:
		return asked{}, nil, err
	case command != s.opt.Command && !slices.Contains(s.opt.Aliases, command):
		return asked{}, nil, refuse("%s is not a valid command", command)
	case s.external(u):
		return asked{}, nil, refuse("people of other organisations cannot run commands")
	case c.archived:
		return asked{}, nil, refuse("%s is archived", c.name)
	}
	ask := s.ask(u, c, "")
	return ask, url.Values{
		"token": {"unused"}, "command": {command}, "text": {s.escape(text)}, "response_url": {ask.url},
		"trigger_id": {ask.trigger}, "user_id": {u.ID}, "user_name": {u.Name}, "team_id": {s.opt.TeamID},
		"team_domain": {s.opt.TeamDomain}, "channel_id": {c.id}, "channel_name": {c.payloadName()},
		"api_app_id": {appID}, "is_enterprise_install": {"false"},
	}, nil
}

// ask makes the response URL and trigger of a request about a message or none.
func (s *Slack) ask(u *User, c *channel, ts string) asked {
	h := s.newHook(u.ID, c.id, ts)
	return asked{user: u.ID, channel: c.id, url: h, trigger: s.newTrigger(u.ID, c.id, "")}
}

// failed shows the person what Slack says when an app does not answer.
func (s *Slack) failed(ask asked, command string, err error) {
	word := ErrDispatch.Error()
	if errors.Is(err, ErrTimeout) {
		word = ErrTimeout.Error()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	text := fmt.Sprintf("%s failed with the error \"%s\"", command, word)
	s.post(s.channels[ask.channel], &message{user: slackbotID, text: text, ephemeralTo: ask.user})
}

// answered shows the app's answer and returns it.
func (s *Slack) answered(ask asked, r appReply, post *reaction, typed string) Answer {
	a := Answer{ResponseURL: ask.url, TriggerID: ask.trigger, Status: r.status, Body: string(r.body)}
	s.mu.Lock()
	c := s.channels[ask.channel]
	if post != nil {
		if post.inChannel && typed != "" {
			s.post(c, &message{user: ask.user, text: s.escape(typed)})
		}
		if !post.empty() {
			m := s.post(c, post.message(ask.user))
			out := c.export(m)
			a.Message = &out
		}
	}
	a.View = s.top(ask.user)
	s.mu.Unlock()
	if a.Message != nil {
		a.Text = s.PlainText(*a.Message)
	}
	return a
}

func (s *Slack) top(user string) *View {
	stack := s.stacks[user]
	if len(stack) == 0 {
		return nil
	}
	v := stack[len(stack)-1].export()
	return &v
}

// actor is the user object of interactions.
func (s *Slack) actor(u *User) obj {
	return obj{"id": u.ID, "username": u.Name, "name": u.Name, "team_id": u.TeamID}
}

// payload is what all interactions have.
func (s *Slack) payload(kind string, u *User) obj {
	return obj{
		"type": kind, "token": "unused", "api_app_id": appID, "team": obj{"id": s.opt.TeamID, "domain": s.opt.TeamDomain},
		"user": s.actor(u), "enterprise": nil, "is_enterprise_install": false,
	}
}

// interact sends an interaction that is answered by an empty success.
func (p *Person) interact(ctx context.Context, ask asked, payload obj) (Answer, error) {
	r, err := p.s.succeed(ctx, interaction(payload))
	if err != nil {
		return Answer{Status: r.status, Body: string(r.body), ResponseURL: ask.url, TriggerID: ask.trigger}, err
	}
	return p.s.answered(ask, r, nil, ""), nil
}
