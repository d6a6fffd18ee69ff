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

//go:embed migrations
var migrations embed.FS

// schema is where tables are kept, and what a dialect needs to make them.
type schema struct {
	kind
	pool *sql.DB
	ask  asker
}

// asker is what the version is asked of: the pool, or a connection of it.
type asker interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// kind is a database's kind, to whom makes its tables.
type kind struct {
	dialect goose.Dialect
	folder  string // of the migrations that only it has
	tables  string // asks how many of the tables are goose's, and how many there are
}

var (
	sqliteSchema = kind{
		goose.DialectSQLite3, "sqlite",
		"SELECT count(*) FILTER (WHERE name = 'goose_db_version'), count(*) FROM sqlite_schema WHERE type = 'table'",
	}
	postgresSchema = kind{
		goose.DialectPostgres, "postgres",
		"SELECT count(*) FILTER (WHERE tablename = 'goose_db_version'), count(*) FROM pg_tables WHERE schemaname = current_schema()",
	}
)

// version returns that of the schema; 0: the database is empty. One that holds
// something else is refused.
func (s schema) version(ctx context.Context) (int64, error) {
	var ours, tables int64
	err := s.ask.QueryRowContext(ctx, s.tables).Scan(&ours, &tables)
	switch {
	case err != nil:
		return 0, err
	case tables == 0:
		return 0, nil
	case ours == 0:
		return 0, refuse("holds the tables of another program; name another database")
	}
	var version sql.NullInt64
	err = s.ask.QueryRowContext(ctx, "SELECT max(version_id) FROM goose_db_version WHERE is_applied IN (true)").Scan(&version)
	return version.Int64, err
}

// schemaError says why a database cannot be used as it is; the file's name
// stands before it.
type schemaError string

func (e schemaError) Error() string { return string(e) }

func refuse(format string, args ...any) error { return schemaError(fmt.Sprintf(format, args...)) }

// provider knows the migrations of this build: those of every database, and those
// of this kind. Where both have one with the same number, goose refuses them.
func (s schema) provider() (*goose.Provider, int64, error) {
	all, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, 0, err
	}
	p, err := goose.NewProvider(s.dialect, s.pool, folders{all, s.folder}, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return nil, 0, err
	}
	var newest int64
	for _, source := range p.ListSources() {
		newest = max(newest, source.Version)
	}
	return p, newest, nil
}

// migrate brings the schema of a database to this build's. A newer one is
// refused, and so is an older one that may only be read.
func migrate(ctx context.Context, s schema, opts Options) error {
	version, err := s.version(ctx)
	if err != nil {
		return err
	}
	p, newest, err := s.provider()
	if err != nil {
		return err
	}
	switch {
	case version == newest:
		opts.tell(Migrated{From: version, To: newest})
		return nil
	case version > newest:
		return newer(version, newest)
	case opts.ReadOnly || opts.Beside:
		return refuse("has schema %d and this build needs %d; run tocsin migrate first", version, newest)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrating from schema %d to %d: %w", version, newest, err)
	}
	opts.Log.Info("storage: migrated", slog.Int64("from", version), slog.Int64("to", newest))
	opts.tell(Migrated{From: version, To: newest})
	return nil
}

func newer(version, newest int64) error {
	return refuse("was written by a newer Tocsin (schema %d, this build knows %d); use that version or restore a backup", version, newest)
}

// folders is a folder of migrations as if those of one of its own were in it.
type folders struct {
	fs.FS
	more string
}

// Glob implements [fs.GlobFS], by which goose finds migrations.
func (f folders) Glob(pattern string) ([]string, error) {
	list, err := fs.Glob(f.FS, pattern)
	if err != nil {
		return nil, err
	}
	more, err := fs.Glob(f.FS, f.more+"/"+pattern)
	return append(list, more...), err
}
