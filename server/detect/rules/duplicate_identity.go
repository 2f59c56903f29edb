package rules

import (
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/detect"
)

// DuplicateIdentity is TSP-03: one identity at work in two places at once.
func DuplicateIdentity() detect.Rule {
	return detect.Rule{
		ID: "TSP-03/duplicate-identity", Control: "TSP-03", Severity: fleet.Critical,
		Title:     "One identity in two places at once",
		Text:      "A certificate was used from a second place while the first was connected: its key was probably copied. The event names both places. Find out which of them is the device; quarantine it, revoke the certificate, and enrol it with a new key made on the device.",
		Events:    []string{"identity.duplicate"},
		Key:       subject,
		Threshold: 1, Window: 30 * time.Minute,
		Respond: true,
	}
}
