package storage_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/storage"
)

// TestPowerCut cuts the journal where a power cut may: anywhere behind what had been
// written when the last caller was answered. What was acknowledged by then is there,
// what came later is there as a whole or not at all, and the file can be used.
func TestPowerCut(t *testing.T) {
	const commits = 10
	dir := t.TempDir()
	path := filepath.Join(dir, "tocsin.db")
	s := open(t, path)
	answered := make([]int, commits) // the journal's length when each was answered
	for k := range commits {
		if err := s.Update(t.Context(), set(fmt.Sprint(k), fmt.Sprintf("%0*d", 10+k*1500, k))); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		answered[k] = int(info.Size())
	}
	file, journal := read(t, path), read(t, path+"-wal")
	for k := range commits - 1 {
		span := answered[k+1] - answered[k]
		if span <= 0 {
			t.Fatalf("commit %d wrote nothing: the journal was %v", k+1, answered)
		}
		for _, cut := range []int{answered[k], answered[k] + 10, answered[k] + span/2, answered[k+1] - 1} {
			lost := bytes.Repeat([]byte{0xa5}, len(journal)-cut)
			for name, tail := range map[string][]byte{"gone": nil, "empty": make([]byte, len(lost)), "rubbish": lost} {
				if len(tail) > 0 && bytes.Equal(tail[:answered[k+1]-cut], journal[cut:answered[k+1]]) {
					continue // nothing was lost: the page ended with zeros
				}
				checkPowerCut(t, file, append(journal[:cut:cut], tail...), k, fmt.Sprintf("cut at %d behind commit %d, the rest is %s", cut, k, name))
			}
		}
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// checkPowerCut opens what is left, which holds commits 0 to last and no other.
func checkPowerCut(t *testing.T, file, journal []byte, last int, what string) {
	t.Helper()
	path := write(t, "tocsin.db", file)
	if err := os.WriteFile(path+"-wal", journal, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := storage.Open(t.Context(), path, storage.Options{Volatile: true})
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	defer s.Close()
	err = s.View(t.Context(), func(tx bot.ReadTx) error {
		for k := range 10 {
			value, err := tx.Link("test", fmt.Sprint(k))
			if err != nil {
				return err
			}
			if kept := value != ""; kept != (k <= last) {
				t.Errorf("%s: commit %d is there: %v", what, k, kept)
			}
		}
		return nil
	})
	if err != nil {
		t.Errorf("%s: %v", what, err)
	}
	if err := s.Update(t.Context(), set("after", "1")); err != nil {
		t.Errorf("%s: %v", what, err)
	}
}
