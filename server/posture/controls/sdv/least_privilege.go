package sdv

import (
	"slices"
	"strings"

	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/posture"
)

// LeastPrivilege checks SDV-03: few programs need root. A type may list them in its capability rootServices, with
// commas between; whatever else runs as root is shown with the device.
func LeastPrivilege() posture.Check {
	return posture.Check{
		ID: "SDV-03/least-privilege", Control: "SDV-03", Obligation: "device-root-services",
		Title: "The device runs nothing as root beyond the list of its type",
		Reads: "inventory root services, type capabilities", Subject: posture.Device,
		Eval: posture.OnReport(func(f *posture.DeviceFacts, inv *protocol.Inventory) posture.Verdict {
			if inv.RootServices == nil {
				return posture.Unknown("it does not report what runs as root")
			}
			var allowed []string
			if f.Type != nil {
				for name := range strings.SplitSeq(f.Type.Baseline.Capabilities["rootServices"], ",") {
					allowed = append(allowed, strings.TrimSpace(name))
				}
			}
			var beyond []string
			for _, name := range inv.RootServices {
				if !slices.Contains(allowed, name) {
					beyond = append(beyond, name)
				}
			}
			if len(beyond) > 0 {
				return posture.Fail("runs as root beyond its type's list: %s", strings.Join(beyond, ", "))
			}
			return posture.Pass("nothing runs as root beyond its type's list")
		}),
	}
}
