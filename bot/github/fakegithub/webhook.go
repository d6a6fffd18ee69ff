package fakegithub

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// hookClock is how long a receiver has to answer. GitHub never tries again by
// itself.
const hookClock = 10 * time.Second

// Delivery is one webhook that was sent, or is to be.
type Delivery struct {
	// ID is of this sending, GUID of what is told: the same again when it is
	// redelivered.
	ID   int64
	GUID string
	// Event is issues or issue_comment. Repo and Number name the issue.
	Event, Action string
	Repo          string
	Number        int
	Body          string
	Redelivery    bool
	At            time.Time
	// Held says that it waits for ResumeWebhooks, or was dropped while it did.
	// Sent says that an attempt was made; Status is the answer's, or 0 and why
	// there is none in Error.
	Held, Sent bool
	Status     int
	Error      string
}

// delivery is a webhook on its way; done is closed after the attempt.
type delivery struct {
	Delivery
	done chan struct{}
}

// signature is what X-Hub-Signature-256 carries.
func signature(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// Deliveries lists all webhooks, oldest first, also those that are held.
func (g *GitHub) Deliveries() []Delivery {
	g.mu.Lock()
	defer g.mu.Unlock()
	out := make([]Delivery, len(g.deliveries))
	for k, d := range g.deliveries {
		out[k] = d.Delivery
	}
	return out
}

// PauseWebhooks holds back all that was not sent yet and all that comes, until
// ResumeWebhooks. Meanwhile Redeliver sends one by one, in any order.
func (g *GitHub) PauseWebhooks() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.paused = true
	for _, d := range g.queue {
		d.Held = true
	}
	g.held, g.queue = append(g.held, g.queue...), nil
}

// ResumeWebhooks sends what was held, in order, and waits until it is answered.
func (g *GitHub) ResumeWebhooks() {
	g.mu.Lock()
	g.paused = false
	held := g.held
	g.held = nil
	for _, d := range held {
		d.Held = false
		g.push(d)
	}
	held = g.sending(held)
	g.mu.Unlock()
	_ = await(g.stop, held)
}

// DropWebhooks forgets what is held: it got lost. It stays in Deliveries and can
// be redelivered. Webhooks stay paused.
func (g *GitHub) DropWebhooks() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.held = nil
}

// Redeliver sends a webhook again, with the same GUID and body, and waits until
// it is answered. One that was held is sent now for the first time.
func (g *GitHub) Redeliver(guid string) error {
	g.mu.Lock()
	k := slices.IndexFunc(g.deliveries, func(d *delivery) bool { return d.GUID == guid })
	if k < 0 {
		g.mu.Unlock()
		return refuse(http.StatusNotFound, "there is no delivery %s", guid)
	}
	caused := g.sending([]*delivery{g.redeliver(g.deliveries[k])})
	g.mu.Unlock()
	return await(g.stop, caused)
}

// WaitWebhooks waits until all webhooks that are not held were answered.
func (g *GitHub) WaitWebhooks(ctx context.Context) error {
	g.mu.Lock()
	all := g.sending(g.deliveries)
	g.mu.Unlock()
	return await(ctx, all)
}

func (g *GitHub) redeliver(old *delivery) *delivery {
	if k := slices.Index(g.held, old); k >= 0 {
		g.held = slices.Delete(slices.Clone(g.held), k, k+1)
		old.Held = false
		g.push(old)
		return old
	}
	d := &delivery{Delivery: old.Delivery, done: make(chan struct{})}
	d.ID, d.At, d.Redelivery = g.nextID(), g.opt.Now(), true
	d.Held, d.Sent, d.Status, d.Error = false, false, 0, ""
	g.deliveries = append(g.deliveries, d)
	g.push(d)
	return d
}

// sending picks those that will be answered: neither held nor dropped.
func (g *GitHub) sending(all []*delivery) []*delivery {
	var out []*delivery
	for _, d := range all {
		if !d.Held && !g.closed {
			out = append(out, d)
		}
	}
	return out
}

// await waits until all were answered.
func await(ctx context.Context, all []*delivery) error {
	for _, d := range all {
		select {
		case <-d.done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// tell queues a webhook about an issue as it stands now.
func (g *GitHub) tell(i *issue, action string, by actor, more obj) {
	if !i.Pull {
		g.emit(i, "issues", action, by, more)
	}
}

func (g *GitHub) tellComment(i *issue, c *Comment, by actor, action string, changes obj) {
	more := obj{"comment": g.commentJSON(i, c)}
	if changes != nil {
		more["changes"] = changes
	}
	g.emit(i, "issue_comment", action, by, more)
}

func (g *GitHub) emit(i *issue, event, action string, by actor, more obj) {
	if g.opt.WebhookURL == "" || g.closed {
		return
	}
	told := obj{"action": action, "issue": g.issueJSON(i), "repository": g.repoJSON(i.repo), "sender": g.userJSON(by.login)}
	if id, err := strconv.ParseInt(g.opt.InstallationID, 10, 64); err == nil {
		told["installation"] = obj{"id": id, "node_id": nodeID("MDIz", id)}
	}
	for name, value := range more {
		told[name] = value
	}
	d := &delivery{done: make(chan struct{}), Delivery: Delivery{
		ID: g.nextID(), GUID: guid(), Event: event, Action: action, Repo: i.repo.Name, Number: i.Number, Body: string(encode(told)), At: g.opt.Now(), Held: g.paused,
	}}
	g.deliveries = append(g.deliveries, d)
	if g.paused {
		g.held = append(g.held, d)
		return
	}
	g.push(d)
}

// push queues a delivery to be sent now.
func (g *GitHub) push(d *delivery) {
	if g.closed {
		close(d.done)
		return
	}
	g.queue = append(g.queue, d)
	if !g.busy {
		g.busy = true
		g.wg.Go(g.drain)
	}
}

// drain sends in order, and ends when there is no more.
func (g *GitHub) drain() {
	for {
		g.mu.Lock()
		if len(g.queue) == 0 || g.closed {
			for _, d := range g.queue {
				close(d.done)
			}
			g.queue, g.busy = nil, false
			g.mu.Unlock()
			return
		}
		d := g.queue[0]
		g.queue = g.queue[1:]
		sent := d.Delivery
		g.mu.Unlock()
		status, err := g.send(g.stop, sent)
		g.mu.Lock()
		d.Sent, d.Status = true, status
		if err != nil {
			d.Error = err.Error()
		}
		close(d.done)
		g.mu.Unlock()
	}
}

func (g *GitHub) send(ctx context.Context, d Delivery) (status int, err error) {
	g.mu.Lock()
	to, secret, client := g.opt.WebhookURL, g.opt.WebhookSecret, *g.opt.Client
	g.mu.Unlock()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	ctx, cancel := context.WithTimeout(ctx, hookClock)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader([]byte(d.Body)))
	if err != nil {
		return 0, err
	}
	for name, value := range g.hookHeaders(d) {
		req.Header.Set(name, value)
	}
	if secret != "" {
		req.Header.Set("X-Hub-Signature-256", signature(secret, []byte(d.Body)))
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxBody)) // so that the connection can be used again
	return resp.StatusCode, resp.Body.Close()
}

// hookHeaders are all but the signature.
func (g *GitHub) hookHeaders(d Delivery) map[string]string {
	h := map[string]string{
		"Accept": "*/*", "Content-Type": "application/json", "User-Agent": "GitHub-Hookshot/8e03811",
		"X-GitHub-Event": d.Event, "X-GitHub-Delivery": d.GUID, "X-GitHub-Hook-ID": strconv.FormatInt(g.hookID, 10),
		"X-GitHub-Hook-Installation-Target-Type": "repository",
	}
	if g.opt.AppID != "" {
		h["X-GitHub-Hook-Installation-Target-Type"], h["X-GitHub-Hook-Installation-Target-ID"] = "integration", g.opt.AppID
	}
	return h
}
