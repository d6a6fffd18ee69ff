package render

import (
	"fmt"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// Markdown writes the whole of r as CommonMark, for those who run incidents. who
// is what people are called.
func Markdown(r *bot.Report, who func(bot.UserID) string) string {
	w := writer{zone: r.Zone, who: who}
	if w.zone == nil {
		w.zone = time.UTC
	}
	var b strings.Builder
	b.WriteString("# " + w.line(r.Title) + "\n\n" + w.facts(r))
	for k := range r.Sections {
		b.WriteString(w.section(&r.Sections[k]))
	}
	b.WriteString(w.timeline(r.Timeline) + w.durations(r))
	return strings.TrimSpace(b.String()) + "\n"
}

// facts is what one looks for first.
func (w writer) facts(r *bot.Report) string {
	i := r.Incident
	var b strings.Builder
	add := func(name, value string) { b.WriteString("- " + name + ": " + value + "\n") }
	add("Incident", fmt.Sprintf(`\#%d`, i.Number))
	add("Severity", escaped(strings.ToUpper(i.Severity)))
	add("Status", escaped(string(i.Status)))
	add("Owner", w.name(r.Owner))
	if r.Due != "" {
		add("Due", r.Due.Label())
	}
	add("Post-mortem", w.standing(i.Postmortem))
	return b.String() + "\n"
}

// standing is whether the post-mortem is there to be read.
func (w writer) standing(p *bot.Postmortem) string {
	switch {
	case p == nil || p.Published == nil && p.Skipped == nil:
		return "draft"
	case p.Skipped != nil:
		return "skipped by " + w.name(p.Skipped.By) + " on " + w.moment(p.Skipped.At)
	}
	t := "published by " + w.name(p.Published.By) + " on " + w.moment(p.Published.At)
	if p.Public != nil {
		t += "; customers read it as of " + w.moment(p.Public.At)
	}
	return t
}

func (w writer) section(x *bot.ReportSection) string {
	var b strings.Builder
	b.WriteString("## " + escaped(x.Title) + "\n\n")
	text := strings.Trim(w.markdown(x.Text), "\n")
	switch {
	case strings.TrimSpace(text) == "":
		b.WriteString("_Not written yet._\n\n")
	case x.Written == nil:
		b.WriteString("_Draft from the record._\n\n" + contained(text) + "\n\n")
	default:
		b.WriteString(contained(text) + "\n\n")
	}
	for _, item := range x.Items {
		b.WriteString("- " + w.item(item) + "\n")
	}
	if len(x.Items) > 0 {
		b.WriteString("\n")
	}
	return b.String()
}

func (w writer) item(x bot.ReportItem) string {
	parts := []string{"no owner"}
	if x.Owner != "" {
		parts[0] = w.name(x.Owner)
	}
	if x.Due != "" {
		parts = append(parts, "due "+x.Due.Label())
	}
	if x.URL != "" {
		parts = append(parts, link(x.URL, x.Ref))
	}
	return w.line(x.Text) + " [" + x.State.Label() + "] – " + strings.Join(parts, ", ")
}

// timeline writes the entries day by day.
func (w writer) timeline(lines []bot.ReportLine) string {
	var b strings.Builder
	b.WriteString("## Timeline\n\n")
	day := ""
	for _, l := range lines {
		at := l.At.In(w.zone)
		if d := at.Format(layoutDay); d != day {
			if day != "" {
				b.WriteString("\n")
			}
			b.WriteString("### " + d + "\n\n")
			day = d
		}
		b.WriteString("- " + w.entry(at.Format(layoutClock), l) + "\n")
	}
	return b.String() + "\n"
}

// entry is a line of the timeline; the lines of its text are kept.
func (w writer) entry(clock string, l bot.ReportLine) string {
	who := "Tocsin"
	if l.Who != "" {
		who = w.name(l.Who)
	}
	if l.Alone {
		who += ":"
	}
	head := escaped(clock) + " – " + strings.TrimSpace(who+" "+w.line(l.Deed))
	text := w.lines(l.Text)
	if len(text) == 0 {
		return head
	}
	return head + ": " + strings.Join(text, "\\\n  ")
}

func (w writer) durations(r *bot.Report) string {
	if len(r.Moments) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("## Durations\n\n")
	for _, m := range r.Moments {
		b.WriteString("- " + escaped(m.Name) + ": " + w.moment(m.At) + "\n")
	}
	for _, d := range r.Durations {
		b.WriteString("- " + escaped(d.Name) + ": " + bot.Length(d.Took) + "\n")
	}
	return b.String()
}
