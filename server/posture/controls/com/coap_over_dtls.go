package com

import (
	"github.com/thingward/thingward/server/posture"
)

// CoAPOverDTLS is a gate of COM-09: the probe udp.sockets lists the UDP sockets of this process, as the kernel sees
// them. Without any, the rule does not apply; each that is there must be documented as DTLS.
func CoAPOverDTLS() posture.Gate {
	return posture.Gate{
		ID: "COM-09/coap-over-dtls", Control: "COM-09", Obligation: "coap-over-dtls",
		Title:  "No UDP service is offered without DTLS",
		Probes: []string{"udp.sockets"},
	}
}
