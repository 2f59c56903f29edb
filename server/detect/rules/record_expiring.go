package rules

import (
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/detect"
)

// RecordExpiring is GVN-01: a policy, assessment or other record in force nears its end, or reached it, and nobody renewed it.
func RecordExpiring() detect.Rule {
	return detect.Rule{
		ID: "GVN-01/record-expiring", Control: "GVN-01", Severity: fleet.Medium,
		Title:     "A record was not renewed and nears its end",
		Text:      "What a person must renew ends soon, or has ended, and the controls that it answers fail from then on. Its owner begins the next version from it, says when the work was done this time, and has somebody else approve it.",
		Events:    []string{"record.expiring", "record.expired", "record.approved", "record.withdrawn"},
		Key:       owed,
		Threshold: 1, Window: time.Hour,
		Clears: func(ev fleet.Event) bool { return ev.Type == "record.approved" || ev.Type == "record.withdrawn" },
	}
}

// owed is what a record is owed for: its kind and object, whichever version.
func owed(ev fleet.Event) (fleet.Party, bool) {
	kind, object := text(ev, "kind"), text(ev, "object")
	return fleet.Party{Kind: "duty", ID: kind + "/" + object, Name: ev.Receiver.Name}, kind != "" && object != ""
}
