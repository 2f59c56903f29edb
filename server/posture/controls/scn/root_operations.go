package scn

import (
	"github.com/thingward/thingward/server/posture"
)

// RootOperations is a gate of SCN-06: the probe process.privileges reads the capabilities of this process from the
// kernel: with none, no operation of the server needs root; each one held is named.
func RootOperations() posture.Gate {
	return posture.Gate{
		ID: "SCN-06/root-operations", Control: "SCN-06", Obligation: "root-operations",
		Title:    "The server holds no root privilege",
		Probes:   []string{"process.privileges"},
		Settings: []string{"allow_root"},
	}
}
