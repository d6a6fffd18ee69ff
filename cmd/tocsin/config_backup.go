package main

import (
	"fmt"
	"os"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/tocsin-dev/tocsin/storage"
)

// BackupConfig is when the SQLite file is backed up, to where, and how many of the
// backups stay.
type BackupConfig struct {
	Dir  string // a folder; empty: there are no scheduled backups
	Cron string // in the configured zone
	Keep int
}

const (
	defaultBackupCron = "0 3 * * *"
	defaultBackupKeep = 14
	mostBackups       = 1000
)

// backup reads the scheduled backups.
func (r *reader) backup(c *Config) set {
	return func(n *yaml.Node, what string) {
		b := &c.Backup
		b.Cron, b.Keep = defaultBackupCron, defaultBackupKeep
		r.object(n, what, fields{
			"dir":  r.checked(&b.Dir, "a folder such as /var/backups/tocsin", checkAnything),
			"cron": r.checked(&b.Cron, `a schedule such as "0 3 * * *"`, checkCron),
			"keep": r.count(&b.Keep, mostBackups),
		})
		r.missing(n, what, "dir")
	}
}

// count reads a number from 1 to most.
func (r *reader) count(to *int, most int) set {
	return func(n *yaml.Node, what string) {
		s, ok := r.scalar(n, what, wantNumber)
		if !ok {
			return
		}
		v, err := strconv.Atoi(s)
		if err != nil || v < 1 || v > most {
			r.fault(n, "%s is %s; it must be a number from 1 to %d", what, quote(s), most)
			return
		}
		*to = v
	}
}

func backupNode(b BackupConfig) *yaml.Node {
	if b.Dir == "" {
		return nil
	}
	keep := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.Itoa(b.Keep)}
	return group(true, "dir", b.Dir, "cron", b.Cron, "keep", keep)
}

// checkBackup says what keeps scheduled backups from being made.
func (c *Config) checkBackup() Faults {
	if c.Backup.Dir == "" {
		return nil
	}
	if storage.IsPostgres(c.Database) {
		return Faults{{
			Where: "backup",
			Text:  "the database is PostgreSQL, which Tocsin does not back up: use pg_dump, or what your provider has, and take the key out of the configuration",
		}}
	}
	info, err := os.Stat(c.Backup.Dir)
	switch {
	case os.IsNotExist(err):
		return Faults{{Where: "backup", Text: fmt.Sprintf("the folder %s does not exist; make it first: mkdir -p %s", c.Backup.Dir, shellWord(c.Backup.Dir))}}
	case err != nil:
		return Faults{{Where: "backup", Text: fmt.Sprintf("the folder %s cannot be used: %v", c.Backup.Dir, bare(err))}}
	case !info.IsDir():
		return Faults{{Where: "backup", Text: c.Backup.Dir + " is a file; name a folder"}}
	}
	return nil
}
