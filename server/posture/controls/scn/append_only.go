package scn

import (
	"github.com/thingward/thingward/server/posture"
)

// AppendOnly is a gate of SCN-09: the probe api.append-only reads the API's own description: under /audit nothing may
// be put, patched or deleted, and nothing posted but a request to verify.
func AppendOnly() posture.Gate {
	return posture.Gate{
		ID: "SCN-09/append-only", Control: "SCN-09", Obligation: "append-only",
		Title:  "No interface edits or deletes an entry",
		Probes: []string{"api.append-only"},
	}
}
