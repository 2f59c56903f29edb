package rules

import (
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/detect"
)

// ACLBurst is COM-01: a client that tries topic after topic outside its access list.
func ACLBurst() detect.Rule {
	return detect.Rule{
		ID: "COM-01/acl-burst", Control: "COM-01", Severity: fleet.High,
		Title:     "A burst of refused topics",
		Text:      "A client was refused ten times within 5 minutes for topics outside its access list: its software is wrong, or somebody uses it to look around. Compare the topics in its events with its type; quarantine the device if they are not a mistake.",
		Events:    []string{"publish.refused", "subscribe.refused"},
		Key:       client,
		Threshold: 10, Window: 5 * time.Minute,
		Count:   counted,
		Respond: true,
	}
}
