package rules

import (
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/detect"
)

// AuditBroken is IMT-01: the audit log does not verify.
func AuditBroken() detect.Rule {
	return detect.Rule{
		ID: "IMT-01/audit-broken", Control: "IMT-01", Severity: fleet.Critical,
		Title:  "The audit log does not verify",
		Text:   "An entry or hash of the audit log is not what was signed: the database was altered from outside, or is damaged. The event names the first bad entry. Keep the database as it is for examination; compare it with the last export and with a backup; find out who had access.",
		Events: []string{"audit.broken", "audit.verified"},
		Key: func(fleet.Event) (fleet.Party, bool) {
			return fleet.Party{Kind: "server", ID: "thingward/audit", Name: "audit log"}, true
		},
		Threshold: 1, Window: time.Hour,
		Clears: func(ev fleet.Event) bool { return ev.Type == "audit.verified" },
	}
}
