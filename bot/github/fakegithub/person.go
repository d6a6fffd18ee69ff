package fakegithub

import "context"

// Person acts on issues as somebody does on the pages. What a person does is
// told by webhook; the methods return when the receiver has answered, however;
// see [GitHub.Deliveries]. While webhooks are paused they return at once. The
// end of ctx ends the waiting only.
type Person struct {
	g  *GitHub
	by actor
}

// As is a person, or another App, of this login; anybody may do anything.
func (g *GitHub) As(login string) Person { return Person{g, actor{login, true}} }

// do makes a change and waits until all that it caused was told.
func (p Person) do(ctx context.Context, change func() error) error {
	p.g.mu.Lock()
	before := len(p.g.deliveries)
	err := change()
	caused := p.g.sending(p.g.deliveries[before:])
	p.g.mu.Unlock()
	if err != nil {
		return err
	}
	return await(ctx, caused)
}

// on makes a change to an issue.
func (p Person) on(ctx context.Context, repo string, number int, change func(*issue) error) error {
	return p.do(ctx, func() error {
		i, err := p.g.issue(repo, number)
		if err != nil {
			return err
		}
		return change(i)
	})
}

// Open opens an issue.
func (p Person) Open(ctx context.Context, repo, title, body string) (Issue, error) {
	return p.open(ctx, repo, draft{title: title, body: body})
}

// OpenPull opens a pull request, which lists of issues contain, too. No webhook
// about issues tells of it.
func (p Person) OpenPull(ctx context.Context, repo, title string) (Issue, error) {
	return p.open(ctx, repo, draft{title: title, pull: true})
}

func (p Person) open(ctx context.Context, repo string, d draft) (out Issue, err error) {
	err = p.do(ctx, func() error {
		r := p.g.find(repo)
		if r == nil {
			return refuse(404, "Not Found")
		}
		i, err := p.g.open(r, p.by, d)
		if err == nil {
			out = p.g.show(i)
		}
		return err
	})
	return out, err
}

// Close closes an issue as completed, not_planned or duplicate; empty is
// completed.
func (p Person) Close(ctx context.Context, repo string, number int, reason string) error {
	return p.change(ctx, repo, number, patch{state: new(Closed), reason: &reason})
}

// Reopen opens a closed issue again.
func (p Person) Reopen(ctx context.Context, repo string, number int) error {
	return p.change(ctx, repo, number, patch{state: new(Open)})
}

// Edit gives an issue a title and a body; what is empty stays.
func (p Person) Edit(ctx context.Context, repo string, number int, title, body string) error {
	var c patch
	if title != "" {
		c.title = &title
	}
	if body != "" {
		c.body = &body
	}
	return p.change(ctx, repo, number, c)
}

func (p Person) change(ctx context.Context, repo string, number int, c patch) error {
	return p.on(ctx, repo, number, func(i *issue) error { return p.g.edit(i, p.by, c) })
}

// Comment writes a comment.
func (p Person) Comment(ctx context.Context, repo string, number int, body string) error {
	return p.on(ctx, repo, number, func(i *issue) error {
		_, err := p.g.comment(i, p.by, body)
		return err
	})
}

// Delete removes an issue for good; it is answered with 410 afterwards.
func (p Person) Delete(ctx context.Context, repo string, number int) error {
	return p.on(ctx, repo, number, func(i *issue) error { return p.g.remove(i, p.by) })
}

// Transfer moves an issue to another repository, where it gets a new number and
// keeps those labels and assignees that are there, too. The old number answers
// with 301.
func (p Person) Transfer(ctx context.Context, repo string, number int, to string) (out Issue, err error) {
	err = p.on(ctx, repo, number, func(i *issue) error {
		moved, err := p.g.transfer(i, p.by, to)
		if err == nil {
			out = p.g.show(moved)
		}
		return err
	})
	return out, err
}

// Assign adds assignees. Logins that cannot be assigned are ignored.
func (p Person) Assign(ctx context.Context, repo string, number int, logins ...string) error {
	return p.on(ctx, repo, number, func(i *issue) error { p.g.assign(i, p.by, logins); return nil })
}

// Unassign removes assignees.
func (p Person) Unassign(ctx context.Context, repo string, number int, logins ...string) error {
	return p.on(ctx, repo, number, func(i *issue) error { p.g.unassign(i, p.by, logins); return nil })
}

// Label adds labels, and makes those that the repository does not have.
func (p Person) Label(ctx context.Context, repo string, number int, names ...string) error {
	return p.on(ctx, repo, number, func(i *issue) error { return p.g.addLabels(i, p.by, names) })
}

// Unlabel removes labels.
func (p Person) Unlabel(ctx context.Context, repo string, number int, names ...string) error {
	return p.on(ctx, repo, number, func(i *issue) error { p.g.unlabel(i, p.by, names); return nil })
}
