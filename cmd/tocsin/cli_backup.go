package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/tocsin-dev/tocsin/storage"
)

// backup writes a copy of the SQLite file, beside the running server if there is
// one.
func backup(ctx context.Context, e env, args []string) error {
	f := newFlags(e, "backup", "config", "database")
	file, err := f.one(args, "the file to write", "tocsin backup /var/backups/tocsin-monday.db")
	if err != nil {
		return err
	}
	c, err := f.config(e)
	if err != nil {
		return err
	}
	if storage.IsPostgres(c.Database) {
		return fmt.Errorf("the database is PostgreSQL, which has a program for this; run: pg_dump --format=custom --file=%s %s",
			shellWord(file), shellWord(maskedDatabase(c.Database)))
	}
	made, err := storage.Backup(ctx, c.Database, file)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.stdout, "%s is backed up to %s: %s, schema %d, checked.\n", c.Database, file, bytesOf(made.Bytes), made.Schema)
	return err
}

// one reads the flags of a verb that takes one word.
func (f *flags) one(args []string, what, example string) (string, error) {
	words, err := f.parse(args)
	switch {
	case err != nil:
		return "", err
	case len(words) == 0 || words[0] == "":
		return "", wrongUsage(f.verb, "name %s, as in: %s", what, example)
	}
	return words[0], f.none(words[1:])
}

// shellWord is s as one word of a command line.
func shellWord(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// bytesOf is a size as people read it.
func bytesOf(n int64) string {
	const kilo = 1000
	if n < kilo {
		return fmt.Sprintf("%d bytes", n)
	}
	size, units := float64(n)/kilo, "kMGT"
	for size >= kilo && len(units) > 1 {
		size, units = size/kilo, units[1:]
	}
	return fmt.Sprintf("%.1f %cB", size, units[0])
}
