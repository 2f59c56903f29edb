package rules

import (
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/detect"
)

// EventsLost is MSU-05: events were lost to overload, so that detection and the audit log have a gap.
func EventsLost() detect.Rule {
	return detect.Rule{
		ID: "MSU-05/events-lost", Control: "MSU-05", Severity: fleet.High,
		Title:     "Security events were lost",
		Text:      "More events came than could be stored, and some were dropped: detection and the audit log have a gap. Look for a flood of refusals at the same time; find its source; give the server faster storage if the load is normal.",
		Events:    []string{"events.shed"},
		Key:       func(ev fleet.Event) (fleet.Party, bool) { return ev.Receiver, true },
		Threshold: 1, Window: time.Hour,
		Count: counted,
	}
}
