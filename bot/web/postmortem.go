package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"html/template"
	"io/fs"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/render"
)

// postmortemShape is a post-mortem as the API shows it: what people wrote, and
// for the rest a draft from the record.
type postmortemShape struct {
	Incident    int64            `json:"incident"`
	Title       string           `json:"title"`
	Owner       *string          `json:"owner"`
	Due         *string          `json:"due"` // null: none is owed
	PublishedAt *time.Time       `json:"published_at"`
	PublicAt    *time.Time       `json:"public_at"`
	Skipped     *skippedShape    `json:"skipped"`
	Sections    []sectionShape   `json:"sections"`
	Followups   []followUpShape  `json:"followups"`
	Milestones  reportMilestones `json:"milestones"`
	Durations   durationsShape   `json:"durations"`
	PublicText  *string          `json:"public_text"` // as customers read it now
}

type skippedShape struct {
	By     *string    `json:"by"`
	At     *time.Time `json:"at"`
	Reason *string    `json:"reason"`
}

// sectionShape is a section. Base is what `postmortem set --base` takes: 0 as
// long as nobody wrote it.
type sectionShape struct {
	Slug      string     `json:"slug"`
	Title     string     `json:"title"`
	Text      *string    `json:"text"`
	Draft     bool       `json:"draft"`
	Public    *string    `json:"public_text"`
	WrittenBy *string    `json:"written_by"`
	WrittenAt *time.Time `json:"written_at"`
	Base      int64      `json:"base"`
}

type reportMilestones struct {
	milestones
	FirstPublic *time.Time `json:"first_public_update_at"`
}

// durationsShape is in seconds.
type durationsShape struct {
	Detect      *int64 `json:"time_to_detect"`
	Declare     *int64 `json:"time_to_declare"`
	FirstPublic *int64 `json:"time_to_first_public_update"`
	Mitigate    *int64 `json:"time_to_mitigate"`
	Resolve     *int64 `json:"time_to_resolve"`
}

// postmortem is what is read for one.
type postmortem struct {
	*bot.Report
	items  []*bot.FollowUp
	reason bot.Text // why it was skipped
	who    map[bot.UserID]string
}

func (s *Server) getPostmortem(ctx context.Context, c call) (any, error) {
	p, err := s.readPostmortem(ctx, c)
	if err != nil {
		return nil, err
	}
	return p.shape(), nil
}

func (s *Server) getPostmortemMarkdown(ctx context.Context, c call) (any, error) {
	p, err := s.readPostmortem(ctx, c)
	if err != nil {
		return nil, err
	}
	return document{kind: "text/markdown; charset=utf-8", policy: policy, body: []byte(p.markdown())}, nil
}

func (s *Server) getPostmortemHTML(ctx context.Context, c call) (any, error) {
	p, err := s.readPostmortem(ctx, c)
	if err != nil {
		return nil, err
	}
	return s.paper.draw(p.Title.OneLine(0).String(), p.markdown())
}

// readPostmortem reads the post-mortem that a path names. That of an incident
// that is hidden from the reader is answered like one that never was.
func (s *Server) readPostmortem(ctx context.Context, c call) (p postmortem, err error) {
	err = s.read(ctx, c, func(tx bot.ReadTx, v bot.Viewer) (err error) {
		p, err = s.postmortemOf(tx, v, c.PathValue("n"))
		return err
	})
	return p, err
}

func (s *Server) postmortemOf(tx bot.ReadTx, v bot.Viewer, n string) (p postmortem, err error) {
	i, err := find(tx, v, n)
	if err != nil {
		return p, err
	}
	if p.Report, err = bot.ReadReport(tx, v, s.bot.Settings, i, s.bot.Now()); err != nil {
		return p, err
	}
	if p.items, err = followUpsOf(tx, v, i.Number); err != nil {
		return p, err
	}
	if m := i.Postmortem; m != nil && m.Skipped != nil {
		e, err := tx.Event(v, i.Number, m.Skipped.Seq)
		if err != nil {
			return p, err
		}
		p.reason = shownText(e)
	}
	p.who, err = namesIn(tx, p.Report)
	return p, err
}

// namesIn returns what the people in r are called.
func namesIn(tx bot.DirectoryReader, r *bot.Report) (map[bot.UserID]string, error) {
	var ids []bot.UserID
	render.Markdown(r, func(id bot.UserID) string { // who is in it shows when it is drawn
		ids = append(ids, id)
		return ""
	})
	names := map[bot.UserID]string{}
	for _, id := range ids {
		if _, seen := names[id]; seen {
			continue
		}
		who, err := bot.FindPerson(tx, id)
		if err != nil {
			return nil, err
		}
		names[id] = firstOf(who.Name, who.Handle)
	}
	return names, nil
}

func (p postmortem) markdown() string {
	return render.Markdown(p.Report, func(id bot.UserID) string { return p.who[id] })
}

func (p postmortem) shape() postmortemShape {
	i := p.Incident
	out := postmortemShape{
		Incident: i.Number, Title: p.Title.String(), Owner: known(string(p.Owner)), Due: known(string(p.Due)),
		Sections: make([]sectionShape, len(p.Sections)), Followups: followUpShapes(p.items),
		Milestones: reportMilestones{milestones: milestonesOf(i)},
	}
	for k := range p.Sections {
		out.Sections[k] = sectionShapeOf(&p.Sections[k])
	}
	if m := i.Postmortem; m != nil {
		if m.Published != nil {
			out.PublishedAt = utc(&m.Published.At)
		}
		if m.Public != nil {
			out.PublicAt, out.PublicText = utc(&m.Public.At), known(m.Public.Text.String())
		}
		if m.Skipped != nil {
			out.Skipped = &skippedShape{known(string(m.Skipped.By)), utc(&m.Skipped.At), known(p.reason.String())}
		}
	}
	for _, m := range p.Moments {
		if m.Name == "First public update" {
			out.Milestones.FirstPublic = utc(&m.At)
		}
	}
	for _, d := range p.Durations {
		out.Durations.set(d)
	}
	return out
}

func sectionShapeOf(x *bot.ReportSection) sectionShape {
	out := sectionShape{
		Slug: x.Slug, Title: x.Title, Text: known(x.Text.String()), Draft: x.Written == nil, Public: known(x.Public.String()),
	}
	if w := x.Written; w != nil {
		out.WrittenBy, out.WrittenAt, out.Base = known(string(w.By)), utc(&w.At), w.Seq
	}
	return out
}

func (s *durationsShape) set(d bot.ReportDuration) {
	seconds := int64(d.Took / time.Second)
	switch d.Name {
	case "Time to detect":
		s.Detect = &seconds
	case "Time to declare":
		s.Declare = &seconds
	case "Time to the first public update":
		s.FirstPublic = &seconds
	case "Time to mitigate":
		s.Mitigate = &seconds
	case "Time to resolve":
		s.Resolve = &seconds
	}
}

// paper draws documents that are read alone: a page in one piece, which loads
// nothing and runs nothing.
type paper struct {
	page   *template.Template
	style  template.CSS
	policy string
}

func newPaper() (*paper, error) {
	style, err := fs.ReadFile(files, "templates/postmortem.css")
	if err != nil {
		return nil, err
	}
	page, err := template.ParseFS(files, "templates/postmortem.html")
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(style)
	return &paper{
		page:  page,
		style: template.CSS(style), //nolint:gosec // a file of ours
		policy: "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; " +
			"form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
	}, nil
}

func (p *paper) draw(title, markdown string) (document, error) {
	var b bytes.Buffer
	err := p.page.Execute(&b, struct {
		Title string
		Style template.CSS
		Body  template.HTML
	}{title, p.style, template.HTML(render.HTML(markdown))}) //nolint:gosec // render lets no markup of a writer through
	return document{kind: htmlKind, policy: p.policy, body: b.Bytes()}, err
}
