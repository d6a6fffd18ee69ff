package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/storage"
	"github.com/tocsin-dev/tocsin/storage/storagetest"
	"github.com/tocsin-dev/tocsin/storage/storagetest/fresh"
)

// TestAuditVerify checks the record beside whoever holds it: exit code 0 and a
// head while all is right, 1 and what is wrong when it is not, 2 for what is not
// understood.
func TestAuditVerify(t *testing.T) {
	for _, kind := range []string{"sqlite", "postgres"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			url, driver, source := filepath.Join(t.TempDir(), "tocsin.db"), "sqlite", ""
			if fresh.Put(t, url); kind == "postgres" {
				url, driver = fresh.Postgres(t), "pgx"
			}
			if source = url; kind == "sqlite" {
				source = "file:" + url
			}
			store, err := storage.Open(t.Context(), url, storage.Options{Volatile: true}) // as a server does
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = store.Close() })
			h, err := storagetest.NewHistory(t.Context(), store, 3)
			if err == nil {
				err = h.Run(t.Context(), 60)
			}
			if err != nil {
				t.Fatal(err)
			}
			db, err := sql.Open(driver, source)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = db.Close() })
			auditVerdicts(t, url, store, func(text string) {
				if _, err := db.ExecContext(t.Context(), text); err != nil {
					t.Fatalf("%s: %v", text, err)
				}
			})
		})
	}
}

func auditVerdicts(t *testing.T, url string, store bot.Store, exec func(string)) {
	verify := func(args ...string) ran {
		return tocsin(t, []string{"TOCSIN_DATABASE=" + url}, append([]string{"audit", "verify"}, args...)...)
	}
	first := verify()
	first.is(t, 0, " streams.\nhead 1-", "")
	_, head, _ := strings.Cut(strings.TrimSpace(first.out), "head ")
	verify("--head", head).is(t, 0, "The record holds what the head covers.\n", "")
	verify("--json").is(t, 0, `"head":"1-`, "")
	older, err := bot.RecordHeadAt(t.Context(), store, time.Date(2026, 1, 2, 4, 0, 0, 0, time.UTC))
	if err != nil || older.Entries == 0 {
		t.Fatalf("%v, %v", older, err)
	}
	verify("--head", older.String()).is(t, 0, "The record holds what the head covers.\n", "")
	more := older
	more.Entries++
	verify("--head", more.String()).is(t, 1, fmt.Sprintf("head: of the %d entries that it covers %d are there", more.Entries, older.Entries), "does not hold what the head covers")
	more.Streams++
	verify("--head", more.String()).is(t, 1, "whole incidents are missing", "does not hold what the head covers")
	older.Digest = strings.Repeat("0", 64)
	verify("--head", older.String()).is(t, 1, "a stream was written anew", "does not hold what the head covers")

	exec("UPDATE incidents SET severity = 'sev9' WHERE number = 1")
	verify().is(t, 1, "row: incident:1: its row is not what its entries make of it: severity\n", "the record verifies, and the rows of 1 incidents")
	exec("UPDATE events SET actor = 'U0EVE' WHERE incident = 1 AND seq = 1")
	verify().is(t, 1, "broken: incident:1: entry 1: it was changed\n", "1 of its streams are broken")
	var said struct {
		OK     bool
		Broken []bot.Finding
		Head   string
	}
	out := verify("--json")
	if err := json.Unmarshal([]byte(out.out), &said); err != nil || out.code != 1 || said.OK || len(said.Broken) != 1 || said.Broken[0].Seq != 1 || said.Head == "" {
		t.Errorf("%+v: %v", out, err)
	}
}

func TestAuditUsage(t *testing.T) {
	t.Chdir(t.TempDir())
	for args, want := range map[string]string{
		"audit": "say verify", "audit verfy": `"verfy" is not known; did you mean "verify"?`, "audit verify now": `"now" is too much`,
		"audit verify --head 1-x": `"1-x" is no head`, "audit verify --head 1-20261331T000000Z-1-1-" + strings.Repeat("0", 64): "its time does not exist",
	} {
		tocsin(t, nil, strings.Fields(args)...).is(t, 2, "", want)
	}
	tocsin(t, nil, "audit", "verify").is(t, 1, "", "there is no database tocsin.db")
	tocsin(t, nil, "help", "audit").is(t, 0, "usage: tocsin audit verify [--head HEAD] [--json]", "")
}
