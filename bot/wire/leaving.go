package wire

import (
	"context"
	"errors"
	"net"
	"net/http/httptrace"
	"sync/atomic"
)

// Leaving watches whether a request can have left, which is what decides whether
// it may be sent again. It looks at the connection and not at httptrace's
// WroteRequest: that is called after the last byte of a long body or of any HTTP/2
// request, and a deadline in between would take a request that has left for one
// that has not. GotConn comes before the first byte, in the goroutine of the
// request. The zero value is ready, for one request.
type Leaving struct{ asked, connected atomic.Bool }

// Watch returns the context to make the request with.
func (l *Leaving) Watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { l.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { l.connected.Store(true) },
	})
}

// Possible reports whether a request that ended in err can have left. Without a
// connection (no name, refused, no handshake, no time) it cannot. A transport
// that does not tell must say by its error that it did not connect.
func (l *Leaving) Possible(err error) bool {
	if l.connected.Load() {
		return true
	}
	var name *net.DNSError
	var op *net.OpError
	var no *RefusedError
	return !l.asked.Load() && !errors.As(err, &no) && !errors.As(err, &name) && !(errors.As(err, &op) && op.Op == "dial")
}
