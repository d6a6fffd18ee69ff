package bot

import (
	"strings"
	"time"
)

// Section is a part of a post-mortem that people write.
type Section struct{ Slug, Title string }

// The sections, in the order of the report that the project started from.
const (
	SectionSummary    = "summary"
	SectionImpact     = "impact"
	SectionRootCause  = "root-cause"
	SectionTrigger    = "trigger"
	SectionResolution = "resolution"
	SectionLessons    = "lessons-learned-action-items"

	lessonsToo = "action-items" // another name of the last one
)

// Sections lists the sections of a post-mortem. Behind them come the timeline
// and the durations, which follow from the record and are not written.
func Sections() []Section {
	return []Section{
		{SectionSummary, "Summary"}, {SectionImpact, "Impact"}, {SectionRootCause, "Root Cause"},
		{SectionTrigger, "Trigger"}, {SectionResolution, "Resolution"}, {SectionLessons, "Lessons Learned & Action Items"},
	}
}

// FindSection returns the section that s names: by its slug, its title, or the
// beginning of one of them that no other section has.
func FindSection(s string) (Section, bool) {
	want := strings.Trim(slug(s), "-")
	var found []Section
	for _, x := range Sections() {
		if x.Slug == want {
			return x, true
		}
		if want != "" && (strings.HasPrefix(x.Slug, want) || x.Slug == SectionLessons && strings.HasPrefix(lessonsToo, want)) {
			found = append(found, x)
		}
	}
	if len(found) != 1 {
		return Section{}, false
	}
	return found[0], true
}

func slug(s string) string {
	return strings.Join(strings.FieldsFunc(norm(s), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }), "-")
}

// Written is a section as somebody last wrote it; its text is that of entry Seq.
type Written struct {
	Seq int64     `json:"seq"`
	By  UserID    `json:"by"`
	At  time.Time `json:"at"`
}

// Turn is who did something, when, and in which entry.
type Turn struct {
	Seq int64     `json:"seq"`
	By  UserID    `json:"by"`
	At  time.Time `json:"at"`
}

// Postmortem is what an incident knows of its post-mortem. Texts stay in the
// record, but for what customers read.
type Postmortem struct {
	Sections  map[string]Written `json:"sections,omitempty"` // by slug
	Owner     UserID             `json:"owner,omitempty"`
	Due       Date               `json:"due,omitempty"`     // empty: by the severity's policy
	Skipped   *Turn              `json:"skipped,omitempty"` // there will be none
	Published *Turn              `json:"published,omitempty"`
	Public    *PublicReport      `json:"public,omitempty"`
}

// PublicReport is a post-mortem as customers read it: Markdown, as it stood when
// it was published.
type PublicReport struct {
	Seq  int64     `json:"seq"`
	At   time.Time `json:"at"`
	Text Text      `json:"text"`
}

// PostmortemMark is what an entry tells of a post-mortem.
type PostmortemMark struct {
	What    PostmortemDeed `json:"what"`
	Section string         `json:"section,omitempty"`
	Base    int64          `json:"base,omitempty"` // the entry whose text this one replaced
	Owner   UserID         `json:"owner,omitempty"`
	Due     Date           `json:"due,omitempty"`
	Again   bool           `json:"again,omitempty"` // those whom it reaches could read it before
}

// PostmortemDeed is what became of a post-mortem.
type PostmortemDeed string

// The deeds.
const (
	PostmortemSet       PostmortemDeed = "set"
	PostmortemOwned     PostmortemDeed = "owner"
	PostmortemMoved     PostmortemDeed = "due"
	PostmortemSkipped   PostmortemDeed = "skip"
	PostmortemPublished PostmortemDeed = "publish"
	PostmortemRetracted PostmortemDeed = "retract" // from customers
)

// wrote folds an entry about the post-mortem.
func (i *Incident) wrote(e Event) {
	m := e.Data.Postmortem
	if m == nil {
		return
	}
	p := Postmortem{}
	if i.Postmortem != nil {
		p = *i.Postmortem
	}
	i.Postmortem = &p
	turn := &Turn{e.Seq, e.Actor, e.RecordedAt}
	switch m.What {
	case PostmortemSet:
		sections := map[string]Written{}
		for slug, w := range p.Sections {
			sections[slug] = w
		}
		sections[m.Section] = Written(*turn)
		if e.Redacted {
			delete(sections, m.Section)
		}
		p.Sections = sections
	case PostmortemOwned:
		p.Owner = m.Owner
	case PostmortemMoved:
		p.Due, p.Skipped = m.Due, nil
	case PostmortemSkipped:
		p.Skipped = turn
	case PostmortemRetracted:
		p.Public = nil
	case PostmortemPublished:
		p.Published, p.Skipped = turn, nil
		if e.Public {
			p.Public = &PublicReport{Seq: e.Seq, At: e.RecordedAt, Text: e.Text}
		}
		if e.Public && e.Redacted {
			p.Public = nil
		}
	}
}

// base is the entry that holds the text of a section now; 0: it is a draft.
func (i *Incident) base(slug string) int64 {
	if i.Postmortem == nil {
		return 0
	}
	return i.Postmortem.Sections[slug].Seq
}

// mayWrite refuses a post-mortem of what was none.
func (w *Work) mayWrite() error {
	if w.Incident.Status == Cancelled {
		return Conflict("Incident #%d was cancelled; there is nothing to write up.", w.Incident.Number).WithHint("Open it again first: reopen REASON.")
	}
	return nil
}

// SetSection writes a section; it works from the declare on. base is the entry
// whose text the writer had before them (0: the draft), nil when they did not
// say. When somebody else wrote it since, it is a conflict that holds both texts.
func SetSection(w *Work, slug string, text Text, base *int64) (Event, error) {
	if err := w.mayWrite(); err != nil {
		return Event{}, err
	}
	text, err := body("text", text)
	if err != nil {
		return Event{}, err
	}
	now := w.Incident.base(slug)
	if now == 0 && base != nil && *base != 0 {
		// What the writer had before them was redacted; theirs may hold it still.
		return Event{}, Conflict("%s was taken out of the record since you began.", sectionTitle(slug)).
			WithHint("You wrote:\n%s\n\nRead it again, and set it with --base 0.", text)
	}
	if now != 0 && (base != nil && *base != now || base == nil) {
		e, err := w.Tx.Event(w.Viewer(), w.Incident.Number, now)
		if err != nil {
			return Event{}, err
		}
		if e.Text == text {
			return Event{}, Conflict("%s reads like that already", sectionTitle(slug)).by(e)
		}
		if base != nil {
			return Event{}, staleSection(slug, e, text)
		}
	}
	return w.Record(Event{Kind: EventPostmortem, Text: text, Data: Data{Postmortem: &PostmortemMark{What: PostmortemSet, Section: slug, Base: now}}})
}

// staleSection shows both texts: the one that stands and the one that was sent.
func staleSection(slug string, e Event, text Text) error {
	c := Conflict("%s was changed since you began", sectionTitle(slug)).by(e)
	return c.WithHint("It reads now:\n%s\n\nYou wrote:\n%s\n\nPut both together and set it again with --base %d.", e.Text, text, e.Seq)
}

func sectionTitle(slug string) string {
	for _, s := range Sections() {
		if s.Slug == slug {
			return s.Title
		}
	}
	return slug
}

// OwnPostmortem says who writes the post-mortem.
func OwnPostmortem(w *Work, who UserID) (Event, error) {
	if err := w.mayWrite(); err != nil {
		return Event{}, err
	}
	if p := w.Incident.Postmortem; p != nil && p.Owner == who {
		return Event{}, w.already(postmortemDeed(PostmortemOwned), "The post-mortem of #%d has that owner already", w.Incident.Number)
	}
	e, err := w.Record(Event{Kind: EventPostmortem, Data: Data{Postmortem: &PostmortemMark{What: PostmortemOwned, Owner: who}}})
	if err != nil {
		return Event{}, err
	}
	return e, w.remindWriter()
}

// DuePostmortem says when the post-mortem is due; one that was skipped is owed
// again.
func DuePostmortem(w *Work, due Date) (Event, error) {
	if err := w.mayWrite(); err != nil {
		return Event{}, err
	}
	if p := w.Incident.Postmortem; p != nil && p.Due == due && p.Skipped == nil {
		return Event{}, w.already(postmortemDeed(PostmortemMoved), "The post-mortem of #%d is due on "+due.Label()+" already", w.Incident.Number)
	}
	e, err := w.Record(Event{Kind: EventPostmortem, Data: Data{Postmortem: &PostmortemMark{What: PostmortemMoved, Due: due}}})
	if err != nil {
		return Event{}, err
	}
	return e, w.remindWriter()
}

// remindWriter plans the reminders of a post-mortem that is due soon.
func (w *Work) remindWriter() error {
	who, err := w.duty("").writer(w.Incident)
	if err != nil {
		return err
	}
	return w.remindSoon(who, w.Settings().PostmortemDue(w.Incident))
}

// SkipPostmortem says that there will be no post-mortem, and why.
func SkipPostmortem(w *Work, reason Text) (Event, error) {
	reason, err := body("reason", reason)
	if err != nil {
		return Event{}, err
	}
	switch p := w.Incident.Postmortem; {
	case p != nil && p.Published != nil:
		return Event{}, Conflict("The post-mortem of #%d is published", w.Incident.Number).done(p.Published.By, p.Published.At)
	case p != nil && p.Skipped != nil:
		return Event{}, Conflict("The post-mortem of #%d was skipped already", w.Incident.Number).done(p.Skipped.By, p.Skipped.At)
	}
	return w.Record(Event{Kind: EventPostmortem, Text: reason, Data: Data{Postmortem: &PostmortemMark{What: PostmortemSkipped}}})
}

func postmortemDeed(d PostmortemDeed) func(Event) bool {
	return func(e Event) bool { return e.Data.Postmortem != nil && e.Data.Postmortem.What == d }
}
