package dat

import "github.com/thingward/thingward/server/posture"

// UndeclaredSource is a gate of DAT-03: devices are catalogued by their types, and the probe telemetry.undeclared sends what no
// type declares. Outside sources are catalogued by records.
func UndeclaredSource() posture.Gate {
	return posture.Gate{
		ID: "DAT-03/undeclared-source", Control: "DAT-03", Obligation: "sources-catalogued",
		Title:  "Data of a device from a source that no type declares is set aside",
		Probes: []string{"telemetry.undeclared"}, Events: []string{"stream.undeclared"},
	}
}
