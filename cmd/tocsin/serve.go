package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// serve runs the bot until ctx ends.
func serve(ctx context.Context, e env, args []string) error {
	f := newFlags(e, "serve", "config", "database", "listen")
	if err := f.parseAlone(args); err != nil {
		return err
	}
	c, err := f.config(e)
	if err != nil {
		return err
	}
	if faults := c.CheckServe(); len(faults) > 0 {
		return faults
	}
	log := c.logger(e.stderr)
	for _, w := range c.Warnings {
		log.Warn(w) //nolint:sloglint // a sentence for whoever starts it; nobody searches for it
	}
	front, err := listenAll(ctx, c)
	if err != nil {
		return err
	}
	a, err := newApp(ctx, c, outside{}, log)
	if err != nil {
		return errors.Join(err, front.close())
	}
	front.handle(a, log)
	if d := c.drain(); d > 0 {
		front.linger = func() {
			log.Info("stopping; requests are still taken", "drain", d.String())
			time.Sleep(d)
		}
	}
	log.Info("ready", "version", version, "listen", c.Listen, "base_url", c.BaseURL, "database", maskedDatabase(c.Database))
	return front.run(ctx, a)
}

// front is the listeners before an app.
type front struct {
	names     []string
	listeners []net.Listener
	servers   []*http.Server
	// around says that what the app talks to is behind the same listeners, so that
	// it has to be done with them before they stop.
	around bool
	// linger waits until nobody sends requests here any more; nil: nobody does.
	linger func()
}

// listenAll opens every configured address before anything else, so that a
// taken port is known before the database is touched.
func listenAll(ctx context.Context, c *Config) (*front, error) {
	f := &front{}
	for _, at := range []struct{ what, addr string }{
		{"main", c.Listen}, {"public", c.PublicListen}, {"metrics", c.MetricsListen},
	} {
		if at.addr == "" {
			continue
		}
		l, err := listen(ctx, at.what+" address", at.addr)
		if err != nil {
			return nil, errors.Join(err, f.close())
		}
		f.names, f.listeners = append(f.names, at.what), append(f.listeners, l)
	}
	return f, nil
}

func (f *front) close() error {
	var errs []error
	for _, l := range f.listeners {
		errs = append(errs, l.Close())
	}
	return errors.Join(errs...)
}

// handle puts a's handlers behind the listeners.
func (f *front) handle(a *app, log *slog.Logger) {
	metrics := http.NewServeMux()
	metrics.Handle("GET /metrics", a.web.Metrics())
	handlers := map[string]http.Handler{"main": a.main, "public": a.public, "metrics": metrics}
	for _, name := range f.names {
		f.servers = append(f.servers, newServer(a.web.Parting(handlers[name]), log))
	}
}

// newServer returns a server with the limits that a server on the internet
// needs. Answers to Slack are due in three seconds, so no request of ours is
// longer than the write limit.
func newServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second,
		WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// run serves until ctx ends or a listener fails, then drains: it says that it is
// not ready and lingers, takes no new requests, answers those that came in, and
// finishes jobs that have begun.
func (f *front) run(ctx context.Context, a *app) error {
	a.start(ctx)
	failed := make(chan error, len(f.servers))
	for k, s := range f.servers {
		go func() { failed <- s.Serve(f.listeners[k]) }()
	}
	var err error
	running := len(f.servers)
	select {
	case <-ctx.Done():
		if f.linger != nil {
			a.web.Drain()
			f.linger()
		}
	case err = <-failed:
		running--
	}
	if f.around {
		err = errors.Join(err, a.drain())
	}
	drain, cancel := context.WithTimeout(context.Background(), drainLimit)
	defer cancel()
	for _, s := range f.servers {
		err = errors.Join(err, s.Shutdown(drain))
	}
	for range running {
		if e := <-failed; !errors.Is(e, http.ErrServerClosed) {
			err = errors.Join(err, e)
		}
	}
	if err = errors.Join(err, a.stop()); err != nil {
		return fmt.Errorf("stopping: %w", err)
	}
	return nil
}
