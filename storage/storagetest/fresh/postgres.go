package fresh

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/tocsin-dev/tocsin/storage"
	"github.com/tocsin-dev/tocsin/storage/storagetest/pgserver"
)

// stock is migrated databases of the shared server. Making and dropping one takes
// longer than most tests, so one that a test has done with is emptied for the next.
var stock struct {
	sync.Mutex
	free  []string
	made  int
	empty []string // what makes a used one as it was
}

// template is the database of which the others are copies.
const template = "fresh"

// Postgres returns the address of a migrated database without content, for as long
// as the test lasts, on the server that the tests of this program share.
func Postgres(t testing.TB) string {
	t.Helper()
	server := pgserver.Shared(t)
	name, err := take(server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := give(server, name); err != nil {
			t.Errorf("empty the test's database: %v", err)
		}
	})
	return server.URL(name)
}

func take(server *pgserver.Server) (string, error) {
	stock.Lock()
	defer stock.Unlock()
	if n := len(stock.free); n > 0 {
		name := stock.free[n-1]
		stock.free = stock.free[:n-1]
		return name, nil
	}
	if stock.made == 0 {
		if err := makeTemplate(server); err != nil {
			return "", err
		}
	}
	stock.made++
	name := fmt.Sprintf("fresh_%d", stock.made)
	return name, server.Exec("postgres", "CREATE DATABASE "+name+" TEMPLATE "+template)
}

func give(server *pgserver.Server, name string) error {
	if err := server.Exec(name, stock.empty...); err != nil {
		return err
	}
	stock.Lock()
	defer stock.Unlock()
	stock.free = append(stock.free, name)
	return nil
}

func makeTemplate(server *pgserver.Server) (err error) {
	if err := server.Exec("postgres", "CREATE DATABASE "+template); err != nil {
		return err
	}
	ctx := context.Background()
	store, err := storage.Open(ctx, server.URL(template), storage.Options{Alone: true})
	if err != nil {
		return err
	}
	if err := store.Close(); err != nil {
		return err
	}
	conn, err := pgx.Connect(ctx, server.URL(template))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	stock.empty, err = emptying(ctx, conn)
	return err
}

// emptying keeps what every table of a database without content holds, and returns
// the statements that bring a copy back to that.
func emptying(ctx context.Context, conn *pgx.Conn) ([]string, error) {
	rows, err := conn.Query(ctx, "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'goose_db_version' ORDER BY 1")
	if err != nil {
		return nil, err
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	keep := []string{"CREATE SCHEMA content"}
	out := []string{"BEGIN", "SET LOCAL session_replication_role = replica"} // no foreign keys meanwhile
	for _, table := range tables {
		keep = append(keep, fmt.Sprintf("CREATE TABLE content.%s AS TABLE %s", table, table))
		out = append(out, "DELETE FROM "+table, fmt.Sprintf("INSERT INTO %s SELECT * FROM content.%s", table, table))
	}
	if _, err := conn.Exec(ctx, strings.Join(keep, "; ")); err != nil {
		return nil, err
	}
	out = append(out, "ALTER SEQUENCE job_ids RESTART", "COMMIT")
	return []string{strings.Join(out, "; ")}, nil
}
