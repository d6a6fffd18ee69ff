package slack

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot"
	"github.com/tocsin-dev/tocsin/bot/slack/fakeslack"
)

// TestAnswerOfAnotherReplica: what a form did is said where it was opened, also
// when another replica hears of it, and where the bot may not post.
func TestAnswerOfAnotherReplica(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.fake.AddChannel("closed", true, ana, ben)
		w.slash(ana, "general", "declare Checkout is down")
		w.slash(ana, "closed", "form some text")
		w.rest(time.Second)
		v := w.fake.As(ana).Views()[0]
		if meta := v.PrivateMetadata; strings.Contains(meta, "http") || len(meta) < 100 {
			t.Errorf("the form holds %s", meta)
		}
		mux := http.NewServeMux()
		w.replica(nil).Mount(mux)
		w.slack.http.Transport.(fakeslack.Net)["app.test"] = mux
		if _, err := w.fake.As(ana).Submit(w.ctx, v.ID, map[string]string{"status": "identified", "text": "abc"}); err != nil {
			t.Fatal(err)
		}
		w.rest(10 * time.Second)
		w.once(w.whispered("closed", ana), "Done: update.")
	})
}

// TestSealer: an address comes back to who has the form, as long as Slack takes it.
func TestSealer(t *testing.T) {
	t.Parallel()
	seal := func(secrets ...string) *sealer {
		s, err := newSealer(secrets)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	const to = "https://hooks.slack.com/actions/T0/1/abc"
	old, now := seal("the old secret"), time.Unix(1_800_000_000, 0)
	sealed := old.close(to, ana, now)
	if strings.Contains(sealed, "slack") || len(sealed) > 200 {
		t.Errorf("%q", sealed)
	}
	for what, c := range map[string]struct {
		by     *sealer
		sealed string
		who    bot.UserID
		after  time.Duration
		want   string
	}{
		"at once":         {old, sealed, ana, 0, to},
		"another replica": {seal("the old secret"), sealed, ana, 29 * time.Minute, to},
		"after rotation":  {seal("the new secret", "the old secret"), sealed, ana, 0, to},
		"too late":        {old, sealed, ana, 30 * time.Minute, ""},
		"somebody else":   {old, sealed, ben, 0, ""},
		"another app":     {seal("the new secret"), sealed, ana, 0, ""},
		"no secret":       {seal(), sealed, ana, 0, ""},
		"nothing":         {old, "", ana, 0, ""},
		"garbage":         {old, "AAAA", ana, 0, ""},
		"to nowhere":      {old, old.close("", ana, now), ana, 0, ""},
	} {
		if got := c.by.open(c.sealed, c.who, now.Add(c.after)); got != c.want {
			t.Errorf("%s: %q", what, got)
		}
	}
	f := bot.Form{Verb: "x", Incident: 7, Hidden: map[string]bot.Text{"a": bot.Text(strings.Repeat("é", 2850))}}
	if m := modal(f, sealed).PrivateMetadata; len([]rune(m)) > maxMetadata || !strings.Contains(m, `"incident":7`) {
		t.Errorf("%d characters", len([]rune(m)))
	}
}
