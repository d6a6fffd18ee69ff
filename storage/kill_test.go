package storage_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/storage"
)

// killVariable names the database of the process that is to be killed.
const killVariable = "TOCSIN_TEST_KILL"

// TestKill kills a process that writes, at once and without warning. What it
// said was stored is there, nothing is there by half, and the file is free.
func TestKill(t *testing.T) {
	if path := os.Getenv(killVariable); path != "" {
		writeForEver(t, path)
		return
	}
	path := filepath.Join(t.TempDir(), "tocsin.db")
	said := 0
	for range 2 {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKill$")
		cmd.Env = append(os.Environ(), killVariable+"="+path)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; n < 40 && lines.Scan(); n++ {
			said++
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() { // what it said before it died
			said++
		}
		_ = cmd.Wait()
		checkKilled(t, path, said)
	}
	if said < 80 {
		t.Errorf("only %d transactions were acknowledged", said)
	}
}

// writeForEver declares incidents, four at a time, and says so after each.
func writeForEver(t *testing.T, path string) {
	s, err := storage.Open(t.Context(), path, storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				number := declare(t, s)
				if err := s.Update(t.Context(), func(tx bot.Tx) error { return note(tx, number, fmt.Sprint("key ", number)) }); err != nil {
					return
				}
				fmt.Println("stored")
			}
		})
	}
	wg.Wait()
}

// checkKilled counts the notes that are stored and verifies every chain.
func checkKilled(t *testing.T, path string, said int) {
	t.Helper()
	s, err := storage.Open(t.Context(), path, storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	notes := 0
	err = s.View(t.Context(), func(tx bot.ReadTx) error {
		for number := int64(1); ; number++ {
			i, err := tx.Incident(bot.Self(), number)
			if bot.KindOf(err) == bot.KindNotFound {
				return nil
			}
			if err != nil {
				return err
			}
			list, err := tx.Events(bot.Self(), number, bot.EventFilter{})
			if err != nil {
				return err
			}
			var head bot.Head
			for _, e := range list {
				if err := e.Verify(head); err != nil {
					t.Error(err)
				}
				head = e.Head()
			}
			if i.Head.Hash != head.Hash {
				t.Errorf("incident %d ends at %d, its record at %d", number, i.Head.Seq, head.Seq)
			}
			notes += len(list) - 1
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if notes < said {
		t.Errorf("%d notes were acknowledged, %d are stored", said, notes)
	}
}
