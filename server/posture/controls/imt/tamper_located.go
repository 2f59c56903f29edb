package imt

import (
	"github.com/thingward/thingward/server/posture"
)

// TamperLocated is a gate of IMT-01: the probe audit.tamper-located exports a stretch of the log, alters one byte of
// one entry in the copy and verifies it; verification must fail and name that entry.
func TamperLocated() posture.Gate {
	return posture.Gate{
		ID: "IMT-01/tamper-located", Control: "IMT-01", Obligation: "tamper-located",
		Title:  "One altered byte is detected and located",
		Probes: []string{"audit.tamper-located"},
	}
}
