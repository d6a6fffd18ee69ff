package web

import (
	"encoding/xml"
	"strings"
	"testing"

	"github.com/tocsin-dev/tocsin/bot"
)

func TestAtom(t *testing.T) {
	t.Parallel()
	s := kustomerSettings(t)
	older := declare(1, clock(10, 0), `Old & <b>bold</b>`)
	older.public(clock(10, 1), bot.Identified, "Known.")
	older.add(clock(10, 30), bot.Event{Kind: bot.EventResolved, Public: true, Data: bot.Data{Stock: true}})
	newer := kustomer()
	newer.Number = 2
	body := getPage(t, newSiteServer(t, s, pageOf(t, s, now, newer, older)).Public(), "/history.atom")
	var feed struct {
		XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
		ID      string   `xml:"id"`
		Title   string   `xml:"title"`
		Updated string   `xml:"updated"`
		Author  string   `xml:"author>name"`
		Links   []struct {
			Rel  string `xml:"rel,attr"`
			Href string `xml:"href,attr"`
		} `xml:"link"`
		Entries []struct {
			ID        string `xml:"id"`
			Title     string `xml:"title"`
			Published string `xml:"published"`
			Updated   string `xml:"updated"`
			Link      struct {
				Href string `xml:"href,attr"`
			} `xml:"link"`
			Content struct {
				Type string `xml:"type,attr"`
				Text string `xml:",chardata"`
			} `xml:"content"`
		} `xml:"entry"`
	}
	if err := xml.Unmarshal([]byte(body), &feed); err != nil {
		t.Fatalf("%v in\n%s", err, body)
	}
	if feed.ID != "tag:status.example.com,2005:/history" || feed.Title != "Kustomer Status - Incident History" || feed.Author != "Kustomer" ||
		feed.Updated != "2020-01-23T17:56:00-05:00" || len(feed.Links) != 2 || feed.Links[1].Rel != "self" || len(feed.Entries) != 2 {
		t.Errorf("feed = %+v", feed)
	}
	e := feed.Entries[0]
	id := bot.PublicID("incident", "2")
	if e.ID != "tag:status.example.com,2005:Incident/"+id || e.Title != kustomerTitle || e.Published != "2020-01-23T16:35:00-05:00" ||
		e.Updated != "2020-01-23T17:56:00-05:00" || e.Link.Href != "https://status.example.com:8443/incidents/"+id || e.Content.Type != "html" {
		t.Errorf("entry = %+v", e)
	}
	if !strings.HasPrefix(e.Content.Text, `<p><small>Jan <var data-var='date'>23</var>, <var data-var='time'>17:56</var> EST</small><br><strong>Resolved</strong> - This incident has been resolved.</p><p>`) {
		t.Errorf("content = %s", e.Content.Text)
	}
	if n := strings.Count(e.Content.Text, "<p>"); n != 6 || !strings.Contains(e.Content.Text, "<strong>Update</strong> - We are continuing") {
		t.Errorf("%d updates in %s", n, e.Content.Text)
	}
	if got := feed.Entries[1].Title; got != "Old & <b>bold</b>" {
		t.Errorf("title = %q", got)
	}
}

func TestRSS(t *testing.T) {
	t.Parallel()
	s := kustomerSettings(t)
	body := getPage(t, newSiteServer(t, s, pageOf(t, s, now, kustomer())).Public(), "/history.rss")
	var feed struct {
		XMLName xml.Name `xml:"rss"`
		Version string   `xml:"version,attr"`
		Channel struct {
			Title       string   `xml:"title"`
			Links       []string `xml:"link"`
			Description string   `xml:"description"`
			PubDate     string   `xml:"pubDate"`
			Items       []struct {
				Title       string `xml:"title"`
				Description string `xml:"description"`
				PubDate     string `xml:"pubDate"`
				Link        string `xml:"link"`
				GUID        string `xml:"guid"`
			} `xml:"item"`
		} `xml:"channel"`
	}
	if err := xml.Unmarshal([]byte(body), &feed); err != nil {
		t.Fatalf("%v in\n%s", err, body)
	}
	c := feed.Channel
	if feed.Version != "2.0" || c.Title != "Kustomer Status - Incident History" || c.Links[0] != "https://status.example.com:8443/" ||
		c.Description == "" || c.PubDate != "Thu, 23 Jan 2020 17:56:00 -0500" || len(c.Items) != 1 {
		t.Errorf("channel = %+v", c)
	}
	i := c.Items[0]
	if i.Title != kustomerTitle || i.GUID != i.Link || !strings.HasPrefix(i.Link, "https://status.example.com:8443/incidents/") ||
		i.PubDate != c.PubDate || strings.Count(i.Description, "<p>") != 6 {
		t.Errorf("item = %+v", i)
	}
}
