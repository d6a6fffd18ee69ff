package web

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

const kustomerReport = `## Summary

On **January 23, 2020** the gateway was slow,
see https://status.example.com/x_y_z.

## Impact

- Reverse the settings \[DONE\]
- Test each service \[IN PROGRESS\]

# Too loud`

// reported is the incident with its post-mortem, five days later.
func reported(text bot.Text) *record {
	r := kustomer()
	r.add(time.Date(2020, 1, 28, 23, 11, 0, 0, time.UTC), bot.Event{Kind: bot.EventPostmortem, Public: true, Actor: "U0ANA", Text: text,
		Data: bot.Data{Postmortem: &bot.PostmortemMark{What: bot.PostmortemPublished}}})
	return r
}

// TestReportPage compares the page with the report that was published of the
// incident: the post-mortem first, then the updates.
func TestReportPage(t *testing.T) {
	t.Parallel()
	s := kustomerSettings(t)
	id := bot.PublicID("incident", "1")
	before := newSiteServer(t, s, pageOf(t, s, now, kustomer())).Public()
	after := newSiteServer(t, s, pageOf(t, s, now, reported(kustomerReport))).Public()
	page := getPage(t, after, "/incidents/"+id)
	inOrder(t, "report", reading(page), kustomerTitle, "Incident Report for Kustomer",
		"Postmortem Summary On January 23, 2020 the gateway was slow,", "Impact", "Reverse the settings [DONE]", "Test each service [IN PROGRESS]", "Posted Jan 28, 2020 - 18:11 EST",
		"Resolved", "This incident has been resolved.", "Posted Jan 23, 2020 - 17:56 EST", "Investigating", "This incident affected: Prod1 (US)")
	inOrder(t, "markup", page, "<h2>Postmortem</h2>", "<h3>Summary</h3>\n<p>On <strong>January 23, 2020</strong> the gateway was slow,<br>\n",
		`<a href="https://status.example.com/x_y_z" rel="nofollow noopener noreferrer">`, "<h3>Too loud</h3>",
		`<time datetime="2020-01-28T18:11:00-05:00" title="2020-01-28 23:11 UTC">Jan 28, 2020 - 18:11 EST</time>`)
	inOrder(t, "home", getPage(t, after, "/"), kustomerTitle, "<strong>Postmortem</strong> - <a href=\"/incidents/"+id+"\">Read details</a>", "Resolved")
	inOrder(t, "history", getPage(t, after, "/history"), kustomerTitle, "Postmortem</a>")
	for _, path := range []string{"/history.atom", "/history.rss"} {
		if a, b := getPage(t, before, path), getPage(t, after, path); a != b {
			t.Errorf("%s changed with the post-mortem", path)
		}
	}
}

// TestReportInV2: clients of Statuspage know a post-mortem as an update.
func TestReportInV2(t *testing.T) {
	t.Parallel()
	s := kustomerSettings(t)
	r := reported(kustomerReport)
	read := func(r *record) (i v2Incident, raw string) {
		raw = getPage(t, newSiteServer(t, s, pageOf(t, s, now, r)).Public(), "/api/v2/incidents.json")
		var got struct {
			Page      v2Page       `json:"page"`
			Incidents []v2Incident `json:"incidents"`
		}
		if err := json.Unmarshal([]byte(raw), &got); err != nil {
			t.Fatal(err)
		}
		if got.Page.UpdatedAt != got.Incidents[0].UpdatedAt {
			t.Errorf("the page is of %s, its incident of %s", got.Page.UpdatedAt, got.Incidents[0].UpdatedAt)
		}
		return got.Incidents[0], raw
	}
	i, raw := read(r)
	const at = "2020-01-28T18:11:00.000-05:00"
	if i.Status != "postmortem" || i.UpdatedAt != at || i.ResolvedAt == nil || *i.ResolvedAt != "2020-01-23T17:56:00.000-05:00" || len(i.IncidentUpdates) != 7 {
		t.Errorf("incident %+v", i)
	}
	first, err := json.Marshal(i.IncidentUpdates[0])
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(kustomerReport)
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf(`{"id":"%s","status":"postmortem","body":%s,"incident_id":"%s","created_at":"%s","updated_at":"%s","display_at":"%s",`+
		`"affected_components":null,"deliver_notifications":true,"custom_tweet":null,"tweet_id":null}`, bot.PublicID("postmortem", i.ID), body, i.ID, at, at, at)
	if string(first) != want || !strings.Contains(raw, want) {
		t.Errorf("update\n%s\nwant\n%s", first, want)
	}
	if i.IncidentUpdates[1].Status != bot.Resolved {
		t.Errorf("then %s", i.IncidentUpdates[1].Status)
	}
	// Opened again among ourselves, it is no longer written up for a program.
	again := reported(kustomerReport)
	again.add(time.Date(2020, 1, 29, 7, 0, 0, 0, time.UTC), bot.Event{Kind: bot.EventReopened, Text: "It is back."})
	if i, _ := read(again); i.Status == "postmortem" || i.IncidentUpdates[0].Status != "postmortem" {
		t.Errorf("opened again without a word to customers: %s, %s", i.Status, i.IncidentUpdates[0].Status)
	}
	// Opened again, it is no longer over; what was written stays in its place.
	r.public(time.Date(2020, 1, 29, 8, 0, 0, 0, time.UTC), bot.Investigating, "It is back.")
	if i, _ := read(r); i.Status != bot.Investigating || i.IncidentUpdates[0].Body != "It is back." || i.IncidentUpdates[1].Status != "postmortem" {
		t.Errorf("opened again: %+v", i)
	}
}

// TestReportChanges: the page follows when nothing but the post-mortem changed,
// and when it was taken back.
func TestReportChanges(t *testing.T) {
	t.Parallel()
	s := kustomerSettings(t)
	path := "/incidents/" + bot.PublicID("incident", "1")
	srv := newSiteServer(t, s, pageOf(t, s, now, kustomer()))
	for _, c := range []struct {
		r    *record
		want string
	}{
		{reported("First."), "Postmortem First."}, {reported("Second."), "Postmortem Second."}, {kustomer(), ""},
	} {
		if err := srv.site.show(pageOf(t, s, now, c.r)); err != nil {
			t.Fatal(err)
		}
		page := reading(getPage(t, srv.Public(), path))
		if !strings.Contains(page, c.want) || c.want == "" && strings.Contains(page, "Postmortem") {
			t.Errorf("no %q in %s", c.want, page)
		}
	}
	redacted := reported("Secret.")
	redacted.events[len(redacted.events)-1].Redacted, redacted.events[len(redacted.events)-1].Text = true, ""
	redacted.Incident = bot.Fold(redacted.events)
	if err := srv.site.show(pageOf(t, s, now, redacted)); err != nil {
		t.Fatal(err)
	}
	if page := getPage(t, srv.Public(), path); strings.Contains(page, "Postmortem") {
		t.Errorf("a redacted post-mortem is shown: %s", page)
	}
}

// TestReportReferences: who and where are general words, however they are
// written.
func TestReportReferences(t *testing.T) {
	t.Parallel()
	for in, want := range map[bot.Text]string{
		bot.Join("a ", bot.MentionUser("U0ANA"), " b ", bot.MentionChannel("C0WAR")): "a someone b a channel",
		"<@U0ANA|ana> <#C0WAR|war> <!subteam^S0TEAM|@ops>":                           "someone a channel someone",
		`\<@U0ANA\> \<\#C0WAR\|war\> \<\!subteam^S0TEAM\>`:                           "someone a channel someone",
		"&lt;@U0ANA&gt; &#60;#C0WAR&#62; `<@U0ANA>`":                                 "someone a channel <code>someone</code>",
		"a <b> @U0ANA # C": "a &lt;b&gt; @U0ANA # C",
	} {
		z := zoned{time.UTC, now}
		if got := string(z.report(&bot.PublicReport{Text: in}).Body); got != "<p>"+want+"</p>\n" {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
	i := bot.PublicIncident{Report: &bot.PublicReport{Text: `\<@U0ANA\> and <#C0WAR>`}}
	if got := withReport(i)[0].Body; got != "someone and a channel" {
		t.Errorf("clients of v2 read %q", got)
	}
}
