package bot

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestTextRoundTrip(t *testing.T) {
	t.Parallel()
	text := Join("Ask ", MentionUser("U0ANA"), " in ", MentionChannel("C1234"), " or ", MentionGroup("S0ONE"), " <now> & @here")
	if got, want := text.String(), "Ask <@U0ANA> in <#C1234> or <!subteam^S0ONE> <now> & @here"; got != want {
		t.Errorf("String() = %q, want %q", got, want)
	}
	if again := ParseRefs(text.String()); again != text {
		t.Errorf("ParseRefs(String()) = %q, want %q", again, text)
	}
	if users := text.Users(); len(users) != 1 || users[0] != "U0ANA" {
		t.Errorf("Users() = %v", users)
	}
}

func TestParseRefsLeavesOtherBracketsAlone(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"a < b", "<!channel>", "<!here|here>", "<@>", "<@ana>", "if x<@U", "<https://example.com|x>", "<#C>"} {
		if got := ParseRefs(s).String(); got != s {
			t.Errorf("ParseRefs(%q) reads %q", s, got)
		}
	}
	if got := ParseRefs("<@U123|ana> hi"); got != Join(MentionUser("U123"), " hi") {
		t.Errorf("a label was kept: %q", got)
	}
}

func TestCleanRemovesWhatNoTextMayHold(t *testing.T) {
	t.Parallel()
	got := Clean("a\x00b\x02@U1\x03c\u202ed\r\ne\tf\xff")
	if got != "ab@U1cd\ne\tf\ufffd" {
		t.Errorf("Clean = %q", got)
	}
}

func TestInputCannotForgeASpan(t *testing.T) {
	t.Parallel()
	for _, s := range ParseRefs("\x02@U0BOSS\x03 said so").Spans() {
		if s.Kind != SpanPlain {
			t.Errorf("a typed control character became a span: %+v", s)
		}
	}
}

func TestOneLineCutsByRunesAndKeepsSpansWhole(t *testing.T) {
	t.Parallel()
	text := Join("Größe\nof ", MentionUser("U0ANA"), Plain(strings.Repeat("ü", 50)))
	got := text.OneLine(30)
	if !utf8.ValidString(string(got)) || strings.Contains(got.String(), "\n") {
		t.Errorf("OneLine = %q", got.String())
	}
	if !strings.HasPrefix(got.String(), "Größe of <@U0ANA>ü") || !strings.HasSuffix(got.String(), "…") {
		t.Errorf("OneLine = %q", got.String())
	}
}

func TestMomentIsReadBack(t *testing.T) {
	t.Parallel()
	at := time.Date(2020, 1, 23, 21, 19, 0, 0, time.UTC)
	spans := Moment(at).Spans()
	if len(spans) != 1 || !spans[0].Moment().Equal(at) {
		t.Fatalf("spans = %+v", spans)
	}
	if got := Moment(at).String(); got != "2020-01-23 21:19 UTC" {
		t.Errorf("String() = %q", got)
	}
}

func FuzzParseRefs(f *testing.F) {
	for _, s := range []string{"", "<@U1>", "<@U123|x> <", "\x02@U1\x03", "<!subteam^S12|@a>", "a<b>c"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text := ParseRefs(s)
		if !utf8.ValidString(string(text)) {
			t.Fatalf("not UTF-8: %q", text)
		}
		if again := ParseRefs(text.String()); again != text {
			t.Fatalf("%q reads back as %q", text, again)
		}
	})
}
