package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-dev/tocsin/storage/storagetest/fresh"
)

// TestTranscripts plays testdata/*.txt: what people type and click, and what
// they and everybody else see of it, through the whole program (HTTP,
// signatures, a database, a whole stand-in for Slack) in virtual time, once on
// each kind of database.
//
//	config                                 the indented lines that follow are the configuration file
//	ana> /incident declare sev1 Down       ana types a command in #general, or where she was last
//	ana in #ops> /incident list            … in #ops
//	ana> hello                             ana posts a message
//	ana in thread> @tocsin list            … in the thread of the channel's last message
//	ana clicks Take command                a button of the last answer, or (in #ops) of the newest message that has it
//	ana submits title=Down; severity=sev1  fills in and submits the form on top
//	api ana> note All quiet                through the JSON API with the root token; cli does the same by tocsin run
//	get /api/v1/incidents as ana           an HTTP GET with the root token
//	get /                                  an HTTP GET
//	ben joins #inc-1-down                  ben enters a public channel
//	wait 30m                               time passes
//	fault chat.postMessage error=is_archived times=2      Slack misbehaves; clear faults ends it
//	deploys v42 to gateway by ana          the deploy system does something; see [world.deploySystem]
//	github closes acme/postmortems#1 by ana            GitHub does something; see [world.gitHub]
//	restart                                the program stops in good order and starts again
//	down 20h                               … and is down for that long, in which nothing is to happen
//
// and what must follow:
//
//	< text                                 the last answer holds text; <! it does not
//	#ops< text                             a message there holds text, newer than the one matched before
//	#ops<! text                            no message there holds text
//	#ops thread< text                      a reply in a thread there
//	#ops topic< text, #ops pinned< text    the channel's topic; a pinned message
//	#ops once< text                        exactly one message there holds text
//	#ops members< ana ben                  exactly these people, without the bot
//	page /< text                           a page of the status site
//	issue acme/postmortems#1< text         an issue on GitHub: state, title, labels, assignees, body
//
// White space is folded and marks of emphasis are dropped before comparing. A line that begins with spaces goes on
// with the one before. {id} in a line is the public id of incident 1.
func TestTranscripts(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			steps := parseTranscript(t, string(text))
			t.Run("sqlite", func(t *testing.T) {
				t.Parallel()
				path := filepath.Join(t.TempDir(), "tocsin.db")
				fresh.Put(t, path)
				steps.play(t, file, path)
			})
			t.Run("postgres", func(t *testing.T) {
				t.Parallel()
				steps.play(t, file, fresh.Postgres(t))
			})
		})
	}
}

// play plays the steps of file with a program on database.
func (tr transcript) play(t *testing.T, file, database string) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := newWorldOn(t, database, dir, tr.config)
		defer w.close()
		if tr.waits() > 130*time.Hour {
			w.scale(1)
		}
		for _, s := range tr.list {
			w.at = fmt.Sprintf("%s:%d: %s", file, s.line, s.text)
			w.play(s)
		}
	})
}

// step is one line of a transcript.
type step struct {
	line int
	text string
}

type transcript struct {
	config string
	list   []step
}

// waits is how long nothing happens in a transcript but that time goes by. Each of
// those minutes costs a replica on PostgreSQL some round trips, so one of them will do.
func (tr transcript) waits() (sum time.Duration) {
	for _, s := range tr.list {
		if word, rest, _ := strings.Cut(s.text, " "); word == "wait" {
			d, _ := time.ParseDuration(rest) // play says what is wrong with it
			sum += d
		}
	}
	return sum
}

// parseTranscript joins continued lines and drops comments.
func parseTranscript(t *testing.T, text string) transcript {
	t.Helper()
	var out transcript
	inConfig := false
	for n, raw := range strings.Split(text, "\n") {
		trimmed := strings.TrimSpace(raw)
		switch {
		case inConfig && (strings.HasPrefix(raw, " ") || trimmed == ""):
			out.config += strings.TrimPrefix(raw, "  ") + "\n"
			continue
		case trimmed == "" || strings.HasPrefix(trimmed, "# "):
			inConfig = false
			continue
		case trimmed == "config":
			inConfig = true
			continue
		case strings.HasPrefix(raw, " "):
			if len(out.list) == 0 {
				t.Fatalf("line %d continues nothing", n+1)
			}
			out.list[len(out.list)-1].text += "\n" + trimmed
			continue
		}
		inConfig = false
		out.list = append(out.list, step{n + 1, trimmed})
	}
	return out
}

// play does one step.
func (w *world) play(s step) {
	w.t.Helper()
	text := strings.ReplaceAll(s.text, "{id}", publicIncidentID(1))
	if w.expect(text) {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for _, do := range []func(context.Context, string) bool{w.control, w.http, w.click, w.submit, w.typed} {
		if do(ctx, text) {
			w.settle()
			w.t.Logf("%s\n%s", text, w.answer)
			return
		}
	}
	w.errorf("not understood")
}
