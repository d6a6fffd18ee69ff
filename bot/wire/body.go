package wire

import (
	"fmt"
	"io"
	"net/url"
)

// BodyTooLargeError is what reading an answer ends with after Limit bytes. The
// status and the headers of the answer are valid: what was asked for may well
// have been done.
type BodyTooLargeError struct{ Limit int64 }

func (e *BodyTooLargeError) Error() string {
	return fmt.Sprintf("answer is longer than %d bytes", e.Limit)
}

// cappedBody fails at the limit instead of ending there as io.LimitReader does:
// a cut document must not pass for a whole one. It fails in Read, never before,
// so that a long answer to a command still shows its status.
type cappedBody struct {
	io.ReadCloser
	left, limit int64
}

func (b *cappedBody) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	// One byte more than is left tells a body of exactly the limit from a longer one.
	if int64(len(p))-1 > b.left {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	if int64(n) > b.left {
		n, b.left = int(b.left), 0
		return n, &BodyTooLargeError{Limit: b.limit}
	}
	b.left -= int64(n)
	return n, err
}

// CleanError returns err without query, fragment and credentials in its URL, if
// it is the *url.Error that an http.Client returns. Some systems take their
// token in the query, and the error would carry it into logs and chat.
func CleanError(err error) error {
	failed, ok := err.(*url.Error) //nolint:errorlint // deeper ones are quoted in a text that cannot be rebuilt
	if !ok {
		return err
	}
	clean := &url.Error{Op: failed.Op, URL: mask, Err: CleanError(failed.Err)}
	if u, parseErr := url.Parse(failed.URL); parseErr == nil {
		clean.URL = (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
	}
	return clean
}
