package storage

import (
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/storage/db"
)

// nameKey is how handles and names of channels are compared, on every
// database alike.
func nameKey(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// Person implements [bot.DirectoryReader].
func (t *tx) Person(id bot.UserID) (bot.Person, error) {
	row, err := t.q.GetPerson(t.ctx, string(id))
	if err != nil {
		return bot.Person{}, t.find("read a person", err, bot.NotFound("Nobody with the id %s is known.", id))
	}
	return person(row), nil
}

// AnyPerson implements [bot.DirectoryReader].
func (t *tx) AnyPerson() (bool, error) {
	any, err := t.q.AnyPersonSynced(t.ctx)
	if err != nil {
		return false, t.fail("look for people", err)
	}
	return any, nil
}

// PersonByHandle implements [bot.DirectoryReader], in any case. A deactivated
// account is found only where no other has the handle; two others are a
// conflict, since picking one might name the wrong person.
func (t *tx) PersonByHandle(handle string) (bot.Person, error) {
	rows, err := t.q.ListPeopleByHandle(t.ctx, nameKey(handle))
	if err != nil {
		return bot.Person{}, t.fail("read a person by handle", err)
	}
	switch {
	case len(rows) == 0:
		return bot.Person{}, bot.NotFound("Nobody is called @%s.", handle)
	case len(rows) > 1 && !rows[1].Deleted:
		return bot.Person{}, bot.Conflict("Several people are called @%s.", handle).WithHint("Mention the one that you mean.")
	}
	return person(rows[0]), nil
}

func person(r db.Person) bot.Person {
	return bot.Person{
		ID: bot.UserID(r.ID), Handle: r.Handle, Name: r.Name, Zone: r.Zone, Email: r.Email,
		Deleted: r.Deleted, Bot: r.Bot, Guest: r.Guest, External: r.External, SyncedAt: moment(r.SyncedAt),
	}
}

// SavePerson implements [bot.DirectoryWriter]. What was read before what is known
// is left out: several replicas read, and one may be held up before it saves.
func (t *tx) SavePerson(p bot.Person) error {
	n, err := t.q.SavePerson(t.ctx, db.SavePersonParams{
		ID: string(p.ID), Handle: p.Handle, HandleKey: nameKey(p.Handle), Name: p.Name, Zone: p.Zone, Email: p.Email,
		Deleted: p.Deleted, Bot: p.Bot, Guest: p.Guest, External: p.External, SyncedAt: micros(p.SyncedAt),
	})
	_, err = t.wrote("save a person", n, err)
	return err
}

// Group implements [bot.DirectoryReader].
func (t *tx) Group(id bot.GroupID) (bot.Group, error) {
	row, err := t.q.GetGroup(t.ctx, string(id))
	if err != nil {
		return bot.Group{}, t.find("read a group", err, bot.NotFound("No group with the id %s is known.", id))
	}
	ids, err := t.q.ListGroupMembers(t.ctx, string(id))
	if err != nil {
		return bot.Group{}, t.fail("read a group's members", err)
	}
	g := group(row)
	g.Members = users(ids)
	return g, nil
}

// GroupsOf implements [bot.DirectoryReader]. Every request asks for it, so it
// leaves Members empty; [bot.DirectoryReader.Group] fills them.
func (t *tx) GroupsOf(id bot.UserID) ([]bot.Group, error) {
	rows, err := t.q.ListGroupsOf(t.ctx, string(id))
	if err != nil {
		return nil, t.fail("read somebody's groups", err)
	}
	list := make([]bot.Group, len(rows))
	for k, row := range rows {
		list[k] = group(row)
	}
	return list, nil
}

func group(r db.UserGroup) bot.Group {
	return bot.Group{ID: bot.GroupID(r.ID), Handle: r.Handle, Name: r.Name, SyncedAt: moment(r.SyncedAt)}
}

// SaveGroup implements [bot.DirectoryWriter]. Only members that came or went
// are written, since most refreshes change nobody; none of a group that was read
// before what is known.
func (t *tx) SaveGroup(g bot.Group) error {
	n, err := t.q.SaveGroup(t.ctx, db.SaveGroupParams{ID: string(g.ID), Handle: g.Handle, Name: g.Name, SyncedAt: micros(g.SyncedAt)})
	if newer, err := t.wrote("save a group", n, err); err != nil || !newer {
		return err
	}
	have, err := t.q.ListGroupMembers(t.ctx, string(g.ID))
	if err != nil {
		return t.fail("read a group's members", err)
	}
	want := make([]string, len(g.Members))
	for k, m := range g.Members {
		want[k] = string(m)
	}
	add, drop := differ(have, want)
	for _, id := range add {
		n, err := t.q.AddGroupMember(t.ctx, string(g.ID), id)
		if _, err := t.wrote("add to a group", n, err); err != nil {
			return err
		}
	}
	for _, id := range drop {
		n, err := t.q.DropGroupMember(t.ctx, string(g.ID), id)
		if _, err := t.wrote("drop from a group", n, err); err != nil {
			return err
		}
	}
	return nil
}

// Channel implements [bot.DirectoryReader].
func (t *tx) Channel(id bot.ChannelID) (bot.Channel, error) {
	row, err := t.q.GetChannel(t.ctx, string(id))
	if err != nil {
		return bot.Channel{}, t.find("read a channel", err, bot.NotFound("No channel with the id %s is known.", id))
	}
	return channel(row), nil
}

// ChannelByName implements [bot.DirectoryReader], in any case. Among several
// it finds the one that is in use and was seen last.
func (t *tx) ChannelByName(name string) (bot.Channel, error) {
	row, err := t.q.GetChannelByName(t.ctx, nameKey(name))
	if err != nil {
		return bot.Channel{}, t.find("read a channel by name", err, bot.NotFound("No channel is called #%s.", name))
	}
	return channel(row), nil
}

func channel(r db.Channel) bot.Channel {
	return bot.Channel{
		ID: bot.ChannelID(r.ID), Name: r.Name, Private: r.Private, Archived: r.Archived, SyncedAt: moment(r.SyncedAt),
	}
}

// SaveChannel implements [bot.DirectoryWriter], unless more was heard since.
func (t *tx) SaveChannel(c bot.Channel) error {
	n, err := t.q.SaveChannel(t.ctx, db.SaveChannelParams{
		ID: string(c.ID), Name: c.Name, NameKey: nameKey(c.Name), Private: c.Private, Archived: c.Archived, SyncedAt: micros(c.SyncedAt),
	})
	_, err = t.wrote("save a channel", n, err)
	return err
}
