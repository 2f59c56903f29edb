package rules

import (
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/detect"
)

// UndeclaredStream is DAT-01: a device publishes data that its type does not declare, so that nobody has classified it.
func UndeclaredStream() detect.Rule {
	return detect.Rule{
		ID: "DAT-01/undeclared-stream", Control: "DAT-01", Severity: fleet.Medium,
		Title:     "A device sends an undeclared stream",
		Text:      "A device published on a stream that its type does not declare; it was refused. Either the software is newer than the type, which then needs the stream with its class, or the device sends what nobody asked for.",
		Events:    []string{"stream.undeclared"},
		Key:       client,
		Threshold: 1, Window: time.Hour,
		Count: counted,
	}
}
