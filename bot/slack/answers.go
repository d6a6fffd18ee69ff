package slack

import (
	"sync"
	"time"
)

// answers remembers where the answer to an open form goes: to the response URL
// of what opened it, which reaches people where the bot may not post. The URL
// is a secret of half an hour, so it is kept in memory and nowhere else; after a
// restart the answer is an ephemeral post or a DM.
type answers struct {
	mu   sync.Mutex
	urls map[string]answerURL // by the id of the view
}

type answerURL struct {
	url string
	at  time.Time
}

// Slack takes a response URL for thirty minutes. The bound on their number keeps
// a flood of opened forms from filling the memory.
const (
	answerLife = 29 * time.Minute
	maxAnswers = 2000
)

func (a *answers) put(view, url string, now time.Time) {
	if view == "" || url == "" {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for id, u := range a.urls {
		if now.Sub(u.at) > answerLife {
			delete(a.urls, id)
		}
	}
	if a.urls == nil {
		a.urls = map[string]answerURL{}
	}
	if len(a.urls) < maxAnswers {
		a.urls[view] = answerURL{url, now}
	}
}

func (a *answers) get(view string, now time.Time) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if u, ok := a.urls[view]; ok && now.Sub(u.at) <= answerLife {
		return u.url
	}
	return ""
}
