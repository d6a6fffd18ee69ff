package web

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// TestQuietMinutes: what is kept from one render to the next is what a render
// without the last one would draw, whatever time has gone by; what is no longer
// published is not kept.
func TestQuietMinutes(t *testing.T) {
	t.Parallel()
	s := kustomerSettings(t)
	promised := declare(2, now.Add(-time.Hour), "Chat is slow")
	promised.public(now.Add(-time.Hour), bot.Investigating, "We look into it.")
	next := now.Add(5 * time.Minute)
	promised.LastPublic().NextBy = &next
	srv := newSiteServer(t, s, pageOf(t, s, now, promised, kustomer()))
	for _, after := range []time.Duration{time.Minute, 6 * time.Minute, 14 * time.Hour, 240 * time.Hour} {
		page := pageOf(t, s, now.Add(after), promised, kustomer())
		if err := srv.site.show(page); err != nil {
			t.Fatal(err)
		}
		kept := srv.site.current.Load()
		scratch, err := srv.site.render(page, nil)
		if err != nil {
			t.Fatal(err)
		}
		if a, b := slices.Sorted(maps.Keys(kept.paths)), slices.Sorted(maps.Keys(scratch.paths)); !slices.Equal(a, b) {
			t.Fatalf("after %v: paths %v, want %v", after, a, b)
		}
		for path, a := range scratch.paths {
			if got := kept.paths[path]; string(got.plain.body) != string(a.plain.body) {
				t.Errorf("after %v: %s is\n%s\nwant\n%s", after, path, got.plain.body, a.plain.body)
			}
		}
		if string(kept.missing.plain.body) != string(scratch.missing.plain.body) || !kept.born.Equal(scratch.born) {
			t.Errorf("after %v: the page for what is not there, or %v, want %v", after, kept.born, scratch.born)
		}
	}
	if err := srv.site.show(pageOf(t, s, now.Add(241*time.Hour), kustomer())); err != nil {
		t.Fatal(err)
	}
	if _, still := srv.site.current.Load().paths["/incidents/"+bot.PublicID("incident", "2")]; still {
		t.Error("an incident that is not published any more is kept")
	}
}

// TestGzipOnDemand: only what somebody wants compressed is, and once.
func TestGzipOnDemand(t *testing.T) {
	t.Parallel()
	s := kustomerSettings(t)
	srv := newSiteServer(t, s, pageOf(t, s, now, kustomer()))
	a := srv.site.current.Load().paths["/"]
	first, again := a.gzipped(), a.gzipped()
	if len(first.body) == 0 || &first.body[0] != &again.body[0] || len(first.body) >= len(a.plain.body) {
		t.Errorf("%d bytes compressed to %d, or twice", len(a.plain.body), len(first.body))
	}
	if small := newAsset(content{body: []byte("short")}, nil, now); small.gzipped().body != nil {
		t.Error("a short body was compressed")
	}
}
