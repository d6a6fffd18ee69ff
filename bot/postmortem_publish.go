package bot

import (
	"strings"
)

// MaxReport is the longest post-mortem for customers, in runes.
const MaxReport = 100_000

// PublishPostmortem tells the organisation that the post-mortem can be read;
// with public, customers read its six sections on the incident's page, as they
// stand now. Later changes reach customers with the next publication. Public
// needs [RightPublish] and an incident of which customers can read.
func PublishPostmortem(w *Work, public bool) (Event, error) {
	if err := w.mayWrite(); err != nil {
		return Event{}, err
	}
	p := w.Incident.Postmortem
	// What customers read for the first time is news, though the house read it before.
	before := p != nil && p.Published != nil && (!public || p.Public != nil)
	e := Event{Kind: EventPostmortem, Public: public, Data: Data{Postmortem: &PostmortemMark{What: PostmortemPublished, Again: before}}}
	if !public {
		if p != nil && p.Published != nil && !p.writtenAfter(p.Published.Seq) {
			return Event{}, Conflict("The post-mortem of #%d is published as it stands", w.Incident.Number).done(p.Published.By, p.Published.At)
		}
		return w.Record(e)
	}
	if err := w.mayPublish(); err != nil {
		return Event{}, err
	}
	text, err := ReportToPublish(&w.Look)
	if err != nil {
		return Event{}, err
	}
	if p != nil && p.Public != nil && p.Public.Text == text {
		return Event{}, w.already(func(o Event) bool { return o.Seq == p.Public.Seq }, "Customers read this post-mortem already")
	}
	e.Text = text
	return w.Record(e)
}

// writtenAfter reports whether a section was written after entry seq.
func (p *Postmortem) writtenAfter(seq int64) bool {
	for _, w := range p.Sections {
		if w.Seq > seq {
			return true
		}
	}
	return false
}

// ReportToPublish is what customers would read.
func ReportToPublish(l *Look) (Text, error) {
	i := l.Incident
	switch {
	case !i.Published():
		return "", Conflict("Customers read nothing of incident #%d, so there is no page for its post-mortem.", i.Number).
			WithHint("Publish an update first: update TEXT --public.")
	case i.Open():
		return "", Conflict("Incident #%d is %s; customers read its post-mortem when it is over.", i.Number, i.Status).WithHint("Resolve it first.")
	}
	doc, err := ReadReport(l.Tx, Self(), l.Settings(), i, l.Now)
	if err != nil {
		return "", err
	}
	var missing []string
	var write []Button
	for _, s := range doc.Sections {
		if s.Public == "" {
			missing = append(missing, s.Title)
			write = append(write, Button{Label: "Write " + s.Title, Line: "postmortem set " + s.Slug})
		}
	}
	if len(missing) > 0 {
		return "", Conflict("Not written yet: %s.", strings.Join(missing, ", ")).
			WithHint("Write it with postmortem set SECTION TEXT.").WithLines(write...)
	}
	text := doc.PublicMarkdown()
	if n := len([]rune(text.String())); n > MaxReport {
		return "", Invalid("The post-mortem has %d characters; %d is the most.", n, MaxReport)
	}
	return text, nil
}

// RetractPostmortem takes the post-mortem off the incident's page; it stays
// published within the organisation, and in the record. Needs [RightPublish].
func RetractPostmortem(w *Work, reason Text) (Event, error) {
	if err := w.Need(RightPublish); err != nil {
		return Event{}, err
	}
	reason, err := body("reason", reason)
	if err != nil {
		return Event{}, err
	}
	if p := w.Incident.Postmortem; p == nil || p.Public == nil {
		e := Conflict("Customers read no post-mortem of incident #%d.", w.Incident.Number)
		if p != nil && p.Published != nil {
			e.Hint = "It is published within the organisation."
		}
		return Event{}, e
	}
	return w.Record(Event{Kind: EventPostmortem, Text: reason, Data: Data{Postmortem: &PostmortemMark{What: PostmortemRetracted}}})
}
