package snt

import (
	"strings"

	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/posture"
)

// NoJustWorks checks SNT-01: Just Works pairing proves nothing about the other side, so anyone near can pair. A device
// that has Bluetooth and does not report its pairing method is unknown.
func NoJustWorks() posture.Check {
	return posture.Check{
		ID: "SNT-01/no-just-works", Control: "SNT-01", Obligation: "no-just-works",
		Title: "The device does not pair by Just Works",
		Reads: "inventory Bluetooth pairing", Subject: posture.Device,
		Eval: posture.OnReport(func(_ *posture.DeviceFacts, inv *protocol.Inventory) posture.Verdict {
			if v := posture.Radio(inv, "Bluetooth", "ble", "bluetooth"); v.Known() {
				return v
			}
			switch pairing := posture.BLEPairing(inv); {
			case pairing == "":
				return posture.Unknown("it has Bluetooth and does not report how it pairs")
			case strings.EqualFold(pairing, "just-works"):
				return posture.Fail("it pairs by Just Works")
			default:
				return posture.Pass("it pairs by %s", pairing)
			}
		}),
	}
}
