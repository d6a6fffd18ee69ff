// Package pgserver runs PostgreSQL servers for tests, from the programs that a
// package manager installed. A server listens on a Unix socket in a temporary
// folder, belongs to a user who is not root, and ends with the test program, even
// when that is killed. Without the programs a test is skipped, and with CI=true
// it fails.
package pgserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Server is a running server, or one that was stopped and can be started again.
type Server struct {
	bin, dir string
	durable  bool
	as       *syscall.Credential // nil: whoever runs the tests

	life  io.Closer // its end ends the server
	shell *exec.Cmd
}

// admin is the user of the tests, who may do everything.
const admin = "tocsin"

// startLimit is how long a start may take, which includes recovery from a crash.
const startLimit = time.Minute

// speed gives up what a server needs only to survive the machine.
var speed = []string{
	"fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0", "autovacuum=off",
}

var shared = sync.OnceValues(func() (*Server, error) { return start(false) })

// Shared returns the server that all tests of this program share. It does not
// survive the machine.
func Shared(t testing.TB) *Server {
	t.Helper()
	return checked(t)(shared())
}

// Start returns a server of the test's own, which keeps what was committed
// however it ends.
func Start(t testing.TB) *Server {
	t.Helper()
	s := checked(t)(start(true))
	t.Cleanup(func() { s.Kill() })
	return s
}

func checked(t testing.TB) func(*Server, error) *Server {
	return func(s *Server, err error) *Server {
		t.Helper()
		switch {
		case errors.Is(err, errMissing) && os.Getenv("CI") != "true":
			t.Skip(err)
		case err != nil:
			t.Fatal(err)
		}
		return s
	}
}

var errMissing = errors.New("no PostgreSQL server is installed; .ci/deps installs one")

// programs returns the folder of the newest server's programs.
func programs() (string, error) {
	if initdb, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(initdb), nil
	}
	var found []string
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin/initdb", "/opt/homebrew/opt/postgresql*/bin/initdb"} {
		list, err := filepath.Glob(pattern)
		if err != nil {
			return "", err
		}
		found = append(found, list...)
	}
	if len(found) == 0 {
		return "", errMissing
	}
	return filepath.Dir(slices.Max(found)), nil
}

func start(durable bool) (_ *Server, err error) {
	s := &Server{durable: durable}
	if s.bin, err = programs(); err != nil {
		return nil, err
	}
	parent := ""
	if os.Geteuid() == 0 { // the server refuses to be root's, and must reach its folder
		parent = "/tmp"
		if s.as, err = nobody(); err != nil {
			return nil, err
		}
	}
	if s.dir, err = os.MkdirTemp(parent, "tocsin-pg-"); err != nil {
		return nil, err
	}
	if s.as != nil {
		if err := os.Chown(s.dir, int(s.as.Uid), int(s.as.Gid)); err != nil {
			return nil, err
		}
	}
	initdb := s.program("initdb", "--pgdata="+s.data(), "--username="+admin, "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return s, s.Run()
}

// nobody is a user without rights.
func nobody() (*syscall.Credential, error) {
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			return nil, err
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			return nil, err
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, errors.New("there is neither a user postgres nor a user nobody to run a server as")
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

func (s *Server) program(name string, args ...string) *exec.Cmd {
	c := exec.CommandContext(context.Background(), filepath.Join(s.bin, name), args...) //nolint:gosec // the server's own programs
	c.Dir = s.dir
	c.SysProcAttr = &syscall.SysProcAttr{Credential: s.as}
	return c
}

// keeper starts a server and ends it when its own input ends, as it does with the
// test program. What was written stays unless the folder is to go with it.
const keeper = `trap '' INT TERM
"$@" >>log 2>&1 &
read -r last
kill -QUIT $! 2>/dev/null
wait $!
[ "$last" = keep ] || rm -rf "$PWD"`

// Run starts a server that does not run, and waits until it answers.
func (s *Server) Run() error {
	args := []string{"-c", keeper, "keeper", filepath.Join(s.bin, "postgres"), "-D", s.data()}
	settings := []string{"listen_addresses=", "unix_socket_directories=" + s.dir, "max_connections=400", "shared_buffers=64MB"}
	if !s.durable {
		settings = append(settings, speed...)
	}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	s.shell = s.program("sh", args...)
	sh, err := exec.LookPath("sh")
	if err != nil {
		return err
	}
	s.shell.Path, s.shell.Err = sh, nil
	if s.life, err = s.shell.StdinPipe(); err != nil {
		return err
	}
	if err := s.shell.Start(); err != nil {
		return err
	}
	return s.wait()
}

func (s *Server) wait() error {
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, s.URL("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-ctx.Done():
			log, _ := os.ReadFile(filepath.Join(s.dir, "log")) // all that is known
			return fmt.Errorf("the server does not start: %w\n%s", err, log)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Crash ends the server at once, as pg_ctl stop -m immediate does, and waits for
// that. [Server.Run] starts it again, which recovers what was committed.
func (s *Server) Crash() error {
	w, ok := s.life.(io.Writer)
	if !ok {
		return errors.New("the server does not run")
	}
	_, err := io.WriteString(w, "keep\n")
	err = errors.Join(err, s.life.Close())
	s.life = nil
	var exit *exec.ExitError
	if e := s.shell.Wait(); e != nil && !errors.As(e, &exit) {
		err = errors.Join(err, e)
	}
	return err
}

// Kill ends the server and removes what it wrote.
func (s *Server) Kill() {
	if s.life != nil {
		_ = s.life.Close() // the keeper's input ends either way
		_ = s.shell.Wait() // its status is the server's, which was told to quit
		s.life = nil
		return
	}
	_ = os.RemoveAll(s.dir) // a temporary folder
}

// URL is the address of a database.
func (s *Server) URL(database string) string {
	q := url.Values{"host": {s.dir}, "user": {admin}}
	return "postgres:///" + url.PathEscape(database) + "?" + q.Encode()
}

// Create makes an empty database and returns its address. It goes with the server.
func (s *Server) Create(t testing.TB, name string) string {
	t.Helper()
	if err := s.Exec("postgres", "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	return s.URL(name)
}

// Exec runs statements in a database as the server's owner.
func (s *Server) Exec(database string, statements ...string) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.URL(database))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	for _, statement := range statements {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", strings.TrimSpace(statement), err)
		}
	}
	return nil
}
