package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/tocsin-dev/tocsin/bot/scenario"
)

// demoSpeed is how fast an incident is played unless somebody says otherwise: a
// minute of it takes half a second.
const demoSpeed = "120"

// demo runs the whole program against local stand-ins for Slack, GitHub and a
// deploy system, over real HTTP, plays an incident there, and stays up until ctx
// ends. Nothing is left behind.
func demo(ctx context.Context, e env, args []string) (err error) {
	f := newFlags(e, "demo", "listen")
	name := f.String("scenario", scenario.Default, "`NAME` of an incident ("+strings.Join(scenario.Names(), ", ")+") or a file with one")
	pace := f.String("speed", demoSpeed, "how many times as fast as it was, `N`, or instant")
	exit := f.Bool("exit", false, "end when the incident was played")
	if err := f.parseAlone(args); err != nil {
		return err
	}
	speed, err := parseSpeed(*pace)
	if err != nil {
		return err
	}
	story, err := loadScenario(*name)
	if err != nil {
		return err
	}
	l, err := demoListener(ctx, f.o.listen)
	if err != nil {
		return err
	}
	base, open := demoBase(l.Addr())
	if base == "" {
		return errors.Join(fmt.Errorf("the demo does not listen on %s, since nobody signs in to it; choose 127.0.0.1, a private address or 0.0.0.0", l.Addr()), l.Close())
	}
	s, err := newSandbox(ctx, e, base, story, outside{})
	if err != nil {
		return errors.Join(err, l.Close())
	}
	if open {
		s.log.Warn("others can reach this demo, and nobody signs in to it", "listen", l.Addr().String())
	}
	defer func() { err = errors.Join(err, s.close()) }()
	server := newServer(s.handler(), s.log)
	server.WriteTimeout = 0 // the page of the stand-in listens for news without end
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	server.RegisterOnShutdown(s.slack.Close)
	_, _ = fmt.Fprintf(e.stdout, "Tocsin's demo is ready. Open %s%s in a browser; Ctrl-C ends it.\n", s.base, startPath)
	var played error
	s.app.also = append(s.app.also, func(ctx context.Context) {
		if played = s.play(ctx, speed); *exit {
			cancel()
		}
	})
	front := &front{names: []string{"demo"}, listeners: []net.Listener{l}, servers: []*http.Server{server}, around: true}
	err = front.run(ctx, s.app)
	if *exit {
		err = errors.Join(err, played)
	}
	return err
}

// parseSpeed reads --speed; 0 is instant.
func parseSpeed(s string) (float64, error) {
	if s == "instant" {
		return 0, nil
	}
	n, err := strconv.ParseFloat(strings.TrimSuffix(s, "x"), 64)
	if err != nil || !(n >= 0.1 && n <= 1e6) {
		return 0, wrongUsage("demo", "--speed %s is none: write how many times as fast as it was (1, 60, %s), or instant", quote(s), demoSpeed)
	}
	return n, nil
}

// loadScenario reads one that comes with the program, or a file.
func loadScenario(name string) (*scenario.Scenario, error) {
	if !strings.ContainsAny(name, `/\`) && !strings.HasSuffix(name, ".json") {
		return scenario.Load(name)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("the scenario cannot be read: %w", err)
	}
	s, err := scenario.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be played: %w", name, err)
	}
	return s, nil
}

// demoListener takes the address that was asked for; the usual one, or a free
// port when that is taken, if none was.
func demoListener(ctx context.Context, asked *string) (net.Listener, error) {
	if asked != nil {
		return listen(ctx, "demo", *asked)
	}
	l, err := listen(ctx, "demo", "127.0.0.1:8080")
	if errors.Is(err, syscall.EADDRINUSE) {
		return listen(ctx, "demo", "127.0.0.1:0")
	}
	return l, err
}

// demoBase is the address under which a listener is reached from this machine, and
// whether others may reach it, too; "" for an address of the internet.
func demoBase(a net.Addr) (base string, open bool) {
	at, err := netip.ParseAddrPort(a.String())
	switch ip := at.Addr(); {
	case err == nil && ip.IsUnspecified():
		return "http://127.0.0.1:" + strconv.Itoa(int(at.Port())), true
	case err == nil && (ip.IsLoopback() || ip.IsPrivate()):
		return "http://" + a.String(), !ip.IsLoopback()
	}
	return "", true
}

// readyWithin is how long a demo waits until the program has met the people of
// the workspace.
const readyWithin = 15 * time.Second
