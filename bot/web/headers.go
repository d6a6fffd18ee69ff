package web

import "net/http"

// policy allows what the pages are made of, all of it from their own host, and
// no framing. Nothing in it is unsafe-*.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// securityHeaders are set on every answer. Values are shared slices, so that a
// page from memory costs no allocation for them; nobody may change them.
var securityHeaders = http.Header{
	"Content-Security-Policy":    {policy},
	"X-Content-Type-Options":     {"nosniff"},
	"Referrer-Policy":            {"same-origin"},
	"Cross-Origin-Opener-Policy": {"same-origin"},
	"Permissions-Policy":         {"camera=(), geolocation=(), microphone=()"},
}

func secure(h http.Header) {
	for name, value := range securityHeaders {
		h[name] = value
	}
}

// recorder remembers the status that a handler answered with.
type recorder struct {
	http.ResponseWriter
	code int
}

func (r *recorder) WriteHeader(code int) {
	if r.code == 0 {
		r.code = code
	}
	r.ResponseWriter.WriteHeader(code)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.code == 0 {
		r.code = http.StatusOK
	}
	return r.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// counted sets the headers that every answer has and counts the answer. Only
// GET and HEAD reach h.
func (s *Server) counted(route route, h http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := &recorder{ResponseWriter: w}
		secure(rec.Header())
		rec.Header().Set("Cache-Control", "no-store")
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			rec.Header().Set("Allow", "GET, HEAD")
			http.Error(rec, "Only GET and HEAD work here.", http.StatusMethodNotAllowed)
		} else {
			h(rec, r)
		}
		s.counts.add(route, rec.code)
	})
}
