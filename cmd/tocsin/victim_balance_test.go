package main

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// turns counts the requests that were given out.
var turns atomic.Uint64

// toReplica has the patience of a load balancer.
var toReplica = &http.Client{Timeout: 5 * time.Second}

// balance is the load balancer before the replicas. One that cannot be reached is
// passed over; whoever has heard a request and does not answer it was the only one
// that heard it.
func (v *victim) balance(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	first := turns.Add(1)
	for k := range uint64(len(v.replicas)) {
		to := v.replicas[(first+k)%uint64(len(v.replicas))]
		res, err := forward(r, to.addr, body)
		var dial *net.OpError
		if errors.As(err, &dial) && dial.Op == "dial" {
			continue
		}
		if err != nil {
			break
		}
		defer res.Body.Close()
		w.Header().Set("Content-Type", res.Header.Get("Content-Type"))
		w.WriteHeader(res.StatusCode)
		_, _ = io.Copy(w, res.Body) // the caller notices when it is cut
		return
	}
	http.Error(w, "no replica answers", http.StatusBadGateway)
}

func forward(r *http.Request, addr string, body []byte) (*http.Response, error) {
	on, err := http.NewRequestWithContext(r.Context(), r.Method, "http://"+addr+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	on.Header = r.Header.Clone()
	return toReplica.Do(on)
}
