package rules

import (
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/detect"
)

// MessageFlood is OPA-04: a client far above its rate, already held back by the broker.
func MessageFlood() detect.Rule {
	return detect.Rule{
		ID: "OPA-04/message-flood", Control: "OPA-04", Severity: fleet.Medium,
		Title:     "A client floods the broker",
		Text:      "A client went over its message rate and is held back; others are not slowed. Heavy traffic may mean that the device was taken over. Look at what it sends; quarantine it, or raise the rate of its type if the traffic is meant.",
		Events:    []string{"client.throttled"},
		Key:       client,
		Threshold: 1, Window: 5 * time.Minute,
		Count:   counted,
		Respond: true,
	}
}
