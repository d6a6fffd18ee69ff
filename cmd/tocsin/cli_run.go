package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// runDeadline bounds one command, from dial to the last byte of the answer.
const runDeadline = 10 * time.Second

// line is a command line on its way to the JSON API.
type line struct {
	User    string `json:"user,omitempty"`
	Channel string `json:"channel,omitempty"`
	Text    string `json:"text"`
}

// answer is what the JSON API says.
type answer struct {
	OK    bool   `json:"ok"`
	Text  string `json:"text"`
	Error struct {
		Kind string `json:"kind"`
		Text string `json:"text"`
		Hint string `json:"hint"`
	} `json:"error"`
}

// runLine sends one command line to the running server.
func runLine(ctx context.Context, e env, args []string) error {
	f := newFlags(e, "run", "config", "listen")
	var l line
	f.StringVar(&l.User, "as", "", "`USER` id in whose name the root token speaks; a personal token speaks for its owner")
	f.StringVar(&l.Channel, "in", "", "`CHANNEL` id, as if typed there")
	base := f.String("url", "", "`URL` of the server; the default is TOCSIN_BASE_URL, then the address to listen on")
	key := f.String("key", rand.Text(), "`KEY` that makes the command count once, however often it is sent")
	words, err := f.parse(args)
	if err != nil {
		return err
	}
	l.Text = strings.Join(words, " ")
	if strings.TrimSpace(l.Text) == "" {
		return wrongUsage("run", `there is no command line; for example: tocsin run "list open"`)
	}
	c, err := f.config(e)
	if err != nil {
		return err
	}
	if *base == "" {
		*base = c.BaseURL
	} else if *base, err = checkPageURL(*base); err != nil {
		return wrongUsage("run", "--url: %v", err)
	}
	if !c.APIToken.Set() {
		return errors.New("TOCSIN_API_TOKEN is not set; it holds the server's root token, or a personal one that `tocsin token create USER` makes")
	}
	ctx, cancel := context.WithTimeout(ctx, runDeadline)
	defer cancel()
	text, err := post(ctx, *base, *key, l, c.APIToken)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(e.stdout, text)
	return err
}

// post sends l and returns what the server says to it.
func post(ctx context.Context, base, key string, l line, token Secret) (string, error) {
	body, err := json.Marshal(l)
	if err != nil {
		return "", err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/api/v1/commands", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("Authorization", "Bearer "+token.Reveal())
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", key)
	code, got, err := exchange(req, http.ProxyFromEnvironment)
	if err != nil {
		if err = unreached(base, err); refused(err) || errors.Is(err, context.Canceled) {
			return "", err
		}
		return "", fmt.Errorf("%w; whether the command was carried out is not known, to repeat it safely add --key %s", err, key)
	}
	var a answer
	if err := json.Unmarshal(got, &a); err != nil || (!a.OK && a.Error.Text == "") {
		return "", fmt.Errorf("%s answers %d, and not as Tocsin does; is the address right?", base, code)
	}
	if !a.OK {
		if l.User == "" && strings.Contains(a.Error.Hint, `"user"`) { // the API's words are for programs
			a.Error.Hint = "Add --as and a Slack user id, such as U024BE7LH."
		}
		if a.Error.Kind == string(bot.KindUnknown) {
			a.Error.Hint = "To repeat it safely add --key " + key + "."
		}
		return "", errors.New(strings.TrimSpace(oneLine(a.Error.Text) + " " + oneLine(a.Error.Hint)))
	}
	return bot.Clean(a.Text), nil
}

// maxAnswer is how much of an answer is read.
const maxAnswer = 1 << 20

// exchange sends one request to a server of ours and returns its answer.
// Redirects are not followed: the token would go along. proxy may be nil.
func exchange(req *http.Request, proxy func(*http.Request) (*url.URL, error)) (int, []byte, error) {
	req.Header.Set("User-Agent", "tocsin-cli/"+version)
	client := &http.Client{
		Transport:     &http.Transport{Proxy: proxy, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	res, err := client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close() //nolint:errcheck // it was read, or the error is returned
	got, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	return res.StatusCode, got, err
}

// oneLine is untrusted text for a terminal: no control characters, no newlines,
// not too long.
func oneLine(s string) string { return string(bot.Plain(s).OneLine(300)) }

// refused reports whether nothing listened, so that nothing can have arrived.
func refused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }

// unreached explains why no answer came from address.
func unreached(address string, err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err // the address is named here already
	}
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case refused(err):
		return fmt.Errorf("nothing answers at %s; is `tocsin serve` running? (%w)", address, err)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("no answer from %s in time", address)
	}
	return fmt.Errorf("no answer from %s: %w", address, err)
}
