// Command tocsin is a Slack bot for incident response, with its status page and
// its JSON API, in one binary. This package reads the command line and the
// configuration and puts the parts together; it is the only one that imports
// all of them. What an incident is and what can be done to it is package bot's.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // zones work in an empty image too
)

// version is set by the linker.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal asks; a second one, while it drains, ends the program.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], env{os.Stdin, os.Stdout, os.Stderr, os.Environ()}))
}

// env is what a verb may touch of the world outside.
type env struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	environ        []string // NAME=VALUE
}

// run does what args say and returns the exit code: 0 done, 1 failed, 2 wrong
// usage.
func run(ctx context.Context, args []string, e env) int {
	return e.exit(dispatch(ctx, e, args))
}
