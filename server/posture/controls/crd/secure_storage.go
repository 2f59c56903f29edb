package crd

import (
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/posture"
)

// SecureStorage checks CRD-02: a key in a plain file can be copied. Hardware and software secure elements count, and so
// does a file that the agent seals.
func SecureStorage() posture.Check {
	return posture.Check{
		ID: "CRD-02/secure-storage", Control: "CRD-02", Obligation: "secure-storage",
		Title: "The key of the device is held in a secure element",
		Reads: "inventory key storage", Subject: posture.Device,
		Eval: posture.OnReport(func(_ *posture.DeviceFacts, inv *protocol.Inventory) posture.Verdict {
			switch inv.KeyStorage {
			case "secure-element", "tpm", "sealed-file":
				return posture.Pass("its key is in a %s", inv.KeyStorage)
			case "":
				return posture.Unknown("it does not report where its key is")
			default:
				return posture.Fail("its key is in a %s", inv.KeyStorage)
			}
		}),
	}
}
