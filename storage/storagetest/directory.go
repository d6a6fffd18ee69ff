package storagetest

import (
	"errors"
	"fmt"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

func directory() []contract {
	return []contract{
		{"people are kept and found by id and handle", people},
		{"a handle that two people share names nobody", sharedHandle},
		{"groups and who is in them", groups},
		{"channels are found by id and name", directoryChannels},
		{"what was read earlier replaces nothing", readEarlier},
		{"links", links},
		{"tokens", tokens},
	}
}

func people(s *suite) {
	full := bot.Person{
		ID: ana, Handle: "Ana.B", Name: "Ana Béchamel", Zone: "Europe/Paris", Email: "ana@example.com",
		Deleted: true, Bot: true, Guest: true, External: true, SyncedAt: base(),
	}
	anybody := func() (any bool) {
		s.view(func(tx bot.ReadTx) (err error) {
			any, err = tx.AnyPerson()
			return err
		})
		return any
	}
	s.equal("anybody in an empty directory", anybody(), false)
	s.update(func(tx bot.Tx) error { return tx.SavePerson(bot.Person{ID: ben}) })
	s.equal("anybody whom the workspace told of", anybody(), false)
	s.update(func(tx bot.Tx) error { return tx.SavePerson(full) })
	s.equal("anybody", anybody(), true)
	s.view(func(tx bot.ReadTx) error {
		p, err := tx.Person(ana)
		s.equal("person", p, full)
		if err != nil {
			return err
		}
		p, err = tx.PersonByHandle("ana.b")
		s.equal("by handle", p, full)
		if err != nil {
			return err
		}
		p, err = tx.Person(ben)
		s.equal("nothing known", p, bot.Person{ID: ben})
		_, missing := tx.Person(cat)
		s.refused("unknown", missing, bot.KindNotFound)
		_, missing = tx.PersonByHandle("nobody")
		s.refused("unknown handle", missing, bot.KindNotFound)
		return err
	})
	full.Handle, full.Deleted = "anna", false
	s.update(func(tx bot.Tx) error { return tx.SavePerson(full) })
	s.view(func(tx bot.ReadTx) error {
		_, missing := tx.PersonByHandle("ana.b")
		s.refused("the old handle", missing, bot.KindNotFound)
		p, err := tx.PersonByHandle("ANNA")
		s.equal("the new handle", p, full)
		return err
	})
}

func sharedHandle(s *suite) {
	s.update(func(tx bot.Tx) error {
		for _, p := range []bot.Person{{ID: ana, Handle: "sam", Deleted: true}, {ID: cat, Handle: "sam"}} {
			if err := tx.SavePerson(p); err != nil {
				return err
			}
		}
		p, err := tx.PersonByHandle("sam")
		s.equal("the one who is still here", p.ID, cat)
		if err != nil {
			return err
		}
		if err := tx.SavePerson(bot.Person{ID: ben, Handle: "Sam"}); err != nil {
			return err
		}
		_, err = tx.PersonByHandle("sam")
		s.refused("two", err, bot.KindConflict)
		return nil
	})
}

func groups(s *suite) {
	save := func(id bot.GroupID, members ...bot.UserID) {
		s.update(func(tx bot.Tx) error {
			return tx.SaveGroup(bot.Group{ID: id, Handle: "h" + string(id), Name: "n", Members: members, SyncedAt: base()})
		})
	}
	save("S2", ana, ben)
	save("S1", ben, cat, cat)
	save("S3")
	of := func(id bot.UserID) (out string) {
		s.view(func(tx bot.ReadTx) error {
			list, err := tx.GroupsOf(id)
			for _, g := range list {
				out += string(g.ID) + g.SyncedAt.Format(" 15:04:05.000000 ")
			}
			return err
		})
		return out
	}
	at := base().Format(" 15:04:05.000000 ")
	s.equal("ben's", of(ben), "S1"+at+"S2"+at)
	s.equal("dan's", of(dan), "")
	s.view(func(tx bot.ReadTx) error {
		g, err := tx.Group("S1")
		s.equal("group", g, bot.Group{ID: "S1", Handle: "hS1", Name: "n", Members: []bot.UserID{ben, cat}, SyncedAt: base()})
		_, missing := tx.Group("S9")
		s.refused("unknown", missing, bot.KindNotFound)
		return err
	})
	save("S1", dan, cat)
	s.equal("ben left", of(ben), "S2"+at)
	s.equal("dan came", of(dan), "S1"+at)
	s.equal("cat stayed", of(cat), "S1"+at)
}

func directoryChannels(s *suite) {
	one := bot.Channel{ID: "C1", Name: "Incidents", Private: true, SyncedAt: base()}
	old := bot.Channel{ID: "C0", Name: "incidents", Archived: true, SyncedAt: base().Add(time.Hour)}
	s.update(func(tx bot.Tx) error { return tx.SaveChannel(one) })
	s.update(func(tx bot.Tx) error { return tx.SaveChannel(old) })
	s.view(func(tx bot.ReadTx) error {
		c, err := tx.Channel("C0")
		s.equal("by id", c, old)
		if err != nil {
			return err
		}
		c, err = tx.ChannelByName("incidents")
		s.equal("by name: the one in use", c, one)
		_, missing := tx.Channel("C9")
		s.refused("unknown", missing, bot.KindNotFound)
		_, missing = tx.ChannelByName("random")
		s.refused("unknown name", missing, bot.KindNotFound)
		return err
	})
	one.Name = "renamed"
	s.update(func(tx bot.Tx) error { return tx.SaveChannel(one) })
	s.view(func(tx bot.ReadTx) error {
		c, err := tx.ChannelByName("renamed")
		s.equal("renamed", c, one)
		return err
	})
}

// readEarlier saves what a replica read before it was held up, and then what is
// read after a clock was put back.
func readEarlier(s *suite) {
	at := base().Add(time.Hour)
	save := func(after time.Duration, name string, members ...bot.UserID) {
		read := at.Add(after)
		s.update(func(tx bot.Tx) error {
			return errors.Join(
				tx.SavePerson(bot.Person{ID: ana, Name: name, SyncedAt: read}),
				tx.SaveGroup(bot.Group{ID: "S1", Name: name, Members: members, SyncedAt: read}),
				tx.SaveChannel(bot.Channel{ID: "C1", Name: name, SyncedAt: read}))
		})
	}
	check := func(what, name string, after time.Duration, members ...bot.UserID) {
		s.view(func(tx bot.ReadTx) error {
			p, err := tx.Person(ana)
			g, fault := tx.Group("S1")
			c, other := tx.Channel("C1")
			s.equal(what, []any{p.Name, g.Name, c.Name, p.SyncedAt, g.SyncedAt, c.SyncedAt},
				[]any{name, name, name, at.Add(after), at.Add(after), at.Add(after)})
			s.equal(what+": members", g.Members, members)
			return errors.Join(err, fault, other)
		})
	}
	save(0, "first", ana, ben)
	save(time.Second, "second", ana)
	save(0, "first", ana, ben)
	check("read earlier", "second", time.Second, ana)
	save(time.Second, "third", cat)
	check("read at the same time", "third", time.Second, cat)
	save(-10*time.Minute, "clock", dan)
	check("a clock put back", "clock", -10*time.Minute, dan)
}

func links(s *suite) {
	s.equal("none", s.link("a"), "")
	s.update(link("a", "1700000000.000100"))
	s.update(link("b", "x"))
	s.update(link("a", "2"))
	s.equal("the last one", s.link("a")+s.link("b"), "2x")
	s.view(func(tx bot.ReadTx) error {
		v, err := tx.Link("other", "a")
		s.equal("another owner's", v, "")
		return err
	})
}

func tokens(s *suite) {
	full := bot.Token{User: ana, Hash: "h1", Verbs: []string{"note", "show"}, CreatedAt: base(), ExpiresAt: base().Add(time.Hour)}
	plain := bot.Token{User: ben, Hash: "h2", CreatedAt: base()}
	s.update(func(tx bot.Tx) (err error) {
		if full.ID, err = tx.CreateToken(full); err != nil {
			return err
		}
		plain.ID, err = tx.CreateToken(plain)
		return err
	})
	s.update(func(tx bot.Tx) error { return tx.RevokeToken(plain.ID, base()) })
	s.update(func(tx bot.Tx) error { return tx.RevokeToken(plain.ID, base().Add(time.Hour)) })
	plain.RevokedAt = base()
	s.view(func(tx bot.ReadTx) error {
		list, err := tx.Tokens()
		s.equal("all", list, []bot.Token{full, plain})
		if err != nil {
			return err
		}
		k, err := tx.TokenByHash("h2")
		s.equal("revoked once", k, plain)
		_, missing := tx.TokenByHash("h3")
		s.refused("unknown", missing, bot.KindNotFound)
		return err
	})
	s.refused("revoke", s.Update(s.Context(), func(tx bot.Tx) error { return tx.RevokeToken(99, base()) }), bot.KindNotFound)
	err := s.Update(s.Context(), func(tx bot.Tx) error { _, err := tx.CreateToken(full); return err })
	s.refused(fmt.Sprint("the same hash: ", err), err, bot.KindInternal)
}
