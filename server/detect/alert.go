package detect

import (
	"slices"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/store"
)

// AlertState is where an alert stands.
type AlertState string

// The states of an alert: open → acknowledged → closed. Closed is final.
const (
	Open         AlertState = "open"
	Acknowledged AlertState = "acknowledged"
	Closed       AlertState = "closed"
)

// AlertStates lists them.
var AlertStates = []AlertState{Open, Acknowledged, Closed}

// Alert is one crossing of a rule by a subject, and all that followed until it was closed.
type Alert struct {
	ID       string         `json:"id"`
	Rule     string         `json:"rule"`
	Control  string         `json:"control"`
	Title    string         `json:"title"`
	Severity fleet.Severity `json:"severity"`
	State    AlertState     `json:"state" enum:"open,acknowledged,closed"`
	Subject  fleet.Party    `json:"subject"`
	Count    int            `json:"count" doc:"Events so far; they go on counting until it is closed."`
	First    time.Time      `json:"first" doc:"Time of the first event."`
	Last     time.Time      `json:"last" doc:"Time of the last event."`
	Crossed  time.Time      `json:"-"` // time of the event that crossed the threshold
	Raised   time.Time      `json:"raised"`
	Notified *time.Time     `json:"notified,omitempty" doc:"When it first reached a route."`

	Owner        string     `json:"owner,omitempty" doc:"Who took it on."`
	Acknowledged *time.Time `json:"acknowledged,omitempty"`
	Closed       *time.Time `json:"closed,omitempty"`
	ClosedBy     string     `json:"closedBy,omitempty"`
	Cleared      *time.Time `json:"cleared,omitempty" doc:"When the condition was seen to be over."`
	Cause        string     `json:"cause,omitempty"`
	Remedy       string     `json:"remedy,omitempty"`
	Events       []string   `json:"events" doc:"Ids of its first and last events."`
	Text         string     `json:"text"`

	Deliveries []Delivery `json:"deliveries,omitempty" doc:"Only when one alert is read."`
}

// Delivery is an alert on its way along a route.
type Delivery struct {
	Route string     `json:"route"`
	State string     `json:"state" enum:"pending,delivered,failed,dropped"`
	Tries int        `json:"tries"`
	Error string     `json:"error,omitempty"`
	Done  *time.Time `json:"done,omitempty"`
}

// evidenceMost bounds the event ids that an alert names: the first half stays, of the others the latest.
const evidenceMost = 64

func newAlert(a *active, subject fleet.Party, marks []mark, now time.Time) *Alert {
	al := &Alert{
		ID: id.New(), Rule: a.ID, Control: a.Control, Title: a.Title, Severity: a.Severity, State: Open, Subject: subject,
		First: store.FromTime(marks[0].At), Last: store.FromTime(marks[0].At), Raised: now, Text: a.Text, Events: []string{},
	}
	for _, m := range marks {
		al.follow(m)
	}
	return al
}

// follow counts one more event.
func (al *Alert) follow(m mark) {
	at := store.FromTime(m.At)
	al.Count += m.N
	if at.After(al.Last) {
		al.Last = at
	}
	if at.Before(al.First) {
		al.First = at
	}
	if al.Events = append(al.Events, m.ID); len(al.Events) > evidenceMost {
		al.Events = slices.Delete(al.Events, evidenceMost/2, evidenceMost/2+1)
	}
}

// party is the alert as an event names it.
func (al *Alert) party() fleet.Party { return fleet.Party{Kind: "alert", ID: al.ID, Name: al.Title} }

// tell shows consoles and other nodes what an alert has become.
func (s *Service) tell(al *Alert) {
	if s.Live != nil {
		s.Live("alert", access.AlertRead, al)
	}
	if err := s.Bus.Announce(bus.TopicChanged, bus.Changed{Kind: "alert", ID: al.ID}); err != nil {
		s.Log.Warn("alert not announced", "alert", al.ID, "error", err)
	}
}
