package main

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/storage/storagetest/fresh"
)

// TestBadInputChangesNothing: what cannot be meant is answered with what was
// wrong and what would have worked, in Slack and by the API, and leaves no trace:
// not in the database, not in Slack, not on the page.
func TestBadInputChangesNothing(t *testing.T) {
	inWorld(t, "slack: {post_every: 0s}", func(w *world) {
		w.lines("ana> /incident declare sev1 Checkout is down", "ana> /incident #1 update We are looking --public")
		here := w.channel("#inc-1-checkout-is-down")
		before := w.everything()
		for _, c := range []struct {
			name, in, line string
			want           []string // in Slack
			api            string
		}{
			{"an unknown verb", here, "updaet The cache is full", []string{"updaet", "/incident updaet The cache is full", "[update The cache is full]"}, "400 invalid"},
			{"nothing like a verb", here, "xyzzy", []string{"xyzzy", "help"}, "400 invalid"},
			{"a missing argument", here, "note", []string{"Add a note"}, "400 invalid"},
			{"a missing choice", here, "status", []string{"Status"}, "400 invalid"},
			{"a wrong severity", here, "severity sev9", []string{"sev9", "sev1 (Critical), sev2 (Major), sev3 (Minor)", "/incident severity sev9"}, "400 invalid"},
			{"a wrong severity of a new one", here, "declare sev9 Login is slow", []string{"sev9", "[SEV1 Critical]"}, "400 invalid"},
			{"a wrong state", here, "component api=down", []string{"api"}, "400 invalid"},
			{"a foreign channel", w.channel("#general"), "update Half is back", []string{"/incident update Half is back", "[Send to #1 Checkout is down"}, "400 invalid"},
			{"another channel, named", here, "<#" + w.channel("#ops") + "> update Half is back", []string{"incident"}, "404 not_found"},
			{"an incident that is not there", here, "#99 update Half is back", []string{"There is no incident #99."}, "404 not_found"},
			{"an incident too large for a number", here, "#99999999999999999999 update Half is back", []string{"99999999999999999999"}, "400 invalid"},
			{"an action item that is not there", here, "action done 99", []string{"There is no action item 99."}, "404 not_found"},
			{"a rollback that is not there", here, "rollback show r99", []string{"There is no rollback r99."}, "404 not_found"},
		} {
			w.at = c.name
			a, err := w.slack.As("ana").Slash(context.Background(), c.in, "/incident", c.line)
			w.hear("ana", a, err)
			for _, want := range c.want {
				if !strings.Contains(squash(w.answer), want) {
					w.errorf("the answer lacks %q:\n%s", want, w.answer)
				}
			}
			w.dismiss(context.Background(), "ana")
			w.settle()
			w.same(before)
			if got := w.refusal(c.in, c.line); got != c.api {
				w.errorf("the API says %q, want %q", got, c.api)
			}
			w.settle()
			w.same(before)
		}
	})
}

// refusal is the API's status and kind for a line that it refuses; "" with a text
// or without a text and a kind.
func (w *world) refusal(channel, line string) string {
	got := w.command(testRoot, map[string]string{"user": "U0ANA", "channel": channel, "text": line})
	var body struct {
		OK    bool
		Error struct{ Kind, Text string }
	}
	status, _, _ := strings.Cut(got, " ")
	_, object, _ := strings.Cut(got, "{")
	if err := json.Unmarshal([]byte("{"+object), &body); err != nil || body.OK || body.Error.Text == "" {
		return got
	}
	return status + " " + strings.ReplaceAll(body.Error.Kind, " ", "_")
}

// same compares all that there is with what there was.
func (w *world) same(before string) {
	w.t.Helper()
	after := w.everything()
	if after == before {
		return
	}
	had := map[string]bool{}
	for _, l := range strings.Split(before, "\n") {
		had[l] = true
	}
	for _, l := range strings.Split(after, "\n") {
		if !had[l] {
			w.errorf("new: %s", l)
		}
	}
	if len(after) <= len(before) {
		w.errorf("something is gone")
	}
}

// everything is all that the program keeps and others see, but for what it reads
// from Slack in any case and the order in which lanes were looked at.
func (w *world) everything() string {
	w.t.Helper()
	var out strings.Builder
	db, err := sql.Open("sqlite", "file:"+filepath.Join(w.dir, "tocsin.db")+"?mode=ro")
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, table := range []string{
		"counters", "streams", "incidents", "incident_people", "incident_members", "events", "keys", "links", "tokens",
		"jobs", "rollbacks", "deploys", "followups", "reminders",
	} {
		dumpTable(w.t, db, table, &out)
	}
	for _, c := range w.slack.Channels() {
		fmt.Fprintln(&out, c.Name, c.Topic, c.Members, c.Pins)
		for _, m := range w.slack.Messages(c.ID) {
			if m.EphemeralTo == "" {
				fmt.Fprintf(&out, "%s %q\n", m.TS, w.slack.PlainText(m))
			}
		}
	}
	fmt.Fprintln(&out, w.sent(), "rollbacks sent,", len(w.issues("acme/postmortems")), "issues")
	out.WriteString(w.readable("/"))
	return out.String()
}

func dumpTable(t *testing.T, db *sql.DB, table string, out *strings.Builder) {
	t.Helper()
	rows, err := db.QueryContext(context.Background(), "SELECT * FROM "+table+" ORDER BY 1, 2")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		cells, into := make([]any, len(columns)), make([]any, len(columns))
		for k := range cells {
			into[k] = &cells[k]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(out, "%s %v\n", table, cells)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

// TestBadStartTouchesNothing: a database that is none, one of a newer build, one
// of another program, and a configuration with three faults are each refused in
// clear words, by every verb that would need them, and no file is changed or made.
func TestBadStartTouchesNothing(t *testing.T) {
	t.Parallel()
	threeFaults := `tocsin: the configuration has 3 faults:
CONFIG:1:1: unknown key "severites"; did you mean "severities"?
CONFIG:2:19: default_severity: there is no severity "sev9"; did you mean "sev1"?
CONFIG:3:48: services[0].components[0]: there is no component "chta"; did you mean "chat"?
`
	for _, c := range []struct {
		name, config string
		make         func(t *testing.T, file string)
		want         string
	}{
		{"no database", "", func(t *testing.T, file string) {
			if err := os.WriteFile(file, []byte("a shopping list, long enough to be read"), 0o600); err != nil {
				t.Fatal(err)
			}
		}, "tocsin: DATABASE is not an SQLite database; name another file"},
		{"a newer schema", "", func(t *testing.T, file string) {
			fresh.Put(t, file)
			execute(t, file, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)")
		}, "tocsin: DATABASE was written by a newer Tocsin (schema 99, this build knows "},
		{"another program's", "", func(t *testing.T, file string) {
			execute(t, file, "CREATE TABLE songs (name text)")
		}, "tocsin: DATABASE holds the tables of another program"},
		{"three faults", "severites: []\ndefault_severity: sev9\nservices: [{id: gateway, name: X, components: [chta]}]\ncomponents: [{id: chat, name: Chat}]\n",
			func(*testing.T, string) {}, threeFaults},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			file, config := filepath.Join(dir, "tocsin.db"), filepath.Join(dir, "tocsin.yaml")
			if err := os.WriteFile(config, []byte(c.config), 0o600); err != nil {
				t.Fatal(err)
			}
			c.make(t, file)
			before := files(t, dir)
			environ := serveEnv(t, "TOCSIN_CONFIG="+config, "TOCSIN_LISTEN="+freeAddress(t))
			environ = append(environ, "TOCSIN_DATABASE="+file)
			want := strings.NewReplacer("CONFIG", config, "DATABASE", file).Replace(c.want)
			for _, verb := range []string{"serve", "token list", "token create U0ANA"} {
				got := startAndEnd(t, environ, strings.Fields(verb)...)
				if got.code != 1 || got.out != "" || !strings.HasPrefix(got.err, want) || strings.Count(got.err, "\n") != max(1, strings.Count(want, "\n")) {
					t.Errorf("%s: exit %d, %q\n%s\nwant\n%s", verb, got.code, got.out, got.err, want)
				}
				if after := files(t, dir); after != before {
					t.Errorf("%s changed files: before\n%s\nafter\n%s", verb, before, after)
				}
			}
		})
	}
}

// startAndEnd runs the program, and ends it should it not end by itself.
func startAndEnd(t *testing.T, environ []string, args ...string) ran {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var out, errs strings.Builder
	code := run(ctx, args, env{strings.NewReader(""), &out, &errs, environ})
	return ran{code, out.String(), errs.String()}
}

func execute(t *testing.T, file, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// files are the files of a folder with what is in them, but for the lock,
// which stays when it is given up.
func files(t *testing.T, dir string) string {
	t.Helper()
	var out strings.Builder
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(filepath.Join(dir, path))
		if filepath.Ext(path) != ".lock" {
			fmt.Fprintf(&out, "%s, %d bytes: %x\n", path, len(b), sha256.Sum256(b))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}
