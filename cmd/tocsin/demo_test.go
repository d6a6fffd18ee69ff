package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	dp "github.com/chromedp/chromedp"
)

// TestDemoInABrowser does what a newcomer does, with nothing but the pages: looks
// at what was played, declares by typing, tells customers by a form behind a
// button, is somebody else, takes command, has a rollback approved by a second
// person, adds an action item and closes its issue, resolves behind a
// confirmation, publishes the post-mortem, and reads what customers read.
func TestDemoInABrowser(t *testing.T) {
	t.Parallel()
	chrome := browser(t)
	base := startDemo(t, "--speed", "instant")
	start := open(t, chrome, base+startPath)
	start.sees("That was it.")
	start.sees("/incident declare sev1 Users unable to load Kustomer application --service api-gateway")
	start.sees("what customers read of it")
	ana := open(t, chrome, base+slackPath+"/?as=ana")
	ana.sees("It is all yours")
	ana.say("/incident declare sev1 Checkout is down --service api-gateway")
	ana.sees("Declared incident #2")
	ana.click(`#channels [data-channel="inc-2-checkout-is-down"]`)
	ana.sees("Customers read nothing yet")
	ana.click(`[data-value="update --public"]`)
	ana.do("fill in the form", dp.SendKeys(dp.CSS(`dialog.modal [data-block-id="text"] textarea`), "We are looking into it."))
	ana.click(`dialog.modal button[type=submit]`)
	ana.sees("Customers now read")

	customer := open(t, chrome, base+"/")
	customer.finds("Checkout is down")
	customer.finds("We are looking into it.")

	ben := open(t, chrome, base+slackPath+"/?as=ben")
	ben.click(`#channels [data-channel="inc-2-checkout-is-down"]`)
	ben.click("#join")
	ben.click(`[data-value="ic"]`)
	ben.sees("@Ben Okafor is Incident commander")

	ana.click(`[data-value="rollback"]`)
	ana.click(`[data-value="#2 rollback api-gateway-all"]`)
	ana.sees("Waits for approval")
	ben.click(`[data-value="rollback approve r3"]`)
	ben.click(`dialog.confirm button[data-confirm=yes]`)
	ben.sees("r3 is approved")
	ana.sees("gateway-main was accepted")
	console := open(t, chrome, base+deployPath+"/")
	console.finds("r3-gateway-main")

	ana.say("/incident action add Test before a release --owner @ben")
	issues := open(t, chrome, base+gitHubPath+"/"+demoRepo+"/issues/6")
	issues.finds("Test before a release")
	issues.click(`button[formaction$="/complete"]`)
	ana.sees("[DONE] Test before a release")

	ben.click(`[data-value="resolve"]`)
	ben.click(`dialog.confirm button[data-confirm=yes]`)
	ben.sees("is resolved")
	customer.finds("This incident has been resolved.")
	customer.finds("All Systems Operational")

	ben.click(`[data-value="postmortem"]`)
	ben.click(`[data-value$="postmortem set root-cause"]`)
	ben.do("write the root cause", dp.SendKeys(dp.CSS(`dialog.modal [data-block-id="text"] textarea`), "A setting that was tested nowhere."))
	ben.click(`dialog.modal button[type=submit]`)
	ben.do("the form closes", dp.WaitNotPresent(dp.CSS("dialog.modal[open]")))
	ben.say("/incident postmortem set impact Nobody could pay.")
	ben.sees("Impact of #2 Checkout is down is written")
	ben.say("/incident postmortem set trigger A deploy.")
	ben.sees("Trigger of #2 Checkout is down is written")
	ben.say("/incident postmortem publish --public")
	ben.click(`[data-value*="postmortem publish"][data-value*="--sure"]`)
	ben.sees("Customers read the post-mortem")
	customer.finds("Read details")
	customer.click(`a[href*="/incidents/"]`)
	customer.finds("A setting that was tested nowhere.")
	customer.finds("Test before a release [DONE]")
}

// startDemo runs the demo on a free port and returns its address.
func startDemo(t *testing.T, args ...string) string {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	out, in := io.Pipe()
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, append([]string{"demo", "--listen", "127.0.0.1:0"}, args...), env{strings.NewReader(""), in, t.Output(), nil})
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

// TestDemoExits plays the incident over real HTTP and ends, printing one address.
func TestDemoExits(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	code := run(t.Context(), []string{"demo", "--speed", "instant", "--exit", "--listen", "127.0.0.1:0"}, env{strings.NewReader(""), &out, &errs, nil})
	if code != 0 || errs.Len() > 0 {
		t.Errorf("code %d, and says %s", code, errs.String())
	}
	if n := strings.Count(out.String(), "http://"); n != 1 {
		t.Errorf("%d addresses in %q", n, out.String())
	}
}

// TestDemoRefuses: what cannot be played is said in one line that shows what can,
// before anything is opened.
func TestDemoRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	broken := filepath.Join(dir, "broken.json")
	if err := os.WriteFile(broken, []byte(`{"schema": "tocsin-scenario/1", "title": "x", "organisation": "x", "source_time_zone": "UTC", "events": [{"n": 1, "at": "2020-01-01T00:00:00Z", "kind": "note", "text": "x", "components": {"API": "down"}}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"--scenario", "kustomer"}, 1, "kustomer-2020-01-23"},
		{[]string{"--scenario", filepath.Join(dir, "none.json")}, 1, "cannot be read"},
		{[]string{"--scenario", broken}, 1, `component "API" is not in components`},
		{[]string{"--scenario", broken}, 1, `"down" is no state of a component`},
		{[]string{"--speed", "fast"}, 2, "--speed"},
		{[]string{"--speed", "0"}, 2, "instant"},
		{[]string{"--speed", "NaN"}, 2, "instant"},
		{[]string{"now"}, 2, "too much"},
		{[]string{"--listen", "8080"}, 1, "write it as 127.0.0.1:8080"},
		{[]string{"--listen", "127.0.0.1:99999"}, 1, "no address to listen on"},
	} {
		var out, errs bytes.Buffer
		code := run(t.Context(), append([]string{"demo"}, c.args...), env{strings.NewReader(""), &out, &errs, nil})
		if code != c.code || !strings.Contains(errs.String(), c.want) || out.Len() > 0 {
			t.Errorf("%v: code %d, %q, %q; want %d, %q", c.args, code, out.String(), errs.String(), c.code, c.want)
		}
	}
}
