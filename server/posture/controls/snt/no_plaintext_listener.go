package snt

import (
	"github.com/thingward/thingward/server/posture"
)

// NoPlaintextListener is a gate of SNT-05: the probes tcp.plaintext and tcp.uncertified try every listener in clear,
// without a certificate and with one of their own making.
func NoPlaintextListener() posture.Gate {
	return posture.Gate{
		ID: "SNT-05/no-plaintext-listener", Control: "SNT-05", Obligation: "no-plaintext-listener",
		Title:    "No MQTT or HTTP listener takes plaintext or a stranger",
		Probes:   []string{"tcp.plaintext", "tcp.uncertified"},
		Settings: []string{"allow_remote_ops"},
	}
}
