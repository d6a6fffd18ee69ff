package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/storage"
)

// backups makes the scheduled backups and removes the oldest ones. It goes by what
// is in their folder: one that was missed while the program was down, or that
// somebody took away, is made at the next start. It is no job in a lane, since it
// takes longer than one may, and a database that was restored must not tell when
// it was backed up last.
type backups struct {
	config BackupConfig
	name   string // begins the names of the files
	copy   func(ctx context.Context, file string) (storage.Copied, error)
	log    *slog.Logger

	mu     sync.Mutex
	last   time.Time // the newest backup
	failed int64     // tries since the start
	why    string    // the last try failed; empty: it did not
}

// How long it waits: for the next try after one that failed, and at most, whatever
// the clock says, since the timers of a suspended machine stop.
const (
	backupRetry = 15 * time.Minute
	backupNap   = time.Minute
)

func newBackups(c *Config, store *storage.Store, log *slog.Logger) *backups {
	if c.Backup.Dir == "" {
		return nil
	}
	name := filepath.Base(c.Database)
	return &backups{config: c.Backup, name: strings.TrimSuffix(name, filepath.Ext(name)), copy: store.Backup, log: log}
}

// run makes every backup when it is due, until ctx ends.
func (b *backups) run(ctx context.Context, of *bot.Bot) {
	for ctx.Err() == nil {
		pause := backupNap
		due, err := b.due(of)
		switch wait := due.Sub(of.Now()); {
		case err == nil && wait > 0:
			pause = min(pause, wait)
		case err == nil:
			err = b.make(ctx, of.Now().UTC())
		}
		if err != nil && ctx.Err() == nil {
			b.report(ctx, of, due, err)
			pause = backupRetry
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
}

// due is when the next backup is to be made; the zero time says at once.
func (b *backups) due(of *bot.Bot) (time.Time, error) {
	made, err := b.made()
	if err != nil {
		return time.Time{}, err
	}
	if len(made) == 0 {
		return time.Time{}, nil
	}
	last, err := time.Parse(stampForm, stampOf(made[len(made)-1]))
	if err != nil {
		return time.Time{}, err
	}
	b.mu.Lock()
	b.last = last
	b.mu.Unlock()
	return bot.NextRun(b.config.Cron, of.Settings.Zone, last)
}

// make makes a backup and removes what is too much then.
func (b *backups) make(ctx context.Context, now time.Time) error {
	name := b.name + "-" + now.Format(stampForm) + ".db"
	listed, err := b.listed()
	if err != nil {
		return err
	}
	if err := b.dropDrafts(listed); err != nil {
		return err
	}
	// First, so that one that a kill leaves unlisted is not kept for ever.
	if err := b.list(appendNew(listed, name)); err != nil {
		return err
	}
	copied, err := b.copy(ctx, filepath.Join(b.config.Dir, name))
	if err != nil {
		return err
	}
	b.mu.Lock()
	b.last, b.why = now.Truncate(time.Second), ""
	b.mu.Unlock()
	b.log.Info("the database was backed up", "file", copied.File, "bytes", copied.Bytes, "took", time.Since(now).Round(time.Millisecond).String())
	return b.prune()
}

// prune removes the oldest backups. It knows its own by a list beside them, so that
// a file of somebody else's stays, whatever its name.
func (b *backups) prune() error {
	made, err := b.made()
	if err != nil {
		return err
	}
	for len(made) > b.config.Keep {
		if err := os.Remove(filepath.Join(b.config.Dir, made[0])); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		b.log.Info("an old backup was removed", "file", made[0])
		made = made[1:]
	}
	return b.list(made)
}

// report says once of a backup that is due that it failed: in the record of the
// house and, of each try, in the log and in the metrics.
func (b *backups) report(ctx context.Context, of *bot.Bot, due time.Time, err error) {
	why := err.Error()
	b.mu.Lock()
	b.failed, b.why = b.failed+1, why
	b.mu.Unlock()
	b.log.Error("the database could not be backed up", "dir", b.config.Dir, "again_in", backupRetry.String(), "error", err)
	_, told := of.Carry(ctx, bot.Request{}, func(w *bot.Work) (bot.Reply, error) {
		c, err := w.Tx.ClaimKey(fmt.Sprintf("backup:failed:%d", due.Unix()), "", w.Now)
		if err != nil || c.Taken {
			return bot.Reply{}, err
		}
		text := bot.Plain("The scheduled backup failed: " + why)
		_, err = w.RecordHouse(bot.Event{Kind: bot.EventFailed, Text: text, Data: bot.Data{Call: "a backup"}})
		return bot.Reply{}, err
	})
	if told != nil && ctx.Err() == nil {
		b.log.Error("that a backup failed could not be recorded", "error", told)
	}
}

// state is how the backups stand.
func (b *backups) state() (last time.Time, failed int64, why string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.last, b.failed, b.why
}

// health is state for who shows it; nil when there is nothing to show.
func (b *backups) health() func() (time.Time, int64, string) {
	if b == nil {
		return nil
	}
	return b.state
}

// The files: NAME-TIME.db in UTC, and the list of those that were made here.
const (
	backupList = ".tocsin-backups"
	stampForm  = "20060102T150405Z"
)

var formBackup = regexp.MustCompile(`^.+-\d{8}T\d{6}Z\.db$`)

func stampOf(name string) string {
	name = strings.TrimSuffix(name, ".db")
	return name[len(name)-len(stampForm):]
}

// made returns the backups of this database that are there, the oldest first.
func (b *backups) made() ([]string, error) {
	listed, err := b.listed()
	if err != nil {
		return nil, err
	}
	made := slices.DeleteFunc(listed, func(name string) bool {
		info, err := os.Lstat(filepath.Join(b.config.Dir, name))
		return err != nil || !info.Mode().IsRegular()
	})
	slices.SortFunc(made, func(x, y string) int { return cmp.Compare(stampOf(x), stampOf(y)) })
	return slices.Compact(made), nil
}

func (b *backups) listed() ([]string, error) {
	text, err := os.ReadFile(filepath.Join(b.config.Dir, backupList))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var names []string
	for _, name := range strings.Fields(string(text)) {
		if filepath.Base(name) == name && formBackup.MatchString(name) {
			names = append(names, name)
		}
	}
	return names, nil
}

// list keeps the names of the backups that were made, all or as it was.
func (b *backups) list(names []string) error {
	f, err := os.CreateTemp(b.config.Dir, backupList+".*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // it is gone when all went well
	_, err = f.WriteString(strings.Join(names, "\n") + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), filepath.Join(b.config.Dir, backupList))
}

// dropDrafts removes what a killed process has left of a backup of ours.
func (b *backups) dropDrafts(listed []string) error {
	entries, err := os.ReadDir(b.config.Dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		whole, _, draft := strings.Cut(e.Name(), ".db.partial-")
		if draft && slices.Contains(listed, whole+".db") {
			if err := os.Remove(filepath.Join(b.config.Dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}
