package wire

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// The example of Slack's documentation.
const (
	slackSecret = "8f742231b10e8888abcd99yyyzzz85a5"
	slackBody   = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
	slackMAC    = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
)

const otherSecret = "another secret of sufficient length"

var slackTime = time.Unix(1531420618, 0)

func headers(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Add(pairs[i], pairs[i+1])
	}
	return h
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestSlackSigner(t *testing.T) {
	signed := headers(SlackTimestampHeader, "1531420618", SlackSignatureHeader, slackMAC)
	current := must(NewSlackSigner(slackSecret))
	rotating := must(NewSlackSigner(otherSecret, slackSecret))
	foreign := must(NewSlackSigner(otherSecret))
	with := func(name string, values ...string) http.Header {
		h := signed.Clone()
		h[name] = values
		return h
	}
	for _, tc := range []struct {
		name   string
		signer *SlackSigner
		h      http.Header
		body   string
		now    time.Time
		want   error
	}{
		{"documented example", current, signed, slackBody, slackTime, nil},
		{"old secret while rotating", rotating, signed, slackBody, slackTime, nil},
		{"five minutes late", current, signed, slackBody, slackTime.Add(Window), nil},
		{"five minutes early", current, signed, slackBody, slackTime.Add(-Window), nil},
		{"later than that", current, signed, slackBody, slackTime.Add(Window + 1), ErrStale},
		{"from the future", current, signed, slackBody, slackTime.Add(-Window - 1), ErrStale},
		{"another secret", foreign, signed, slackBody, slackTime, ErrForged},
		{"body changed by a byte", current, signed, slackBody + " ", slackTime, ErrForged},
		{"time changed", current, with(SlackTimestampHeader, "1531420619"), slackBody, slackTime, ErrForged},
		{"no signature", current, with(SlackSignatureHeader), slackBody, slackTime, ErrUnsigned},
		{"empty signature", current, with(SlackSignatureHeader, ""), slackBody, slackTime, ErrUnsigned},
		{"two signatures", current, with(SlackSignatureHeader, slackMAC, slackMAC), slackBody, slackTime, ErrUnsigned},
		{"no time", current, with(SlackTimestampHeader), slackBody, slackTime, ErrUnsigned},
		{"another version", current, with(SlackSignatureHeader, "v1"+slackMAC[2:]), slackBody, slackTime, ErrMalformed},
		{"signature cut", current, with(SlackSignatureHeader, slackMAC[:40]), slackBody, slackTime, ErrMalformed},
		{"not hex", current, with(SlackSignatureHeader, "v0="+strings.Repeat("z", 64)), slackBody, slackTime, ErrMalformed},
		{"signed number as time", current, with(SlackTimestampHeader, "+1531420618"), slackBody, slackTime, ErrMalformed},
		{"endless time", current, with(SlackTimestampHeader, "9223372036854775807"), slackBody, slackTime, ErrMalformed},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if err := tc.signer.Verify(tc.h, []byte(tc.body), tc.now); !errors.Is(err, tc.want) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
		})
	}
}

// The second vector is that of a Slack client which many use.
func TestSlackSignerAgreesWithOthers(t *testing.T) {
	for _, v := range []struct {
		secret, body, want string
		at                 time.Time
	}{
		{slackSecret, slackBody, slackMAC, slackTime},
		{
			"e6b19c573432dcc6b075501d51b51bb8",
			`{"token":"aF5ynEYQH0dFN9imlgcADxDB","team_id":"XXXXXXXXX","api_app_id":"YYYYYYYYY","event":{"type":"app_mention","user":"AAAAAAAAA","text":"<@EEEEEEEEE> hello world","client_msg_id":"477cc591-ch73-a14z-4db8-g0cd76321bec","ts":"1531431954.000073","channel":"TTTTTTTTT","event_ts":"1531431954.000073"},"type":"event_callback","event_id":"TvBP7LRED7","event_time":1531431954,"authed_users":["EEEEEEEEE"]}`,
			"v0=adada4ed31709aef585c2580ca3267678c6a8eaeb7e0c1aca3ee57b656886b2c",
			time.Unix(1531431954, 0),
		},
	} {
		h := http.Header{}
		must(NewSlackSigner(v.secret)).Sign(h, []byte(v.body), v.at)
		if got := h.Get(SlackSignatureHeader); got != v.want {
			t.Errorf("got %s, want %s", got, v.want)
		}
	}
}

func TestGitHubSigner(t *testing.T) {
	const (
		secret = "It's a Secret to Everybody"
		body   = "Hello, World!"
		mac    = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
	)
	g := must(NewGitHubSigner(secret))
	rotating := must(NewGitHubSigner(otherSecret, secret))
	for _, tc := range []struct {
		name   string
		signer *GitHubSigner
		h      http.Header
		body   string
		want   error
	}{
		{"documented example", g, headers(GitHubSignatureHeader, mac), body, nil},
		{"old secret while rotating", rotating, headers(GitHubSignatureHeader, mac), body, nil},
		{"another body", g, headers(GitHubSignatureHeader, mac), "Hello, World?", ErrForged},
		{"SHA-1 header only", g, headers("X-Hub-Signature", "sha1=0123456789012345678901234567890123456789"), body, ErrUnsigned},
		{"SHA-1 in the SHA-256 header", g, headers(GitHubSignatureHeader, "sha1=0123456789012345678901234567890123456789"), body, ErrMalformed},
		{"no prefix", g, headers(GitHubSignatureHeader, mac[7:]), body, ErrMalformed},
		{"given twice", g, headers(GitHubSignatureHeader, mac, GitHubSignatureHeader, mac), body, ErrUnsigned},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if err := tc.signer.Verify(tc.h, []byte(tc.body), slackTime); !errors.Is(err, tc.want) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
		})
	}
	h := http.Header{}
	if g.Sign(h, []byte(body), slackTime); h.Get(GitHubSignatureHeader) != mac {
		t.Errorf("signed %s, want %s", h.Get(GitHubSignatureHeader), mac)
	}
}

func TestWebhookSigner(t *testing.T) {
	const (
		secret1 = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
		secret2 = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"
		id      = "msg_p5jXN8AQM9LWM0D4loKWxJek"
		body    = `{"test": 2432232314}`
		mac1    = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
		mac2    = "v1,d5PJaLhU6hQf9TLleqdn97PBQffdITHtAOuMMHkRQ4U="
	)
	now := time.Unix(1614265330, 0)
	one, two := must(NewWebhookSigner(secret1)), must(NewWebhookSigner(secret2))
	both := must(NewWebhookSigner(secret1, secret2))
	given := func(id, list string) http.Header {
		return headers(WebhookIDHeader, id, WebhookTimestampHeader, "1614265330", WebhookSignatureHeader, list)
	}
	for _, tc := range []struct {
		name   string
		signer *WebhookSigner
		h      http.Header
		now    time.Time
		want   error
	}{
		{"first vector", one, given(id, mac1), now, nil},
		{"second vector", two, given(id, mac2), now, nil},
		{"either secret while rotating", both, given(id, mac2), now, nil},
		{"second of several signatures", one, given(id, mac2+" v1a,AAAA "+mac1), now, nil},
		{"none of several", one, given(id, mac2+" "+mac2), now, ErrForged},
		{"another id", one, given("msg_2", mac1), now, ErrForged},
		{"id with a dot", one, given("msg.1", mac1), now, ErrMalformed},
		{"unknown versions only", one, given(id, "v1a,AAAA v2,AAAA"), now, ErrMalformed},
		{"no signature", one, given(id, ""), now, ErrUnsigned},
		{"no id", one, given("", mac1), now, ErrUnsigned},
		{"late", one, given(id, mac1), now.Add(Window + 1), ErrStale},
		{"early", one, given(id, mac1), now.Add(-Window - 1), ErrStale},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if err := tc.signer.Verify(tc.h, []byte(body), tc.now); !errors.Is(err, tc.want) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
		})
	}
	h := http.Header{}
	if err := both.Sign(h, id, []byte(body), now); err != nil {
		t.Fatal(err)
	}
	if got := h.Get(WebhookSignatureHeader); got != mac1+" "+mac2 {
		t.Errorf("signed %q", got)
	}
	if err := both.Sign(h, "a.b", nil, now); !errors.Is(err, ErrMalformed) {
		t.Errorf("id with a dot: %v", err)
	}
}

func TestNoSecretIsAnErrorNeverNoCheck(t *testing.T) {
	slack := func(s ...string) error { _, err := NewSlackSigner(s...); return err }
	github := func(s ...string) error { _, err := NewGitHubSigner(s...); return err }
	webhook := func(s ...string) error { _, err := NewWebhookSigner(s...); return err }
	for _, tc := range []struct {
		name    string
		make    func(...string) error
		secrets []string
		want    error
	}{
		{"slack none", slack, nil, ErrWeakSecret},
		{"slack empty", slack, []string{""}, ErrWeakSecret},
		{"slack 15 bytes", slack, []string{"123456789012345"}, ErrWeakSecret},
		{"slack 16 bytes", slack, []string{"1234567890123456"}, nil},
		{"slack second empty", slack, []string{slackSecret, ""}, ErrWeakSecret},
		{"github none", github, nil, ErrWeakSecret},
		{"github short", github, []string{"short"}, ErrWeakSecret},
		{"webhook none", webhook, nil, ErrWeakSecret},
		{"webhook empty", webhook, []string{""}, ErrWeakSecret},
		{"webhook prefix alone", webhook, []string{"whsec_"}, ErrWeakSecret},
		{"webhook short key in long text", webhook, []string{"whsec_MDEyMzQ1Njc4OWFi"}, ErrWeakSecret},
		{"webhook without prefix", webhook, []string{"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}, ErrSecretFormat},
		{"webhook URL-safe base64", webhook, []string{"whsec_____MfKQ9r8GKYqrTwjUPD8ILPZI"}, ErrSecretFormat},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if err := tc.make(tc.secrets...); !errors.Is(err, tc.want) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
		})
	}
}

func TestSignersDoNotPrintTheirSecrets(t *testing.T) {
	s := must(NewSlackSigner(slackSecret))
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		got := fmt.Sprintf(format, s) + fmt.Sprintf(format, *s)
		if strings.Contains(got, slackSecret) || strings.Contains(got, fmt.Sprintf("%x", slackSecret)) {
			t.Errorf("%s shows the secret: %s", format, got)
		}
	}
}

// What a stranger sends neither panics nor passes; what we sign, passes.
func FuzzVerify(f *testing.F) {
	f.Add("1531420618", slackMAC, "msg_1", []byte(slackBody))
	f.Add("-1", "v1,AAAA v1,", "a.b", []byte{})
	f.Add("18446744073709551616", "sha256=", "", []byte("x"))
	slack, github := must(NewSlackSigner(otherSecret)), must(NewGitHubSigner(otherSecret))
	webhook := must(NewWebhookSigner("whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"))
	f.Fuzz(func(t *testing.T, stamp, signature, id string, body []byte) {
		h := headers(SlackTimestampHeader, stamp, SlackSignatureHeader, signature, GitHubSignatureHeader, signature,
			WebhookIDHeader, id, WebhookTimestampHeader, stamp, WebhookSignatureHeader, signature)
		for _, v := range []Verifier{slack, github, webhook} {
			if v.Verify(h, body, slackTime) == nil {
				t.Fatalf("%T accepted %q", v, signature)
			}
		}
		slack.Sign(h, body, slackTime)
		github.Sign(h, body, slackTime)
		if webhook.Sign(h, id, body, slackTime) != nil {
			_ = webhook.Sign(h, "msg_1", body, slackTime)
		}
		for _, v := range []Verifier{slack, github, webhook} {
			if err := v.Verify(h, body, slackTime); err != nil {
				t.Fatalf("%T refused its own: %v", v, err)
			}
		}
	})
}
