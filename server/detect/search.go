package detect

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/api"
	"github.com/thingward/thingward/server/store"
)

// EventFilter says which events a search holds. Empty fields do not restrict it.
type EventFilter struct {
	Text       string // part of type, or of a party's name, id or address
	Types      []string
	Severities []string
	Subject    string // id or name of either party
	From, To   time.Time
	Limit      int
	Before     time.Time // with BeforeID: after which event the page begins
	BeforeID   string
}

// EventItem is an event of the search, with its place in the audit log where that is known. Asked for as OCSF, it is
// written as such.
type EventItem struct {
	fleet.Event
	Entry *int64 `json:"entry,omitempty" doc:"Its index in the audit log."`

	ocsf bool
}

// MarshalJSON writes the event as it was asked for.
func (e EventItem) MarshalJSON() ([]byte, error) {
	if e.ocsf {
		return json.Marshal(OCSF(e.Event))
	}
	type plain EventItem
	return json.Marshal(plain(e))
}

// Events searches the events of the last days, newest first.
func (s *Service) Events(ctx context.Context, f EventFilter) ([]EventItem, error) {
	evs, err := s.findEvents(ctx, f)
	if err != nil {
		return nil, err
	}
	places, err := s.places(ctx, evs)
	if err != nil {
		return nil, err
	}
	items := make([]EventItem, 0, len(evs))
	for _, ev := range evs {
		item := EventItem{Event: ev}
		if place, ok := places[ev.ID]; ok {
			item.Entry = &place
		}
		items = append(items, item)
	}
	return items, nil
}

func (s *Service) places(ctx context.Context, evs []fleet.Event) (map[string]int64, error) {
	if s.Entries == nil || len(evs) == 0 {
		return nil, nil
	}
	ids := make([]string, len(evs))
	for i, ev := range evs {
		ids[i] = ev.ID
	}
	return s.Entries.Indexes(ctx, ids)
}

// eventQuery is the query of GET /events.
type eventQuery struct {
	api.PageInput
	Text     string `query:"q" maxLength:"200" doc:"Part of the type, or of a party's name, id or address."`
	Type     string `query:"type" maxLength:"1000" doc:"Event types, comma separated."`
	Severity string `query:"severity" maxLength:"100" doc:"Severities, comma separated."`
	Subject  string `query:"subject" maxLength:"300" doc:"Id or name of who did it or to what it was done."`
	From     string `query:"from" maxLength:"64" doc:"Not before this time (RFC 3339)."`
	To       string `query:"to" maxLength:"64" doc:"Not after this time (RFC 3339)."`
	Format   string `query:"format" maxLength:"16" doc:"ocsf writes each item as an Open Cybersecurity Schema Framework event."`
}

// filter reads the query, naming the field that is wrong.
func (q *eventQuery) filter() (f EventFilter, err error) {
	f = EventFilter{Text: q.Text, Subject: q.Subject, Limit: q.Limit + 1}
	if q.Format != "" && q.Format != "ocsf" {
		return f, fleet.Invalid("format", "want ocsf, or leave it out")
	}
	if f.Types, err = words("type", q.Type, fleet.EventTypeNames(), "is no event type: GET /event-types lists them"); err != nil {
		return f, err
	}
	if f.Severities, err = words("severity", q.Severity, severityNames(), "is no severity: want info, low, medium, high or critical"); err != nil {
		return f, err
	}
	if f.From, err = moment("from", q.From); err != nil {
		return f, err
	}
	if f.To, err = moment("to", q.To); err != nil {
		return f, err
	}
	for field, text := range map[string]string{"q": q.Text, "subject": q.Subject} {
		if err := noZero(field, text); err != nil {
			return f, err
		}
	}
	f.Before, f.BeforeID, err = pageStart(q.After)
	return f, err
}

// noZero refuses what PostgreSQL cannot compare text with.
func noZero(field, text string) error {
	if strings.ContainsRune(text, 0) || !utf8.ValidString(text) {
		return fleet.Invalid(field, "is no plain text")
	}
	return nil
}

func severityNames() (names []string) {
	for _, s := range fleet.Severities {
		names = append(names, string(s))
	}
	return names
}

// words splits a comma-separated list and refuses what is not known.
func words(field, list string, known []string, fault string) (all []string, err error) {
	for w := range strings.SplitSeq(list, ",") {
		if w = strings.TrimSpace(w); w == "" {
			continue
		}
		if !slices.Contains(known, w) {
			return nil, fleet.Invalid(field, clean(w, 60)+" "+fault)
		}
		if !slices.Contains(all, w) {
			all = append(all, w)
		}
	}
	return all, nil
}

func moment(field, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}, fleet.Invalid(field, "want a time like 2026-11-22T16:04:05Z")
	}
	return t, nil
}

// pageStart unpacks a cursor of time and id.
func pageStart(cursor string) (time.Time, string, error) {
	keys, ok, err := api.ParseCursor(cursor, 2)
	if err != nil || !ok {
		return time.Time{}, "", err
	}
	t, err := moment("after", keys[0])
	if err != nil || noZero("after", keys[1]) != nil {
		return time.Time{}, "", fleet.Invalid("after", "is no cursor of this list: leave it out to begin at the first page")
	}
	return t, keys[1], nil
}

// cursorOf is where the next page begins. Times are stored in microseconds.
func cursorOf(t time.Time, id string) string {
	return api.Cursor(store.FromTime(store.Time(t)).Format(time.RFC3339Nano), id)
}
