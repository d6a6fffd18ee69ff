package deploy

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"github.com/tocsin-dev/tocsin/bot"
)

// find looks for a step that may have been sent. found is false when it is not
// there (yet), or when the template has no way to look.
func (c *client) find(ctx context.Context, vars map[string]string) (a bot.Accepted, found bool, err error) {
	f := c.t.Find
	if f == nil {
		return a, false, nil
	}
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	want, err := f.Equals.fill(vars)
	if err != nil {
		return a, false, c.scrub.error(err)
	}
	if want == "" {
		return a, false, errors.New("find.equals is empty, which everything contains")
	}
	got, doc, err := c.get(ctx, f.URL, vars)
	if err != nil {
		return a, false, err
	}
	items, err := at(doc, f.Items, vars)
	if err != nil {
		return a, false, c.scrub.error(err)
	}
	list := []gjson.Result{items}
	if items.IsArray() {
		list = items.Array()
	}
	for _, item := range list {
		value, err := at(item, f.Match, vars)
		if err != nil {
			return a, false, c.scrub.error(err)
		}
		if s, ok := text(value); !ok || !mentions(s, want) {
			continue
		}
		h, err := c.harvest(got, item, f.Extract, vars)
		if err == nil && len(h.missing) > 0 {
			err = fmt.Errorf("it lacks %s", strings.Join(h.missing, ", "))
		}
		if err != nil {
			return a, false, fmt.Errorf("it was found, but %w", c.scrub.error(err))
		}
		return bot.Accepted{Link: h.link, Message: h.message, Vars: h.vars}, true, nil
	}
	return a, false, nil
}

// mentions reports whether s holds want as a whole word or words: request r1 is
// not in "rollback r12", nor step eu in "r1-eu-west".
func mentions(s, want string) bool {
	for from := 0; ; {
		k := strings.Index(s[from:], want)
		if k < 0 {
			return false
		}
		k += from
		if !joins(s[:k], want, false) && !joins(want, s[k+len(want):], true) {
			return true
		}
		_, n := utf8.DecodeRuneInString(s[k:])
		from = k + n
	}
}

// joins reports whether a word goes on from the end of left into right. dash
// says that a hyphen before a letter or digit does not end one.
func joins(left, right string, dash bool) bool {
	last, _ := utf8.DecodeLastRuneInString(left)
	next, n := utf8.DecodeRuneInString(right)
	if dash && (next == '-' || next == '_') {
		next, _ = utf8.DecodeRuneInString(right[n:])
	}
	return isWord(last) && isWord(next)
}

func isWord(r rune) bool { return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r)) }
