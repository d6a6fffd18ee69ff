package storage

import (
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// ClaimKey implements [bot.KeyWriter]. On PostgreSQL the insert waits for a
// transaction that is taking the key; an SQLite file has one writer.
func (t *tx) ClaimKey(key, digest string, now time.Time) (bot.Claim, error) {
	n, err := t.q.ClaimKey(t.ctx, key, digest, micros(now))
	if ok, err := t.wrote("claim a key", n, err); ok || err != nil {
		return bot.Claim{}, err
	}
	row, err := t.q.GetKey(t.ctx, key)
	if err != nil {
		return bot.Claim{}, t.fail("read a key", err)
	}
	c := bot.Claim{Taken: true, Same: row.Digest == digest}
	if row.Reply.Valid {
		c.Reply = []byte(row.Reply.String)
	}
	return c, nil
}

// SaveReply implements [bot.KeyWriter]. reply is text.
func (t *tx) SaveReply(key string, reply []byte) error {
	n, err := t.q.SaveReply(t.ctx, string(reply), key)
	return t.save("keep a reply", n, err)
}

// DropKeys implements [bot.KeyWriter].
func (t *tx) DropKeys(before time.Time) (int64, error) {
	n, err := t.q.DropKeys(t.ctx, micros(before))
	_, err = t.wrote("drop keys", n, err)
	return n, err
}
