package scenario

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
)

// Cast is who plays: the handles of four people.
type Cast struct{ Commander, Comms, Engineer, Approver string }

// Step is one thing that one person does at one time.
type Step struct {
	At  time.Time
	By  string // a handle
	Act Act
}

// Act is what is done: [Type], [Click], [Deploy], [Finish] or [Settle].
type Act interface {
	// String is the act in a few words, for a reader.
	String() string
	act()
}

// Type is a line behind the slash command, typed where the incident is.
type Type struct{ Line string }

// Click is a click on the newest button of that label that the person can see.
type Click struct{ Label string }

// Deploy is a release by the deploy system, of what Targets name.
type Deploy struct{ Targets []string }

// Finish waits until the rollback of Target is over.
type Finish struct{ Target string }

// Settle brings the action item of that title to where it stands: what is done is
// done on GitHub, everything else is said by a line.
type Settle struct {
	Title string
	State bot.FollowUpState
}

func (Type) act()   {}
func (Click) act()  {}
func (Deploy) act() {}
func (Finish) act() {}
func (Settle) act() {}

func (a Type) String() string  { return "/incident " + a.Line }
func (a Click) String() string { return "clicks [" + a.Label + "]" }
func (a Deploy) String() string {
	return "deploys a new version of " + strings.Join(a.Targets, " and ")
}
func (a Finish) String() string { return "waits until the rollback of " + a.Target + " is over" }

func (a Settle) String() string {
	if a.State == bot.FollowUpDone {
		return "closes the issue “" + a.Title + "” on GitHub"
	}
	return "types /incident action " + a.Verb() + " for “" + a.Title + "”"
}

// Verb is the word behind action that brings an item to the state.
func (a Settle) Verb() string { return settleVerb[a.State] }

var settleVerb = map[bot.FollowUpState]string{
	bot.FollowUpInProgress: "start", bot.FollowUpOngoing: "ongoing", bot.FollowUpDropped: "drop", bot.FollowUpDone: "done",
}

// Stage is where a script is played.
type Stage interface {
	// Until lets time pass up to t, and has everything done that is due by then. A t
	// that is over is no error.
	Until(ctx context.Context, t time.Time) error
	// Do does a step, and returns when what it brought about at once is done.
	Do(ctx context.Context, s Step) error
}

// Play has a stage do the steps in order; told hears of each before it is done.
// The first step that fails ends it.
func Play(ctx context.Context, steps []Step, on Stage, told func(Step)) error {
	for k, s := range steps {
		err := on.Until(ctx, s.At)
		if err == nil {
			told(s)
			err = on.Do(ctx, s)
		}
		if err != nil {
			return fmt.Errorf("step %d of %d, %s %s: %w", k+1, len(steps), s.By, s.Act, err)
		}
	}
	return nil
}
