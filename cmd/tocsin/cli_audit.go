package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/storage"
)

// audit checks the record: read only, and beside the running server if there is one.
func audit(ctx context.Context, e env, args []string) error {
	f := newFlags(e, "audit", "config", "database")
	head := f.String("head", "", "`HEAD` that was kept; the record must still hold what it covers")
	asJSON := f.Bool("json", false, "print the findings as JSON")
	words, err := f.parse(args)
	switch {
	case err != nil:
		return err
	case len(words) == 0:
		return wrongUsage("audit", "say verify")
	case words[0] != "verify":
		return wrongUsage("audit", "%s is not known%s", quote(words[0]), suggest(words[0], []string{"verify"}))
	}
	if err := f.none(words[1:]); err != nil {
		return err
	}
	var kept bot.RecordHead
	if *head != "" {
		if kept, err = bot.ParseRecordHead(*head); err != nil {
			return wrongUsage("audit", "--head: %v", err)
		}
	}
	c, err := f.config(e)
	if err != nil {
		return err
	}
	v, err := c.verify(ctx, e, kept)
	if err != nil {
		return err
	}
	if *asJSON {
		err = v.writeJSON(e.stdout)
	} else {
		err = v.write(e.stdout)
	}
	return errors.Join(err, v.fault())
}

// verdict is what became of an audit.
type verdict struct {
	bot.AuditReport
	kept bot.RecordHead // that was asked for; zero: none
}

func (c *Config) verify(ctx context.Context, e env, kept bot.RecordHead) (v verdict, err error) {
	store, err := storage.Open(ctx, c.Database, storage.Options{Log: c.quiet().logger(e.stderr), ReadOnly: true})
	if err != nil {
		return v, err
	}
	report, err := bot.Audit(ctx, store, time.Now(), kept.At)
	return verdict{report, kept}, errors.Join(err, store.Close())
}

// against says what the record lacks of what the kept head covers; empty: nothing.
func (v verdict) against() string {
	now := v.Kept
	asked := v.kept.At.Format(time.DateTime) + " UTC"
	switch {
	case v.kept.Digest == "" || now == v.kept:
		return ""
	case now.Streams < v.kept.Streams:
		return fmt.Sprintf("of the %d streams that it covers %d are there: as of %s whole incidents are missing", v.kept.Streams, now.Streams, asked)
	case now.Entries < v.kept.Entries:
		return fmt.Sprintf("of the %d entries that it covers %d are there: as of %s the end of a stream was cut off", v.kept.Entries, now.Entries, asked)
	case now.Entries > v.kept.Entries || now.Streams > v.kept.Streams:
		return fmt.Sprintf("it covers %d entries in %d streams, and %d in %d are dated before it: entries were put in, or the clock was set back after %s",
			v.kept.Entries, v.kept.Streams, now.Entries, now.Streams, asked)
	}
	return fmt.Sprintf("the record as of %s has as many entries and other hashes: a stream was written anew", asked)
}

func (v verdict) write(w io.Writer) error {
	text := ""
	for _, f := range v.Broken {
		text += "broken: " + f.String() + "\n"
	}
	for _, f := range v.Rows {
		text += "row: " + f.String() + "\n"
	}
	if what := v.against(); what != "" {
		text += "head: " + what + "\n"
	} else if v.kept.Digest != "" {
		text += "The record holds what the head covers.\n"
	}
	purged := ""
	if v.Purged > 0 {
		purged = fmt.Sprintf(", %d of them purged", v.Purged)
	}
	text += fmt.Sprintf("%d entries in %d streams%s.\nhead %s\n", v.Entries, v.Streams, purged, v.Head)
	_, err := io.WriteString(w, text)
	return err
}

func (v verdict) writeJSON(w io.Writer) error {
	out := struct {
		OK bool `json:"ok"`
		bot.AuditReport
		Head    string `json:"head"`
		Against string `json:"against,omitempty"`
	}{v.fault() == nil, v.AuditReport, v.Head.String(), v.against()}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(out)
}

// fault is the error with which the program ends; nil: all is right.
func (v verdict) fault() error {
	switch broken, rows := len(v.Broken), len(v.Rows); {
	case broken > 0:
		return fmt.Errorf("the record does not verify: %d of its streams are broken; compare them with a backup from before, and find out who can write the database", broken)
	case v.against() != "":
		return errors.New("the record does not hold what the head covers; compare it with a backup from the time of the head")
	case rows > 0:
		return fmt.Errorf("the record verifies, and the rows of %d incidents are not what it makes of them; restore a backup from before", rows)
	}
	return nil
}
