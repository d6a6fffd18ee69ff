package storage

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// fileLock is what a process holds that writes an SQLite file: an exclusive
// flock on a file beside it. The system drops it with the process, however
// that ends, so the file itself may stay.
type fileLock struct{ f *os.File }

// ErrLocked is in the error of [Open] when another process writes the file.
var ErrLocked = errors.New("stop it first")

// lockFile takes the lock for the database at path, or says who has it.
func lockFile(path string) (*fileLock, error) {
	f, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("cannot make the lock file: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		holder, _ := io.ReadAll(io.LimitReader(f, 20)) // without it the message is still true
		_ = f.Close()
		return nil, fmt.Errorf("another tocsin process (pid %s) is using %s; %w", pidOf(holder), path, ErrLocked)
	}
	if err == nil {
		err = writePID(f)
	}
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("cannot lock %s: %w", path, err)
	}
	return &fileLock{f}, nil
}

func pidOf(b []byte) string {
	if pid := strings.TrimSpace(string(b)); pid != "" {
		return pid
	}
	return "unknown"
}

func writePID(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

// release gives the lock up.
func (l *fileLock) release() error {
	if l == nil {
		return nil
	}
	return l.f.Close()
}
