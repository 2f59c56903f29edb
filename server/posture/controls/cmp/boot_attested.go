package cmp

import (
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/posture"
)

// BootAttested checks CMP-01: where a device can say how it booted, what it says is compared with what its type
// promises.
func BootAttested() posture.Check {
	return posture.Check{
		ID: "CMP-01/boot-attested", Control: "CMP-01", Obligation: "attested-where-possible",
		Title: "The device reports that it booted securely",
		Reads: "inventory secure boot", Subject: posture.Device,
		Eval: posture.OnReport(func(f *posture.DeviceFacts, inv *protocol.Inventory) posture.Verdict {
			switch {
			case f.Type == nil:
				return posture.Unknown("its type is not known")
			case f.Type.Baseline.Capabilities["secureBoot"] == "":
				return posture.NotApplicable("the type promises no secure boot")
			case inv.SecureBoot == nil:
				return posture.Unknown("it does not report how it booted")
			case !*inv.SecureBoot:
				return posture.Fail("it reports that secure boot is off, against its type's promise")
			default:
				return posture.Pass("it reports secure boot")
			}
		}),
	}
}
