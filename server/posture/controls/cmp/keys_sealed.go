package cmp

import (
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/posture"
)

// KeysSealed checks CMP-02: a seal that opens with what lies on the same disk protects nothing from whoever copies the disk.
func KeysSealed() posture.Check {
	return posture.Check{
		ID: "CMP-02/keys-sealed", Control: "CMP-02", Obligation: "keys-sealed",
		Title: "The keys of the device cannot be read from a copy of its disk",
		Reads: "inventory key storage, what it is sealed with", Subject: posture.Device,
		Eval: posture.OnReport(func(_ *posture.DeviceFacts, inv *protocol.Inventory) posture.Verdict {
			switch {
			case inv.KeyStorage == "secure-element" || inv.KeyStorage == "tpm":
				return posture.NotApplicable("its key is in hardware (%s)", inv.KeyStorage)
			case inv.KeyStorage == "":
				return posture.Unknown("it does not report where its key is")
			case inv.KeyStorage != "sealed-file":
				return posture.Fail("its key is in a %s", inv.KeyStorage)
			case inv.KeySeal == "hardware":
				return posture.Pass("its key is sealed, and opens on its own hardware only")
			case inv.KeySeal == "disk":
				return posture.Fail("its key is sealed, but what opens it lies on the same disk: run the agent where it can read a serial number of the hardware, and enrol again")
			default:
				return posture.Unknown("it does not report what its seal is bound to")
			}
		}),
	}
}
