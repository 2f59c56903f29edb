package tsp

import (
	"github.com/thingward/thingward/server/posture"
)

// ListenerScan is a gate of TSP-04: the probe tls.scan offers every TLS listener old versions, suites without forward
// secrecy and with CBC, and strong ones; only the strong may succeed.
func ListenerScan() posture.Gate {
	return posture.Gate{
		ID: "TSP-04/listener-scan", Control: "TSP-04", Obligation: "listener-scan",
		Title:    "A scan finds only what the policy allows",
		Probes:   []string{"tls.scan"},
		Settings: []string{"min_tls"},
	}
}
