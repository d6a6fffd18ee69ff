package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"
)

// harm is something that happens to an install.
type harm struct {
	name string
	do   func(*chaos)
}

// harms are those that can happen to this install; the first is its process's end.
func (c *chaos) harms() []harm {
	list := []harm{
		{"a process is killed", func(c *chaos) { c.end(c.one(), syscall.SIGKILL) }},
		{"all processes are killed", func(c *chaos) { c.kill() }},
		{"a process is told to end", func(c *chaos) { c.end(c.one(), syscall.SIGTERM) }},
		{"a process stands still", (*chaos).standStill},
	}
	if c.server != nil {
		return append(list,
			harm{"the replicas are replaced, one after the other", (*chaos).replace},
			harm{"the server crashes", func(c *chaos) { c.crash(0) }},
			harm{"the server is away", func(c *chaos) { c.crash(c.lasting(2*time.Second, time.Minute)) }},
		)
	}
	if why := c.untraceable(); why != "" {
		c.t.Logf("no harm is done to the disk: %s", why)
		return list
	}
	return append(list,
		harm{"the disk is full", func(c *chaos) { c.disk("inject=write,pwrite64:error=ENOSPC") }},
		harm{"the disk is read-only", func(c *chaos) { c.disk("inject=write,pwrite64,ftruncate:error=EROFS") }},
		harm{"the disk breaks", func(c *chaos) { c.disk("inject=fsync,fdatasync:error=EIO") }},
		harm{"the disk is slow", func(c *chaos) { c.disk("inject=fsync,fdatasync:delay_enter=200000") }},
	)
}

// untraceable says why strace cannot look into a process here: it is missing, which
// with CI=true is a failure, or the system does not allow it.
func (c *chaos) untraceable() string {
	c.t.Helper()
	out, err := exec.CommandContext(c.t.Context(), "strace", "-f", "-qq", "-o", "/dev/null", "true").CombinedOutput()
	if errors.Is(err, exec.ErrNotFound) && os.Getenv("CI") == "true" {
		c.t.Fatal("there is no strace; .ci/deps installs it")
	}
	if err != nil {
		return fmt.Sprintf("strace: %v %s", err, out)
	}
	return ""
}

// one is a process by chance.
func (c *chaos) one() *replica { return c.replicas[c.random.IntN(len(c.replicas))] }

// lasting is how long something lasts.
func (c *chaos) lasting(short, long time.Duration) time.Duration {
	if c.long && c.random.IntN(10) == 0 {
		return long
	}
	return short
}

// standStill suspends a process; now and then for longer than its leases, so that
// another one has its work when it goes on.
func (c *chaos) standStill() {
	r := c.one()
	c.signal(r, syscall.SIGSTOP)
	pause(c.t, c.lasting(1500*time.Millisecond, 70*time.Second))
	c.signal(r, syscall.SIGCONT)
	c.kills++ // what it was doing may be done again
}

func (c *chaos) signal(r *replica, s syscall.Signal) {
	c.t.Helper()
	if err := r.cmd.Process.Signal(s); err != nil {
		c.t.Fatal(err)
	}
}

func (c *chaos) replace() {
	for _, r := range c.replicas {
		c.end(r, syscall.SIGTERM)
		c.start()
	}
}

// crash ends the server without warning and starts it again.
func (c *chaos) crash(away time.Duration) {
	c.t.Helper()
	if err := c.server.Crash(); err != nil {
		c.t.Fatal(err)
	}
	c.kills++
	pause(c.t, away)
	if err := c.server.Run(); err != nil {
		c.t.Fatal(err)
	}
}

// disk lets strace change what the system answers about the database's files, for a
// while. The process has to bear it: it goes on as the same one.
func (c *chaos) disk(inject string) {
	c.t.Helper()
	ctx, cancel := context.WithCancel(c.t.Context())
	defer cancel()
	tracer := exec.CommandContext(ctx, "strace", "-f", "-qq", "-o", "/dev/null", "-p", strconv.Itoa(c.replicas[0].cmd.Process.Pid),
		"-P", c.database, "-P", c.database+"-wal", "-P", c.database+"-shm", "-e", "trace=write,pwrite64,ftruncate,fsync,fdatasync", "-e", inject)
	tracer.Cancel = func() error { return tracer.Process.Signal(syscall.SIGTERM) } // it lets go of the process
	var said bytes.Buffer
	tracer.Stdout, tracer.Stderr = &said, &said
	if err := tracer.Start(); err != nil {
		c.t.Fatalf("strace: %v; .ci/deps installs it", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- tracer.Wait() }()
	select {
	case err := <-ended:
		c.t.Fatalf("strace ended by itself: %v\n%s", err, said.String())
	case <-time.After(c.lasting(time.Second, 20*time.Second)):
		cancel()
		<-ended
	}
}
