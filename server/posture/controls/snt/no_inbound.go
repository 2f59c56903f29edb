package snt

import (
	"fmt"
	"strings"

	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/posture"
)

// NoInbound checks SNT-14: only the device starts communications. A port open to the network is listed; loopback is the
// device itself.
func NoInbound() posture.Check {
	return posture.Check{
		ID: "SNT-14/no-inbound", Control: "SNT-14", Obligation: "no-inbound-listener",
		Title: "The device listens to nobody",
		Reads: "inventory open ports", Subject: posture.Device,
		Eval: posture.OnReport(func(_ *posture.DeviceFacts, inv *protocol.Inventory) posture.Verdict {
			if inv.OpenPorts == nil {
				return posture.Unknown("it does not report its listening ports")
			}
			var open []string
			for _, p := range inv.OpenPorts {
				if !posture.Loopback(p.Address) {
					open = append(open, fmt.Sprintf("%s/%d", p.Proto, p.Port))
				}
			}
			if len(open) > 0 {
				return posture.Fail("open to inbound requests: %s", strings.Join(open, ", "))
			}
			return posture.Pass("no port is open to inbound requests")
		}),
	}
}
