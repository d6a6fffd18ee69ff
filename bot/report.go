package bot

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Report is a post-mortem as it stands: what people wrote, and for the rest a
// draft from the record.
type Report struct {
	Incident  *Incident
	Title     Text
	Zone      *time.Location // of the times in it
	Owner     UserID
	Due       Date // empty: none is owed
	Sections  []ReportSection
	Moments   []ReportMoment
	Durations []ReportDuration
	Timeline  []ReportLine
}

// ReportSection is one section. Its texts are Markdown.
type ReportSection struct {
	Section
	Text    Text     // for those who run incidents; may be empty
	Public  Text     // for customers: who and where is left out; may be empty
	Written *Written // nil: Text is a draft
	Items   []ReportItem
}

// ReportItem is an action item.
type ReportItem struct {
	Number   int64
	Text     Text
	State    FollowUpState
	Owner    UserID
	Due      Date
	URL, Ref string // of its issue, such as acme/api#3; empty: none
}

// ReportMoment is a milestone.
type ReportMoment struct {
	Name string
	At   time.Time
}

// ReportDuration is the time between two of them.
type ReportDuration struct {
	Name string
	Took time.Duration
}

// ReportLine is an entry of the timeline.
type ReportLine struct {
	At    time.Time
	Who   UserID // empty: the bot, or GitHub
	Deed  Text
	Text  Text
	Alone bool // Deed is a sentence of its own
}

// ReadReport builds the post-mortem of i, as v may see it.
func ReadReport(tx ReadTx, v Viewer, s *Settings, i *Incident, now time.Time) (*Report, error) {
	r := &Report{Incident: i, Title: Join("Post-mortem: ", i.Title), Zone: s.Zone, Owner: i.PostmortemOwner(), Due: s.PostmortemDue(i)}
	d := &drafter{s: s, i: i, now: now}
	items, err := tx.FollowUps(v, FollowUpFilter{Incident: i.Number, Limit: 500})
	if err != nil {
		return nil, err
	}
	if d.rollbacks, err = tx.Rollbacks(v, RollbackFilter{Incident: i.Number, Limit: 100}); err != nil {
		return nil, err
	}
	slices.Reverse(d.rollbacks) // oldest first
	if d.deploys, err = tx.Deploys(DeployFilter{Services: i.Services, Limit: 500}); err != nil {
		return nil, err
	}
	events, err := tx.Timeline(v, i.Number, EventFilter{})
	if err != nil {
		return nil, err
	}
	texts := map[int64]Text{}
	for _, e := range events {
		texts[e.Seq] = e.Text
		if line, ok := reportLine(s, e); ok {
			r.Timeline = append(r.Timeline, line)
		}
	}
	for _, x := range Sections() {
		r.Sections = append(r.Sections, d.section(x, texts))
	}
	r.Sections[len(r.Sections)-1].list(s, items)
	r.Moments, r.Durations = s.moments(i)
	return r, nil
}

// section is what somebody wrote, else the draft.
func (d *drafter) section(x Section, texts map[int64]Text) ReportSection {
	out := ReportSection{Section: x}
	if p := d.i.Postmortem; p != nil {
		if w, ok := p.Sections[x.Slug]; ok {
			out.Written, out.Text, out.Public = &w, texts[w.Seq], anonymous(texts[w.Seq])
			return out
		}
	}
	out.Text, out.Public = d.draft(x.Slug)
	return out
}

// list adds the action items to the last section. Dropped ones are nobody's
// business outside.
func (x *ReportSection) list(s *Settings, items []*FollowUp) {
	var lines []string
	for _, f := range items {
		item := ReportItem{Number: f.Number, Text: f.Text, State: f.State, Owner: f.Owner, Due: f.Due}
		if f.Issue.Number != 0 {
			item.URL, item.Ref = f.Issue.URL, f.Issue.Repo+"#"+itoa(int64(f.Issue.Number))
		}
		x.Items = append(x.Items, item)
		// Of an issue that was not looked up yet the text is its address.
		if f.State != FollowUpDropped && f.Text != RedactedText && f.Text != Plain(f.Issue.URL) {
			lines = append(lines, "- "+linked(anonymous(f.Text).String())+" ["+f.State.Label()+"]")
		}
	}
	if len(lines) > 0 {
		x.Public = Plain(strings.TrimSpace(x.Public.String() + "\n\n" + strings.Join(lines, "\n")))
	}
}

// reportLine is an entry as the timeline of a post-mortem shows it; ok is false
// for what is about the writing itself.
func reportLine(s *Settings, e Event) (ReportLine, bool) {
	switch e.Kind {
	case EventPostmortem, EventReminder, EventFailed, EventRedacted, EventLink:
		return ReportLine{}, false
	}
	return ReportLine{At: e.At, Who: e.Actor, Deed: s.Deed(e), Text: e.Text, Alone: e.Alone()}, true
}

// moments are the milestones of i that are known, in their order, and how long
// it took from one to another.
func (s *Settings) moments(i *Incident) ([]ReportMoment, []ReportDuration) {
	at := map[string]time.Time{}
	var out []ReportMoment
	add := func(name string, t time.Time) {
		at[name] = t
		out = append(out, ReportMoment{name, t})
	}
	for _, m := range []struct {
		name string
		m    Milestone
	}{
		{"Impact started", MilestoneImpact}, {"Detected", MilestoneDetected}, {"Declared", MilestoneDeclared},
		{"Identified", MilestoneIdentified}, {"Mitigated", MilestoneMitigated}, {"Resolved", MilestoneResolved},
	} {
		if t, ok := i.At(m.m); ok {
			add(m.name, t)
		}
	}
	for k := range i.Updates {
		if i.Updates[k].Stands() {
			add("First public update", i.Updates[k].At)
			break
		}
	}
	slices.SortStableFunc(out, func(a, b ReportMoment) int { return a.At.Compare(b.At) })
	var took []ReportDuration
	for _, d := range [][3]string{
		{"Time to detect", "Impact started", "Detected"}, {"Time to declare", "Impact started", "Declared"},
		{"Time to the first public update", "Impact started", "First public update"},
		{"Time to mitigate", "Impact started", "Mitigated"}, {"Time to resolve", "Impact started", "Resolved"},
	} {
		from, ok := at[d[1]]
		to, ok2 := at[d[2]]
		if ok && ok2 && !to.Before(from) {
			took = append(took, ReportDuration{d[0], to.Sub(from)})
		}
	}
	return out, took
}

// PublicMarkdown is the six sections for customers.
func (r *Report) PublicMarkdown() Text {
	var b strings.Builder
	for _, x := range r.Sections {
		b.WriteString("## " + x.Title + "\n\n" + x.Public.String() + "\n\n")
	}
	return Plain(strings.TrimSpace(b.String()))
}

// EscapeMarkdown makes s stand in Markdown as it is (CommonMark 2.4), also where
// a line of it looks like an item of a list or a rule.
func EscapeMarkdown(s string) string {
	return lineStart.ReplaceAllString(markdownEscaper.Replace(s), `$1$2\$3$4`)
}

// linked is EscapeMarkdown with web addresses as links, which escapes within them
// would break; but for those that carry a user, who could pass for the host.
func linked(s string) string {
	var b strings.Builder
	for s != "" {
		at := webAddress.FindStringIndex(s)
		if at == nil {
			break
		}
		end := at[0] + len(strings.TrimRight(s[at[0]:at[1]], ".,;:!?'*_~)]"))
		b.WriteString(EscapeMarkdown(s[:at[0]]))
		if u, err := url.Parse(s[at[0]:end]); err != nil || u.Host == "" || u.User != nil {
			b.WriteString(EscapeMarkdown(s[at[0]:end]))
		} else {
			b.WriteString("<" + s[at[0]:end] + ">")
		}
		s = s[end:]
	}
	return b.String() + EscapeMarkdown(s)
}

// UnescapeMarkdown is t as a reader sees it where Markdown is not drawn: without
// the escapes and the marks around addresses.
func UnescapeMarkdown(t Text) Text {
	return Text(autolink.ReplaceAllString(escaped.ReplaceAllString(string(t), "$1"), "$1"))
}

var (
	webAddress = regexp.MustCompile(`https?://[^\s<>"\x00-\x1f]+`)
	autolink   = regexp.MustCompile(`<(https?://[^\s<>]+)>`)
	escaped    = regexp.MustCompile(`\\([!-/:-@\[-\x60{-~])`)
	lineStart  = regexp.MustCompile(`(?m)^([ \t]*)(?:(\d{1,9})([.)])|([-+=]))`)
)

var markdownEscaper = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", `*`, `\*`, `_`, `\_`, `[`, `\[`, `]`, `\]`, `<`, `\<`, `>`, `\>`, `#`, `\#`, `!`, `\!`, `|`, `\|`, `~`, `\~`, `&`, `\&`,
)

// Length writes a length of time as a report does.
func Length(d time.Duration) string { return roundly(d) }
