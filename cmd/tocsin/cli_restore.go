package main

import (
	"context"
	"fmt"

	"github.com/tocsin-dev/tocsin/storage"
)

// restore puts a backup in the place of the SQLite file.
func restore(ctx context.Context, e env, args []string) error {
	f := newFlags(e, "restore", "config", "database")
	file, err := f.one(args, "the backup to restore", "tocsin restore /var/backups/tocsin-monday.db")
	if err != nil {
		return err
	}
	c, err := f.config(e)
	if err != nil {
		return err
	}
	if storage.IsPostgres(c.Database) {
		return fmt.Errorf("the database is PostgreSQL, which has a program for this; stop every tocsin serve and run: "+
			"pg_restore --clean --if-exists --single-transaction --dbname=%s %s", shellWord(maskedDatabase(c.Database)), shellWord(file))
	}
	did, err := storage.Restore(ctx, c.Database, file)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("%s holds what %s held: schema %d, checked.\n", c.Database, file, did.Schema)
	if did.Kept != "" {
		text += fmt.Sprintf("What was there before is kept as %s; remove it when it is not needed.\n", did.Kept)
	}
	if did.Schema < did.Newest {
		text += fmt.Sprintf("The next start migrates it to schema %d.\n", did.Newest)
	}
	if did.Waiting > 0 {
		text += fmt.Sprintf("%d effects waited when the backup was made, such as messages and reminders; tocsin serve carries them out when they are due.\n", did.Waiting)
	}
	_, err = fmt.Fprint(e.stdout, text)
	return err
}
