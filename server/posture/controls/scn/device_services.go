package scn

import (
	"strings"

	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/posture"
)

// DeviceServices checks SCN-06: a fault in a service that runs as root gives the whole device away. What the device
// does not measure is unknown.
func DeviceServices() posture.Check {
	return posture.Check{
		ID: "SCN-06/device-services", Control: "SCN-06", Obligation: "device-services",
		Title: "No network service of the device runs as root",
		Reads: "inventory root services", Subject: posture.Device,
		Eval: posture.OnReport(func(_ *posture.DeviceFacts, inv *protocol.Inventory) posture.Verdict {
			switch {
			case inv.RootServices == nil:
				return posture.Unknown("it does not report the accounts of its services")
			case len(inv.RootServices) > 0:
				return posture.Fail("runs as root: %s", strings.Join(inv.RootServices, ", "))
			default:
				return posture.Pass("no network service runs as root")
			}
		}),
	}
}
