// Package scenario holds real incidents as data and makes of each a script that
// can be played: who types what, and when.
//
// A file (files/*.json, or one of your own) says what happened, minute by minute,
// in the words of its source reworded; [Parse] reads it, [Scenario.Shift] moves it
// to another day, [Scenario.Script] turns it into [Step]s and [Play] has a [Stage]
// do them. The command line of a step is one that a person would type, so what a
// script does is what the program can do.
//
// The package refuses what it cannot play as it is told: it never guesses a time,
// a component's state or a status that the file does not give. It knows no clock
// and no network; the Stage, which package main implements over the stand-ins,
// has both.
package scenario
