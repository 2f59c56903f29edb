package rules

import (
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/detect"
)

// RecordAltered is IMT-01: what is stored of an approved record, or its evidence, is not what the audit log says was approved.
func RecordAltered() detect.Rule {
	return detect.Rule{
		ID: "IMT-01/record-altered", Control: "IMT-01", Severity: fleet.Critical,
		Title:     "A record is not what was approved",
		Text:      "The form or a file of a record in force was altered in the database, from outside of the platform. The event names the record, the file and the place. Keep the database for examination, find out who had access, and restore the record from a backup or begin a new version.",
		Events:    []string{"evidence.altered", "record.approved", "record.withdrawn"},
		Key:       owed,
		Threshold: 1, Window: time.Hour,
		Clears: func(ev fleet.Event) bool { return ev.Type != "evidence.altered" },
	}
}
