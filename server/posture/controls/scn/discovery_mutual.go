package scn

import (
	"github.com/thingward/thingward/server/posture"
)

// DiscoveryMutual is a gate of SCN-11: the probe udp.sockets lists the UDP sockets of this process: discovery (mDNS,
// SSDP, CoAP multicast) would listen on one. Without any, the rule does not apply.
func DiscoveryMutual() posture.Gate {
	return posture.Gate{
		ID: "SCN-11/discovery-mutual", Control: "SCN-11", Obligation: "mutual-tls",
		Title:  "Service discovery is offered over mutual TLS only",
		Probes: []string{"udp.sockets"},
	}
}
