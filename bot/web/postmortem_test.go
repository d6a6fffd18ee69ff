package web

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// reviewed is the incident of 23 January with a root cause and two action items.
func reviewed(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, withRepo)
	w.keep(kustomer())
	err := w.bot.Store.Update(t.Context(), func(tx bot.Tx) error {
		return tx.SavePerson(bot.Person{ID: "U0ANA", Name: "Ana <b>*", Handle: "ana", SyncedAt: now})
	})
	if err != nil {
		t.Fatal(err)
	}
	w.in("U0ANA", 1, func(k *bot.Work) error {
		_, err := bot.SetSection(k, bot.SectionRootCause, bot.Join("The *settings* of ", bot.MentionUser("U0ANA"), ".\n<script>alert(1)</script>\n![x](https://a.example/x.png)"), nil)
		return err
	})
	w.item("U0ANA", 1, bot.FollowUpDraft{Text: "Reverse the settings", Owner: "U0BEN", Due: "2020-02-01"})
	w.opened(1, 7)
	w.item("U0ANA", 1, bot.FollowUpDraft{Text: "<i>Test</i> each service", Due: "2020-02-01"})
	w.change("U0ANA", 1, func(k *bot.Work, f *bot.FollowUp) error { return bot.SetFollowUp(k, f, bot.FollowUpDone, "") })
	return w
}

func TestPostmortemShape(t *testing.T) {
	t.Parallel()
	w := reviewed(t)
	w.keep(declare(2, now, "Another one"))
	w.item("U0ANA", 2, bot.FollowUpDraft{Text: "Not of the first"})
	w.now = w.now.Add(-time.Minute)
	got := w.get("/api/v1/incidents/1/postmortem", rootToken, 200)
	for field, want := range map[string]any{
		"incident": 1.0, "title": "Post-mortem: " + kustomerTitle, "owner": "U0ANA", "due": "2020-01-30", "published_at": nil, "public_at": nil,
		"skipped": nil, "public_text": nil,
		"milestones": map[string]any{"impact_started_at": "2020-01-23T21:22:00Z", "detected_at": nil, "declared_at": "2020-01-23T21:21:00Z", "identified_at": nil,
			"mitigated_at": "2020-01-23T22:19:00Z", "resolved_at": "2020-01-23T22:56:00Z", "first_public_update_at": "2020-01-23T21:35:00Z"},
		"durations": map[string]any{"time_to_detect": nil, "time_to_declare": nil, "time_to_first_public_update": 780.0, "time_to_mitigate": 3420.0, "time_to_resolve": 5640.0},
	} {
		if have := got[field]; fmt.Sprint(have) != fmt.Sprint(want) {
			t.Errorf("%s = %v, want %v", field, have, want)
		}
	}
	if got, want := fmt.Sprint(got["followups"]), fmt.Sprint(w.get("/api/v1/incidents/1", rootToken, 200)["followups"]); got != want || strings.Count(got, "added_by") != 2 {
		t.Errorf("followups = %s, want %s", got, want)
	}
	var slugs []string
	for _, item := range got["sections"].([]any) {
		x := item.(map[string]any)
		slugs = append(slugs, fmt.Sprint(x["slug"]))
		switch x["slug"] {
		case "root-cause":
			delete(x, "text")
			if got := fmt.Sprint(x); got != "map[base:12 draft:false public_text:The *settings* of someone.\n<script>alert(1)</script>\n![x](https://a.example/x.png) "+
				"slug:root-cause title:Root Cause written_at:2020-01-24T14:30:00Z written_by:U0ANA]" {
				t.Errorf("what was written: %s", got)
			}
		case "summary":
			if x["draft"] != true || x["base"] != 0.0 || x["written_by"] != nil || !strings.Contains(fmt.Sprint(x["text"]), "It began on 23 January 2020") {
				t.Errorf("a draft: %v", x)
			}
		case "trigger":
			if x["text"] != nil || x["draft"] != true {
				t.Errorf("nothing: %v", x)
			}
		}
	}
	if got := strings.Join(slugs, " "); got != "summary impact root-cause trigger resolution lessons-learned-action-items" {
		t.Errorf("sections are %s", got)
	}

	w.in("U0ANA", 1, func(k *bot.Work) error { _, err := bot.SkipPostmortem(k, "Known since March"); return err })
	got = w.get("/api/v1/incidents/1/postmortem", rootToken, 200)
	if skipped := fmt.Sprint(got["skipped"]); skipped != "map[at:2020-01-24T14:35:00Z by:U0ANA reason:Known since March]" || got["due"] != nil {
		t.Errorf("skipped = %s, due = %v", skipped, got["due"])
	}
}

// written fills what the record does not.
func (w *world) written(incident int64, text bot.Text) {
	w.t.Helper()
	for _, slug := range []string{bot.SectionRootCause, bot.SectionTrigger, bot.SectionLessons, bot.SectionResolution} {
		w.in("U0ANA", incident, func(k *bot.Work) error { _, err := bot.SetSection(k, slug, text, nil); return err })
	}
}

func TestPostmortemPublished(t *testing.T) {
	t.Parallel()
	w := reviewed(t)
	w.written(1, "All that is known.")
	w.in("U0ANA", 1, func(k *bot.Work) error { _, err := bot.PublishPostmortem(k, true); return err })
	got := w.get("/api/v1/incidents/1/postmortem", rootToken, 200)
	if got["published_at"] != "2020-01-24T14:39:00Z" || got["public_at"] != "2020-01-24T14:39:00Z" || got["due"] != nil {
		t.Errorf("published: %v %v %v", got["published_at"], got["public_at"], got["due"])
	}
	if text := fmt.Sprint(got["public_text"]); !strings.Contains(text, "## Trigger\n\nAll that is known.\n\n## Resolution") || strings.Contains(text, "U0") {
		t.Errorf("public_text = %s", text)
	}
}

func TestPostmortemMarkdown(t *testing.T) {
	t.Parallel()
	w := reviewed(t)
	r := ask(t, w.mux, http.MethodGet, "/api/v1/incidents/1/postmortem.md", "", "Authorization: Bearer "+rootToken)
	body := text(t, r)
	if kind := r.Header.Get("Content-Type"); r.StatusCode != http.StatusOK || kind != "text/markdown; charset=utf-8" || r.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%s %s: %s", r.Status, kind, body)
	}
	inOrder(t, "markdown", body, "# Post-mortem: "+kustomerTitle+"\n", `- Owner: Ana \<b\>\*`, "- Due: 30 Jan 2020", "- Post-mortem: draft",
		"## Summary\n\n_Draft from the record._\n\n", "It began on 23 January 2020 at 16:22 EST",
		"## Root Cause\n\nThe *settings* of Ana \\<b\\>\\*.\n<script>alert(1)</script>\n", "## Trigger\n\n_Not written yet._", `## Lessons Learned \& Action Items`,
		"- Reverse the settings [DONE] – U0BEN, due 1 Feb 2020, [acme/postmortems\\#7](https://github.com/acme/postmortems/issues/7)\n",
		`- \<i\>Test\</i\> each service [OPEN] – no owner, due 1 Feb 2020`+"\n",
		"## Timeline\n\n### 23 January 2020\n\n", "- 16:21 EST – Ana \\<b\\>\\* declared SEV1: "+kustomerTitle, "- 17:56 EST – ",
		"## Durations\n", "- Time to resolve: 94 min")
}

// TestPostmortemPage: the page stands alone, and nothing that was written is
// markup of its own.
func TestPostmortemPage(t *testing.T) {
	t.Parallel()
	w := reviewed(t)
	r := ask(t, w.mux, http.MethodGet, "/api/v1/incidents/1/postmortem.html", "", "Authorization: Bearer "+rootToken)
	body := text(t, r)
	if kind := r.Header.Get("Content-Type"); r.StatusCode != http.StatusOK || kind != htmlKind || r.Header.Get("Cache-Control") != "no-store" || r.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Fatalf("%s %v: %s", r.Status, r.Header, body)
	}
	inOrder(t, "page", reading(body), "Post-mortem: "+kustomerTitle, "Owner: Ana &lt;b&gt;*", "Root Cause The settings of Ana &lt;b&gt;*. &lt;script&gt;alert(1)&lt;/script&gt;",
		"Reverse the settings [DONE] – U0BEN, due 1 Feb 2020, acme/postmortems#7", "&lt;i&gt;Test&lt;/i&gt; each service [OPEN]", "Timeline", "Durations")
	style := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindStringSubmatch(body)
	if style == nil {
		t.Fatal("no style")
	}
	sum := sha256.Sum256([]byte(style[1]))
	want := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
	if got := r.Header.Get("Content-Security-Policy"); got != want {
		t.Errorf("policy\n%s\nwant\n%s", got, want)
	}
	if found := regexp.MustCompile(`(?i)<script|<img|<link|\ssrc=|\sstyle=|\son[a-z]+=|javascript:|@import|url\(`).FindString(body); found != "" {
		t.Errorf("it has %q", found)
	}
	for _, want := range []string{`<meta name="viewport" content="width=device-width, initial-scale=1">`, "@media print", `<meta name="robots" content="noindex">`,
		"<title>Post-mortem: " + kustomerTitle + "</title>", `<a href="https://a.example/x.png" rel="nofollow noopener noreferrer">x</a>`} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s in\n%s", want, body)
		}
	}
}

// TestPostmortemReaders: a post-mortem is seen with its incident, and by a token
// that was made for it.
func TestPostmortemReaders(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	if r, body := w.run("private Zanzibar"); r.StatusCode != http.StatusOK {
		t.Fatal(body)
	}
	mine := w.token("U0ANA", nil)
	for _, end := range []string{"", ".md", ".html"} {
		path := "/api/v1/incidents/1/postmortem" + end
		for name, token := range map[string]string{"somebody else": w.token("U0BEN", nil), "everyone": rootToken} {
			hidden := ask(t, w.mux, http.MethodGet, path, "", "Authorization: Bearer "+token)
			unused := ask(t, w.mux, http.MethodGet, "/api/v1/incidents/9/postmortem"+end, "", "Authorization: Bearer "+token)
			a, b := text(t, hidden), text(t, unused)
			if hidden.StatusCode != http.StatusNotFound || unused.StatusCode != http.StatusNotFound || strings.Replace(a, `\"1\"`, `\"9\"`, 1) != b {
				t.Errorf("%s: %s: hidden: %s %s, unused: %s %s", path, name, hidden.Status, a, unused.Status, b)
			}
		}
		if r := ask(t, w.mux, http.MethodGet, path, "", "Authorization: Bearer "+mine); r.StatusCode != http.StatusOK || !strings.Contains(text(t, r), "Zanzibar") {
			t.Errorf("%s: its declarer: %s", path, r.Status)
		}
		if r := ask(t, w.mux, http.MethodGet, path, ""); r.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: without a token: %s", path, r.Status)
		}
		for verb, code := range map[string]int{"postmortem": 200, "postmortem publish": 403, "show": 403} {
			token := w.token("U0ANA", func(d *bot.Token) { d.Verbs = []string{verb} })
			if r := ask(t, w.mux, http.MethodGet, path, "", "Authorization: Bearer "+token); r.StatusCode != code {
				t.Errorf("%s with a token for %s: %s", path, verb, r.Status)
			}
		}
	}
}
