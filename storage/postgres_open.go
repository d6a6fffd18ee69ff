package storage

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// openPostgres opens the database at url. Its errors do not show the password.
func openPostgres(ctx context.Context, url string, of shared) (_ *postgres, err error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("the database's address is not understood; write it as postgres://USER:PASSWORD@HOST/NAME: %w", err)
	}
	setDefault(config.RuntimeParams, "application_name", "tocsin")
	// Whoever reads a small table whole is in the way of everybody who writes into it,
	// since updates are serializable; by an index only of who writes the same.
	setDefault(config.RuntimeParams, "enable_seqscan", "off")
	// A replica that stands still must not keep the others from a row for ever.
	setDefault(config.RuntimeParams, "idle_in_transaction_session_timeout", "5000")
	most, err := poolSize(config.RuntimeParams)
	if err != nil {
		return nil, err
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 5 * time.Second
	}
	if of.opts.ReadOnly {
		config.RuntimeParams["default_transaction_read_only"] = "on"
	}
	p := &postgres{
		shared: of, config: config, pool: stdlib.OpenDB(*config, stdlib.OptionShouldPing(never)), self: rand.Text(), conflicts: make(chan struct{}, 1), patience: askingFate,
		stop: func() {},
	}
	p.pool.SetMaxOpenConns(most)
	p.pool.SetMaxIdleConns(most)
	p.pool.SetConnMaxIdleTime(5 * time.Minute)
	defer func() {
		if err != nil {
			_ = p.pool.Close() // the first error is the one that counts
			err = p.openError(err)
		}
	}()
	if err := p.prepare(ctx); err != nil {
		return nil, err
	}
	if !of.opts.Alone {
		ctx, p.stop = context.WithCancel(context.WithoutCancel(ctx))
		p.listening.Go(func() { p.listen(ctx) })
	}
	return p, nil
}

// poolSize reads how many connections there may be, by the name that other
// programs give it, and hides it from the server, which does not know it.
func poolSize(params map[string]string) (int, error) {
	const name = "pool_max_conns"
	text, ok := params[name]
	if !ok {
		return connections, nil
	}
	delete(params, name)
	n, err := strconv.Atoi(text)
	if err != nil || n < 2 || n > 1000 {
		return 0, fmt.Errorf("%s=%s in the database's address must be a number from 2 to 1000", name, text)
	}
	return n, nil
}

func never(context.Context, stdlib.ShouldPingParams) bool { return false }

func setDefault(params map[string]string, name, value string) {
	if _, ok := params[name]; !ok {
		params[name] = value
	}
}

// prepare brings the schema to this build's, one replica at a time, and sets the
// clock.
func (p *postgres) prepare(ctx context.Context) (err error) {
	conn, err := p.pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	var version int
	if err := conn.QueryRowContext(ctx, "SELECT CAST(current_setting('server_version_num') AS integer)").Scan(&version); err != nil {
		return err
	}
	if version < oldestPostgres {
		return refuse("is PostgreSQL %d; 13 or newer is needed", version/10000)
	}
	if !p.opts.Alone {
		err := p.clock.set(func() (us int64, err error) {
			err = conn.QueryRowContext(ctx, databaseTime).Scan(&us)
			return us, err
		})
		if err != nil {
			return err
		}
	}
	// The lock ends with the connection's session, whatever happens.
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock($1)", int64(migrationLock)); err != nil {
		return err
	}
	err = migrate(ctx, schema{postgresSchema, p.pool, conn}, p.opts)
	_, unlocked := conn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", int64(migrationLock))
	return errors.Join(err, unlocked)
}

// openError says what is wrong with the database.
func (p *postgres) openError(err error) error {
	name := fmt.Sprintf("the database %s on %s", p.config.Database, p.config.Host)
	var state schemaError
	if errors.As(err, &state) {
		return fmt.Errorf("%s %w", name, err)
	}
	return fmt.Errorf("cannot open %s: %s", name, strings.Join(strings.Fields(err.Error()), " ")) // the driver's has lines
}
