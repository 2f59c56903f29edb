package fleet

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/thingward/thingward/kit/id"
)

// Severity says how bad an event or alert is.
type Severity string

// Severities, mildest first.
const (
	Info     Severity = "info"
	Low      Severity = "low"
	Medium   Severity = "medium"
	High     Severity = "high"
	Critical Severity = "critical"
)

// Severities lists all severities, mildest first.
var Severities = []Severity{Info, Low, Medium, High, Critical}

// Rank orders severities, 0 for info; -1 for anything that is none.
func (s Severity) Rank() int { return slices.Index(Severities, s) }

// Party is one side of an event: who did it, or to what it was done.
type Party struct {
	Kind    string `json:"kind"` // person, service, device, server, system, anonymous, certificate, alert, control …
	ID      string `json:"id"`
	Name    string `json:"name,omitempty"`
	Address string `json:"address,omitempty"` // IP address it came from, where there is one
}

// Server is the party for what Thingward does by itself.
func Server(part string) Party { return Party{Kind: "server", ID: "thingward/" + part} }

// Anonymous is a party that has not proved who it is.
func Anonymous(address string) Party {
	return Party{Kind: "anonymous", ID: "anonymous", Address: address}
}

// Event is the one envelope for everything that happens (MSU-05): state changes, refusals, observations. A state change
// is recorded with audit.Log.Record in the transaction that makes it; anything else is published on the bus. Both end in
// the Merkle log.
type Event struct {
	ID        string         `json:"id"`
	Type      string         `json:"type"`
	Severity  Severity       `json:"severity"`
	Time      time.Time      `json:"time"`
	Initiator Party          `json:"initiator"`
	Receiver  Party          `json:"receiver"`
	Data      map[string]any `json:"data"`
}

// NewEvent makes an event of a catalogued type at the type's usual severity.
func NewEvent(typ string, at time.Time, initiator, receiver Party, data map[string]any) Event {
	if data == nil {
		data = map[string]any{}
	}
	return Event{ID: id.New(), Type: typ, Severity: EventTypes[typ].Severity, Time: at.UTC(), Initiator: initiator, Receiver: receiver, Data: data}
}

// Check refuses an event that is not in the catalogue or lacks a field, naming the field (MSU-05).
func (e Event) Check() error {
	typ, ok := EventTypes[e.Type]
	if !ok {
		return Invalid("type", fmt.Sprintf("%q is not in the event catalogue", clip(e.Type)))
	}
	switch {
	case !id.Valid(e.ID):
		return Invalid("id", "want a UUIDv7")
	case e.Severity.Rank() < 0:
		return Invalid("severity", "want one of info, low, medium, high, critical")
	case e.Time.IsZero():
		return Invalid("time", "is missing")
	case e.Initiator.Kind == "" || e.Initiator.ID == "":
		return Invalid("initiator", "kind and id are required")
	case e.Receiver.Kind == "" || e.Receiver.ID == "":
		return Invalid("receiver", "kind and id are required")
	case e.Data == nil:
		return Invalid("data", "is missing")
	}
	for _, key := range typ.Data {
		if _, ok := e.Data[key]; !ok {
			return Invalid("data."+key, "is required by "+e.Type)
		}
	}
	return nil
}

// EventType is a catalogue entry. Change marks a state change, which is recorded in its own transaction. Data lists the
// keys that must be there. Class and Activity place the type in OCSF 1.x.
type EventType struct {
	Name     string   `json:"name"`
	Severity Severity `json:"severity"`
	Change   bool     `json:"change"`
	Class    OCSF     `json:"ocsf"`
	Data     []string `json:"data"`
	Summary  string   `json:"summary"`
}

// OCSF names an Open Cybersecurity Schema Framework class and activity.
type OCSF struct {
	Class    string `json:"class"`
	ClassUID int    `json:"classUid"`
	Activity int    `json:"activityId"`
}

// EventTypes is the catalogue, by name. It is put together once from the tables in the events_*.go files.
var EventTypes = catalogue(accessEvents, identityEvents, registryEvents, brokerEvents, detectEvents, postureEvents, recordEvents, riskEvents, engagementEvents, systemEvents)

// EventTypeNames lists the catalogue in order of name.
func EventTypeNames() []string { return slices.Sorted(maps.Keys(EventTypes)) }

func catalogue(tables ...[]EventType) map[string]EventType {
	all := map[string]EventType{}
	for _, table := range tables {
		for _, t := range table {
			if _, twice := all[t.Name]; twice {
				panic("event type " + t.Name + " is declared twice")
			}
			all[t.Name] = t
		}
	}
	return all
}
