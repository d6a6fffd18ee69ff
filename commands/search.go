package commands

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

var _ = register(Command{
	Name: "search", Aliases: []string{"find"}, Group: LookAt, Rank: 40, Title: "Search the incidents",
	Summary: "find incidents by what was written in them, newest first",
	Args: []Arg{
		{
			Name: "text", Kind: Text{Short: true, Quotes: true}, Required: true, Label: "Words",
			Help: `All of them in one entry, "in quotes" in this order; the last may be a beginning; or an incident's number`,
		},
		{Name: "below", Kind: Number{}, Flag: true, Hidden: true, Kept: true},
	},
	Reads:    true,
	Examples: []string{"search connection pool exhausted", `search "out of memory" gateway`, "search inc-12"},
	Run:      runSearch,
})

const (
	// maxFound is how many incidents an answer shows, three lines each.
	maxFound     = 10
	excerptRunes = 160
)

func runSearch(c *Call) (bot.Reply, error) {
	text := c.text("text")
	below, _ := get[int64](c, "below")
	q := bot.ParseQuery(text)
	named, err := c.named(text)
	if err != nil {
		return bot.Reply{}, err
	}
	found, err := c.Tx.Search(c.Viewer(), q, below, maxFound+1)
	if err != nil {
		return bot.Reply{}, fmt.Errorf("search: %w", err)
	}
	var r bot.Reply
	var tags []bot.Text
	if named != nil && below == 0 {
		tags, r = append(tags, named.Tag()), r.With(bot.Para(c.row(named)))
	}
	shown := found[:min(len(found), maxFound)]
	for _, f := range shown {
		e := f.Entry
		if named != nil && f.Incident.Number == named.Number {
			continue // it stands on top
		}
		e.Text = q.Excerpt(e.Text, excerptRunes)
		tags, r = append(tags, f.Incident.Tag()), r.With(bot.Para(bot.Join(c.row(f.Incident), "\n", c.entry(e, 0))))
	}
	if len(tags) == 0 {
		return nothingFound(text, q), nil
	}
	head := bot.Bold("Incidents with " + short(text))
	r.Blocks = append([]bot.Block{bot.Para(head)}, r.Blocks...)
	r.Summary = bot.Join("Incidents with ", bot.Plain(short(text)), ": ", commas(tags))
	if q.Cut {
		c.note("Only the first words were looked for.")
	}
	if len(found) > maxFound {
		older := values{"text": text, "below": bot.Text(strconv.FormatInt(shown[maxFound-1].Incident.Number, 10))}
		r = r.With(bot.Small("There are more; one more word finds fewer."), bot.Buttons(bot.Button{Label: "Show older ones", Line: c.lineFor("search", older)}))
	}
	return r, nil
}

// named returns the incident that text names and nothing else, or nil.
func (c *Call) named(text bot.Text) (*bot.Incident, error) {
	p := parsed{}
	if words := split(text); len(words) != 1 || len(p.prefix(words)) > 0 {
		return nil, nil
	}
	var i *bot.Incident
	var err error
	if p.incident != 0 {
		i, err = c.Tx.Incident(c.Viewer(), p.incident)
	} else {
		i, err = c.Tx.IncidentByChannel(c.Viewer(), p.channel)
	}
	switch {
	case bot.KindOf(err) == bot.KindNotFound:
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("incident of %q: %w", short(text), err)
	}
	return i, nil
}

// nothingFound says what to try.
func nothingFound(text bot.Text, q bot.Query) bot.Reply {
	if len(q.Phrases) == 0 {
		return bot.Say("There is no word in ", bot.Code(short(text)), ". Letters and digits are looked for.")
	}
	tips := []string{}
	switch {
	case len(q.Phrases) > 1:
		tips = append(tips, "try fewer words, since all of them have to stand in one entry")
	case len(q.Phrases[0].Words) > 1:
		tips = append(tips, "try the words without quotes, and apart")
	}
	tips = append(tips, "try the beginning of a word", "list all shows the newest incidents")
	tip := strings.Join(tips, "; ")
	return bot.Say("Nothing was found for ", bot.Code(short(text)), ". ", bot.Plain(strings.ToUpper(tip[:1])+tip[1:]+"."))
}
