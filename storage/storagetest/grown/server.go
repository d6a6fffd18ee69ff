package grown

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// server is a PostgreSQL database that is filled by COPY. Indexes that guard
// nothing are made at the end, which is cheaper than to keep them in order.
type server struct {
	conn      *pgx.Conn
	incidents int64
	indexes   []string
}

func openServer(ctx context.Context, url string) (_ sink, err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	s := &server{conn: conn}
	if err := s.dropIndexes(ctx); err != nil {
		return nil, join(err, s.close())
	}
	return s, nil
}

func (s *server) dropIndexes(ctx context.Context) error {
	found, err := s.conn.Query(ctx, `SELECT 'DROP INDEX ' || quote_ident(c.relname), pg_get_indexdef(c.oid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
		WHERE c.relnamespace = current_schema()::regnamespace AND NOT i.indisunique`)
	if err != nil {
		return err
	}
	type index struct{ Drop, Make string }
	list, err := pgx.CollectRows(found, pgx.RowToStructByPos[index])
	if err != nil {
		return err
	}
	for _, x := range list {
		if _, err := s.conn.Exec(ctx, x.Drop); err != nil {
			return err
		}
		s.indexes = append(s.indexes, x.Make)
	}
	return nil
}

func (s *server) write(ctx context.Context, r *rows) error {
	s.incidents += int64(len((*r)[incidentsTable]))
	for k, list := range *r {
		if len(list) == 0 {
			continue
		}
		if _, err := s.conn.CopyFrom(ctx, pgx.Identifier{tables[k].name}, strings.Fields(tables[k].columns), pgx.CopyFromRows(list)); err != nil {
			return fmt.Errorf("%s: %w", tables[k].name, err)
		}
	}
	return nil
}

func (s *server) end(ctx context.Context) error {
	numbers := counters(s.incidents)
	for name, value := range numbers {
		if _, err := s.conn.Exec(ctx, "UPDATE counters SET value = $1 WHERE name = $2", value, name); err != nil {
			return err
		}
	}
	if _, err := s.conn.Exec(ctx, "SELECT setval('job_ids', $1)", numbers["job"]); err != nil {
		return err
	}
	if _, err := s.conn.Exec(ctx, "SET maintenance_work_mem = '512MB'"); err != nil {
		return err
	}
	for _, index := range s.indexes {
		if _, err := s.conn.Exec(ctx, index); err != nil {
			return fmt.Errorf("%s: %w", index, err)
		}
	}
	_, err := s.conn.Exec(ctx, "VACUUM ANALYZE")
	return err
}

func (s *server) close() error { return s.conn.Close(context.Background()) }
