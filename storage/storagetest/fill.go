package storagetest

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// Fill writes something of everything that a store keeps, the same in each run: what
// is copied, backed up or migrated in tests. It must leave no table empty; who adds
// one adds a line here, and a test says so.
func Fill(t *testing.T, store bot.Store) {
	t.Helper()
	s := &suite{T: t, Store: store}
	r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same entries in every run
	for k := range 6 {
		number := s.declare("Checkout n° "+string(rune('A'+k))+" is \"down\" 🔥", bot.Data{Private: k == 3, Drill: k == 4, Services: []string{"api"}})
		s.update(func(tx bot.Tx) error {
			i, err := tx.LockIncident(bot.Self(), number)
			for range 8 {
				if err == nil {
					_, err = appendTo(tx, i, randomEvent(r, i.Head.Seq), base().Add(time.Duration(r.IntN(1000))*time.Second))
				}
			}
			return err
		})
	}
	s.record(1, bot.Event{Kind: bot.EventNote, Actor: ben, Text: "hunter2 leaked;\nsecond line -- it's \\ here"})
	s.update(func(tx bot.Tx) error { return tx.Redact(1, s.incidentIn(tx, 1).Head.Seq) })
	fillHouse(s)
	fillDirectory(s)
	fillItems(s)
	fillLanes(s)
	purged := s.declare("Long ago", bot.Data{})
	s.update(func(tx bot.Tx) error {
		return tx.Purge(purged, bot.Tombstone{Head: s.incidentIn(tx, purged).Head, Entry: 1, Chain: "chain"})
	})
}

func (s *suite) incidentIn(tx bot.ReadTx, number int64) *bot.Incident {
	i, err := tx.Incident(bot.Self(), number)
	if err != nil {
		s.Fatal(err)
	}
	return i
}

func fillHouse(s *suite) {
	s.update(func(tx bot.Tx) error {
		head, err := tx.LockHouse()
		if err != nil {
			return err
		}
		for _, text := range []bot.Text{"A deploy of api.", "Another one."} {
			e := bot.Event{Kind: bot.EventDeploy, Text: text, Via: bot.ViaAPI}.Seal(head, base())
			if err := tx.Append(e, nil); err != nil {
				return err
			}
			head = e.Head()
		}
		if _, err := tx.ClaimKey("key 1", "digest", base()); err != nil {
			return err
		}
		if err := tx.SaveReply("key 1", []byte(`{"text":"Declared #1."}`)); err != nil {
			return err
		}
		_, err = tx.ClaimKey("key 2", "", base())
		return err
	})
}

func fillDirectory(s *suite) {
	s.update(func(tx bot.Tx) error {
		_, err := tx.CreateToken(bot.Token{User: ana, Hash: "hash", Verbs: []string{"note"}, CreatedAt: base(), ExpiresAt: base().Add(time.Hour)})
		for _, do := range []func() error{
			func() error {
				return tx.SavePerson(bot.Person{ID: ana, Handle: "ana", Name: "Ana Ruiz", Zone: "Europe/Madrid", SyncedAt: base()})
			},
			func() error {
				return tx.SavePerson(bot.Person{ID: ben, Handle: "Ben", Name: "Ben", Guest: true, SyncedAt: base()})
			},
			func() error {
				return tx.SaveGroup(bot.Group{ID: "S0SRE", Handle: "sre", Members: []bot.UserID{ana, ben}, SyncedAt: base()})
			},
			func() error { return tx.SaveChannel(bot.Channel{ID: "C0OPS", Name: "ops", SyncedAt: base()}) },
			func() error { return tx.SetMembers(4, []bot.UserID{ben, cat}) },
			func() error { return tx.SetLink(bot.Link{Owner: "incident:1", Name: "slack.card", Value: "C1:1.2"}) },
			func() error { return tx.SetChannel(1, "C0INC1", "inc-1") },
		} {
			if err == nil {
				err = do()
			}
		}
		return err
	})
}

func fillItems(s *suite) {
	done := ofAPI(2)
	done.LockKey = "other"
	s.become(s.asked(done), bot.RollbackSucceeded)
	s.asked(ofAPI(1))
	s.tell(told("first"))
	s.added(item(1))
	s.added(ofIssue(2, "acme/Postmortems", 7))
	s.remind(reminder(1))
	s.remind(reminder(bot.House))
}

// fillLanes leaves jobs of each state, and a lane that somebody has.
func fillLanes(s *suite) {
	s.enqueue("a", "first", "second")
	s.enqueue("b", "failed", "waits")
	s.enqueue("c", "leased")
	s.add(bot.Job{Lane: "d", Kind: "later", Dedup: "once", Incident: 1, RunAt: base().Add(365 * 24 * time.Hour), Payload: []byte(`{"n":1}`)})
	for _, j := range s.claimAt(0, 3) {
		switch j.Lane {
		case "a":
			s.finish(j, bot.Outcome{State: bot.JobDone}, 0, 0)
		case "b":
			s.finish(j, bot.Outcome{State: bot.JobFailed, Error: "no such channel"}, 0, 0)
		}
	}
	s.update(func(tx bot.Tx) error {
		_, err := tx.Reserve("slack:chat.postMessage", base(), time.Second)
		return err
	})
}

// Check reads a store that [Fill] has filled, whatever was made of it since: every
// chain verifies, every incident is what its entries fold to, and every lane runs.
func Check(t *testing.T, store bot.Store) {
	t.Helper()
	s := &suite{T: t, Store: store}
	for number := int64(1); number <= 6; number++ {
		list, stored := s.events(number), s.incident(number)
		folded := bot.Fold(list)
		s.verify(list)
		s.equal("state", asJSON(stored), asJSON(folded))
		s.equal("head", stored.Head, folded.Head)
		if len(list) < 9 {
			s.Errorf("incident %d has %d entries", number, len(list))
		}
	}
	house := s.events(bot.House)
	s.verify(house)
	s.equal("entries of the house", len(house), 2)
	s.update(func(tx bot.Tx) error {
		head, err := tx.LockHouse()
		s.equal("head of the house", head, house[len(house)-1].Head())
		return err
	})
	s.declare("New", bot.Data{}) // under a number of its own
	s.enqueue("a", "new")
	var ran []string
	far := 366 * 24 * time.Hour
	for jobs := s.claimAt(far, 10); len(jobs) > 0; jobs = s.claimAt(far, 10) {
		for _, j := range jobs {
			for next := &j; next != nil; {
				ran = append(ran, next.Lane+":"+next.Kind)
				next = s.finish(*next, bot.Outcome{State: bot.JobDone}, far, time.Minute)
			}
		}
	}
	s.equal("what ran", sorted(ran), "[a:new a:second b:waits c:leased d:later]")
}

func sorted(list []string) []string {
	slices.Sort(list)
	return list
}
