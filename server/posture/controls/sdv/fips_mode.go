package sdv

import "github.com/thingward/thingward/server/posture"

// FIPSMode is a gate of SDV-07: the probe config.fips requires FIPS 140-3 mode in a copy of the configuration in force, which must
// be refused while the module is not in it, and compares what is shown with how the module runs.
func FIPSMode() posture.Gate {
	return posture.Gate{
		ID: "SDV-07/fips-mode", Control: "SDV-07", Obligation: "fips-mode",
		Title:  "The module's FIPS mode is shown, and can be required",
		Probes: []string{"config.fips"},
	}
}
