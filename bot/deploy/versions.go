package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/tidwall/gjson"

	"github.com/tocsin-dev/tocsin/bot"
)

// Where a list of versions says that the one that runs is.
const (
	currentFirst = "first"
	currentLast  = "last"
)

// menu reads what could run, newest first. A list whose last one runs is
// ordered from the oldest; one whose items tell which runs is ordered by time
// where each has one, and otherwise taken as it is.
func (c *client) menu(ctx context.Context, vars map[string]string) (bot.Menu, error) {
	v := c.t.Versions
	if v == nil {
		return bot.Menu{None: true}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	_, doc, err := c.get(ctx, v.URL, vars)
	if err != nil {
		return bot.Menu{}, err
	}
	items, err := at(doc, v.Items, vars)
	if err != nil {
		return bot.Menu{}, c.scrub.error(err)
	}
	if !items.IsArray() {
		return bot.Menu{}, fmt.Errorf("its answer has no list of versions at %q", v.Items)
	}
	var list []listed
	for _, item := range items.Array() {
		one, err := c.listed(item, vars)
		if err != nil {
			return bot.Menu{}, c.scrub.error(err)
		}
		list = append(list, one)
	}
	v.order(list)
	menu := bot.Menu{Current: slices.IndexFunc(list, func(l listed) bool { return l.runs })}
	for _, l := range list {
		menu.Versions = append(menu.Versions, l.Version)
	}
	return menu, nil
}

// listed is one version of a list.
type listed struct {
	bot.Version
	runs bool
}

func (c *client) listed(item gjson.Result, vars map[string]string) (l listed, err error) {
	v := c.t.Versions
	read := func(path string) gjson.Result {
		if path == "" {
			return gjson.Result{}
		}
		r, pathErr := at(item, path, vars)
		err = errors.Join(err, pathErr)
		return r
	}
	id, ok := text(read(v.ID))
	if l.ID = bot.Clean(id); !ok || l.ID == "" || tooLong(l.ID) {
		err = errors.Join(err, fmt.Errorf("a version has no id at %q", v.ID))
	}
	if label, _ := text(read(v.Label)); !tooLong(label) {
		l.Label = c.scrub.line(label)
	}
	if by, _ := text(read(v.By)); !tooLong(by) {
		l.By = c.scrub.line(by)
	}
	if when, ok := moment(read(v.At)); ok {
		l.At = &when
	}
	if v.Current != currentFirst && v.Current != currentLast {
		is, _ := text(read(v.Current))
		l.runs = is == "true"
	}
	return l, err
}

func tooLong(s string) bool { return len([]rune(s)) > bot.MaxDeployField }

// order brings a list into the order of a menu and marks the one that runs.
func (v *Versions) order(list []listed) {
	if len(list) == 0 {
		return
	}
	switch v.Current {
	case currentFirst:
		list[0].runs = true
	case currentLast:
		slices.Reverse(list)
		list[0].runs = true
	default:
		if !slices.ContainsFunc(list, func(l listed) bool { return l.At == nil }) {
			slices.SortStableFunc(list, func(a, b listed) int { return b.At.Compare(*a.At) })
		}
	}
}

// moment reads a time as deploy systems write them: RFC 3339, Unix seconds, or
// Unix milliseconds, which have more digits than the seconds of any deploy.
func moment(r gjson.Result) (time.Time, bool) {
	s, ok := text(r)
	if !ok {
		return time.Time{}, false
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		t = t.UTC()
		return t, t.Year() <= 9999 // a zone may lead beyond, and JSON holds no such year
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || !(n >= 1 && n <= 1e14) {
		return time.Time{}, false
	}
	if n < 1e11 {
		n *= 1000
	}
	return time.UnixMilli(int64(n)).UTC(), true
}
