package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// TestPostmortemLink is the page behind a link: it opens for whoever has the link,
// until that is over, and a changed link opens nothing.
func TestPostmortemLink(t *testing.T) {
	t.Parallel()
	w := reviewed(t)
	w.bot.Settings.LinkKey = []byte("a key of the tests")
	url := w.bot.Settings.PostmortemURL(&bot.Incident{Number: 1}, w.now)
	path := strings.TrimPrefix(url, w.bot.Settings.BaseURL)
	if again := w.bot.Settings.PostmortemURL(&bot.Incident{Number: 1}, w.now.Add(time.Hour)); again != url {
		t.Errorf("an hour later the link is %s, not %s", again, url)
	}
	for name, c := range map[string]struct {
		path, want string
		code       int
	}{
		"page":           {path, "Root Cause</h2>", 200},
		"markdown":       {path + "&as=markdown", "## Root Cause", 200},
		"another number": {strings.Replace(path, "incidents/1/", "incidents/2/", 1), "There is no such page.", 404},
		"another end":    {strings.Replace(path, "until=", "until=9", 1), "There is no such page.", 404},
		"another key":    {path[:len(path)-1] + "x", "There is no such page.", 404},
		"no key":         {"/dashboard/incidents/1/postmortem", "There is no such page.", 404},
		"no number":      {strings.Replace(path, "incidents/1/", "incidents/one/", 1), "There is no such page.", 404},
	} {
		res := ask(t, w.mux, http.MethodGet, c.path, "")
		if body := text(t, res); res.StatusCode != c.code || !strings.Contains(body, c.want) || strings.Contains(body, "<script>alert") && c.path == path {
			t.Errorf("%s: %d %s", name, res.StatusCode, body)
		}
		if res.Header.Get("Cache-Control") != "no-store" || res.Header.Get("Content-Security-Policy") == "" {
			t.Errorf("%s: headers %v", name, res.Header)
		}
	}
	if res := ask(t, w.mux, http.MethodPost, path, ""); res.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", res.StatusCode)
	}
	w.now = w.now.AddDate(0, 0, 32)
	if res := ask(t, w.mux, http.MethodGet, path, ""); res.StatusCode != http.StatusForbidden || !strings.Contains(text(t, res), "#1 postmortem") {
		t.Errorf("when it is over: %d", res.StatusCode)
	}
	w.bot.Settings.LinkKey = nil
	if url := w.bot.Settings.PostmortemURL(&bot.Incident{Number: 1}, w.now); !strings.HasSuffix(url, "/api/v1/incidents/1/postmortem.html") {
		t.Errorf("without a key the link is %s", url)
	}
	if opens, over := w.bot.Settings.OpensPostmortem(1, "9999999999", "", w.now); opens || over {
		t.Error("without a key a link opens something")
	}
}
