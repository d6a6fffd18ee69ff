package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/commands"
	"github.com/tocsin-dev/tocsin/storage"
)

// token makes, lists and revokes personal API tokens, on the database itself:
// whoever can read and write it could do so anyway.
func token(ctx context.Context, e env, args []string) error {
	f := newFlags(e, "token", "config", "database")
	limit := f.String("verbs", "", "`LIST` of the commands that the token may use, separated by commas; the default is all")
	expires := f.String("expires", "90d", "`PERIOD` after which it ends, such as 90d, or never")
	words, err := f.parse(args)
	if err != nil {
		return err
	}
	what, wanted := "", map[string]int{"create": 2, "list": 1, "revoke": 2}
	if len(words) > 0 {
		what = words[0]
	}
	switch n, ok := wanted[what]; {
	case what == "":
		return wrongUsage("token", "say create, list or revoke")
	case !ok:
		return wrongUsage("token", "%s is not known%s", quote(what), suggest(what, keysOf(wanted)))
	case len(words) < n:
		return wrongUsage("token", "%s needs one more word", what)
	case len(words) > n:
		return wrongUsage("token", "%s is too much", quote(words[n]))
	}
	c, err := f.config(e)
	if err != nil {
		return err
	}
	switch what {
	case "create":
		return createToken(ctx, e, c, tokenOrder{words[1], *limit, *expires})
	case "revoke":
		return revokeToken(ctx, e, c, words[1])
	}
	return listTokens(ctx, e, c)
}

// tokenOrder is a token as it was asked for.
type tokenOrder struct{ user, verbs, expires string }

func createToken(ctx context.Context, e env, c *Config, o tokenOrder) error {
	if _, err := checkUser(o.user); err != nil {
		return wrongUsage("token", "%v", err)
	}
	var life bot.Period
	if o.expires != "never" {
		var err error
		if life, err = bot.ParsePeriod(o.expires); err != nil || life.Zero() {
			return wrongUsage("token", "--expires: %s is no length of time; write it as 90d, or never", quote(o.expires))
		}
	}
	verbs, err := tokenVerbs(o.verbs)
	if err != nil {
		return err
	}
	var plain, until string
	var made bot.Token
	err = c.update(ctx, e, func(tx bot.Tx, now time.Time) (err error) {
		draft := bot.Token{User: bot.UserID(o.user), Verbs: verbs}
		if !life.Zero() {
			draft.ExpiresAt = life.From(now, nil)
		}
		plain, made, err = bot.CreateToken(tx, draft, now)
		until = lifetime(made, now)
		return err
	})
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(e.stderr, "Token %d for %s, %s. This is the only time that it is shown:\n", made.ID, made.User, until)
	_, err = fmt.Fprintln(e.stdout, plain)
	return err
}

// tokenVerbs reads the list of a token's verbs.
func tokenVerbs(list string) ([]string, error) {
	var known []string
	for _, c := range commands.All() {
		word, _, _ := strings.Cut(c.Name, " ") // update stands for update fix too
		known = appendNew(known, word)
	}
	var out []string
	for _, name := range strings.Split(list, ",") {
		if name = strings.ToLower(strings.TrimSpace(name)); name == "" {
			continue
		}
		if !slices.Contains(known, name) {
			return nil, wrongUsage("token", "--verbs: there is no command %s%s", quote(name), suggest(name, known))
		}
		out = append(out, name)
	}
	return out, nil
}

func revokeToken(ctx context.Context, e env, c *Config, id string) error {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return wrongUsage("token", "%s is no token's number; `tocsin token list` shows them", quote(id))
	}
	if err := c.update(ctx, e, func(tx bot.Tx, now time.Time) error { return tx.RevokeToken(n, now) }); err != nil {
		if bot.KindOf(err) == bot.KindNotFound {
			return fmt.Errorf("there is no token %d; `tocsin token list` shows them", n)
		}
		return err
	}
	_, err = fmt.Fprintf(e.stdout, "Token %d is revoked.\n", n)
	return err
}

func listTokens(ctx context.Context, e env, c *Config) error {
	store, err := storage.Open(ctx, c.Database, storage.Options{Log: c.quiet().logger(e.stderr), ReadOnly: true})
	if err != nil {
		return err
	}
	var all []bot.Token
	err = store.View(ctx, func(tx bot.ReadTx) error {
		all, err = tx.Tokens()
		return err
	})
	now := store.Now()
	if err = errors.Join(err, store.Close()); err != nil {
		return err
	}
	return writeTokens(e.stdout, all, now)
}

func writeTokens(w io.Writer, all []bot.Token, now time.Time) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(t, "ID\tUSER\tCREATED\tSTATE\tVERBS")
	for _, k := range all {
		verbs := strings.Join(k.Verbs, ",")
		if verbs == "" {
			verbs = "all"
		}
		_, _ = fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\n", k.ID, k.User, k.CreatedAt.UTC().Format(time.DateOnly), lifetime(k, now), verbs)
	}
	return t.Flush()
}

// lifetime says until when a token works, or since when it does not.
func lifetime(t bot.Token, now time.Time) string {
	switch {
	case !t.RevokedAt.IsZero():
		return "revoked " + t.RevokedAt.UTC().Format(time.DateOnly)
	case t.ExpiresAt.IsZero():
		return "never expires"
	case t.Live(now):
		return "expires " + t.ExpiresAt.UTC().Format(time.DateOnly)
	}
	return "expired " + t.ExpiresAt.UTC().Format(time.DateOnly)
}

// quiet is c for a verb whose output somebody reads: no log but of trouble.
func (c *Config) quiet() *Config {
	q := *c
	if q.LogLevel == "info" {
		q.LogLevel = "warn"
	}
	return &q
}

// update opens the database, changes it and closes it again; beside the running
// server, if there is one, since a leaked token must be revoked without
// stopping it. fn is given the time by which everybody who writes the database
// goes.
func (c *Config) update(ctx context.Context, e env, fn func(bot.Tx, time.Time) error) error {
	store, err := storage.Open(ctx, c.Database, storage.Options{Log: c.quiet().logger(e.stderr)})
	if errors.Is(err, storage.ErrLocked) {
		store, err = storage.Open(ctx, c.Database, storage.Options{Log: c.quiet().logger(e.stderr), Beside: true})
	}
	if err != nil {
		return err
	}
	return errors.Join(store.Update(ctx, func(tx bot.Tx) error { return fn(tx, store.Now()) }), store.Close())
}
