package deploy

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// notice is what a sender tells, in our own form. Fields that it does not name
// are the sender's own and are left alone; raw_id is one of them.
type notice struct {
	DedupeKey   string `json:"dedupe_key"` // empty: the delivery's id
	Service     string `json:"service"`
	Environment string `json:"environment"`
	Kind        string `json:"kind"` // empty: deploy
	Version     string `json:"version"`
	Previous    string `json:"previous"`
	Status      string `json:"status"` // empty: succeeded
	Actor       string `json:"actor"`
	URL         string `json:"url"`
	StartedAt   string `json:"started_at"`
	FinishedAt  string `json:"finished_at"`
}

// noticeHint shows a body that would work.
const noticeHint = `Send for example {"service":"api-gateway","environment":"production","version":"v42","finished_at":"2026-01-23T16:15:00Z"}.`

// earliest is the first year that a time can be of: what lies before was written
// by a clock that was never set.
const earliest = 1990

// maxURL is the longest address that is kept, in bytes.
const maxURL = 2000

// soFar is t, or now when the sender's clock says that t is still to come.
func soFar(t, now time.Time) time.Time {
	if t.After(now) {
		return now
	}
	return t
}

// parseNotice reads a body. What it returns has a key, a kind, a status and
// times that can be kept; the rest is for [bot.TakeDeploy] to check.
func parseNotice(body []byte, id string) (bot.Deploy, error) {
	var n notice
	decoder := json.NewDecoder(bytes.NewReader(body))
	if err := decoder.Decode(&n); err != nil {
		return bot.Deploy{}, bot.Invalid("The body cannot be read: %s.", jsonFault(err))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return bot.Deploy{}, bot.Invalid("Something follows the JSON object in the body.")
	}
	d := bot.Deploy{
		Source: sourceGeneric, Key: or(n.DedupeKey, id), Service: n.Service, Environment: n.Environment,
		Kind: bot.DeployKind(or(n.Kind, string(bot.DeployOf))), Version: n.Version, Previous: n.Previous,
		Status: bot.DeployStatus(or(n.Status, string(bot.DeploySucceeded))), Actor: n.Actor, URL: n.URL,
	}
	if err := oneOf("kind", d.Kind, bot.DeployKinds()); err != nil {
		return d, err
	}
	if err := oneOf("status", d.Status, bot.DeployStatuses()); err != nil {
		return d, err
	}
	if !webAddress(n.URL) {
		return d, bot.Invalid("url is no http or https address, without a user in it and of at most %d characters.", maxURL)
	}
	for _, f := range []struct {
		name, value string
		to          *time.Time
	}{{"started_at", n.StartedAt, &d.StartedAt}, {"finished_at", n.FinishedAt, &d.FinishedAt}} {
		if f.value == "" {
			continue
		}
		at, err := time.Parse(time.RFC3339, f.value)
		if err != nil {
			return d, bot.Invalid("%s is no time of RFC 3339: %q.", f.name, cut(f.value)).
				WithHint("Write it with its zone: 2026-01-23T16:15:00Z or 2026-01-23T11:15:00-05:00.")
		}
		if at = at.UTC(); !at.IsZero() && at.Year() < earliest {
			return d, bot.Invalid("%s lies before the year %d: %q.", f.name, earliest, cut(f.value)).WithHint("Leave it out if it is not known.")
		}
		*f.to = at
	}
	return d, nil
}

func or(value, instead string) string {
	if value == "" {
		return instead
	}
	return value
}

func oneOf[T ~string](name string, value T, list []T) error {
	if slices.Contains(list, value) {
		return nil
	}
	words := make([]string, len(list))
	for k, w := range list {
		words[k] = string(w)
	}
	return bot.Invalid("%s cannot be %q.", name, cut(string(value))).WithHint("It is one of: %s.", strings.Join(words, ", "))
}

// webAddress reports whether s can be a link; none is fine.
func webAddress(s string) bool {
	if s == "" {
		return true
	}
	u, err := url.Parse(s)
	return err == nil && len(s) <= maxURL && u.Host != "" && u.User == nil && (u.Scheme == "http" || u.Scheme == "https") && bot.Clean(s) == s
}

// cut shortens what is quoted back.
func cut(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// jsonFault is what the decoder says, in the words of who wrote the JSON.
func jsonFault(err error) string {
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.EOF):
		return "it is empty"
	case errors.As(err, &wrong) && wrong.Field == "":
		return "it is a JSON " + wrong.Value + ", not an object"
	case errors.As(err, &wrong):
		return wrong.Field + " is a JSON " + wrong.Value + ", not text"
	}
	return strings.TrimPrefix(err.Error(), "json: ")
}
