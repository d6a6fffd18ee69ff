package web

import (
	"encoding/xml"
	"time"
)

// feedEntries is how many incidents a feed holds. One entry stands for one
// incident and changes in place, so its id never changes.
const feedEntries = 50

type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"xml:lang,attr"`
	ID      string      `xml:"id"`
	Links   []atomLink  `xml:"link"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Author  atomAuthor  `xml:"author"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
	Href string `xml:"href,attr"`
}

type atomAuthor struct {
	Name string `xml:"name"`
}

type atomEntry struct {
	ID        string   `xml:"id"`
	Published string   `xml:"published"`
	Updated   string   `xml:"updated"`
	Link      atomLink `xml:"link"`
	Title     string   `xml:"title"`
	Content   feedHTML `xml:"content"`
}

// feedHTML is HTML inside XML: escaped once by the template and once more here.
type feedHTML struct {
	Type string `xml:"type,attr,omitempty"`
	Text string `xml:",chardata"`
}

type rssFeed struct {
	XMLName xml.Name   `xml:"rss"`
	Version string     `xml:"version,attr"`
	Atom    string     `xml:"xmlns:atom,attr"`
	Channel rssChannel `xml:"channel"`
}

type rssChannel struct {
	Title       string    `xml:"title"`
	Link        string    `xml:"link"`
	Self        atomLink  `xml:"atom:link"`
	Description string    `xml:"description"`
	Language    string    `xml:"language"`
	PubDate     string    `xml:"pubDate"`
	Items       []rssItem `xml:"item"`
}

type rssItem struct {
	Title       string `xml:"title"`
	Description string `xml:"description"`
	PubDate     string `xml:"pubDate"`
	Link        string `xml:"link"`
	GUID        string `xml:"guid"`
}

// feeds writes the incidents as Atom and as RSS. The feed's own time is that of
// the newest change, never that of the request, so that staleness shows and
// caches match.
func (d *drawing) feeds() error {
	host := d.base.Hostname()
	changed := d.changed(changedAt)
	atom := atomFeed{
		Lang: "en-US", ID: "tag:" + host + ",2005:/history", Title: d.org + " Status - Incident History",
		Updated: d.feedTime(changed), Author: atomAuthor{d.org},
		Links: []atomLink{
			{"alternate", "text/html", d.url("/")},
			{"self", "application/atom+xml", d.url("/history.atom")},
		},
	}
	rss := rssFeed{Version: "2.0", Atom: "http://www.w3.org/2005/Atom", Channel: rssChannel{
		Title: atom.Title, Link: d.url("/"), Self: atomLink{"self", "application/rss+xml", d.url("/history.rss")},
		Description: "Incidents of " + d.org, Language: "en-us", PubDate: d.mailTime(changed),
	}}
	for _, i := range d.page.Incidents[:min(len(d.page.Incidents), feedEntries)] {
		view := d.zone.incident(i, layoutShort)
		body, err := d.html("entry", view)
		if err != nil {
			return err
		}
		link := d.url(view.Path)
		atom.Entries = append(atom.Entries, atomEntry{
			ID: "tag:" + host + ",2005:Incident/" + i.ID, Published: d.feedTime(i.CreatedAt), Updated: d.feedTime(changedAt(i)),
			Link: atomLink{"alternate", "text/html", link}, Title: view.Name, Content: feedHTML{"html", string(body)},
		})
		rss.Channel.Items = append(rss.Channel.Items, rssItem{
			Title: view.Name, Description: string(body), PubDate: d.mailTime(changedAt(i)), Link: link, GUID: link,
		})
	}
	if err := d.feed("/history.atom", "application/atom+xml; charset=utf-8", atom); err != nil {
		return err
	}
	return d.feed("/history.rss", "application/rss+xml; charset=utf-8", rss)
}

func (d *drawing) feed(path, kind string, v any) error {
	body, err := xml.MarshalIndent(v, "", "  ")
	if err == nil {
		d.add(path, content{route: routeFeed, kind: kind, body: append([]byte(xml.Header), append(body, '\n')...)})
	}
	return err
}

func (d *drawing) feedTime(t time.Time) string { return t.In(d.zone.Location).Format(time.RFC3339) }
func (d *drawing) mailTime(t time.Time) string { return t.In(d.zone.Location).Format(time.RFC1123Z) }
