package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/storage"
	"github.com/tocsin-dev/tocsin/storage/storagetest/fresh"
)

// keeper is scheduled backups of a database, in virtual time.
type keeper struct {
	t     *testing.T
	dir   string
	store *storage.Store
	bot   *bot.Bot
	logs  *testLog
	*backups
	stop func()
}

func newKeeper(t *testing.T, dir, cron string, keep int) *keeper {
	t.Helper()
	k := &keeper{t: t, dir: dir, logs: &testLog{}}
	c := mustLoadIn(t, "timezone: Europe/Berlin\n")
	c.Database, c.Backup = filepath.Join(t.TempDir(), "tocsin.db"), BackupConfig{dir, cron, keep}
	k.store = fresh.Open(t, c.Database)
	log := logInto(k.logs)
	k.bot = bot.New(k.store, &c.Settings, log)
	k.bot.Now = k.store.Now
	k.backups = newBackups(c, k.store, log)
	return k
}

func (k *keeper) start() {
	ctx, cancel := context.WithCancel(k.t.Context())
	done := make(chan struct{})
	go func() { k.run(ctx, k.bot); close(done) }()
	k.stop = func() { cancel(); <-done }
}

// files are the backups that are there, by their times.
func (k *keeper) files() (out []string) {
	k.t.Helper()
	entries, err := os.ReadDir(k.dir)
	if err != nil {
		k.t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != backupList {
			out = append(out, strings.TrimSuffix(strings.TrimPrefix(e.Name(), "tocsin-"), ".db"))
		}
	}
	return out
}

func (k *keeper) has(want ...string) {
	k.t.Helper()
	if got := k.files(); !slices.Equal(got, want) {
		k.t.Errorf("at %s there are %v, want %v", time.Now().UTC().Format(time.RFC3339), got, want)
	}
}

// TestScheduledBackups: at once when there is none, then at three in the configured
// zone, the newest three stay, and what is not ours stays too. One that was missed
// while the program was down is made once.
func TestScheduledBackups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // which begins at midnight UTC, one o'clock in Berlin
		dir := t.TempDir()
		k := newKeeper(t, dir, "0 3 * * *", 3)
		defer k.store.Close()
		k.start()
		sleepUntil(t, 1, 1*time.Hour)
		k.has("20000101T000000Z")
		sleepUntil(t, 1, 3*time.Hour)
		k.has("20000101T000000Z", "20000101T020000Z")
		foreign := filepath.Join(dir, "tocsin-19990101T000000Z.db") // named as ours are
		if err := os.WriteFile(foreign, []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
		sleepUntil(t, 4, 12*time.Hour)
		k.has("19990101T000000Z", "20000102T020000Z", "20000103T020000Z", "20000104T020000Z")
		k.stop()

		draft := filepath.Join(dir, "tocsin-20000104T020000Z.db.partial-1") // of a process that was killed
		if err := os.WriteFile(draft, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		sleepUntil(t, 9, 12*time.Hour)
		k.start()
		sleepUntil(t, 9, 13*time.Hour)
		k.has("19990101T000000Z", "20000103T020000Z", "20000104T020000Z", "20000109T120000Z")
		sleepUntil(t, 10, 12*time.Hour)
		k.has("19990101T000000Z", "20000104T020000Z", "20000109T120000Z", "20000110T020000Z")
		k.stop()
		if got := tocsin(t, nil, "restore", filepath.Join(dir, "tocsin-20000110T020000Z.db"), "--database", filepath.Join(t.TempDir(), "x.db")); got.code != 0 {
			t.Errorf("restore: %+v", got)
		}
	})
}

// sleepUntil waits, in virtual time, for an hour of a day of January 2000.
func sleepUntil(t *testing.T, day int, hour time.Duration) {
	t.Helper()
	pause(t, time.Until(time.Date(2000, 1, day, 0, 0, 0, 0, time.UTC).Add(hour)))
	synctest.Wait()
}

// TestFailedBackup is tried again, said once in the record and each time in the
// log, and shown; no file that there was goes because of it.
func TestFailedBackup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newKeeper(t, t.TempDir(), "0 3 * * *", 1)
		defer k.store.Close()
		right := k.copy
		k.start()
		sleepUntil(t, 1, time.Hour)
		k.stop()
		k.copy = func(context.Context, string) (storage.Copied, error) {
			return storage.Copied{}, errors.New("no space left on device")
		}
		k.start()
		sleepUntil(t, 1, 4*time.Hour)
		k.has("20000101T000000Z")
		if _, failed, why := k.state(); failed < 8 || why != "no space left on device" {
			t.Errorf("failed %d times: %q", failed, why)
		}
		if n := strings.Count(k.logs.String(), "the database could not be backed up"); n < 8 {
			t.Errorf("%d lines in the log", n)
		}
		k.stop()
		k.start() // a new start does not say it again
		sleepUntil(t, 1, 5*time.Hour)
		var told []bot.Event
		err := k.store.View(t.Context(), func(tx bot.ReadTx) (err error) {
			told, err = tx.Events(bot.Self(), bot.House, bot.EventFilter{})
			return err
		})
		if err != nil || len(told) != 1 || told[0].Kind != bot.EventFailed || !strings.Contains(string(told[0].Text), "no space left on device") {
			t.Errorf("the record holds %+v (%v)", told, err)
		}
		k.stop()
		k.copy = right
		k.start()
		sleepUntil(t, 1, 6*time.Hour)
		k.has("20000101T050000Z")
		if last, _, why := k.state(); why != "" || last.Hour() != 5 {
			t.Errorf("afterwards it says %s, %q", last, why)
		}
		k.stop()
	})
}

func mustLoadIn(t *testing.T, text string) *Config {
	t.Helper()
	file := filepath.Join(t.TempDir(), "tocsin.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := loadConfig(overrides{config: &file}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func logInto(to *testLog) *slog.Logger { return slog.New(slog.NewTextHandler(to, nil)) }
