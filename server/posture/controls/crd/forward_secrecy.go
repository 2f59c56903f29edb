package crd

import (
	"github.com/thingward/thingward/server/posture"
)

// ForwardSecrecy is a gate of CRD-02: the probe tls.forward-secrecy offers every TLS listener only suites without an
// ephemeral key exchange; each must refuse the handshake.
func ForwardSecrecy() posture.Gate {
	return posture.Gate{
		ID: "CRD-02/forward-secrecy", Control: "CRD-02", Obligation: "forward-secrecy",
		Title:    "No listener takes a suite without forward secrecy",
		Probes:   []string{"tls.forward-secrecy"},
		Settings: []string{"min_tls"},
	}
}
