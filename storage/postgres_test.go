package storage_test

import (
	"testing"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/storage"
	"github.com/tocsin-dev/tocsin/storage/storagetest"
	"github.com/tocsin-dev/tocsin/storage/storagetest/fresh"
)

func TestPostgres(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, func(t *testing.T) bot.Store { return openWith(t, fresh.Postgres(t), storage.Options{Alone: true}) })
}

// openWith opens a store that is closed with the test.
func openWith(t testing.TB, url string, opts storage.Options) *storage.Store {
	t.Helper()
	s, err := storage.Open(t.Context(), url, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}
