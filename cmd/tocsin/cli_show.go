package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"time"
)

// help prints what can be typed. A verb prints its own when it is asked.
func help(ctx context.Context, e env, args []string) error {
	f := newFlags(e, "help")
	words, err := f.parse(args)
	if err != nil {
		return err
	}
	if len(words) > 0 {
		v, ok := findVerb(words[0])
		if !ok {
			return wrongUsage("", "unknown verb %s%s", quote(words[0]), suggest(words[0], verbNames()))
		}
		return v.run(ctx, e, []string{"--help"})
	}
	text := "Tocsin is a Slack bot for incident response.\n\n"
	for _, v := range verbs() {
		text += fmt.Sprintf("  tocsin %-8s %s\n", v.name, v.short)
	}
	text += "\nExit codes: 0 done, 1 failed, 2 wrong usage. tocsin help VERB shows a verb's flags.\n"
	_, err = io.WriteString(e.stdout, text)
	return err
}

func printVersion(_ context.Context, e env, args []string) error {
	f := newFlags(e, "version")
	if err := f.parseAlone(args); err != nil {
		return err
	}
	_, err := fmt.Fprintf(e.stdout, "tocsin %s %s %s/%s\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

func printConfig(_ context.Context, e env, args []string) error {
	f := newFlags(e, "config", "config", "database", "listen")
	example := f.Bool("example", false, "print an example with one of everything instead")
	if err := f.parseAlone(args); err != nil {
		return err
	}
	if *example {
		_, err := io.WriteString(e.stdout, exampleConfig)
		return err
	}
	c, err := f.config(e)
	if err != nil {
		return err
	}
	for _, w := range c.Warnings {
		_, _ = fmt.Fprintln(e.stderr, "tocsin: "+w)
	}
	text, err := c.YAML()
	if err != nil {
		return err
	}
	_, err = e.stdout.Write(text)
	return err
}

// healthDeadline bounds the check; orchestrators give one not much more.
const healthDeadline = 5 * time.Second

// health asks the server on this machine. An image without a shell has no other
// way of asking.
func health(ctx context.Context, e env, args []string) error {
	f := newFlags(e, "health", "config", "listen")
	slack := f.Bool("slack", false, "also ask whether Slack is reachable")
	if err := f.parseAlone(args); err != nil {
		return err
	}
	c, err := f.config(e)
	if err != nil {
		return err
	}
	url := "http://" + reachable(c.Listen) + "/readyz"
	if *slack {
		url += "?slack=1"
	}
	ctx, cancel := context.WithTimeout(ctx, healthDeadline)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	code, body, err := exchange(req, nil)
	if err != nil {
		return unreached(url, err)
	}
	if code != http.StatusOK {
		return fmt.Errorf("%s answers %d, not ready: %s", url, code, readiness(body))
	}
	_, err = fmt.Fprintln(e.stdout, "ready: "+readiness(body))
	return err
}

// readiness is the body of /readyz on one line.
func readiness(body []byte) string {
	var m map[string]any
	if err := json.Unmarshal(body, &m); err != nil {
		return oneLine(string(body))
	}
	var parts []string
	for _, key := range keysOf(m) {
		if s, ok := m[key].(string); ok {
			parts = append(parts, key+": "+oneLine(s))
		}
	}
	return strings.Join(parts, ", ")
}
