package scenario

import (
	"embed"
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

// The files that come with the program; each names its sources.
//
//go:embed files/*.json
var files embed.FS

// Default is the one that the demo plays: the incident that this program was made
// for.
const Default = "kustomer-2020-01-23"

// Names lists the scenarios that come with the program.
func Names() []string {
	entries, err := files.ReadDir("files")
	if err != nil {
		panic(err) // the folder is compiled in
	}
	names := make([]string, len(entries))
	for k, e := range entries {
		names[k] = strings.TrimSuffix(e.Name(), ".json")
	}
	return names
}

// Load reads one of [Names]. The error is a person's to mend, and says which
// there are.
func Load(name string) (*Scenario, error) {
	text, err := files.ReadFile("files/" + name + ".json")
	if err != nil {
		return nil, bot.Invalid("There is no scenario %q.", name).WithHint("Those that come with the program are %s.", strings.Join(Names(), ", "))
	}
	return Parse(text)
}
