package scn

import (
	"github.com/thingward/thingward/server/posture"
)

// DiscoverySilent is a gate of SCN-11: the probe udp.discovery sends an mDNS and an SSDP query to this host and waits;
// nothing of this process may answer. Without any UDP socket the rule does not apply.
func DiscoverySilent() posture.Gate {
	return posture.Gate{
		ID: "SCN-11/discovery-silent", Control: "SCN-11", Obligation: "silent-drop",
		Title:  "An unauthenticated discovery query gets no answer",
		Probes: []string{"udp.discovery"},
	}
}
