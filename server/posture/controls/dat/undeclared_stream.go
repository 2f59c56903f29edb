package dat

import (
	"github.com/thingward/thingward/server/posture"
)

// UndeclaredStream is a gate of DAT-01: the probe telemetry.undeclared hands the intake a reading on a stream that no
// type declares; it must be set aside and flagged.
func UndeclaredStream() posture.Gate {
	return posture.Gate{
		ID: "DAT-01/undeclared-stream", Control: "DAT-01", Obligation: "undeclared-stream",
		Title:  "An undeclared stream is flagged",
		Probes: []string{"telemetry.undeclared"},
		Events: []string{"stream.undeclared"},
	}
}
