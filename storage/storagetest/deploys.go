package storagetest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

func deploys() []contract {
	return []contract{
		{"what was told is read back", deployRoundTrip},
		{"what is told twice is kept once", deployTwice},
		{"8 tellings at once: one is new", deployRace},
		{"a transaction that fails forgets", deployForgotten},
		{"what is no deploy is refused", deployRefused},
		{"the newest come first, by when they took effect", deployOrder},
		{"a service's name matches itself alone", deployNames},
		{"lists filter by every field", deployLists},
		{"a list holds at most 500, 50 if nothing was said", deployLimits},
	}
}

// told is a finished deploy of api to production.
func told(key string) bot.Deploy {
	return bot.Deploy{
		Source: "generic", Key: key, Service: "api", Environment: "production", Kind: bot.DeployOf, Version: "v2",
		Status: bot.DeploySucceeded, FinishedAt: base(), ReceivedAt: base().Add(time.Minute),
	}
}

// tell keeps d and says whether it was new.
func (s *suite) tell(d bot.Deploy) (isNew bool) {
	s.Helper()
	s.update(func(tx bot.Tx) (err error) {
		isNew, err = tx.SaveDeploy(d)
		return err
	})
	return isNew
}

func (s *suite) deploys(f bot.DeployFilter) (list []bot.Deploy) {
	s.Helper()
	s.view(func(tx bot.ReadTx) (err error) {
		list, err = tx.Deploys(f)
		return err
	})
	return list
}

func keysOf(list []bot.Deploy) string {
	out := make([]string, len(list))
	for k, d := range list {
		out[k] = d.Key
	}
	return strings.Join(out, " ")
}

func deployRoundTrip(s *suite) {
	full := bot.Deploy{
		Source: "argocd", Key: `k"'%`, Service: "api,web", Environment: "eu west", Kind: bot.DeployFlag, Version: "v2 🔥", Previous: "v1",
		Status: bot.DeployStarted, Actor: "Ana Béchamel", URL: "https://ci.example/?a=1&b=2", StartedAt: base().Add(-time.Hour),
		FinishedAt: base(), ReceivedAt: base().Add(time.Second),
	}
	s.equal("new", s.tell(full), true)
	s.equal("read", s.deploys(bot.DeployFilter{}), []bot.Deploy{full})
	bare := told("bare")
	bare.FinishedAt = time.Time{}
	s.tell(bare)
	epoch := told("epoch") // is a time
	epoch.FinishedAt, epoch.StartedAt = time.Unix(0, 0).UTC(), time.Unix(0, 0).UTC()
	s.tell(epoch)
	s.equal("times", s.deploys(bot.DeployFilter{Services: []string{"api"}}), []bot.Deploy{bare, epoch})
	for _, kind := range bot.DeployKinds() {
		for _, status := range bot.DeployStatuses() {
			d := told(fmt.Sprint(kind, status))
			d.Service, d.Kind, d.Status = d.Key, kind, status
			s.tell(d)
			s.equal("kind and status", s.deploys(bot.DeployFilter{Services: []string{d.Service}}), []bot.Deploy{d})
		}
	}
}

func deployTwice(s *suite) {
	s.equal("first", s.tell(told("k")), true)
	again := told("k")
	again.Version, again.ReceivedAt = "v3", base().Add(time.Hour)
	s.equal("again, with other words", s.tell(again), false)
	s.equal("kept", s.deploys(bot.DeployFilter{}), []bot.Deploy{told("k")})
	other := told("k")
	other.Source = "github"
	s.equal("another source's key", s.tell(other), true)
	s.equal("another key", s.tell(told("K")), true)
	s.equal("again", s.tell(other), false)
	s.equal("all", len(s.deploys(bot.DeployFilter{})), 3)
}

func deployRace(s *suite) {
	var fresh atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if s.tell(told("k")) {
				fresh.Add(1)
			}
		})
	}
	wg.Wait()
	s.equal("new", fresh.Load(), 1)
}

func deployForgotten(s *suite) {
	err := s.Update(s.Context(), func(tx bot.Tx) error {
		if isNew, err := tx.SaveDeploy(told("k")); err != nil || !isNew {
			return err
		}
		return errTest
	})
	s.equal("error", err, errTest)
	s.equal("told again", s.tell(told("k")), true)
}

func deployRefused(s *suite) {
	for _, c := range []struct {
		what  string
		spoil func(*bot.Deploy)
		want  bot.Kind
	}{
		{"kind", func(d *bot.Deploy) { d.Kind = "hotfix" }, bot.KindInternal},
		{"status", func(d *bot.Deploy) { d.Status = "" }, bot.KindInternal},
		{"no key", func(d *bot.Deploy) { d.Key = "" }, bot.KindInternal},
		{"no source", func(d *bot.Deploy) { d.Source = "" }, bot.KindInternal},
		{"NUL", func(d *bot.Deploy) { d.Actor = "a\x00b" }, bot.KindInvalid},
		{"no UTF-8", func(d *bot.Deploy) { d.Version = "\xff" }, bot.KindInvalid},
	} {
		d := told("k")
		c.spoil(&d)
		s.refused(c.what, s.Update(s.Context(), func(tx bot.Tx) error { _, err := tx.SaveDeploy(d); return err }), c.want)
	}
	err := s.View(s.Context(), func(tx bot.ReadTx) error {
		_, err := tx.Deploys(bot.DeployFilter{Services: []string{"\xff"}})
		return err
	})
	s.refused("asking for no UTF-8", err, bot.KindInvalid)
	s.equal("kept", len(s.deploys(bot.DeployFilter{})), 0)
}

func deployOrder(s *suite) {
	for _, d := range []struct {
		key                         string
		started, finished, received int // minutes; 0: not told
	}{
		{"late word", 1, 2, 90}, {"finished", 5, 40, 41}, {"only started", 30, 0, 31}, {"only received", 0, 0, 35},
		{"tie, first", 0, 50, 51}, {"tie, second", 0, 50, 52}, {"running long", 3, 60, 61},
	} {
		at := func(minutes int) (t time.Time) {
			if minutes > 0 {
				t = base().Add(time.Duration(minutes) * time.Minute)
			}
			return t
		}
		one := told(d.key)
		one.StartedAt, one.FinishedAt, one.ReceivedAt = at(d.started), at(d.finished), at(d.received)
		s.tell(one)
	}
	want := "running long tie, second tie, first finished only received only started late word"
	for _, f := range []bot.DeployFilter{{}, {Services: []string{"api"}}, {Environment: "production"}, {Services: []string{"api", "x"}, Environment: "production"}} {
		s.equal(fmt.Sprintf("%+v", f), keysOf(s.deploys(f)), want)
		f.Limit = 2
		s.equal(fmt.Sprintf("%+v", f), keysOf(s.deploys(f)), "running long tie, second")
	}
}

func deployNames(s *suite) {
	names := []string{"a", "b", "a,b", ",a,", "%", "a%", "_", "A", `a\`, "a'b", " a", "ä", "[a]", "*"}
	for _, n := range names {
		d := told(n)
		d.Service, d.Environment = n, n
		s.tell(d)
	}
	for _, n := range names {
		s.equal("service "+n, keysOf(s.deploys(bot.DeployFilter{Services: []string{n}})), n)
		s.equal("environment "+n, keysOf(s.deploys(bot.DeployFilter{Environment: n})), n)
		s.equal("both "+n, keysOf(s.deploys(bot.DeployFilter{Services: []string{n, "zz"}, Environment: n})), n)
	}
	s.equal("no such", keysOf(s.deploys(bot.DeployFilter{Services: []string{"a,b,", "a_", "%a%"}})), "")
}

// deployLists tells of deploys in no order and checks each filter against the
// same question asked in Go.
func deployLists(s *suite) {
	var all []bot.Deploy
	for k := range 60 {
		d := told(fmt.Sprint(k))
		d.Service, d.Environment = []string{"api", "web", "db"}[k%3], []string{"production", "staging"}[k/3%2]
		d.FinishedAt = base().Add(time.Duration(k*37%60) * time.Minute)
		s.tell(d)
		all = append(all, d)
	}
	slices.SortFunc(all, func(a, b bot.Deploy) int { return cmp.Compare(b.At().UnixMicro(), a.At().UnixMicro()) })
	for _, services := range [][]string{nil, {"web"}, {"web", "api"}, {"db", "web", "db", "api"}, {"none"}} {
		for _, environment := range []string{"", "staging", "none"} {
			for _, limit := range []int{1, 7, 500} {
				f := bot.DeployFilter{Services: services, Environment: environment, Limit: limit}
				var want []bot.Deploy
				for _, d := range all {
					if (services == nil || slices.Contains(services, d.Service)) && (environment == "" || environment == d.Environment) && len(want) < limit {
						want = append(want, d)
					}
				}
				before := slices.Clone(services)
				s.equal(fmt.Sprintf("%+v", f), keysOf(s.deploys(f)), keysOf(want))
				s.equal("the caller's list", services, before)
			}
		}
	}
}

func deployLimits(s *suite) {
	s.update(func(tx bot.Tx) error {
		for k := range 510 {
			d := told(fmt.Sprint(k))
			d.Service = []string{"api", "web"}[k%2]
			if _, err := tx.SaveDeploy(d); err != nil {
				return err
			}
		}
		return nil
	})
	for limit, want := range map[int]int{0: 50, 7: 7, 500: 500, 9000: 500} {
		for _, f := range []bot.DeployFilter{{}, {Environment: "production"}, {Services: []string{"api", "web"}}} {
			f.Limit = limit
			s.equal(fmt.Sprintf("%+v", f), len(s.deploys(f)), want)
		}
	}
}
