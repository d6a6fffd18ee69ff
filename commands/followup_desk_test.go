package commands

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// prepareFollowUp is prepare for the verbs of the table Follow up.
func (d *desk) prepareFollowUp(channel bot.ChannelID, line string) string {
	d.Helper()
	n := int64(0)
	switch {
	case strings.HasPrefix(line, "task "):
		d.say("U0ANA", channel, "task add Watch the queue")
	case strings.HasPrefix(line, "action "):
		n = d.item(channel, "Alert on the queue")
		if strings.HasPrefix(line, "action reopen") {
			d.say("U0ANA", channel, fmt.Sprintf("action done %d", n))
		}
	case strings.HasPrefix(line, "remind cancel"):
		n = d.reminder(channel, "Look again")
	}
	return strings.Replace(line, " N", fmt.Sprintf(" %d", n), 1)
}

var numbers = regexp.MustCompile(`(?:Action item|Reminder) (\d+)`)

// item is an action item that Ana added.
func (d *desk) item(channel bot.ChannelID, text string) (n int64) {
	d.Helper()
	return d.numbered(d.say("U0ANA", channel, "action add "+text))
}

// reminder is a reminder that Ana set.
func (d *desk) reminder(channel bot.ChannelID, text string) (n int64) {
	d.Helper()
	return d.numbered(d.say("U0ANA", channel, "remind in 20m "+text))
}

func (d *desk) numbered(r bot.Reply) int64 {
	d.Helper()
	g := numbers.FindStringSubmatch(all(r))
	if g == nil {
		d.Fatalf("no number in %q", all(r))
	}
	n, _ := number(g[1])
	return n
}

func (d *desk) followUp(n int64) *bot.FollowUp {
	d.Helper()
	var f *bot.FollowUp
	err := d.bot.Store.View(d.Context(), func(tx bot.ReadTx) (err error) {
		f, err = tx.FollowUp(bot.Self(), n)
		return err
	})
	if err != nil {
		d.Fatal(err)
	}
	return f
}

// onGitHub lets the GitHub side report about action item n.
func (d *desk) onGitHub(n int64, fn func(*bot.Work, *bot.FollowUp) error) {
	d.Helper()
	d.now = d.now.Add(time.Second)
	_, err := d.bot.Carry(d.Context(), bot.Request{}, func(w *bot.Work) (bot.Reply, error) {
		f, err := bot.TakeFollowUp(w, n)
		if err != nil {
			return bot.Reply{}, err
		}
		return bot.Reply{}, fn(w, f)
	})
	if err != nil {
		d.Fatal(err)
	}
}

// issued says that the issue of action item n exists.
func (d *desk) issued(n int64, number int) {
	d.Helper()
	d.onGitHub(n, func(w *bot.Work, f *bot.FollowUp) error {
		if _, err := bot.BeginIssue(w, f); err != nil {
			return err
		}
		return bot.OpenIssue(w, f, bot.FoundIssue{
			Repo: f.Issue.Repo, Number: number, Title: "An issue", UpdatedAt: w.Now,
			URL: fmt.Sprintf("https://github.com/%s/issues/%d", f.Issue.Repo, number),
		})
	})
}

// send sends a form, with what went with it unseen.
func (d *desk) send(user bot.UserID, f *bot.Form, v map[string]bot.Text) (bot.Reply, error) {
	d.Helper()
	if f == nil {
		d.Fatal("there is no form")
	}
	d.now = d.now.Add(time.Second)
	all := map[string]bot.Text{}
	for _, in := range f.Inputs {
		all[in.Name] = in.Value
	}
	for name, x := range f.Hidden {
		all[name] = x
	}
	for name, x := range v {
		all[name] = x
	}
	return d.to.Dispatch(d.Context(), bot.Request{User: user, Verb: f.Verb, Values: all, Incident: f.Incident, Channel: f.Channel, Via: bot.ViaSlack})
}

// input is what a form shows in one of its inputs.
func input(f *bot.Form, name string) bot.Text {
	for _, in := range f.Inputs {
		if in.Name == name {
			return in.Value
		}
	}
	return ""
}
