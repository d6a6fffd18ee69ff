package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"io/fs"
	"net/url"
	"path"
	"time"
)

//go:embed static templates
var files embed.FS

// kinds are the content types of the files that are served.
var kinds = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

// staticAssets returns the files that never change, by path, and where a
// template finds each by its name. A path holds a hash of the content, so that
// it may be kept for ever.
func staticAssets(prefix string) (paths map[string]*asset, names map[string]string, err error) {
	paths, names = map[string]*asset{}, map[string]string{}
	entries, err := fs.ReadDir(files, "static")
	if err != nil {
		return nil, nil, err
	}
	for _, e := range entries {
		body, err := fs.ReadFile(files, "static/"+e.Name())
		if err != nil {
			return nil, nil, err
		}
		sum := sha256.Sum256(body)
		ext := path.Ext(e.Name())
		stem := e.Name()[:len(e.Name())-len(ext)]
		at := "/assets/" + stem + "." + hex.EncodeToString(sum[:5]) + ext
		names[e.Name()] = prefix + at
		paths[at] = newAsset(content{route: routeAsset, kind: kinds[ext], cache: cacheForever, body: body}, nil, time.Now())
	}
	robots := content{route: routeAsset, kind: "text/plain; charset=utf-8", body: []byte("User-agent: *\nAllow: /\n")}
	paths["/robots.txt"] = newAsset(robots, nil, time.Now())
	return paths, names, nil
}

// pages are the templates and what is the same on every page.
type pages struct {
	base   *url.URL
	names  map[string]string // files, by name
	parsed map[string]*template.Template
}

func newPages(base *url.URL, names map[string]string) (*pages, error) {
	p := &pages{base: base, names: names, parsed: map[string]*template.Template{}}
	for _, name := range []string{"home", "incident", "history", "missing", "entry"} {
		t, err := template.ParseFS(files, "templates/parts.html", "templates/"+name+".html")
		if err != nil {
			return nil, err
		}
		p.parsed[name] = t.Lookup(name + ".html")
	}
	return p, nil
}
