package fakeslack

import (
	"context"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// do runs one change with the mutex held and then waits for the events of it
// to be offered to the app.
func (p *Person) do(ctx context.Context, change func() error) error {
	p.s.mu.Lock()
	err := change()
	p.s.mu.Unlock()
	if err != nil {
		return err
	}
	return p.s.Settle(ctx)
}

// Say posts a message, in a thread unless threadTS is empty, and returns its
// ts. The text is what the person types; mentions and links are made of it.
func (p *Person) Say(ctx context.Context, channel, threadTS, text string) (ts string, err error) {
	return ts, p.do(ctx, func() error {
		u, c, err := p.in(channel)
		if err != nil {
			return err
		}
		if c.archived {
			return refuse("%s is archived", c.name)
		}
		if threadTS, err = c.thread(threadTS); err != nil {
			return err
		}
		p.s.seq++
		m := p.s.post(c, &message{
			user: u.ID, text: p.s.escape(text), threadTS: threadTS,
			extra: obj{"client_msg_id": "c0ffee00-0000-4000-8000-" + shortHash([]byte(u.ID)) + shortHash([]byte(jsonText(p.s.seq)))},
		})
		ts = m.ts
		return nil
	})
}

// mine finds a message the person wrote.
func (p *Person) mine(channel, ts string) (*channel, *message, error) {
	u, c, err := p.in(channel)
	if err != nil {
		return nil, nil, err
	}
	m := c.lasting(ts)
	if m == nil || m.user != u.ID {
		return nil, nil, refuse("%s did not write %s", u.Name, ts)
	}
	return c, m, nil
}

// Edit changes a message the person wrote.
func (p *Person) Edit(ctx context.Context, channel, ts, text string) error {
	return p.do(ctx, func() error {
		c, m, err := p.mine(channel, ts)
		if err == nil {
			p.s.revise(c, m, draft{text: p.s.escape(text), hasText: true})
		}
		return err
	})
}

// Delete removes a message the person wrote.
func (p *Person) Delete(ctx context.Context, channel, ts string) error {
	return p.do(ctx, func() error {
		c, m, err := p.mine(channel, ts)
		if err == nil {
			p.s.erase(c, m)
		}
		return err
	})
}

func (p *Person) item(channel, ts string) (*User, *channel, *message, error) {
	u, c, err := p.in(channel)
	if err != nil {
		return nil, nil, nil, err
	}
	m := c.lasting(ts)
	if m == nil {
		return nil, nil, nil, refuse("no message %s", ts)
	}
	return u, c, m, nil
}

// React gives a message an emoji, or takes it back when it was given.
func (p *Person) React(ctx context.Context, channel, ts, emoji string) error {
	return p.do(ctx, func() error {
		u, c, m, err := p.item(channel, ts)
		if err == nil && !p.s.react(c, m, u.ID, strings.Trim(emoji, ":")) {
			p.s.unreact(c, m, u.ID, strings.Trim(emoji, ":"))
		}
		return err
	})
}

// Pin pins a message, or unpins it when it was pinned.
func (p *Person) Pin(ctx context.Context, channel, ts string) error {
	return p.do(ctx, func() error {
		u, c, m, err := p.item(channel, ts)
		switch {
		case err != nil:
			return err
		case c.pinned(ts):
			p.s.unpin(c, m, u.ID)
		default:
			p.s.pin(c, m, u.ID)
		}
		return nil
	})
}

// Join enters a public channel.
func (p *Person) Join(ctx context.Context, channel string) error {
	return p.do(ctx, func() error {
		u, err := p.me()
		if err != nil {
			return err
		}
		c := p.s.findChannel(channel)
		if c == nil || c.private || c.archived {
			return refuse("%s cannot join %s", u.Name, channel)
		}
		p.s.join(c, u.ID, "")
		return nil
	})
}

// Leave leaves a channel.
func (p *Person) Leave(ctx context.Context, channel string) error {
	return p.do(ctx, func() error {
		u, c, err := p.in(channel)
		if err == nil {
			p.s.leave(c, u.ID)
		}
		return err
	})
}

// Invite adds somebody, or the bot, to a channel the person is in.
func (p *Person) Invite(ctx context.Context, channel, user string) error {
	return p.do(ctx, func() error {
		u, c, err := p.in(channel)
		if err != nil {
			return err
		}
		other := p.s.findUser(user)
		if other == nil || other.Deleted || c.archived {
			return refuse("%s cannot be invited to %s", user, c.name)
		}
		p.s.join(c, other.ID, u.ID)
		return nil
	})
}

// Unarchive brings a channel back, which bots cannot.
func (p *Person) Unarchive(ctx context.Context, channel string) error {
	return p.do(ctx, func() error {
		u, c, err := p.in(channel)
		if err == nil && c.archived {
			c.archived = false
			p.s.system(c, message{user: u.ID, subtype: "channel_unarchive", text: "un-archived the channel"})
			p.s.emitIn(c, "channel_unarchive", obj{"channel": c.id, "user": u.ID})
		}
		return err
	})
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

var typed = regexp.MustCompile(`https?://[^\s<>]+|[\w.+-]+@[\w-]+\.[\w.-]*\w|[@#][\p{L}\p{N}._-]+`)

// escape is what Slack makes of typed text: entities, and tokens for links,
// people, groups and channels it knows.
func (s *Slack) escape(text string) string {
	var b strings.Builder
	rest := text
	for {
		at := typed.FindStringIndex(rest)
		if at == nil {
			break
		}
		before, _ := utf8.DecodeLastRuneInString(rest[:at[0]])
		word := strings.TrimRight(rest[at[0]:at[1]], ".,;:!?)")
		b.WriteString(escaper.Replace(rest[:at[0]]))
		if at[0] > 0 && (unicode.IsLetter(before) || unicode.IsDigit(before)) {
			b.WriteString(escaper.Replace(word))
		} else {
			b.WriteString(s.token(word))
		}
		rest = rest[at[0]+len(word):]
	}
	return b.String() + escaper.Replace(rest)
}

// token is what a link, handle or channel name becomes.
func (s *Slack) token(word string) string {
	switch {
	case strings.HasPrefix(word, "http"):
		return "<" + strings.ReplaceAll(word, "&", "&amp;") + ">"
	case word[0] == '#':
		if c := s.channelNamed(word[1:]); c != nil && !c.mpim {
			if c.private {
				return "<#" + c.id + "|>"
			}
			return "<#" + c.id + "|" + c.name + ">"
		}
	case word[0] != '@':
		return "<mailto:" + word + "|" + word + ">"
	case word == "@here" || word == "@channel" || word == "@everyone":
		return "<!" + word[1:] + ">"
	default:
		if u := s.findUser(word); u != nil {
			return "<@" + u.ID + ">"
		}
		for _, g := range s.groups {
			if g.Handle == word[1:] {
				return "<!subteam^" + g.ID + "|@" + g.Handle + ">"
			}
		}
	}
	return word
}
