package wire

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// WriteJSON answers with v. It encodes before it writes, so that what cannot be
// encoded is no half answer; the types that come here always encode. A caller that
// has gone misses it, and there is nobody to tell.
func WriteJSON(w http.ResponseWriter, code int, v any) {
	var body bytes.Buffer
	e := json.NewEncoder(&body)
	e.SetEscapeHTML(false) // <@U012ABCDEF> reads better in a terminal, and nosniff keeps it JSON
	if err := e.Encode(v); err != nil {
		code = http.StatusInternalServerError
		body.Reset()
		body.WriteString(`{"ok":false,"error":{"kind":"internal","text":"The answer could not be written.","hint":""}}` + "\n")
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	_, _ = w.Write(body.Bytes())
}

// WriteError answers with an error in the form of the JSON API.
func WriteError(w http.ResponseWriter, code int, kind, text, hint string) {
	type shape struct {
		Kind string `json:"kind"`
		Text string `json:"text"`
		Hint string `json:"hint"`
	}
	WriteJSON(w, code, struct {
		OK    bool  `json:"ok"`
		Error shape `json:"error"`
	}{false, shape{kind, text, hint}})
}

// RetryAfter reads the header of that name (RFC 9110, section 10.2.3): seconds, or
// a date.
func RetryAfter(h http.Header) (time.Duration, bool) {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if n, err := strconv.ParseUint(v, 10, 31); err == nil {
		return time.Duration(n) * time.Second, true
	}
	if at, err := http.ParseTime(v); err == nil {
		return max(0, Until(h, at)), true
	}
	return 0, false
}

// Until is how long it is until a time that an answer with header h named, by the
// clock of who answered if it tells its time: ours may differ.
func Until(h http.Header, at time.Time) time.Duration {
	if now, err := http.ParseTime(h.Get("Date")); err == nil {
		return at.Sub(now)
	}
	return time.Until(at)
}
