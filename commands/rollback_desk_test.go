package commands

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// drive lets the deploy side report about rollback id.
func (d *desk) drive(id string, fn func(*bot.Work, *bot.Rollback) error) {
	d.Helper()
	d.now = d.now.Add(time.Second)
	_, err := d.bot.Carry(d.Context(), bot.Request{}, func(w *bot.Work) (bot.Reply, error) {
		r, err := bot.TakeRollback(w, id)
		if err != nil {
			return bot.Reply{}, err
		}
		return bot.Reply{}, fn(w, r)
	})
	if err != nil {
		d.Fatal(err)
	}
}

// planned reads the versions of rollback id: v42 runs, v41 did before.
func (d *desk) planned(id string) {
	d.Helper()
	d.drive(id, func(w *bot.Work, r *bot.Rollback) error {
		menus := map[string]bot.Menu{}
		for _, s := range r.Steps {
			menus[s.Name] = bot.Menu{Versions: []bot.Version{{ID: "42", Label: "v42"}, {ID: "41", Label: "v41"}}}
		}
		return bot.MakePlan(w, r, menus)
	})
}

// running says that the first step was sent and taken.
func (d *desk) running(id string) {
	d.Helper()
	d.drive(id, func(w *bot.Work, r *bot.Rollback) error { _, err := bot.BeginStep(w, r, "main", nil); return err })
	d.drive(id, func(w *bot.Work, r *bot.Rollback) error { return bot.AcceptStep(w, r, "main", bot.Accepted{}) })
}

// lost says that nobody knows whether the first step was sent.
func (d *desk) lost(id string) {
	d.Helper()
	d.drive(id, func(w *bot.Work, r *bot.Rollback) error { _, err := bot.BeginStep(w, r, "main", nil); return err })
	d.drive(id, func(w *bot.Work, r *bot.Rollback) error { return bot.LoseStep(w, r, "main", "the connection broke") })
}

// asked is a rollback that Ben asked for and that waits for approval.
func (d *desk) asked(channel bot.ChannelID, target string) (id string) {
	d.Helper()
	r := d.say("U0BEN", channel, "rollback "+target)
	id = regexp.MustCompile(`\((r\d+)\)`).FindStringSubmatch(all(r))[1]
	d.planned(id)
	return id
}

// prepare brings about what a line of TestRights speaks of, and returns the line
// with the numbers of that.
func (d *desk) prepare(channel bot.ChannelID, line string) string {
	d.Helper()
	verb, isSub := strings.CutPrefix(line, "rollback ")
	if _, ok := table[line]; !isSub || !ok {
		return d.prepareFollowUp(channel, line)
	}
	id := d.asked(channel, "gateway-prod")
	switch verb {
	case "next":
		d.say("U0DAN", channel, "rollback approve")
		d.running(id)
	case "done", "resend":
		d.say("U0DAN", channel, "rollback approve")
		d.lost(id)
	}
	return line
}

func (d *desk) rollback(id string) *bot.Rollback {
	d.Helper()
	var r *bot.Rollback
	err := d.bot.Store.View(d.Context(), func(tx bot.ReadTx) (err error) {
		r, err = tx.Rollback(bot.Self(), id)
		return err
	})
	if err != nil {
		d.Fatal(err)
	}
	return r
}

func (d *desk) deployed(list ...bot.Deploy) {
	d.Helper()
	for _, x := range list {
		x.Source, x.Key = "generic", fmt.Sprint(x.Service, x.Environment, x.Version, x.StartedAt)
		if x.Kind == "" {
			x.Kind = bot.DeployOf
		}
		if x.Status == "" {
			x.Status = bot.DeploySucceeded
		}
		_, err := d.bot.Carry(d.Context(), bot.Request{}, func(w *bot.Work) (bot.Reply, error) {
			_, err := bot.TakeDeploy(w, x)
			return bot.Reply{}, err
		})
		if err != nil {
			d.Fatal(err)
		}
	}
}
