package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-dev/tocsin/bot/slack/fakeslack"
)

// TestStopLosesNoRequest: after the signal a load balancer reads that it should
// send nothing here, what it sends meanwhile is carried out, and only then is the
// door shut.
func TestStopLosesNoRequest(t *testing.T) {
	t.Parallel()
	at := freeAddress(t)
	c, err := loadConfig(overrides{}, serveEnv(t, "TOCSIN_LISTEN="+at, "TOCSIN_API_TOKEN="+testRoot))
	if err != nil {
		t.Fatal(err)
	}
	f, err := listenAll(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	a, err := newApp(t.Context(), c, outside{volatile: true}, log)
	if err != nil {
		t.Fatal(err)
	}
	f.handle(a, log)
	lingers, over := make(chan struct{}), make(chan struct{})
	f.linger = func() { close(lingers); <-over }
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- f.run(ctx, a) }()
	client := &http.Client{Transport: &http.Transport{}}
	ready := func() (*http.Response, string) {
		res, err := client.Get("http://" + at + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res, string(body)
	}
	if res, body := ready(); res.StatusCode != http.StatusOK || res.Close {
		t.Errorf("before: %s, closes %t: %s", res.Status, res.Close, body)
	}
	stop()
	<-lingers
	res, body := ready() // over the connection that waited
	var said struct{ Stopping string }
	if err := json.Unmarshal([]byte(body), &said); err != nil || res.StatusCode != http.StatusServiceUnavailable || !res.Close || !strings.Contains(said.Stopping, "stopping") {
		t.Errorf("while it stops: %s, closes %t: %s", res.Status, res.Close, body)
	}
	if status := typed(t, client, at, "whoami"); status != http.StatusOK { // over a new one
		t.Errorf("a slash command while it stops: %d", status)
	}
	close(over)
	if err := <-done; err != nil {
		t.Errorf("the stop: %v", err)
	}
	if res, err := client.Get("http://" + at + "/readyz"); err == nil {
		_ = res.Body.Close()
		t.Error("it still listens")
	}
}

// typed sends one slash command as Slack does.
func typed(t *testing.T, client *http.Client, at, line string) int {
	t.Helper()
	body := "command=%2Fincident&team_id=T1&user_id=U0ANA&channel_id=C1&text=" + line
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+at+"/slack/commands", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	ts := strconv.FormatInt(time.Now().Unix(), 10)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("X-Slack-Request-Timestamp", ts)
	req.Header.Set("X-Slack-Signature", fakeslack.Sign(testSecret, ts, []byte(body)))
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	return res.StatusCode
}

// TestDrainTime: replicas linger, an SQLite file is left at once, and both can be
// set.
func TestDrainTime(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		database, drain string
		want            time.Duration
	}{
		{"tocsin.db", "", 0},
		{"postgres://h/db", "", 3 * time.Second},
		{"postgres://h/db", "0s", 0},
		{"postgres://h/db", "20s", 20 * time.Second},
		{"tocsin.db", "1m30s", 90 * time.Second},
	} {
		got, err := loadConfig(overrides{}, []string{"TOCSIN_DATABASE=" + c.database, "TOCSIN_DRAIN=" + c.drain})
		if err != nil || got.drain() != c.want {
			t.Errorf("%s, %q: %v, %v", c.database, c.drain, got.drain(), err)
		}
	}
	for _, wrong := range []string{"3", "-1s", "6m", "soon"} {
		if _, err := loadConfig(overrides{}, []string{"TOCSIN_DRAIN=" + wrong}); err == nil || !strings.Contains(err.Error(), "TOCSIN_DRAIN") || !strings.Contains(err.Error(), "write it as 3s") {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}
