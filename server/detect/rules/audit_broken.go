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
		Title:     "The audit log does not verify",
		Text:      "An entry or hash of the audit log is not what was signed: the database was altered from outside, or is damaged. The event names the first bad entry. Keep the database as it is for examination; compare it with the last export and with a backup; find out who had access.",
		Events:    []string{"audit.broken", "audit.verified"},
		Key:       auditLog,
		Threshold: 1, Window: time.Hour,
		Clears: func(ev fleet.Event) bool { return ev.Type == "audit.verified" },
	}
}

// auditLog is the log itself. A verification that found a fault is no sign that all is well, and not another fault either.
func auditLog(ev fleet.Event) (fleet.Party, bool) {
	found := ev.Type == "audit.verified" && text(ev, "result") != "ok"
	return fleet.Party{Kind: "server", ID: "thingward/audit", Name: "audit log"}, !found
}
