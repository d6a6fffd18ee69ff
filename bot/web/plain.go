package web

import (
	"strings"

	"github.com/tocsin-dev/tocsin/bot"
)

// plainMessage writes m for a program or a terminal: its blocks line by line,
// or its summary when it has none that say anything. Buttons become the lines
// that they stand for.
func plainMessage(m bot.Message) string {
	var lines []string
	for _, b := range m.Blocks {
		if line := plainBlock(b); line != "" {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return m.Summary.String()
	}
	return strings.Join(lines, "\n")
}

func plainBlock(b bot.Block) string {
	var lines []string
	switch b.Kind {
	case bot.BlockFields:
		for _, f := range b.Fields {
			lines = append(lines, f.Name+": "+f.Value.String())
		}
	case bot.BlockButtons:
		for _, c := range b.Buttons {
			if c.Line != "" {
				lines = append(lines, "["+c.Label+"] "+c.Line)
			} else if c.URL != "" {
				lines = append(lines, "["+c.Label+"] "+c.URL)
			}
		}
	case bot.BlockQuote:
		return "> " + strings.ReplaceAll(b.Text.String(), "\n", "\n> ")
	case bot.BlockHeader, bot.BlockPara, bot.BlockSmall, bot.BlockCode, bot.BlockRule:
		return b.Text.String()
	}
	return strings.Join(lines, "\n")
}
