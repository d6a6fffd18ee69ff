package commands

import (
	"regexp"
	"strings"
	"testing"

	"github.com/tocsin-dev/tocsin/bot"
)

// The number of a private incident answers to a non-member like one never used.
func TestPrivate(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.say("U0ANA", "C0", "declare sev1 Canary in the logs --private")
	d.update(func(tx bot.Tx) error { return tx.SetChannel(1, "C1", "inc-1") })
	for _, line := range []string{
		"#N", "#N show", "show N", "#N timeline", "#N update x", "#N update x --public", "#N resolve", "#N update", "<#C1> note x", "list", "list all", "mine", "search N", "search canary", "", "note x", "status resolved",
	} {
		answer := func(n string) string {
			r, err := d.try("U0BEN", "C1", strings.ReplaceAll(strings.ReplaceAll(line, "N", n), "<#C1>", "<#C"+n+">"))
			out := all(r)
			if err != nil {
				out = string(bot.KindOf(err)) + err.Error()
			}
			if r.Form != nil {
				out += r.Form.Intro.String()
			}
			return regexp.MustCompile(`\bC?`+n+`\b`).ReplaceAllString(out, "N")
		}
		if own, never := answer("1"), answer("7"); own != never || strings.Contains(own, "Canary") {
			t.Errorf("%q: %q, a number never used: %q", line, own, never)
		}
	}
	d.holds(d.say("U0ANA", "C1", ""), "Canary")
	d.refused("U0ANA", "C1", "update x --public", bot.KindConflict)
}

// giveUp is what it takes to cancel a rollback: to be the commander, or to hold
// the right to roll back.
const giveUp bot.Right = "give up"

// TestRights is every verb against everybody.
func TestRights(t *testing.T) {
	t.Parallel()
	lines := map[string]bot.Right{
		"declare sev1 Another thing is broken --new": bot.RightDeclare,
		"update x": bot.RightRespond, "update x --public": bot.RightPublish, "update fix y": bot.RightPublish,
		"update retract y": bot.RightPublish, "update publish 2": bot.RightPublish, "status identified": bot.RightRespond,
		"component api=major": bot.RightRespond, "severity sev3": bot.RightRespond, "title y": bot.RightRespond,
		"title y --public": bot.RightPublish, "summary y": bot.RightRespond, "assign comms me": bot.RightRespond, "ic @ben": bot.RightRespond,
		"note y": bot.RightRespond, "redact 2 y": bot.RightRespond, "milestone impact 16:00": bot.RightRespond,
		"link https://example.com/": bot.RightRespond, "resolve": bot.RightRespond, "resolve y --public": bot.RightPublish,
		"cancel y": bot.RightRespond, "reopen y": bot.RightRespond,
		"": bot.RightNone, "list": bot.RightNone, "show": bot.RightNone, "mine": bot.RightNone, "search x": bot.RightNone, "timeline": bot.RightNone, "help": bot.RightNone,
		"nonsense": bot.RightNone, "update": bot.RightRespond,
		"deploys": bot.RightNone, "rollback": bot.RightRollback, "rollback gateway-prod": bot.RightRollback, "rollback gateway-prod --plan": bot.RightRollback,
		"rollback approve": bot.RightApprove, "rollback deny": bot.RightApprove, "rollback cancel": giveUp, "rollback show": bot.RightNone,
		"rollback next": bot.RightRollback, "rollback done": bot.RightRollback, "rollback resend": bot.RightRollback,
		"task": bot.RightNone, "task list": bot.RightNone, "task add y": bot.RightRespond, "task done 1": bot.RightRespond, "task promote all": bot.RightRespond,
		"action": bot.RightNone, "action list --all": bot.RightNone, "action add y": bot.RightRespond, "action start N": bot.RightRespond,
		"action ongoing N": bot.RightRespond, "action done N": bot.RightRespond, "action drop N y": bot.RightRespond, "action reopen N": bot.RightRespond,
		"action due N 3d y": bot.RightRespond, "action owner N @ben": bot.RightRespond, "action retry N": bot.RightRespond,
		"remind": bot.RightNone, "remind list": bot.RightNone, "remind in 20m y": bot.RightRespond, "remind at 23:59 y": bot.RightRespond, "remind cancel N": bot.RightRespond,
		"postmortem": bot.RightNone, "postmortem set summary y": bot.RightRespond, "postmortem owner @ben": bot.RightRespond, "postmortem due 3d": bot.RightRespond,
		"postmortem skip y": bot.RightRespond, "postmortem publish": bot.RightRespond, "postmortem publish --public": bot.RightPublish, "postmortem retract y": bot.RightPublish,
	}
	people := map[bot.UserID]map[bot.Right]bool{
		"U0ANA": {bot.RightNone: true, bot.RightDeclare: true, bot.RightRespond: true, bot.RightPublish: true, giveUp: true},           // commander
		"U0DAN": {bot.RightNone: true, bot.RightDeclare: true, bot.RightRespond: true, bot.RightPublish: true, bot.RightApprove: true}, // communications
		"U0CAT": {bot.RightNone: true, bot.RightDeclare: true, bot.RightRespond: true},                                                 // anybody
		"U0BOSS": { // admin
			bot.RightNone: true, bot.RightDeclare: true, bot.RightRespond: true, bot.RightPublish: true,
			bot.RightRollback: true, bot.RightApprove: true, giveUp: true,
		},
		"U0GUEST": {}, "U0EXT": {}, "U0BOT": {}, "U0GONE": {}, "": {}, "U0NEW": {}, // the last one not known yet
	}
	seen := map[string]bool{}
	for line, right := range lines {
		if p, err := parse(house(), bot.Plain(line)); err == nil {
			seen[p.cmd.Name] = true
		}
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			n, channel, before := int64(0), bot.ChannelID(""), 0
			typed := line
			for user, holds := range people {
				if n == 0 || len(d.events(n)) != before { // what was changed is no longer like the others
					n, channel = d.next()
					d.say("U0ANA", channel, "assign comms @dan")
					d.say("U0ANA", channel, "update Seen by all --public")
					if strings.HasPrefix(line, "reopen") {
						d.say("U0ANA", channel, "resolve")
					}
					d.bot.Settings.Targets[0].LockKey = string(channel)
					typed = d.prepare(channel, line)
					before = len(d.events(n))
				}
				r, err := d.try(user, channel, typed)
				if forbidden := bot.KindOf(err) == bot.KindForbidden; forbidden == holds[right] {
					t.Errorf("%s: %v, %q; holds %s: %v", user, err, all(r), right, holds[right])
				}
				if err != nil && len(d.events(n)) != before {
					t.Errorf("%s: a refusal changed something", user)
				}
			}
		})
	}
	for _, c := range All() {
		if !seen[c.Name] {
			t.Errorf("no line tests the right of %s", c.Name)
		}
	}
}

// Nobody is let in before the workspace has told who they are, unless it has
// told of nobody yet; those who are named by id are.
func TestUnknownPeople(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	e := d.refused("U0NEW", "C1", "note x", bot.KindForbidden)
	if !strings.Contains(e.Sentence().String(), "not known here yet") || !strings.Contains(e.Hint, "in a minute") {
		t.Errorf("unknown: %v", e)
	}
	d.bot.Settings.Permissions[bot.RightRespond] = []string{"U0NEW"}
	d.say("U0NEW", "C1", "note x")
	d.refused("U0NEW", "C1", "update x --public", bot.KindForbidden)
	d.update(func(tx bot.Tx) error { return tx.SavePerson(bot.Person{ID: "U0NEW", Guest: true, SyncedAt: d.now}) })
	d.say("U0NEW", "C1", "note y")

	d = emptyDesk(t)
	d.open().say("U0NEW", "C1", "update We are looking")
	d.say("U0NEW", "C1", "list")
	if e := d.refused("U0CAT", "C1", "update We are looking --public", bot.KindForbidden); !strings.Contains(e.Hint, "could not be read yet") {
		t.Errorf("before the first contact: %v", e)
	}
	d.say("U0BOSS", "C1", "update We are looking --public")
	// A click of somebody from elsewhere tells of nobody else.
	d.update(func(tx bot.Tx) error { return tx.SavePerson(bot.Person{ID: "U0EXT", External: true}) })
	d.refused("U0EXT", "C1", "note x", bot.KindForbidden)
	d.say("U0NEW", "C1", "note x")
	d.update(func(tx bot.Tx) error { return tx.SavePerson(bot.Person{ID: "U0BEN", SyncedAt: d.now}) })
	d.refused("U0NEW", "C1", "note x", bot.KindForbidden)
	d.say("U0BEN", "C1", "note x")
}

func TestTokenVerbs(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	for line, ok := range map[string]bool{"note x": true, "update fix x": false, "update x": false, "list": false, "": false, "nonsense": true} {
		r := d.request("U0ANA", "C1", line)
		r.Verbs = []string{"note"}
		_, err := d.to.Dispatch(t.Context(), r)
		if (bot.KindOf(err) != bot.KindForbidden) != ok {
			t.Errorf("%q with a token for note: %v", line, err)
		}
	}
	r := d.request("U0ANA", "C1", "update fix x")
	r.Verbs = []string{"update"}
	if _, err := d.to.Dispatch(t.Context(), r); bot.KindOf(err) != bot.KindConflict {
		t.Errorf("update fix with a token for update: %v", err)
	}
}

// The same delivery has one effect, and a refused one claims nothing.
func TestKeys(t *testing.T) {
	t.Parallel()
	d := newDesk(t).open()
	r := d.request("U0BEN", "C1", "note x")
	r.Key, r.Digest = "k1", "d"
	first, err := d.to.Dispatch(t.Context(), r)
	second, err2 := d.to.Dispatch(t.Context(), r)
	if err != nil || err2 != nil || len(d.events(1)) != 2 || all(first) != all(second) {
		t.Errorf("twice: %v %v, %d entries", err, err2, len(d.events(1)))
	}
	bad := d.request("U0BEN", "C1", "status investigating")
	bad.Key = "k2"
	if _, err := d.to.Dispatch(t.Context(), bad); bot.KindOf(err) != bot.KindConflict {
		t.Fatal(err)
	}
	good := d.request("U0BEN", "C1", "note y")
	good.Key = "k2"
	if _, err := d.to.Dispatch(t.Context(), good); err != nil || len(d.events(1)) != 3 {
		t.Errorf("after a refusal: %v", err)
	}
}
