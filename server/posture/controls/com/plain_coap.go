package com

import (
	"github.com/thingward/thingward/server/posture"
)

// PlainCoAP is a gate of COM-09: the probe udp.plain-coap sends a CoAP ping in clear to the CoAP ports and to every UDP
// socket of this process; none may answer. Without any socket the rule does not apply.
func PlainCoAP() posture.Gate {
	return posture.Gate{
		ID: "COM-09/plain-coap", Control: "COM-09", Obligation: "plain-coap-refused",
		Title:  "A plain CoAP request gets no answer",
		Probes: []string{"udp.plain-coap"},
	}
}
