package tsp

import (
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/posture"
)

// MinimumVersion checks TSP-02: a device below the minimum version lacks fixes that its type requires, and is flagged
// at its next report.
func MinimumVersion() posture.Check {
	return posture.Check{
		ID: "TSP-02/minimum-version", Control: "TSP-02", Obligation: "version-floor",
		Title: "The device runs the minimum version of its type or later",
		Reads: "inventory firmware, type baseline", Subject: posture.Device,
		Eval: posture.OnReport(func(f *posture.DeviceFacts, inv *protocol.Inventory) posture.Verdict {
			if f.Type == nil {
				return posture.Unknown("its type is not known")
			}
			floor := f.Type.Baseline.Firmware
			if floor == "" {
				return posture.NotApplicable("the type sets no minimum version")
			}
			if inv.Firmware == "" {
				return posture.Unknown("its report names no firmware")
			}
			ok, err := posture.Satisfies(inv.Firmware, floor)
			switch {
			case err != nil:
				return posture.Unknown("firmware %s cannot be compared with %s", inv.Firmware, floor)
			case !ok:
				return posture.Fail("firmware %s, and the type requires %s", inv.Firmware, floor)
			default:
				return posture.Pass("firmware %s meets %s", inv.Firmware, floor)
			}
		}),
	}
}
