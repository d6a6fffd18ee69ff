package storage

import (
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/storage/db"
)

// Link implements [bot.LinkReader].
func (t *tx) Link(owner, name string) (string, error) {
	value, err := t.q.GetLink(t.ctx, owner, name)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return value, t.fail("read a link", err)
}

// SetLink implements [bot.LinkWriter].
func (t *tx) SetLink(l bot.Link) error {
	n, err := t.q.SetLink(t.ctx, l.Owner, l.Name, l.Value)
	return t.save("set a link", n, err)
}

// TokenByHash implements [bot.TokenReader]. Whether the token is still good is
// for the caller to judge.
func (t *tx) TokenByHash(hash string) (bot.Token, error) {
	row, err := t.q.GetTokenByHash(t.ctx, hash)
	if err != nil {
		return bot.Token{}, t.find("read a token", err, bot.NotFound("There is no such token."))
	}
	return t.token(row)
}

// Tokens implements [bot.TokenReader], oldest first.
func (t *tx) Tokens() ([]bot.Token, error) {
	rows, err := t.q.ListTokens(t.ctx)
	if err != nil {
		return nil, t.fail("list tokens", err)
	}
	list := make([]bot.Token, len(rows))
	for k, row := range rows {
		if list[k], err = t.token(row); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (t *tx) token(r db.Token) (bot.Token, error) {
	k := bot.Token{
		ID: r.ID, User: bot.UserID(r.UserID), Hash: r.Hash,
		CreatedAt: moment(r.CreatedAt), ExpiresAt: moment(r.ExpiresAt.Int64), RevokedAt: moment(r.RevokedAt.Int64),
	}
	return k, t.fail("read a token's verbs", json.Unmarshal([]byte(r.Verbs), &k.Verbs))
}

// CreateToken implements [bot.TokenWriter]; it chooses the id.
func (t *tx) CreateToken(k bot.Token) (int64, error) {
	verbs, err := json.Marshal(k.Verbs)
	if err != nil {
		return 0, t.fail("write a token", err)
	}
	id, err := t.nextID("token")
	if err != nil {
		return 0, err
	}
	n, err := t.q.AddToken(t.ctx, db.AddTokenParams{
		ID: id, UserID: string(k.User), Hash: k.Hash, Verbs: string(verbs), CreatedAt: micros(k.CreatedAt),
		ExpiresAt: maybeMicros(k.ExpiresAt), RevokedAt: maybeMicros(k.RevokedAt),
	})
	return id, t.save("write a token", n, err)
}

// RevokeToken implements [bot.TokenWriter]. The first time counts.
func (t *tx) RevokeToken(id int64, now time.Time) error {
	n, err := t.q.RevokeToken(t.ctx, micros(now), id)
	ok, err := t.wrote("revoke a token", n, err)
	if err == nil && !ok {
		return bot.NotFound("There is no token %d.", id)
	}
	return err
}
