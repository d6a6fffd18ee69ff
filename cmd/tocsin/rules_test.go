package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/doc"
	"go/parser"
	gotoken "go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tocsin-dev/tocsin/commands"
)

const module = "github.com/tocsin-dev/tocsin"

// listed is what the rules need of a package.
type listed struct {
	ImportPath string
	Dir        string
	Imports    []string
	GoFiles    []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Dir,Imports,GoFiles", module+"/...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

var (
	leaves = []string{"bot/wire", "bot/render", "bot/chart"}
	// banned is what the centre must not reach: I/O belongs to its neighbours.
	banned = []string{"net/http", "database/sql", "os", "html/template", "net"}
)

// allowed says whether the package at from may import path; both are without
// the module's name when they are ours.
func allowed(from, path string, ours bool) bool {
	switch {
	case strings.HasPrefix(from, "cmd/"):
		return true
	case from == "bot":
		return !ours && (!strings.Contains(path, ".") || path == "github.com/robfig/cron/v3") && !slices.Contains(banned, path)
	case strings.Contains(from, "/fake"):
		return !ours && (!strings.Contains(path, ".") || path == "github.com/gorilla/websocket")
	case !ours:
		return true
	case from == "commands":
		return path == "bot"
	case from == "storage/storagetest/fresh": // what other packages' tests open
		return slices.Contains([]string{"bot", "storage", "storage/storagetest/pgserver"}, path)
	case from == "storage/storagetest/grown": // what the program's benchmarks fill
		return path == "bot" || path == "storage" || strings.HasPrefix(path, "storage/")
	case strings.HasPrefix(from, "storage"):
		return path == "bot" || strings.HasPrefix(path, "storage/")
	case from == "bot/render": // a leaf that draws what the centre describes
		return path == "bot"
	case slices.Contains(leaves, from):
		return false
	case strings.HasPrefix(from, "bot/"):
		return path == "bot" || slices.Contains(leaves, path) || strings.HasPrefix(path, from+"/") && !strings.Contains(path, "/fake")
	}
	return false
}

func TestImportRule(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		from := strings.TrimPrefix(p.ImportPath, module+"/")
		for _, path := range p.Imports {
			short := strings.TrimPrefix(path, module+"/")
			if from == "cmd/tocsin" {
				continue
			}
			if !allowed(from, short, short != path) {
				t.Errorf("%s imports %s, which the import rule (bot/doc.go) forbids", from, short)
			}
		}
	}
}

// TestImportRuleForbids keeps the rule itself from allowing everything.
func TestImportRuleForbids(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, path string
		ours       bool
	}{
		{"bot", "net/http", false},
		{"bot", "github.com/slack-go/slack", false},
		{"bot", "bot/wire", true},
		{"commands", "storage", true},
		{"storage", "commands", true},
		{"bot/slack", "bot/web", true},
		{"bot/slack", "bot/slack/fakeslack", true},
		{"bot/wire", "bot", true},
		{"bot/render", "bot/wire", true},
		{"bot/slack/fakeslack", "bot", true},
		{"bot/slack/fakeslack", "github.com/slack-go/slack", false},
		{"somewhere", "bot", true},
	} {
		if allowed(c.from, c.path, c.ours) {
			t.Errorf("%s may import %s", c.from, c.path)
		}
	}
}

func TestEveryPackageSaysWhatItHolds(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		set, text := gotoken.NewFileSet(), ""
		for _, name := range p.GoFiles {
			f, err := parser.ParseFile(set, filepath.Join(p.Dir, name), nil, parser.ParseComments|parser.PackageClauseOnly)
			if err != nil {
				t.Fatal(err)
			}
			text += f.Doc.Text()
		}
		if len(p.GoFiles) > 0 && len(strings.Fields(text)) < 15 {
			t.Errorf("%s: the package comment says too little: %q", p.ImportPath, doc.Synopsis(text)) //nolint:staticcheck // the plain synopsis is enough for a message
		}
	}
}

func TestEveryVerbHasHelpAndATranscript(t *testing.T) {
	t.Parallel()
	var played strings.Builder
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		played.Write(text)
	}
	for _, c := range commands.All() {
		if c.Summary == "" || len(c.Examples) == 0 {
			t.Errorf("%s: has no summary or no example", c.Name)
		}
		typed := regexp.MustCompile(`> (/inc(ident)? )?(#?[0-9]+ )?` + regexp.QuoteMeta(c.Name) + `\b`)
		if c.Name != "" && !typed.MatchString(played.String()) {
			t.Errorf("%s: no transcript in testdata types it", c.Name)
		}
	}
}

func TestReadmeTablesAreCurrent(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(readme), commands.Table()) {
		t.Errorf("README.md does not hold the table of verbs as the code has it; it is:\n%s", commands.Table())
	}
}

func TestTopLevelHoldsNothingElse(t *testing.T) {
	t.Parallel()
	entries, err := fs.ReadDir(os.DirFS("../.."), ".")
	if err != nil {
		t.Fatal(err)
	}
	known := []string{"cmd", "bot", "commands", "storage", "go.mod", "go.sum", "Makefile", "Dockerfile", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE"}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && !slices.Contains(known, e.Name()) && e.IsDir() {
			t.Errorf("the top level has a folder %s", e.Name())
		}
	}
}
