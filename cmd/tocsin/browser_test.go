package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/url"
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
	p.t.Fatalf("there is no %s to click", css)
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

// TestDemoInABrowser does what a newcomer does: declare by typing, tell
// customers by a form behind a button, be somebody else, take command, have a
// rollback approved by a second person, resolve behind a confirmation, and read
// the page that customers read.
func TestDemoInABrowser(t *testing.T) {
	t.Parallel()
	chrome := browser(t)
	base := startDemo(t)
	ana := open(t, chrome, base+demoPath+"/?as=ana")
	ana.sees("Type /incident")
	ana.say("/incident declare sev1 Checkout is down")
	ana.sees("Declared incident #1")
	ana.click(`#channels [data-channel="inc-1-checkout-is-down"]`)
	ana.sees("Customers read nothing yet")
	ana.click(`[data-value="update --public"]`)
	ana.do("fill in the form", dp.SendKeys(dp.CSS(`dialog.modal [data-block-id="text"] textarea`), "We are looking into it."))
	ana.click(`dialog.modal button[type=submit]`)
	ana.sees("Customers now read")

	customer := open(t, chrome, base+"/")
	customer.finds("Checkout is down")
	customer.finds("We are looking into it.")

	ben := open(t, chrome, base+demoPath+"/?as=ben")
	ben.click(`#channels [data-channel="inc-1-checkout-is-down"]`)
	ben.click("#join")
	ben.click(`[data-value="ic"]`)
	ben.sees("@Ben Okafor is Incident commander")

	ana.click(`[data-value="rollback"]`)
	ana.click(`[data-value="#1 rollback gateway-prod"]`)
	ana.sees("Waits for approval")
	ben.click(`[data-value="rollback approve r1"]`)
	ben.click(`dialog.confirm button[data-confirm=yes]`)
	ben.sees("r1 is approved")
	ana.sees("main was accepted")
	console := open(t, chrome, base+deployPath+"/")
	console.finds("r1-main")
	ben.click(`[data-value="resolve"]`)
	ben.click(`dialog.confirm button[data-confirm=yes]`)
	ben.sees("is resolved")
	customer.finds("This incident has been resolved.")
	customer.finds("All Systems Operational")
}

// startDemo runs the demo on a free port and returns its address.
func startDemo(t *testing.T) string {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	out, in := io.Pipe()
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, []string{"demo", "--listen", "127.0.0.1:0"}, env{strings.NewReader(""), in, t.Output(), nil})
		_ = in.Close()
	}()
	t.Cleanup(func() {
		stop()
		if code := <-done; code != 0 {
			t.Errorf("the demo ended with %d", code)
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range strings.Fields(line) {
		if u, err := url.Parse(word); err == nil && u.Scheme == "http" {
			return fmt.Sprintf("%s://%s", u.Scheme, u.Host)
		}
	}
	t.Fatalf("no address in %q", line)
	return ""
}
