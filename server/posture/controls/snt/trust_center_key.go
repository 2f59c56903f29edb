package snt

import (
	"strings"

	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/posture"
)

// TrustCenterKey checks SNT-15: with the well-known link key anyone can read the network key in transport. The
// fingerprint that a coordinator reports is compared with that of the default; no report is unknown.
func TrustCenterKey() posture.Check {
	return posture.Check{
		ID: "SNT-15/trust-center-key", Control: "SNT-15", Obligation: "not-the-default",
		Title: "The ZigBee Trust Center key is not the public default",
		Reads: "inventory Trust Center key fingerprint", Subject: posture.Device,
		Eval: posture.OnReport(func(_ *posture.DeviceFacts, inv *protocol.Inventory) posture.Verdict {
			if v := posture.Radio(inv, "ZigBee", "zigbee"); v.Known() {
				return v
			}
			switch {
			case inv.Radio == nil || inv.Radio.ZigbeeTCKeyHash == "":
				return posture.Unknown("it does not report the fingerprint of its Trust Center key")
			case strings.EqualFold(inv.Radio.ZigbeeTCKeyHash, defaultTrustCenterKey):
				return posture.Fail("it uses the public default key")
			case len(inv.Radio.ZigbeeTCKeyHash) != len(defaultTrustCenterKey):
				return posture.Unknown("what it reports is no SHA-256 fingerprint")
			default:
				return posture.Pass("its key is not the public default")
			}
		}),
	}
}

// defaultTrustCenterKey is the SHA-256 of the well-known link key "ZigBeeAlliance09".
const defaultTrustCenterKey = "935bafd3943937a2bfa96e3f2bd60fb346e46b174dc727302e2211ec8f4e9b19"
