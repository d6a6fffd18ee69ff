package web

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// pageSize is how many items a list holds, and maxPageSize how many may be
// asked for with ?limit=.
const (
	pageSize    = 50
	maxPageSize = 200
)

// list is how every list is answered. Next is the cursor of the page behind
// it, null on the last one.
type list[T any] struct {
	Items []T     `json:"items"`
	Next  *string `json:"next"`
}

// cut makes a list of found, which holds one item more than the page when
// there is a page behind it.
func cut[T, S any](found []T, limit int, cursor func(T) string, shape func(T) S) list[S] {
	out := list[S]{Items: []S{}}
	if len(found) > limit {
		found = found[:limit]
		next := cursor(found[limit-1])
		out.Next = &next
	}
	for _, x := range found {
		out.Items = append(out.Items, shape(x))
	}
	return out
}

// read runs fn over one state for the reader of c.
func (s *Server) read(ctx context.Context, c call, fn func(bot.ReadTx, bot.Viewer) error) error {
	return s.bot.Store.View(ctx, func(tx bot.ReadTx) error {
		v, err := s.reader(tx, c)
		if err != nil {
			return err
		}
		return fn(tx, v)
	})
}

func (s *Server) getIncidents(ctx context.Context, c call) (any, error) {
	limit, err := c.limit()
	if err != nil {
		return nil, err
	}
	f := bot.IncidentFilter{Limit: limit + 1}
	switch status := c.URL.Query().Get("status"); status {
	case "", "all":
	case "open":
		f.Open = true
	default:
		return nil, bot.Invalid("%q is no status to list by.", status).WithHint("Use status=open or status=all.")
	}
	if f.Before, err = c.number("page"); err != nil {
		return nil, err
	}
	var found []shown
	err = s.read(ctx, c, func(tx bot.ReadTx, v bot.Viewer) error {
		list, err := tx.Incidents(v, f)
		if err != nil {
			return err
		}
		found = make([]shown, len(list))
		for k, i := range list {
			if found[k], err = show(tx, v, i); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	cursor := func(i shown) string { return strconv.FormatInt(i.Number, 10) }
	return cut(found, limit, cursor, s.incidentShape), nil
}

func (s *Server) getIncident(ctx context.Context, c call) (any, error) {
	var in shown
	err := s.read(ctx, c, func(tx bot.ReadTx, v bot.Viewer) error {
		i, err := find(tx, v, c.PathValue("n"))
		if err != nil {
			return err
		}
		in, err = show(tx, v, i)
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.incidentShape(in), nil
}

// show reads what is shown with an incident.
func show(tx bot.ReadTx, v bot.Viewer, i *bot.Incident) (shown, error) {
	rollbacks, err := rollbacksOf(tx, v, i.Number)
	if err != nil {
		return shown{}, err
	}
	followUps, err := followUpsOf(tx, v, i.Number)
	return shown{i, rollbacks, followUps}, err
}

// find returns the incident that a path names. What is hidden from v, what was
// never used and what is no number are answered alike.
func find(tx bot.ReadTx, v bot.Viewer, n string) (*bot.Incident, error) {
	absent := bot.NotFound("There is no incident %.20q.", n)
	number, err := strconv.ParseInt(n, 10, 64)
	if err != nil || number < 1 {
		return nil, absent
	}
	i, err := tx.Incident(v, number)
	if bot.KindOf(err) == bot.KindNotFound {
		return nil, absent
	}
	return i, err
}

func (s *Server) getTimeline(ctx context.Context, c call) (any, error) {
	limit, err := c.limit()
	if err != nil {
		return nil, err
	}
	f := bot.EventFilter{Limit: limit + 1}
	if f.AfterAt, f.After, err = parseMoment(c.URL.Query().Get("page")); err != nil {
		return nil, err
	}
	var found []bot.Event
	err = s.read(ctx, c, func(tx bot.ReadTx, v bot.Viewer) error {
		i, err := find(tx, v, c.PathValue("n"))
		if err != nil {
			return err
		}
		found, err = tx.Timeline(v, i.Number, f)
		return err
	})
	if err != nil {
		return nil, err
	}
	cursor := func(e bot.Event) string { return fmt.Sprintf("%d.%d", e.At.UnixMicro(), e.Seq) }
	return cut(found, limit, cursor, entryShapeOf), nil
}

// parseMoment reads the cursor of a timeline: its order is that of At, then
// Seq.
func parseMoment(s string) (time.Time, int64, error) {
	if s == "" {
		return time.Time{}, 0, nil
	}
	at, seq, _ := strings.Cut(s, ".")
	micro, err := strconv.ParseInt(at, 10, 64)
	n, err2 := strconv.ParseInt(seq, 10, 64)
	if err := errors.Join(err, err2); err != nil {
		return time.Time{}, 0, badCursor(s)
	}
	return time.UnixMicro(micro).UTC(), n, nil
}

func badCursor(s string) error {
	return bot.Invalid("%.40q is no page.", s).WithHint("Pass the next of the page before as it is.")
}

func (s *Server) getOutbox(ctx context.Context, c call) (any, error) {
	limit, err := c.limit()
	if err != nil {
		return nil, err
	}
	after, err := c.number("page")
	if err != nil {
		return nil, err
	}
	var found []bot.Job
	err = s.read(ctx, c, func(tx bot.ReadTx, v bot.Viewer) error {
		found = nil
		for f := (bot.JobFilter{After: after, Limit: maxPageSize}); len(found) <= limit; {
			jobs, err := tx.Jobs(v, f)
			if err != nil {
				return err
			}
			for _, j := range jobs {
				f.After = j.ID
				if j.Delivery() {
					found = append(found, j)
				}
			}
			if len(jobs) < f.Limit {
				break
			}
		}
		found = found[:min(len(found), limit+1)]
		return nil
	})
	if err != nil {
		return nil, err
	}
	cursor := func(j bot.Job) string { return strconv.FormatInt(j.ID, 10) }
	return cut(found, limit, cursor, jobShapeOf), nil
}

// number reads a query parameter that is a number above 0; absent is 0.
func (c call) number(name string) (int64, error) {
	v := c.URL.Query().Get(name)
	if v == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n < 1 {
		return 0, badCursor(v)
	}
	return n, nil
}

func (c call) limit() (int, error) {
	v := c.URL.Query().Get("limit")
	if v == "" {
		return pageSize, nil
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > maxPageSize {
		return 0, bot.Invalid("%.20q is no length of a page.", v).WithHint("Use limit=1 to limit=%d.", maxPageSize)
	}
	return n, nil
}
