package storage

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// A file appears under its name when it is whole and on the disk, or never. Until
// then it is a draft beside it.

// partial begins the end of a draft's name.
const partial = ".partial-"

// newDraft makes an empty file beside final, for nobody else's eyes. What was left
// of earlier ones goes: nobody finishes them.
func newDraft(final string) (string, error) {
	dir, name := filepath.Split(final)
	if err := checkFolder(filepath.Clean(dir)); err != nil {
		return "", err
	}
	if err := dropDrafts(final); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(dir, name+partial+"*") // with mode 0600
	if err != nil {
		return "", err
	}
	return f.Name(), f.Close()
}

// dropDrafts removes what a killed process has left of final.
func dropDrafts(final string) error {
	dir, name := filepath.Split(final)
	entries, err := os.ReadDir(filepath.Clean(dir))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if len(e.Name()) > len(name+partial) && e.Name()[:len(name+partial)] == name+partial {
			if err := os.Remove(dir + e.Name()); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// dropDraft removes a draft and what SQLite may have put beside it.
func dropDraft(draft string) {
	for _, end := range []string{"", "-journal", "-wal", "-shm"} {
		_ = os.Remove(draft + end)
	}
}

// publish gives a draft its name. A file that is there already stays.
func publish(draft, final string) error {
	if err := syncPath(draft); err != nil {
		return err
	}
	err := os.Link(draft, final) // which fails where the name is taken, at the same instant
	switch {
	case errors.Is(err, fs.ErrExist):
		return taken(final)
	case err == nil:
		err = os.Remove(draft)
	default: // a file system without links
		if _, there := os.Lstat(final); there == nil {
			return taken(final)
		}
		err = os.Rename(draft, final)
	}
	return errors.Join(err, syncPath(filepath.Dir(final)))
}

func taken(file string) error {
	return fmt.Errorf("%s is there already and is not overwritten; name another file, or move that one away", file)
}

// syncPath makes a file, or what a folder lists, survive a power cut.
func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// keepAs makes the file at path stay under another name, too, whatever becomes of
// path.
func keepAs(path, kept string) error {
	if err := os.Link(path, kept); err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	draft, err := newDraft(kept) // a file system without links
	if err != nil {
		return err
	}
	defer dropDraft(draft)
	if err := copyBytes(path, draft); err != nil {
		return err
	}
	return publish(draft, kept)
}

func copyBytes(from, to string) (err error) {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close() //nolint:errcheck // it was only read
	dst, err := os.OpenFile(to, os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, src)
	return errors.Join(err, dst.Close())
}

// dated is a name beside path that says what it is and when it was made, and that
// nothing has.
func dated(path, what string) string {
	name := path + "." + what + "-" + time.Now().UTC().Format("20060102T150405Z")
	for n, out := 2, name; ; n++ {
		if _, err := os.Lstat(out); errors.Is(err, fs.ErrNotExist) {
			return out
		}
		out = fmt.Sprintf("%s-%d", name, n)
	}
}
