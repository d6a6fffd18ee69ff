package web

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// hostile are texts that have broken other pages.
var hostile = []string{
	`<img src=x onerror=alert(1)>`, `"><script>alert(1)</script>`, `'><svg/onload=alert(1)>`, `{{.Root}}`, `</textarea></title><script>`,
	`javascript:alert(1)`, `https://x.example/"onmouseover="alert(1)`, `https://x.example/<script>`, `http://[::1`, `HTTPS://x.example/%zz`,
	`]]><b>`, `&lt;b&gt;`, `&#60;script&#62;`, "line\u2028separator\u2029", `<!--`, "\u202egnp.exe", `<@U0ANA> <#C0SECRET> <!subteam^S0TEAM>`,
	strings.Repeat("x", 9_000), "zalgo" + strings.Repeat("\u0300", 200), `data:text/html,<script>alert(1)</script>`,
	`[x](javascript:alert(1))`, "[x]: data:text/html,y\n\n[x]", `![x](https://evil.example/x.png)`, "[![x](javascript:y)](https://a.example)", "```\"onclick=x\n</code><script>",
	"| <b> |\n|:-:|\n| ![](//evil.example) |", `<javascript:alert(1)>`, `\<@U0ANA\> \<\#C0SECRET\> \<\!subteam^S0TEAM\>`, "&lt;@U0ANA&gt;", "<!subteam^S0TEAM|@ops>",
	"> # a\n> <svg onload=alert(1)>", "[x](https://a.example/\"onclick=\"alert(1))", "<div\nonclick=alert(1)>", "\x00\x01\x02@U0EVE\x03\x7f",
}

// hostilePage is a page on which every text that somebody can write or
// configure is text.
func hostilePage(t testing.TB, text string) bot.PublicPage {
	t.Helper()
	s := kustomerSettings(t)
	s.Organisation = text
	s.Components = []bot.Component{
		{ID: "a", Name: text, Group: text, Description: text}, {ID: "b", Name: "B" + text}, {ID: text, Name: "C"},
	}
	open, done := declare(2, clock(20, 0), text), declare(1, clock(20, 0), "x "+text)
	for _, r := range []*record{open, done} {
		r.Title, r.PublicTitle = bot.Plain(text), bot.Plain(text)
		r.states(clock(20, 1), bot.PartialOutage, "a", "b", text)
		r.public(clock(20, 2), bot.Identified, bot.ParseRefs(text))
		r.public(clock(20, 3), "", bot.Text(text)) // as if nobody had cleaned it
		r.add(clock(20, 4), bot.Event{Kind: bot.EventUpdated, Text: bot.ParseRefs(text), Data: bot.Data{Ref: 3}})
	}
	done.add(clock(21, 0), bot.Event{Kind: bot.EventResolved, Public: true, Text: bot.Plain(text)})
	done.add(clock(22, 0), bot.Event{Kind: bot.EventPostmortem, Public: true,
		Text: bot.Join(bot.Text(text), "\n\n", bot.ParseRefs(text), "\n\n- ", bot.Plain(bot.EscapeMarkdown(text))),
		Data: bot.Data{Postmortem: &bot.PostmortemMark{What: bot.PostmortemPublished}}})
	return pageOf(t, s, now, open, done)
}

// FuzzPublicText walks every path of the site for markup that a text brought
// in.
func FuzzPublicText(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	s := kustomerSettings(f)
	srv := newSiteServer(f, s, pageOf(f, s, now))
	f.Fuzz(func(t *testing.T, text string) {
		snap, err := srv.site.render(hostilePage(t, text), nil)
		if err != nil {
			t.Fatal(err)
		}
		checkInert(t, snap, text)
	})
}

func checkInert(t testing.TB, snap *snapshot, text string) {
	t.Helper()
	for path, a := range snap.paths {
		body := string(a.plain.body)
		for _, token := range []string{"<@U0ANA>", "<#C0SECRET>", "<!subteam^S0TEAM>", "U0ANA&gt;", "C0SECRET&gt;", "S0TEAM&gt;", `U0ANA\u003e`} {
			if strings.Contains(body, token) {
				t.Errorf("%q on %s: %s is shown", text, path, token)
			}
		}
		switch kind := a.plain.header.Get("Content-Type"); {
		case strings.HasPrefix(kind, "text/html"):
			checkMarkup(t, path, text, body)
		case strings.HasPrefix(kind, "application/json"):
			if !json.Valid([]byte(body)) || strings.ContainsAny(body, "<>") {
				t.Errorf("%q on %s: no JSON, or with brackets", text, path)
			}
		default:
			for _, inner := range contents(t, path, body) {
				checkMarkup(t, path, text, inner)
			}
		}
	}
}

// own are the elements and attributes that the templates write.
var (
	ownElements = strings.Fields("html head meta title link script body a svg symbol circle rect path use header h1 h2 h3 h4 span nav main section " +
		"article p div strong time ul li details summary small footer br var")
	reportElements = strings.Fields("h5 h6 em code pre blockquote hr ol del table thead tbody tr th td") // of Markdown, on the page of an incident that has a report
	ownAttributes  = strings.Fields("lang charset name content property rel href title type src defer class aria-hidden focusable id viewbox " +
		"cx cy r fill d x y width height rx aria-label aria-labelledby datetime open data-var")
)

// checkMarkup reads HTML as a browser's tokenizer would, near enough, and
// fails on any element, attribute or target that is not the templates' own.
func checkMarkup(t testing.TB, path, text, body string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(strings.TrimPrefix(body, "<!DOCTYPE html>")))
	d.Strict, d.AutoClose, d.Entity = false, []string{"meta", "link", "br", "hr"}, xml.HTMLEntity
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Errorf("%q on %s: %v", text, path, err)
			return
		}
		switch e := token.(type) {
		case xml.StartElement:
			written := path == "/incidents/"+bot.PublicID("incident", "1")
			if !contains(ownElements, e.Name.Local) && (!written || !contains(reportElements, e.Name.Local)) {
				t.Errorf("%q on %s: element %s", text, path, e.Name.Local)
			}
			for _, a := range e.Attr {
				if !contains(ownAttributes, strings.ToLower(a.Name.Local)) && (!written || e.Name.Local != "ol" || a.Name.Local != "start") {
					t.Errorf("%q on %s: attribute %s", text, path, a.Name.Local)
				}
				if a.Name.Local == "href" && !strings.HasPrefix(a.Value, "/") && !strings.HasPrefix(a.Value, "#") && !strings.HasPrefix(strings.ToLower(a.Value), "http") &&
					(!written || !strings.HasPrefix(strings.ToLower(a.Value), "mailto:")) {
					t.Errorf("%q on %s: link to %s", text, path, a.Value)
				}
			}
		case xml.Comment:
			t.Errorf("%q on %s: comment", text, path)
		}
	}
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// contents checks that a feed is well-formed and returns the HTML in it.
func contents(t testing.TB, path, body string) []string {
	t.Helper()
	var feed struct {
		Entries []struct {
			Content string `xml:"content"`
		} `xml:"entry"`
		Items []struct {
			Description string `xml:"description"`
		} `xml:"channel>item"`
	}
	if err := xml.Unmarshal([]byte(body), &feed); err != nil {
		t.Errorf("%s: %v", path, err)
	}
	var out []string
	for _, e := range feed.Entries {
		out = append(out, e.Content)
	}
	for _, i := range feed.Items {
		out = append(out, i.Description)
	}
	return out
}

func TestLinks(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"see https://a.example/x?y=1&z=2.":           "see [https://a.example/x?y=1&z=2].",
		"(https://a.example/x_(y))":                  "([https://a.example/x_(y)])",
		"HTTP://A.example":                           "[HTTP://A.example]",
		"two http://a.example, https://b.example!":   "two [http://a.example], [https://b.example]!",
		"https://bank.example@evil.example/":         "https://bank.example@evil.example/",
		"ftp://a.example javascript:alert(1) http:/": "ftp://a.example javascript:alert(1) http:/",
		"https://":                         "https://",
		"xhttps://a.example":               "x[https://a.example]",
		"https://a.example/<b>":            "[https://a.example/]<b>",
		"İ https://a.example":              "İ [https://a.example]",
		"<@U0ANA> knows https://a.example": "someone knows [https://a.example]",
	} {
		got := ""
		for _, p := range markup(bot.Text(in))[0][0] {
			if p.URL != "" {
				got += "[" + p.Text + "]"
				if p.URL != p.Text {
					t.Errorf("%q leads to %q", p.Text, p.URL)
				}
			} else {
				got += p.Text
			}
		}
		if got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
	s := kustomerSettings(t)
	r := declare(1, clock(20, 0), "x")
	r.public(clock(20, 1), bot.Identified, "See https://a.example/x.\nSecond line.\n\nSecond paragraph.")
	page := getPage(t, newSiteServer(t, s, pageOf(t, s, now, r)).Public(), "/")
	want := `<p>See <a href="https://a.example/x" rel="nofollow noopener noreferrer ugc">https://a.example/x</a>.<br>Second line.</p>` + "\n<p>Second paragraph.</p>"
	if !strings.Contains(page, want) {
		t.Errorf("no %s in\n%s", want, page)
	}
}

// TestCanary hides a word in everything of a private incident, a drill, and
// the unpublished parts of a public one, and looks for it everywhere.
func TestCanary(t *testing.T) {
	t.Parallel()
	const canary = "Zanzibar"
	w := newWorld(t, nil)
	secret := declare(1, now.Add(-time.Hour), canary+" title")
	secret.events[0].Data.Private = true
	secret.Private = true
	drill := declare(2, now.Add(-time.Hour), canary+" drill")
	drill.events[0].Data.Drill = true
	partly := declare(3, now.Add(-time.Hour), canary+" internal title")
	partly.add(now, bot.Event{Kind: bot.EventTitle, Text: "Public title", Data: bot.Data{Public: true}})
	for _, r := range []*record{secret, drill, partly} {
		r.add(now, bot.Event{Kind: bot.EventSummary, Text: canary})
		r.add(now, bot.Event{Kind: bot.EventUpdated, Text: canary})
		r.add(now, bot.Event{Kind: bot.EventNote, Text: canary})
		r.add(now, bot.Event{Kind: bot.EventTask, Text: canary, Data: bot.Data{Task: &bot.TaskMark{Number: 1}}})
		r.add(now, bot.Event{Kind: bot.EventFollowUp, Text: canary, Data: bot.Data{FollowUp: &bot.FollowUpMark{Number: r.Number, What: bot.DeedAdded}}})
		r.add(now, bot.Event{Kind: bot.EventPostmortem, Text: canary, Data: bot.Data{Postmortem: &bot.PostmortemMark{What: bot.PostmortemSet, Section: bot.SectionSummary}}})
		r.add(now, bot.Event{Kind: bot.EventPostmortem, Text: canary, Data: bot.Data{Postmortem: &bot.PostmortemMark{What: bot.PostmortemPublished}}}) // not to customers
		r.add(now, bot.Event{Kind: bot.EventLink, Text: bot.Plain("https://" + strings.ToLower(canary) + ".example " + canary)})
	}
	secret.public(now, bot.Identified, canary) // no use case allows it; the page must not rely on that
	drill.public(now, bot.Identified, canary)
	for _, r := range []*record{secret, drill} {
		r.add(now, bot.Event{Kind: bot.EventPostmortem, Public: true, Text: canary, Data: bot.Data{Postmortem: &bot.PostmortemMark{What: bot.PostmortemPublished}}})
	}
	partly.public(now, bot.Identified, "Words for customers.")
	partly.public(now, "", canary+" retracted")
	partly.add(now, bot.Event{Kind: bot.EventRetracted, Text: canary, Data: bot.Data{Ref: partly.Head.Seq}})
	for _, r := range []*record{secret, drill, partly} {
		w.keep(r)
	}
	if err := w.srv.site.refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	snap := w.srv.site.current.Load()
	for path, a := range snap.paths {
		if strings.Contains(strings.ToLower(string(a.plain.body)), strings.ToLower(canary)) {
			t.Errorf("%s shows it", path)
		}
	}
	if !strings.Contains(string(snap.paths["/"].plain.body), "Words for customers.") {
		t.Error("the page shows nothing at all")
	}
	if got := getPage(t, w.mux, "/metrics"); strings.Contains(got, canary) || !strings.Contains(got, `tocsin_incidents_open{severity="sev1"} 2`) {
		t.Errorf("metrics: %s", got)
	}
	// To whom it is not, a private incident answers like a number never used.
	for _, token := range []string{w.token("U0BEN", nil), rootToken} {
		for _, tail := range []string{"", "/timeline"} {
			hidden := ask(t, w.mux, "GET", "/api/v1/incidents/1"+tail, "", "Authorization: Bearer "+token)
			unused := ask(t, w.mux, "GET", "/api/v1/incidents/9"+tail, "", "Authorization: Bearer "+token)
			a, b := text(t, hidden), text(t, unused)
			if hidden.StatusCode != http.StatusNotFound || unused.StatusCode != http.StatusNotFound || strings.Replace(a, "1", "9", 1) != b {
				t.Errorf("hidden: %s %s, unused: %s %s", hidden.Status, a, unused.Status, b)
			}
		}
		if items := w.get("/api/v1/incidents", token, 200)["items"].([]any); len(items) != 2 {
			t.Errorf("%d incidents, want the drill and the public one", len(items))
		}
	}
	// Its commander reads it, by their own token or in their name.
	w.get("/api/v1/incidents/1", w.token("U0ANA", nil), 200)
	w.get("/api/v1/incidents/1/timeline?user=U0ANA", rootToken, 200)
	r := ask(t, w.mux, "GET", "/api/v1/incidents/1", "", "Authorization: Bearer "+rootToken, UserHeader+": U0ANA")
	if r.StatusCode != http.StatusOK {
		t.Errorf("with the header: %s", r.Status)
	}
}
