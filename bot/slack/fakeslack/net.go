package fakeslack

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
)

// Net is an in-memory network: handlers by host name. As the Transport of an
// http.Client it needs no sockets, so that clients and servers can share a
// synctest bubble. Answers arrive whole, when the handler returns; a handler
// that panics with http.ErrAbortHandler cuts the connection.
type Net map[string]http.Handler

var (
	errNoHost = errors.New("fakeslack: no such host")
	errReset  = errors.New("fakeslack: connection reset by peer")
)

// RoundTrip implements http.RoundTripper. The handler runs on a goroutine of
// its own and sees its context end when the caller gives up.
func (n Net) RoundTrip(r *http.Request) (*http.Response, error) {
	h := n[r.URL.Host]
	if h == nil {
		return nil, errNoHost
	}
	var body []byte
	if r.Body != nil {
		defer r.Body.Close() //nolint:errcheck // it was read, or the error is returned
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	in := r.Clone(r.Context())
	in.Body, in.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	in.RequestURI, in.RemoteAddr, in.Host = r.URL.RequestURI(), "192.0.2.1:1234", r.URL.Host
	done := make(chan *http.Response, 1)
	go func() {
		w := httptest.NewRecorder()
		defer func() {
			switch p := recover(); p {
			case nil:
				done <- w.Result()
			case http.ErrAbortHandler:
				done <- nil
			default:
				panic(p)
			}
		}()
		h.ServeHTTP(w, in)
	}()
	select {
	case resp := <-done:
		if resp == nil {
			return nil, errReset
		}
		resp.Request = r
		return resp, nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}
