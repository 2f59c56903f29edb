package rules

import (
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/detect"
)

// OversizeMessages is COM-06: a client that goes on sending messages above the size limit.
func OversizeMessages() detect.Rule {
	return detect.Rule{
		ID: "COM-06/oversize-messages", Control: "COM-06", Severity: fleet.Medium,
		Title:     "A client keeps sending too large messages",
		Text:      "Three messages of a client were above the size limit within 10 minutes, and each ended its connection: its software is wrong, or it tries to exhaust the broker. Look at the sizes in its events; mend its software or quarantine it.",
		Events:    []string{"message.too-large"},
		Key:       client,
		Threshold: 3, Window: 10 * time.Minute,
		Count:   counted,
		Respond: true,
	}
}
