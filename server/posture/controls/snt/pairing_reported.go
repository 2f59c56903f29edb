package snt

import (
	"slices"

	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/posture"
)

// PairingReported checks SNT-01: silence about the pairing method is no good sign: such a device counts as unknown.
func PairingReported() posture.Check {
	return posture.Check{
		ID: "SNT-01/pairing-reported", Control: "SNT-01", Obligation: "pairing-reported",
		Title: "A device with Bluetooth reports how it pairs",
		Reads: "inventory Bluetooth pairing", Subject: posture.Device,
		Eval: posture.OnReport(func(_ *posture.DeviceFacts, inv *protocol.Inventory) posture.Verdict {
			if v := posture.Radio(inv, "Bluetooth", "ble", "bluetooth"); v.Known() {
				return v
			}
			if !slices.Contains(methods, posture.BLEPairing(inv)) {
				return posture.Unknown("it does not report a pairing method that is known")
			}
			return posture.Pass("it reports its pairing method")
		}),
	}
}

var methods = []string{"just-works", "passkey", "numeric-comparison", "oob"}
