package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestBackupFaults(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"unknown key": {"backup: {dri: /b}", `tocsin.yaml:1:10: unknown key "dri" in backup; did you mean "dir"?`},
		"misspelled":  {"bakup: {dir: /b}", `tocsin.yaml:1:1: unknown key "bakup"; did you mean "backup"?`},
		"no folder":   {"backup: {keep: 3}", "tocsin.yaml:1:9: backup has no dir"},
		"list":        {"backup: [/b]", "tocsin.yaml:1:9: backup is a list; it must be a group of keys"},
		"cron":        {"backup: {dir: /b, cron: daily}", `tocsin.yaml:1:25: backup.cron: "daily" is no schedule`},
		"too often":   {"backup: {dir: /b, cron: '* * * * *'}", "comes more often than every 15 minutes"},
		"none":        {"backup: {dir: /b, keep: 0}", `tocsin.yaml:1:25: backup.keep is "0"; it must be a number from 1 to 1000`},
		"too many":    {"backup: {dir: /b, keep: 1001}", `backup.keep is "1001"; it must be a number from 1 to 1000`},
		"period":      {"backup: {dir: /b, keep: 14d}", `backup.keep is "14d"; it must be a number from 1 to 1000`},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := load(t, tt.text); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestBackupConfig(t *testing.T) {
	c := mustLoad(t, "backup: {dir: /b}")
	if c.Backup != (BackupConfig{"/b", "0 3 * * *", 14}) {
		t.Errorf("the defaults are %+v", c.Backup)
	}
	c = mustLoad(t, `backup: {dir: /b, cron: "30 */6 * * *", keep: 3}`)
	text, err := c.YAML()
	if err != nil || !strings.Contains(string(text), "\nbackup: {dir: /b, cron: 30 */6 * * *, keep: 3}\n") {
		t.Errorf("printed as\n%s (%v)", text, err)
	}
	again := mustLoad(t, string(text))
	if again.Backup != c.Backup {
		t.Errorf("%+v was printed and read as %+v", c.Backup, again.Backup)
	}
	if c := mustLoad(t, ""); c.Backup != (BackupConfig{}) {
		t.Errorf("without the key %+v", c.Backup)
	}
}

// TestServeRefusesBackups that could never be made, before it opens anything.
func TestServeRefusesBackups(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ backups, database, want string }{
		"PostgreSQL": {dir, "postgres://127.0.0.1:1/x", "tocsin: backup: the database is PostgreSQL, which Tocsin does not back up: use pg_dump"},
		"no folder":  {dir + "/nix", "x.db", "backup: the folder " + dir + "/nix does not exist; make it first: mkdir -p '" + dir + "/nix'"},
		"a file":     {file, "x.db", "backup: " + file + " is a file; name a folder"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			if err := os.WriteFile("tocsin.yaml", []byte("backup: {dir: "+tt.backups+"}\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			environ := append(serveEnv(t, "TOCSIN_LISTEN=127.0.0.1:0"), "TOCSIN_DATABASE="+tt.database)
			got := tocsin(t, environ, "serve")
			got.is(t, 1, "", tt.want)
			if strings.Count(got.err, "\n") != 1 {
				t.Errorf("not one line: %s", got.err)
			}
			if _, err := os.Stat("x.db"); err == nil {
				t.Error("the database was made")
			}
		})
	}
}
