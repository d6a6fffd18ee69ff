package commands

import (
	"testing"

	"github.com/tocsin-dev/tocsin/bot"
)

// TestNamedDays: days are read as people write them.
func TestNamedDays(t *testing.T) {
	t.Parallel()
	const today = bot.Date("2020-01-23") // a Thursday
	for in, want := range map[string]bot.Date{
		"30 jan": "2020-01-30", "30 Jan 2027": "2027-01-30", "Jan 30": "2020-01-30", "january 30th, 2027": "2027-01-30", "1st feb": "2020-02-01",
		"23 jan": "2020-01-23", "22 jan": "2021-01-22", "3. sept": "2020-09-03", "29 feb": "2020-02-29", "29 feb 2024": "2024-02-29",
		"friday": "2020-01-24", "fri": "2020-01-24", "thursday": "2020-01-30", "wednes": "2020-01-29",
		"29 feb 2023": "", "31 apr": "", "0 jan": "", "30": "", "jan": "", "fr": "", "ju 3": "", "30 jan 27": "", "fridays": "", "": "", "may": "", "3 be": "",
	} {
		n, ok := parseNamed(in)
		got := bot.Date("")
		if ok {
			got, ok = n.from(today)
		}
		if got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v; want %q", in, got, ok, want)
		}
	}
	if n, _ := parseNamed("29 feb"); true {
		if got, _ := n.from("2097-01-01"); got != "2104-02-29" {
			t.Errorf("the next 29 February is %s", got)
		}
	}
}
