package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// How long answers may be kept. A page may be shown a little late rather than
// not at all: for a day when this program is away. Files whose name holds a
// hash of their content never change.
const (
	// Browsers ask each time, which costs a 304, since whoever looks again wants
	// to know what is new; shared caches may answer for half a minute.
	cachePage    = "public, max-age=0, s-maxage=30, stale-if-error=86400"
	cacheForever = "public, max-age=31536000, immutable"
)

// minGzip is the shortest body that is worth compressing, in bytes.
const minGzip = 512

// asset is one answer from memory, with all that is said about it worked out
// beforehand. It is never changed. Only the compressed form waits for the first who
// wants it, since most of what is drawn every minute is never read.
type asset struct {
	route    route
	code     int
	etag     string
	modified time.Time
	plain    variant
	gzipped  func() variant // body nil: not worth it
}

// variant is an asset in one encoding. The header is shared by every answer
// and must not be changed.
type variant struct {
	etag   string
	body   []byte
	header http.Header
}

// content is what an asset is made of.
type content struct {
	route route
	code  int // 0: 200
	kind  string
	cache string // empty: cachePage
	cors  bool
	body  []byte
}

// newAsset works out the answer for c. old is what stood at its path before,
// or nil: a body that did not change keeps its time.
func newAsset(c content, old *asset, now time.Time) *asset {
	sum := sha256.Sum256(c.body)
	etag := base64.RawURLEncoding.EncodeToString(sum[:12])
	if old != nil && old.etag == etag {
		return old
	}
	a := &asset{route: c.route, code: c.code, etag: etag, modified: now.UTC().Truncate(time.Second)}
	if a.code == 0 {
		a.code = http.StatusOK
	}
	a.plain = a.variant(c, c.body, "")
	a.gzipped = sync.OnceValue(func() (v variant) {
		if len(c.body) < minGzip {
			return v
		}
		if z := compress(c.body); len(z) < len(c.body) {
			v = a.variant(c, z, "gzip")
		}
		return v
	})
	return a
}

func (a *asset) variant(c content, body []byte, encoding string) variant {
	v := variant{etag: a.tag(encoding), body: body, header: http.Header{}}
	if encoding != "" {
		v.header["Content-Encoding"] = []string{encoding}
	}
	cache := c.cache
	if cache == "" {
		cache = cachePage
	}
	for name, value := range map[string]string{
		"Content-Type": c.kind, "Content-Length": strconv.Itoa(len(body)), "Cache-Control": cache, "Etag": v.etag,
		"Last-Modified": a.modified.Format(http.TimeFormat), "Vary": "Accept-Encoding",
	} {
		v.header[name] = []string{value}
	}
	if c.cors {
		v.header["Access-Control-Allow-Origin"] = []string{"*"}
	}
	for name, value := range securityHeaders {
		v.header[name] = value
	}
	return v
}

// tag is the entity tag of an encoding; the empty one is plain.
func (a *asset) tag(encoding string) string {
	if encoding != "" {
		encoding = "-" + encoding
	}
	return `"` + a.etag + encoding + `"`
}

// compress returns b as gzip. Writing to memory cannot fail.
func compress(b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(b)
	_ = z.Close()
	return out.Bytes()
}

// serve answers r and returns the status code.
func (a *asset) serve(w http.ResponseWriter, r *http.Request) int {
	v := a.plain
	if acceptsGzip(r.Header["Accept-Encoding"]) {
		if z := a.gzipped(); z.body != nil {
			v = z
		}
	}
	h := w.Header()
	for name, value := range v.header {
		h[name] = value
	}
	if a.code == http.StatusOK && a.fresh(r) {
		delete(h, "Content-Length")
		delete(h, "Content-Type")
		w.WriteHeader(http.StatusNotModified)
		return http.StatusNotModified
	}
	w.WriteHeader(a.code)
	if r.Method != http.MethodHead {
		_, _ = w.Write(v.body) // the reader has gone; there is nobody to tell
	}
	return a.code
}

// fresh reports whether the reader has this already. A tag of either encoding
// will do, since both stand for the same content; a date counts only without
// tags (RFC 9110, 13.2.2).
func (a *asset) fresh(r *http.Request) bool {
	if tags := r.Header["If-None-Match"]; len(tags) > 0 {
		for tag := range strings.SplitSeq(strings.Join(tags, ","), ",") {
			tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
			if tag == "*" || tag == a.plain.etag || tag == a.tag("gzip") {
				return true
			}
		}
		return false
	}
	since, err := http.ParseTime(r.Header.Get("If-Modified-Since"))
	return err == nil && !a.modified.After(since)
}

// acceptsGzip reads Accept-Encoding; q=0 is a refusal.
func acceptsGzip(values []string) bool {
	return slices.ContainsFunc(values, func(value string) bool {
		for part := range strings.SplitSeq(value, ",") {
			name, weight, _ := strings.Cut(part, ";")
			if !strings.EqualFold(strings.TrimSpace(name), "gzip") {
				continue
			}
			q, ok := strings.CutPrefix(strings.ReplaceAll(weight, " ", ""), "q=")
			return !ok || strings.Trim(q, "0.") != ""
		}
		return false
	})
}
