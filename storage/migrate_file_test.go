package storage

import (
	"context"
	"database/sql/driver"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	sqlitedriver "modernc.org/sqlite"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/storage/storagetest/pgserver"
)

// oldFile makes a database of schema 2 with an incident, which the third migration
// updates after it has made a table.
func oldFile(t *testing.T, statements ...string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "old.db")
	pool, err := openPool(path, "_pragma=journal_mode(WAL)")
	if err != nil {
		t.Fatal(err)
	}
	p, _, err := schema{sqliteSchema, pool, pool}.provider()
	if err == nil {
		_, err = p.UpTo(t.Context(), 2)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range append([]string{
		`INSERT INTO incidents (number, version, seq, head_hash, recorded_at, state, severity, status, open, private, drill, published, declared_at, updated_at,
			channel_name) VALUES (1, 1, 1, 'h', 0, '{"number":1}', 'sev1', 'resolved', false, false, false, false, 0, 0, '')`,
		"INSERT INTO links (owner, name, value) VALUES ('test', 'old', 'kept')",
	}, statements...) {
		if _, err := pool.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := pool.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// everything is all that a file holds, as text.
func everything(t *testing.T, path string) (out string) {
	t.Helper()
	pool, err := openPool(path, "mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if err := sound(t.Context(), pool, "integrity_check"); err != nil {
		t.Errorf("%s %v", path, err)
	}
	out = sqlOf(t, pool, "SELECT sql FROM sqlite_schema WHERE sql <> $1 ORDER BY rowid", "")
	for _, kind := range []string{"table", "shadow"} {
		for _, name := range tablesOf(t, pool, kind) {
			out += rowsOf(t, pool, name)
		}
	}
	return out
}

func beside(t *testing.T, path string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != filepath.Base(path) && !strings.HasSuffix(e.Name(), ".lock") {
			names = append(names, filepath.Join(filepath.Dir(path), e.Name()))
		}
	}
	return names
}

// TestMigrationKeepsTheFile: what was there before is beside it, whole.
func TestMigrationKeepsTheFile(t *testing.T) {
	t.Parallel()
	path := oldFile(t)
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	before := everything(t, path)
	did, err := Migrate(t.Context(), path, Options{})
	if err != nil || did.From != 2 || did.To <= 2 {
		t.Fatalf("%+v, %v", did, err)
	}
	if !strings.HasPrefix(did.Backup, path+".schema2-2") {
		t.Errorf("the backup is called %s", did.Backup)
	}
	if got := everything(t, did.Backup); got != before {
		t.Errorf("the backup holds\n%s\nwant\n%s", got, before)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("the new file's rights are %v, %v", info.Mode(), err)
	}
	if got := beside(t, path); !slices.Equal(got, []string{did.Backup}) {
		t.Errorf("beside the file are %v", got)
	}
	again, err := Migrate(t.Context(), path, Options{})
	if err != nil || again.From != did.To || again.Backup != "" {
		t.Errorf("again: %+v, %v", again, err)
	}
}

// TestMigrationFails in the middle of a step, behind others that went well.
func TestMigrationFails(t *testing.T) {
	t.Parallel()
	path := oldFile(t, "CREATE TABLE reminders (mine text)")
	before := everything(t, path)
	for range 2 {
		_, err := Open(t.Context(), path, Options{})
		if err == nil || !strings.Contains(err.Error(), "from schema 2 to ") || !strings.Contains(err.Error(), "nothing was changed") {
			t.Errorf("got %v", err)
		}
	}
	if got := everything(t, path); got != before {
		t.Errorf("the file holds\n%s\nwant\n%s", got, before)
	}
	if got := beside(t, path); len(got) > 0 {
		t.Errorf("left behind: %v", got)
	}
	pool, err := openPool(path, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pool.ExecContext(t.Context(), "DROP TABLE reminders"); err != nil {
		t.Fatal(err)
	}
	if err := pool.Close(); err != nil {
		t.Fatal(err)
	}
	checkKept(t, path)
}

// TestMigrationBesideAReader that would go on reading the file that was put aside.
func TestMigrationBesideAReader(t *testing.T) {
	t.Parallel()
	path := oldFile(t)
	before := everything(t, path)
	other, err := openPool(path, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.ExecContext(t.Context(), "BEGIN; SELECT count(*) FROM events"); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), path, Options{}); err == nil || !strings.Contains(err.Error(), "such as Litestream or sqlite3; stop that first") {
		t.Errorf("got %v", err)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	if got := everything(t, path); got != before {
		t.Errorf("the file holds\n%s\nwant\n%s", got, before)
	}
	checkKept(t, path)
}

func checkKept(t *testing.T, path string) {
	t.Helper()
	s, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.View(t.Context(), func(tx bot.ReadTx) error {
		value, err := tx.Link("test", "old")
		if value != "kept" {
			t.Errorf("the link is %q", value)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// dieVariable names the file that a process migrates until it dies of it.
const dieVariable = "TOCSIN_TEST_DIE_MIGRATING"

var registerDeath = sync.OnceValue(func() error {
	return sqlitedriver.RegisterScalarFunction("test_die", 0, func(*sqlitedriver.FunctionContext, []driver.Value) (driver.Value, error) {
		if os.Getenv(dieVariable) != "" {
			return nil, syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}
		return int64(0), nil
	})
})

// TestMigrationKilled: a process is killed while the third migration updates a row.
func TestMigrationKilled(t *testing.T) {
	if err := registerDeath(); err != nil {
		t.Fatal(err)
	}
	if path := os.Getenv(dieVariable); path != "" {
		_, err := Migrate(t.Context(), path, Options{})
		t.Fatalf("survived: %v", err)
	}
	path := oldFile(t, "CREATE TRIGGER dies AFTER UPDATE ON incidents BEGIN SELECT test_die(); END")
	before := everything(t, path)
	for range 2 {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestMigrationKilled$")
		cmd.Env = append(os.Environ(), dieVariable+"="+path)
		out, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			t.Fatalf("the process ended with %v\n%s", err, out)
		}
		left := beside(t, path)
		if !slices.ContainsFunc(left, func(name string) bool { return strings.Contains(name, partial) }) {
			t.Errorf("it was not killed in the middle: %v", left)
		}
		if got := everything(t, path); got != before {
			t.Errorf("the file holds\n%s\nwant\n%s", got, before)
		}
	}
	// A moment later it would have left another name of the file, too.
	twin := path + ".schema2-20200101T000000Z"
	if err := os.Link(path, twin); err != nil {
		t.Fatal(err)
	}
	checkKept(t, path)
	left := beside(t, path)
	if len(left) != 1 || left[0] == twin {
		t.Fatalf("left behind: %v", left)
	}
	if got := everything(t, left[0]); got != before {
		t.Errorf("the backup holds\n%s\nwant\n%s", got, before)
	}
}

// TestNewerSchemaIsRefused by an older build, on both databases.
func TestNewerSchemaIsRefused(t *testing.T) {
	t.Parallel()
	file := filled(t)
	server := pgserver.Shared(t)
	for _, url := range []string{file, server.Create(t, "newer")} {
		if s, err := Open(t.Context(), url, Options{Alone: true}); err != nil {
			t.Fatal(err)
		} else if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		const later = "INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, true)"
		if IsPostgres(url) {
			if err := server.Exec("newer", later); err != nil {
				t.Fatal(err)
			}
		} else {
			execFile(t, url, later)
		}
		for _, do := range []func() error{
			func() error { _, err := Open(t.Context(), url, Options{}); return err },
			func() error { _, err := Open(t.Context(), url, Options{ReadOnly: true}); return err },
			func() error { _, err := Migrate(t.Context(), url, Options{}); return err },
		} {
			if err := do(); err == nil || !strings.Contains(err.Error(), "was written by a newer Tocsin (schema 999, this build knows ") {
				t.Errorf("%s: %v", url, err)
			}
		}
	}
}

func execFile(t *testing.T, path, statement string) {
	t.Helper()
	pool, err := openPool(path, "")
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// TestReplicasMigrateOnce: two that start at once on an older schema both serve.
func TestReplicasMigrateOnce(t *testing.T) {
	t.Parallel()
	url := pgserver.Shared(t).Create(t, "two_start")
	pool, err := openPostgresPool(t, url)
	if err != nil {
		t.Fatal(err)
	}
	p, _, err := schema{postgresSchema, pool, pool}.provider()
	if err == nil {
		_, err = p.UpTo(t.Context(), 2)
	}
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			s, err := Open(context.WithoutCancel(t.Context()), url, Options{})
			if err != nil {
				t.Error(err)
				return
			}
			err = s.Update(t.Context(), func(tx bot.Tx) error { return tx.SetLink(bot.Link{Owner: "test", Name: "old", Value: "kept"}) })
			if err = errors.Join(err, s.Close()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	var rows, versions int64
	if err := pool.QueryRowContext(t.Context(), "SELECT count(*), count(DISTINCT version_id) FROM goose_db_version").Scan(&rows, &versions); err != nil || rows != versions {
		t.Errorf("%d versions were applied %d times: %v", versions, rows, err)
	}
	checkKept(t, url)
}
