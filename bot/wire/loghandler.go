package wire

import (
	"context"
	"encoding"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
)

// Handler returns an slog.Handler that masks secrets in messages and attribute
// values and passes the rest to next. Values under a key such as "token" or
// "password" are masked whatever they look like. Keys and group names are the
// program's own words and stay.
//
// Composite values are rendered here, as JSON where they can be: what the next
// handler would make of a struct or a pointer could not be checked.
func (r *Redactor) Handler(next slog.Handler) slog.Handler {
	return &redactingHandler{redactor: r, next: next}
}

type redactingHandler struct {
	redactor *Redactor
	next     slog.Handler
}

func (h *redactingHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

func (h *redactingHandler) Handle(ctx context.Context, record slog.Record) error {
	clean := slog.NewRecord(record.Time, record.Level, h.redactor.Redact(record.Message), record.PC)
	record.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(h.redactor.attr(a))
		return true
	})
	return h.next.Handle(ctx, clean)
}

func (h *redactingHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &redactingHandler{redactor: h.redactor, next: h.next.WithAttrs(h.redactor.attrs(attrs))}
}

func (h *redactingHandler) WithGroup(name string) slog.Handler {
	return &redactingHandler{redactor: h.redactor, next: h.next.WithGroup(name)}
}

func (r *Redactor) attrs(list []slog.Attr) []slog.Attr {
	clean := make([]slog.Attr, len(list))
	for i, a := range list {
		clean[i] = r.attr(a)
	}
	return clean
}

func (r *Redactor) attr(a slog.Attr) slog.Attr {
	// Resolve first: a LogValuer may turn into anything, a group included. It
	// also survives one that panics.
	v := a.Value.Resolve()
	switch v.Kind() {
	case slog.KindGroup:
		return slog.Attr{Key: a.Key, Value: slog.GroupValue(r.attrs(v.Group())...)}
	case slog.KindString:
		v = slog.StringValue(r.Redact(v.String()))
	case slog.KindAny:
		v = r.anyValue(v.Any())
	default:
		return slog.Attr{Key: a.Key, Value: v} // numbers, booleans and times hold no secret
	}
	if secretKey(a.Key) && v.String() != "" {
		v = slog.StringValue(mask)
	}
	return slog.Attr{Key: a.Key, Value: v}
}

// secretKey looks at the end of a key: "token" and "github_token", but neither
// "token_id" nor "tokens".
func secretKey(key string) bool {
	key = strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(key))
	for _, end := range []string{"password", "passwd", "secret", "token", "authorization", "apikey", "privatekey", "cookie"} {
		if strings.HasSuffix(key, end) {
			return true
		}
	}
	return false
}

// anyValue renders v as the text that is logged and masks that. A panic in a
// method of v costs the value, never the log line.
func (r *Redactor) anyValue(v any) (out slog.Value) {
	defer func() {
		if p := recover(); p != nil {
			out = slog.StringValue(fmt.Sprintf("!PANIC in %T", v))
		}
	}()
	switch v := v.(type) {
	case nil:
		return slog.AnyValue(nil)
	case error:
		return slog.StringValue(r.Redact(v.Error()))
	case fmt.Stringer: // before TextMarshaler: *url.URL has no other
		return slog.StringValue(r.Redact(v.String()))
	case encoding.TextMarshaler:
		if text, err := v.MarshalText(); err == nil {
			return slog.StringValue(r.Redact(string(text)))
		}
	case []byte:
		return slog.StringValue(r.Redact(string(v)))
	}
	text, err := json.Marshal(v)
	if err != nil || string(text) == "{}" {
		// Channels, functions, cycles; or nothing exported to show.
		return slog.StringValue(r.Redact(fmt.Sprintf("%+v", v)))
	}
	clean := r.Redact(string(text))
	if !json.Valid([]byte(clean)) {
		// A mask ran over a quote, as it does for a cut private key.
		return slog.StringValue(clean)
	}
	return slog.AnyValue(json.RawMessage(clean))
}
