package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	dp "github.com/chromedp/chromedp"
)

// browser starts a headless Chromium. Without one the test is skipped, which in
// CI is a failure: a page that nobody looked at is not tested.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "headless-shell"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	switch {
	case path == "" && os.Getenv("CI") != "":
		t.Fatal("there is no Chromium, and this is CI; .ci/deps installs it")
	case path == "":
		t.Skip("there is no Chromium; .ci/deps installs it")
	}
	opts := append(dp.DefaultExecAllocatorOptions[:], dp.ExecPath(path), dp.NoSandbox, dp.Flag("disable-quic", true), dp.UserDataDir(t.TempDir()))
	ctx, cancel := dp.NewExecAllocator(t.Context(), opts...)
	t.Cleanup(cancel)
	ctx, cancel = dp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := dp.Do(ctx); err != nil {
		t.Fatalf("Chromium: %v", err)
	}
	return ctx
}

// page is one look into the demo.
type page struct {
	t   *testing.T
	ctx context.Context
}

// open opens address in a new tab.
func open(t *testing.T, browser context.Context, address string) page {
	t.Helper()
	ctx, cancel := dp.NewContext(browser)
	t.Cleanup(cancel)
	p := page{t, ctx}
	p.do("open "+address, dp.EmulateViewport(1280, 800), dp.Navigate(address))
	return p
}

func (p page) do(what string, steps ...dp.Action[dp.Void]) {
	p.t.Helper()
	if err := dp.Do(p.ctx); err != nil { // the tab must outlive the time limit below
		p.t.Fatalf("%s: %v", what, err)
	}
	ctx, cancel := context.WithTimeout(p.ctx, 20*time.Second)
	defer cancel()
	if err := dp.Do(ctx, steps...); err != nil {
		body, _ := dp.Run(p.ctx, dp.Text(dp.CSS("body")))
		p.t.Fatalf("%s: %v\n%s", what, err, body)
	}
}

// say types into the composer.
func (p page) say(line string) {
	p.t.Helper()
	p.do(line, dp.WaitVisible(dp.CSS("#composer")), dp.SendKeys(dp.CSS("#composer"), line+"\r"))
}

// click clicks what css finds, once it is there: the page redraws itself at any
// moment, so looking and clicking are one step.
func (p page) click(css string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 20*time.Second)
	defer cancel()
	js := fmt.Sprintf(`(() => { const e = document.querySelector(%q); if (!e || e.hidden) return false; e.click(); return true })()`, css)
	for ctx.Err() == nil {
		if done, err := dp.Run(ctx, dp.Evaluate[bool](js)); err == nil && done {
			return
		}
		pauseFor(ctx, 50*time.Millisecond)
	}
	body, _ := dp.Run(p.ctx, dp.Text(dp.CSS("body")))
	p.t.Fatalf("there is no %s to click in\n%s", css, body)
}

// sees waits until the page shows text.
func (p page) sees(text string) {
	p.t.Helper()
	p.shows(text, func(context.Context) {})
}

// finds loads the page again and again until it shows text: the status page is
// rendered a moment after the commit.
func (p page) finds(text string) {
	p.t.Helper()
	p.shows(text, func(ctx context.Context) { _ = dp.Do(ctx, dp.Reload()) })
}

func (p page) shows(text string, again func(context.Context)) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 20*time.Second)
	defer cancel()
	body := ""
	for ctx.Err() == nil {
		now, err := dp.Run(ctx, dp.Text(dp.CSS("body")))
		if err == nil {
			body = now
		}
		if strings.Contains(squash(body), squash(text)) {
			return
		}
		pauseFor(ctx, 50*time.Millisecond)
		again(ctx)
	}
	p.t.Fatalf("the page does not show %q; it shows:\n%s", text, body)
}
