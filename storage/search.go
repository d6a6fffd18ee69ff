package storage

import (
	"math"
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

// seqBits is how many bits of a row of event_search are an entry's number in its
// incident; the rest is the incident's.
const seqBits = 24

// The most and the usual number of incidents that a search returns, and how many
// entries are looked up at once for them: an incident may hold many.
const (
	mostFound  = 50
	usualFound = 10
	mostHits   = 200
)

// searching is what is looked for, where, and by whom.
type searching struct {
	query  bot.Query
	before int64 // incidents below
	want   int64 // incidents
	viewer bot.Viewer
}

// hit is an entry that was found.
type hit struct{ incident, seq int64 }

// Search implements [bot.Searcher].
func (t *tx) Search(v bot.Viewer, q bot.Query, before int64, limit int) ([]bot.Found, error) {
	if before <= 0 || before > math.MaxInt64>>seqBits {
		before = math.MaxInt64 >> seqBits
	}
	hits, err := t.hits(searching{query: q, before: before, want: clamp(limit, usualFound, mostFound), viewer: v})
	if err != nil {
		return nil, t.fail("search", err)
	}
	out := make([]bot.Found, len(hits))
	for k, h := range hits {
		if out[k].Incident, err = t.Incident(v, h.incident); err != nil {
			return nil, err
		}
		if out[k].Entry, err = t.Event(v, h.incident, h.seq); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// hits returns the newest entry of each incident.
func (t *tx) hits(s searching) (out []hit, _ error) {
	if len(s.query.Phrases) == 0 {
		return nil, nil
	}
	for {
		all, err := t.session.search(t, s)
		if err != nil {
			return nil, err
		}
		for _, h := range all {
			if h.incident == s.before {
				continue // its newest is in the list
			}
			out, s.before, s.want = append(out, h), h.incident, s.want-1
			if s.want == 0 {
				return out, nil
			}
		}
		if len(all) < mostHits {
			return out, nil
		}
	}
}

// fts writes q for SQLite: phrases in quotes, all of which have to be there. Inside
// quotes nothing is an operator, and there are no quotes in a word.
func fts(q bot.Query) string {
	out := make([]string, len(q.Phrases))
	for k, p := range q.Phrases {
		out[k] = `"` + strings.ReplaceAll(strings.Join(p.Words, " "), `"`, "") + `"`
		if p.Prefix {
			out[k] += "*"
		}
	}
	return strings.Join(out, " ")
}

// tsquery writes q for PostgreSQL's to_tsquery: words in quotes, so that nothing in
// them is an operator.
func tsquery(q bot.Query) string {
	out := make([]string, len(q.Phrases))
	for k, p := range q.Phrases {
		words := make([]string, len(p.Words))
		for n, w := range p.Words {
			words[n] = "'" + strings.NewReplacer("'", "", `\`, "").Replace(w) + "'"
		}
		out[k] = strings.Join(words, " <-> ")
		if p.Prefix {
			out[k] += ":*"
		}
	}
	return strings.Join(out, " & ")
}
