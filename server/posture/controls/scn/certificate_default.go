package scn

import (
	"github.com/thingward/thingward/server/posture"
)

// CertificateDefault is a gate of SCN-01: the probes mqtt.password-only and tcp.uncertified try to connect with a
// password alone, without anything, and with a certificate of their own making; all must be refused.
func CertificateDefault() posture.Gate {
	return posture.Gate{
		ID: "SCN-01/certificate-default", Control: "SCN-01", Obligation: "certificate-default",
		Title:  "A client joins with a certificate, not with a password",
		Probes: []string{"mqtt.password-only", "tcp.uncertified"},
		Events: []string{"connection.refused"},
	}
}
