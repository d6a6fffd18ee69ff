package storage

import (
	"database/sql"

	"github.com/tocsin-dev/tocsin/bot"
)

// kept is the row of something that is kept as JSON without its text. That is
// in the record, where redaction reaches it.
type kept struct {
	Data     string
	Text     sql.NullString
	Redacted sql.NullBool
}

// text is the text of the entry; there is none while that is being written.
func (k kept) text() bot.Text {
	if k.Redacted.Bool {
		return bot.RedactedText
	}
	return bot.Text(k.Text.String)
}

// alike gives the rows of every list one type; each query has its own.
func alike[R ~struct {
	Data     string
	Text     sql.NullString
	Redacted sql.NullBool
}](rows []R, err error) ([]kept, error) {
	out := make([]kept, len(rows))
	for k, row := range rows {
		out[k] = kept(row)
	}
	return out, err
}
