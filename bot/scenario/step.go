package scenario

import (
	"context"
	"errors"
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

// Act is what is done: [Type], [Approve], [Click], [Deploy], [Finish] or [Settle].
type Act interface {
	// String is the act in a few words, for a reader.
	String() string
	act()
}

// Type is a line behind the slash command, typed where the incident is. Asks says
// that it is answered with a question, which the next step answers; every other
// line changes something.
type Type struct {
	Line string
	Asks bool
}

// Approve is the click that approves the rollback of Target.
type Approve struct{ Target string }

// Click is a click on the newest button of that label that the person can see.
type Click struct{ Label string }

// Deploy is a release by the deploy system, of what Targets name.
type Deploy struct{ Targets []string }

// Finish waits until the rollback of Target is over.
type Finish struct{ Target string }

// Settle brings an action item to where it stands: what is done is done on GitHub,
// everything else is said by a line. Item counts those of the script from 0.
type Settle struct {
	Item  int
	Title string
	State bot.FollowUpState
}

func (Type) act()    {}
func (Approve) act() {}
func (Click) act()   {}
func (Deploy) act()  {}
func (Finish) act()  {}
func (Settle) act()  {}

func (a Type) String() string    { return "/incident " + a.Line }
func (a Approve) String() string { return "clicks [Approve] for the rollback of " + a.Target }
func (a Click) String() string   { return "clicks [" + a.Label + "]" }
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
func (a Settle) Verb() string {
	switch a.State {
	case bot.FollowUpInProgress:
		return "start"
	case bot.FollowUpOngoing:
		return "ongoing"
	case bot.FollowUpDropped:
		return "drop"
	case bot.FollowUpDone:
		return "done"
	case bot.FollowUpOpen:
	}
	return "reopen"
}

// Stage is where a script is played.
type Stage interface {
	// Until lets time pass up to t, and has everything done that is due by then. A t
	// that is over is no error.
	Until(ctx context.Context, t time.Time) error
	// Do does a step, and returns when what it brought about at once is done.
	Do(ctx context.Context, s Step) error
}

// ErrLost is in the error of a step without which there is no point in going on.
var ErrLost = errors.New("nothing can follow")

// Play has a stage do the steps in order; told hears of each when it was done, with
// what kept it from being done. Somebody else may be on the stage, too, so a step
// that fails does not end the play, unless it is [ErrLost]; a stage on which time does
// not pass does. The error names every step that failed.
func Play(ctx context.Context, steps []Step, on Stage, told func(Step, error)) error {
	var failed []error
	for k, s := range steps {
		if err := on.Until(ctx, s.At); err != nil {
			return errors.Join(append(failed, fmt.Errorf("before step %d of %d: %w", k+1, len(steps), err))...)
		}
		err := on.Do(ctx, s)
		told(s, err)
		if err != nil {
			failed = append(failed, fmt.Errorf("step %d of %d, %s %s: %w", k+1, len(steps), s.By, s.Act, err))
		}
		if errors.Is(err, ErrLost) {
			break
		}
	}
	return errors.Join(failed...)
}
