package web

import "github.com/tocsin-dev/tocsin/bot"

// The types here are those of Statuspage's v2 read API, as captured from its
// pages: the fields, their order and their nulls are what clients of it expect,
// strict ones included, so nothing may be added.

// v2Page is at the head of every answer.
type v2Page struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	URL       string `json:"url"`
	TimeZone  string `json:"time_zone"`
	UpdatedAt string `json:"updated_at"`
}

type v2Status struct {
	Indicator   bot.Impact `json:"indicator"`
	Description string     `json:"description"`
}

type v2Component struct {
	ID                 string             `json:"id"`
	Name               string             `json:"name"`
	Status             bot.ComponentState `json:"status"`
	CreatedAt          string             `json:"created_at"`
	UpdatedAt          string             `json:"updated_at"`
	Position           int                `json:"position"`
	Description        *string            `json:"description"`
	Showcase           bool               `json:"showcase"`
	StartDate          *string            `json:"start_date"`
	GroupID            *string            `json:"group_id"`
	PageID             string             `json:"page_id"`
	Group              bool               `json:"group"`
	OnlyShowIfDegraded bool               `json:"only_show_if_degraded"`
	Components         []string           `json:"components,omitempty"` // of a group
}

type v2Incident struct {
	ID                string        `json:"id"`
	Name              string        `json:"name"`
	Status            bot.Status    `json:"status"`
	CreatedAt         string        `json:"created_at"`
	UpdatedAt         string        `json:"updated_at"`
	MonitoringAt      *string       `json:"monitoring_at"`
	ResolvedAt        *string       `json:"resolved_at"`
	Impact            bot.Impact    `json:"impact"`
	Shortlink         string        `json:"shortlink"`
	StartedAt         string        `json:"started_at"`
	PageID            string        `json:"page_id"`
	IncidentUpdates   []v2Update    `json:"incident_updates"`
	Components        []v2Component `json:"components"`
	ReminderIntervals *string       `json:"reminder_intervals"`
}

type v2Update struct {
	ID                   string       `json:"id"`
	Status               bot.Status   `json:"status"`
	Body                 string       `json:"body"`
	IncidentID           string       `json:"incident_id"`
	CreatedAt            string       `json:"created_at"`
	UpdatedAt            string       `json:"updated_at"`
	DisplayAt            string       `json:"display_at"`
	AffectedComponents   []v2Affected `json:"affected_components"`
	DeliverNotifications bool         `json:"deliver_notifications"`
	CustomTweet          *string      `json:"custom_tweet"`
	TweetID              *string      `json:"tweet_id"`
}

type v2Affected struct {
	Code      string             `json:"code"`
	Name      string             `json:"name"`
	OldStatus bot.ComponentState `json:"old_status"`
	NewStatus bot.ComponentState `json:"new_status"`
}
