package web

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares got with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is now\n%s", path, got)
	}
}

// TestV2Golden holds whole answers, while the incident is open, to the byte.
func TestV2Golden(t *testing.T) {
	t.Parallel()
	s := kustomerSettings(t)
	h := newSiteServer(t, s, pageOf(t, s, clock(22, 12), kustomerUntil(clock(22, 12)))).Public()
	for _, name := range []string{"summary", "status"} {
		r := ask(t, h, http.MethodGet, "/api/v2/"+name+".json", "")
		if r.Header.Get("Access-Control-Allow-Origin") != "*" || r.Header.Get("Content-Type") != "application/json; charset=utf-8" {
			t.Errorf("%s: headers %v", name, r.Header)
		}
		golden(t, name+".json", text(t, r))
	}
}

// keys returns the keys of the object at the start of raw, in order.
func keys(t *testing.T, raw json.RawMessage) string {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(string(raw)))
	if _, err := d.Token(); err != nil {
		t.Fatal(err)
	}
	var out []string
	for d.More() {
		key, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprint(key))
		var skip json.RawMessage
		if err := d.Decode(&skip); err != nil {
			t.Fatal(err)
		}
	}
	return strings.Join(out, ",")
}

// TestV2Shape compares fields, their order, enums and formats with what was
// captured from Statuspage.
func TestV2Shape(t *testing.T) {
	t.Parallel()
	const (
		page      = "id,name,url,time_zone,updated_at"
		component = "id,name,status,created_at,updated_at,position,description,showcase,start_date,group_id,page_id,group,only_show_if_degraded"
		incident  = "id,name,status,created_at,updated_at,monitoring_at,resolved_at,impact,shortlink,started_at,page_id,incident_updates,components,reminder_intervals"
		line      = "id,status,body,incident_id,created_at,updated_at,display_at,affected_components,deliver_notifications,custom_tweet,tweet_id"
	)
	s := kustomerSettings(t)
	h := newSiteServer(t, s, pageOf(t, s, clock(22, 12), kustomerUntil(clock(22, 12)))).Public()
	for path, want := range map[string]string{
		"summary": "page,components,incidents,scheduled_maintenances,status", "status": "page,status", "components": "page,components",
		"incidents": "page,incidents", "incidents/unresolved": "page,incidents", "scheduled-maintenances": "page,scheduled_maintenances",
		"scheduled-maintenances/upcoming": "page,scheduled_maintenances", "scheduled-maintenances/active": "page,scheduled_maintenances",
	} {
		body := getPage(t, h, "/api/v2/"+path+".json")
		if got := keys(t, json.RawMessage(body)); got != want {
			t.Errorf("%s has %s, want %s", path, got, want)
		}
		var doc struct {
			Page         json.RawMessage
			Components   []json.RawMessage
			Incidents    []json.RawMessage
			Maintenances []json.RawMessage `json:"scheduled_maintenances"`
		}
		if err := json.Unmarshal([]byte(body), &doc); err != nil {
			t.Fatal(err)
		}
		if got := keys(t, doc.Page); got != page {
			t.Errorf("%s: page has %s", path, got)
		}
		for k, c := range doc.Components {
			want := component
			if k == 0 { // the group
				want += ",components"
			}
			if got := keys(t, c); got != want {
				t.Errorf("%s: component %d has %s", path, k, got)
			}
		}
		for _, i := range doc.Incidents {
			if got := keys(t, i); got != incident {
				t.Errorf("%s: incident has %s", path, got)
			}
			var inner struct {
				Updates    []json.RawMessage `json:"incident_updates"`
				Components []json.RawMessage
			}
			if err := json.Unmarshal(i, &inner); err != nil {
				t.Fatal(err)
			}
			if got := keys(t, inner.Updates[0]); got != line {
				t.Errorf("%s: update has %s", path, got)
			}
			if got := keys(t, inner.Components[0]); got != component {
				t.Errorf("%s: an incident's component has %s", path, got)
			}
		}
		checkFormats(t, path, body)
		if strings.Contains(body, ":null") && strings.Contains(body, `"incidents":null`) || strings.Contains(body, `maintenances":null`) {
			t.Errorf("%s: a list is null", path)
		}
	}
}

// checkFormats looks at every time and id in an answer.
func checkFormats(t *testing.T, path, body string) {
	t.Helper()
	for _, at := range regexp.MustCompile(`_at":"([^"]*)"`).FindAllStringSubmatch(body, -1) {
		if !regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}-05:00$`).MatchString(at[1]) {
			t.Errorf("%s: time %s", path, at[1])
		}
	}
	for _, id := range regexp.MustCompile(`"(?:id|page_id|group_id|incident_id|code)":"([^"]*)"`).FindAllStringSubmatch(body, -1) {
		if !regexp.MustCompile(`^[a-z0-9]{12}$`).MatchString(id[1]) {
			t.Errorf("%s: id %s", path, id[1])
		}
	}
}

// TestV2Stable has ids survive a reordering, and nothing but the page's stamp
// change with the time of day.
func TestV2Stable(t *testing.T) {
	t.Parallel()
	s := kustomerSettings(t)
	before := getPage(t, newSiteServer(t, s, pageOf(t, s, now, kustomer())).Public(), "/api/v2/components.json")
	s.Components[0], s.Components[3] = s.Components[3], s.Components[0]
	after := getPage(t, newSiteServer(t, s, pageOf(t, s, now, kustomer())).Public(), "/api/v2/components.json")
	ids := regexp.MustCompile(`"id":"([a-z0-9]{12})","name":"([^"]*)"`)
	name := map[string]string{}
	for _, m := range ids.FindAllStringSubmatch(before, -1) {
		name[m[1]] = m[2]
	}
	found := ids.FindAllStringSubmatch(after, -1)
	for _, m := range found {
		if name[m[1]] != m[2] {
			t.Errorf("%s was %q and is %q", m[1], name[m[1]], m[2])
		}
	}
	if len(found) != 6 { // the page, the group, four components
		t.Errorf("%d ids in %s", len(found), after)
	}

	srv := newSiteServer(t, s, pageOf(t, s, now, kustomer()))
	first := srv.site.current.Load()
	if err := srv.site.show(pageOf(t, s, now.Add(time.Minute), kustomer())); err != nil {
		t.Fatal(err)
	}
	for path, a := range srv.site.current.Load().paths {
		if same := a == first.paths[path]; same != (path != "/") {
			t.Errorf("%s is the same: %v", path, same)
		}
	}
}

func TestV2Limits(t *testing.T) {
	t.Parallel()
	s := kustomerSettings(t)
	var list []*record
	for k := range 60 {
		r := declare(int64(60-k), now, "x")
		for range 3 {
			r.public(now, "", bot.Text(strings.Repeat("words ", 2000)))
		}
		list = append(list, r)
	}
	d := newSiteServer(t, s, pageOf(t, s, now)).site.drawing(pageOf(t, s, now, list...), nil)
	if err := d.v2(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"summary", "incidents", "incidents/unresolved"} {
		body := string(d.snap.paths["/api/v2/"+path+".json"].plain.body)
		if len(body) >= v2Limit || !json.Valid([]byte(body)) {
			t.Errorf("%s: %d bytes", path, len(body))
		}
		if n := strings.Count(body, `"shortlink"`); n != 25 {
			t.Errorf("%s: %d incidents", path, n)
		}
	}
}

func TestEmptyPage(t *testing.T) {
	t.Parallel()
	s := bot.Defaults()
	s.BaseURL = "http://127.0.0.1:8080"
	h := newSiteServer(t, &s, pageOf(t, &s, now)).Public()
	want := `{"page":{"id":"` + bot.PublicID("page", "127.0.0.1") + `","name":"127.0.0.1","url":"http://127.0.0.1:8080","time_zone":"Etc/UTC","updated_at":"2020-01-24T14:30:00.000Z"},` +
		`"components":[],"incidents":[],"scheduled_maintenances":[],"status":{"indicator":"none","description":"All Systems Operational"}}`
	if got := getPage(t, h, "/api/v2/summary.json"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	inOrder(t, "home", reading(getPage(t, h, "/")), "All Systems Operational", "Past incidents", "No incidents reported today.")
	inOrder(t, "history", reading(getPage(t, h, "/history")), "January 2020 No incidents reported.")
	contents(t, "atom", getPage(t, h, "/history.atom"))
}
