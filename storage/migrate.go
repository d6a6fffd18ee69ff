package storage

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// schemaOf returns the version of a database's schema; 0: it is empty. One
// that holds something else is refused.
func schemaOf(ctx context.Context, pool *sql.DB) (int64, error) {
	var ours, tables int64
	err := pool.QueryRowContext(ctx,
		"SELECT count(*) FILTER (WHERE name = 'goose_db_version'), count(*) FROM sqlite_schema WHERE type = 'table'").Scan(&ours, &tables)
	switch {
	case err != nil:
		return 0, err
	case tables == 0:
		return 0, nil
	case ours == 0:
		return 0, refuse("holds the tables of another program; name another file")
	}
	var version sql.NullInt64
	err = pool.QueryRowContext(ctx, "SELECT max(version_id) FROM goose_db_version WHERE is_applied = 1").Scan(&version)
	return version.Int64, err
}

// schemaError says why a database cannot be used as it is; the file's name
// stands before it.
type schemaError string

func (e schemaError) Error() string { return string(e) }

func refuse(format string, args ...any) error { return schemaError(fmt.Sprintf(format, args...)) }

// provider knows the migrations of this build.
func provider(pool *sql.DB) (*goose.Provider, int64, error) {
	folder, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, 0, err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, pool, folder, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return nil, 0, err
	}
	var newest int64
	for _, s := range p.ListSources() {
		newest = max(newest, s.Version)
	}
	return p, newest, nil
}

// migrate brings the schema of a database to this build's. A newer one is
// refused, and so is an older one that may only be read.
func migrate(ctx context.Context, pool *sql.DB, opts Options) error {
	version, err := schemaOf(ctx, pool)
	if err != nil {
		return err
	}
	p, newest, err := provider(pool)
	if err != nil {
		return err
	}
	switch {
	case version == newest:
		return nil
	case version > newest:
		return refuse("was written by a newer Tocsin (schema %d, this build knows %d); use that version or restore a backup", version, newest)
	case opts.ReadOnly || opts.Beside:
		return refuse("has schema %d and this build needs %d; run tocsin migrate first", version, newest)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrating from schema %d to %d: %w", version, newest, err)
	}
	opts.Log.Info("storage: migrated", slog.Int64("from", version), slog.Int64("to", newest))
	return nil
}
