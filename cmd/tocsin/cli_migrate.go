package main

import (
	"context"
	"fmt"
	"net/url"
	"text/tabwriter"

	"github.com/tocsin-dev/tocsin/bot/wire"
	"github.com/tocsin-dev/tocsin/storage"
)

// migrateDatabase brings the database to this build's schema, or copies it into
// PostgreSQL.
func migrateDatabase(ctx context.Context, e env, args []string) error {
	f := newFlags(e, "migrate", "config", "database")
	var to *string
	f.Func("to", "copy the SQLite file into the empty PostgreSQL database at `URL`, and change nothing of the file", func(s string) error {
		to = &s
		return nil
	})
	if err := f.parseAlone(args); err != nil {
		return err
	}
	if to != nil && !storage.IsPostgres(*to) {
		return wrongUsage("migrate", "--to: %s is no PostgreSQL database, whose address begins with postgres://", quote(maskedDatabase(*to)))
	}
	c, err := f.config(e)
	if err != nil {
		return err
	}
	opts := storage.Options{Log: c.quiet().logger(e.stderr)}
	if to != nil {
		return c.moveTo(ctx, e, *to, opts)
	}
	did, err := storage.Migrate(ctx, c.Database, opts)
	if err != nil {
		return err
	}
	name := maskedDatabase(c.Database)
	switch {
	case did.From == did.To:
		_, err = fmt.Fprintf(e.stdout, "%s has schema %d, which is this version's; there is nothing to do.\n", name, did.To)
	case did.From == 0:
		_, err = fmt.Fprintf(e.stdout, "%s was empty; it has schema %d now.\n", name, did.To)
	case did.Backup == "":
		_, err = fmt.Fprintf(e.stdout, "%s was migrated from schema %d to %d.\n", name, did.From, did.To)
	default:
		_, err = fmt.Fprintf(e.stdout, "%s was migrated from schema %d to %d. As it was before it is kept as %s; remove it when it is not needed.\n",
			name, did.From, did.To, did.Backup)
	}
	return err
}

// moveTo copies the SQLite file into PostgreSQL and says how to go on.
func (c *Config) moveTo(ctx context.Context, e env, to string, opts storage.Options) error {
	if storage.IsPostgres(c.Database) {
		return fmt.Errorf("the database is PostgreSQL already (%s); --to copies an SQLite file, which --database names", maskedDatabase(c.Database))
	}
	did, err := storage.CopyToPostgres(ctx, c.Database, to, opts)
	if err != nil {
		return hidePassword(err, to)
	}
	out := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, t := range did.Tables {
		_, _ = fmt.Fprintf(out, "%d\t %s\t\n", t.Rows, t.Name)
	}
	if err := out.Flush(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.stdout, `Every row of %s is in %s: the tables above are equal on both sides, and so are the heads of %d chains.
Set TOCSIN_DATABASE to that address and start tocsin serve. The file was not changed; it is not written any more, so put it away.
`, c.Database, maskedDatabase(to), did.Chains)
	return err
}

// hidePassword keeps the password of an address out of err, which may come from
// below us.
func hidePassword(err error, address string) error {
	u, parse := url.Parse(address)
	if parse != nil || u.User == nil {
		return err
	}
	password, ok := u.User.Password()
	if !ok {
		return err
	}
	return masked{err, wire.NewRedactor(password)}
}

// masked is an error whose text holds no secret.
type masked struct {
	error
	by *wire.Redactor
}

// Error implements error.
func (m masked) Error() string { return m.by.Redact(m.error.Error()) }

// Unwrap returns the error as it was.
func (m masked) Unwrap() error { return m.error }
