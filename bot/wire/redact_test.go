package wire

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// The samples are put together here, so that no scanner of this repository
// takes them for leaked ones.
func shaped(prefix string) string { return prefix + strings.Repeat("a1B2", 9) }

const canary = "c4nary/with+odd&chars\"<>"

func samples() map[string]string {
	return map[string]string{
		"bot token":          shaped("xox" + "b-"),
		"user token":         shaped("xox" + "p-"),
		"workspace token":    shaped("xox" + "a-2-"),
		"refresh token":      shaped("xoxe.xox" + "p-1-"),
		"app token":          shaped("xap" + "p-1-A0-"),
		"github classic":     shaped("gh" + "p_"),
		"github server":      shaped("gh" + "s_"),
		"github fine":        shaped("github" + "_pat_"),
		"gitlab":             shaped("gl" + "pat-"),
		"our own":            "tocsin" + "_0123abcd0123abcd0123abcd",
		"standard webhook":   shaped("wh" + "sec_"),
		"aws key":            "AK" + "IA" + "ABCDEFGH12345678",
		"jwt":                shaped("eyJ") + "." + shaped("eyJ") + "." + shaped("x"),
		"slack hook":         "https://hooks.slack" + ".com/services/T0/B0/" + shaped("x"),
		"response url":       "https://hooks.slack" + ".com/commands/T0/1/" + shaped("x"),
		"bearer":             "Bearer " + shaped("abc"),
		"authorization":      "Authorization: Token " + shaped("abc"),
		"basic header":       "map[Authorization:[Basic dXNlcjpwYXNzd29yZA1=]]",
		"database url":       "postgres://tocsin:hunter2@db/x",
		"url with odd pass":  "postgres://tocsin:p@ss:w0rd@db/x",
		"url with key":       "https://0123abcd@errors.test/1",
		"query":              "GET /x?private_token=hunter2&y=1",
		"dsn":                "host=db password=hunter2 sslmode=require",
		"json":               `{"client_secret": "hunter2"}`,
		"private key":        "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIabc\nhunter2\n-----END RSA " + "PRIVATE KEY-----",
		"private key, cut":   "-----BEGIN " + "PRIVATE KEY-----\nMIIabc\nhunter2",
		"private key quoted": `-----BEGIN OPENSSH ` + `PRIVATE KEY-----\nhunter2\n-----END OPENSSH ` + `PRIVATE KEY-----`,
	}
}

func TestSecretShapes(t *testing.T) {
	var r Redactor
	for name, sample := range samples() {
		text := "before " + sample + " after"
		if !LooksSecret(text) {
			t.Errorf("%s: not seen in %q", name, text)
		}
		got := r.Redact(text)
		for _, rest := range []string{"a1B2", "hunter2", "p@ss", "w0rd", "dXNlc", "ABCDEFGH1", "0123abcd"} {
			if strings.Contains(got, rest) {
				t.Errorf("%s: %q is left", name, got)
			}
		}
		if !strings.HasPrefix(got, "before ") || (name != "private key, cut" && !strings.HasSuffix(got, "after")) {
			t.Errorf("%s: too much is gone: %q", name, got)
		}
		if again := r.Redact(got); again != got {
			t.Errorf("%s: twice gives %q, once %q", name, again, got)
		}
	}
}

func TestOrdinaryTextStays(t *testing.T) {
	var r Redactor
	for _, text := range []string{
		"", "We have identified the cause and are rolling back.", "Basic connectivity is restored.",
		"The bearer certificates expired at 16:15 UTC.", "Authorization: customers cannot log in to the portal",
		"We never ask for your password: ignore such mails.", "Token refresh fails for 3 % of logins.",
		"See https://status.example.com/incidents/abc?x=1 or write to help@example.com.",
		"https://example.com:8080/a/b@c", "ratio=0.5, tokens=12", "Prefix xox is no token", "AKIA is a prefix",
		"deploy sha 757107ea0eb2509fc211221cce984b8a37570b6d", "ghp_ is how they begin", "日本語のお知らせ",
	} {
		if got := r.Redact(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
		if LooksSecret(text) {
			t.Errorf("%q is taken for a secret", text)
		}
	}
	if got, want := r.Redact("postgres://u:hunter2@db:5432/x"), "postgres://[redacted]@db:5432/x"; got != want {
		t.Errorf("got %q, want %q: the host must stay readable", got, want)
	}
}

func TestKnownValuesInEveryForm(t *testing.T) {
	r := NewRedactor(canary, "", "short", "prefix-of-a-secret", "prefix-of-a-secret-and-more", "line one of a key 123\nline two of a key 456\n")
	for name, text := range map[string]string{
		"raw":        canary,
		"query":      url.QueryEscape(canary),
		"path":       url.PathEscape(canary),
		"userinfo":   url.UserPassword("u", canary).String(),
		"base64":     base64.StdEncoding.EncodeToString([]byte(canary)),
		"url base64": base64.RawURLEncoding.EncodeToString([]byte(canary)),
		"quoted":     fmt.Sprintf("%q", canary),
		"longer":     "prefix-of-a-secret-and-more",
		"one line":   "line two of a key 456",
	} {
		got := r.Redact("x " + text + " y")
		if !strings.Contains(got, mask) || strings.Contains(got, "c4nary") || strings.Contains(got, "more") || strings.Contains(got, "two") {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := r.Redact("short words stay"); got != "short words stay" {
		t.Errorf("got %q", got)
	}
}

type (
	valuer   struct{ v any }
	stringer struct{ text string }
	panicker struct{}
	creds    struct {
		User, Pass string
		Raw        []byte
	}
)

func (v valuer) LogValue() slog.Value         { return slog.AnyValue(v.v) }
func (s *stringer) String() string            { return s.text }
func (panicker) Error() string                { panic("no") }
func (panicker) MarshalJSON() ([]byte, error) { panic("no") }

func TestHandlerMasksEveryKindOfValue(t *testing.T) {
	token := shaped("xox" + "b-")
	r := NewRedactor(canary)
	var nilStringer *stringer
	attrs := []any{
		"string", canary,
		"error", fmt.Errorf("wrapped: %w", errors.New(canary)),
		"bytes", []byte(canary),
		"stringer", &stringer{canary},
		"nilstringer", nilStringer,
		"url", must(url.Parse("https://u:hunter2@h.test/")),
		"struct", creds{User: "ana", Pass: canary, Raw: []byte(canary)},
		"pointer", &creds{Pass: token},
		"map", map[string]any{"deep": []string{canary}},
		"header", http.Header{"Authorization": {"Bearer hunter2hunter2"}},
		"unexported", struct{ pass string }{canary},
		"function", func() {},
		"valuer", valuer{valuer{canary}},
		"groupvaluer", valuer{slog.GroupValue(slog.Any("in", &creds{Pass: canary}))},
		slog.Group("group", slog.Group("inner", "k", token)),
		"slack_token", "hunter2",
		"Api-Key", []byte("hunter2"),
		"panics", panicker{},
		"nil", nil,
		"cutkey", map[string]string{"k": "-----BEGIN " + "PRIVATE KEY-----\nhunter2"},
		"count", 42,
	}
	for name, makeHandler := range map[string]func(*bytes.Buffer) slog.Handler{
		"text": func(b *bytes.Buffer) slog.Handler {
			return slog.NewTextHandler(b, &slog.HandlerOptions{AddSource: true})
		},
		"json": func(b *bytes.Buffer) slog.Handler {
			return slog.NewJSONHandler(b, &slog.HandlerOptions{AddSource: true})
		},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			log := slog.New(r.Handler(makeHandler(&out)))
			log.Info("message "+canary, attrs...)
			log.With(attrs...).WithGroup("g").With(slog.Any("w", canary)).Info(token, "a", canary)
			got := out.String()
			for _, leak := range []string{"c4nary", "a1B2", "hunter2", base64.StdEncoding.EncodeToString([]byte(canary))} {
				if i := strings.Index(got, leak); i >= 0 {
					t.Errorf("%q leaks: …%s", leak, got[max(0, i-80):min(len(got), i+40)])
				}
			}
			for _, kept := range []string{"42", "ana", "h.test", "!PANIC", "redact_test.go", "wrapped: "} {
				if !strings.Contains(got, kept) {
					t.Errorf("%q is missing in %s", kept, got)
				}
			}
		})
	}
}

func TestHandlerKeepsLevels(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(NewRedactor().Handler(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelWarn})))
	if log.Info("quiet"); out.Len() != 0 {
		t.Errorf("got %q", out.String())
	}
}

// Masking is complete and stable for any text around a secret.
func FuzzRedact(f *testing.F) {
	for _, sample := range samples() {
		f.Add(sample, "")
		f.Add("token=", sample)
	}
	r := NewRedactor(canary)
	f.Fuzz(func(t *testing.T, before, after string) {
		once := r.Redact(before + canary + after)
		if strings.Contains(once, canary) {
			t.Fatalf("left in %q", once)
		}
		if twice := r.Redact(once); twice != once {
			t.Fatalf("once %q, twice %q", once, twice)
		}
		if LooksSecret(before) && r.Redact(before) == before {
			t.Fatalf("%q looks secret and is not masked", before)
		}
	})
}
