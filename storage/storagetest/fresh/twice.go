package fresh

import (
	"context"
	"errors"

	"github.com/tocsin-dev/tocsin/bot"
)

// Twice is store, but for every View of it running its function twice, as one does
// whose connection broke in the middle: whatever the first run left behind shows.
func Twice(store bot.Store) bot.Store { return twice{store} }

type twice struct{ bot.Store }

// View runs fn twice, the first time up to its end: there it has left the most.
func (s twice) View(ctx context.Context, fn func(bot.ReadTx) error) error {
	err := s.Store.View(ctx, func(tx bot.ReadTx) error { return errors.Join(errLost, fn(tx)) })
	if !errors.Is(err, errLost) {
		return err // it did not run
	}
	return s.Store.View(ctx, fn)
}

var errLost = errors.New("fresh: the connection broke")
