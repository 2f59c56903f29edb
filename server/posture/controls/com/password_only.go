package com

import (
	"github.com/thingward/thingward/server/posture"
)

// PasswordOnly is a gate of COM-03: the probe mqtt.password-only sends a CONNECT with user name and password but no
// certificate, inside TLS, to every MQTT listener and over WebSocket; none may accept it.
func PasswordOnly() posture.Gate {
	return posture.Gate{
		ID: "COM-03/password-only", Control: "COM-03", Obligation: "password-only-refused",
		Title:  "A password without a certificate is refused",
		Probes: []string{"mqtt.password-only"},
		Events: []string{"connection.refused"},
	}
}
