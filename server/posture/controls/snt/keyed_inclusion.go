package snt

import (
	"strings"

	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/posture"
)

// KeyedInclusion checks SNT-18: a 4-byte Home ID is no secret: a node that joined by it alone can be impersonated.
func KeyedInclusion() posture.Check {
	return posture.Check{
		ID: "SNT-18/keyed-inclusion", Control: "SNT-18", Obligation: "keyed-inclusion",
		Title: "The Z-Wave node was included with S2 or S0",
		Reads: "inventory Z-Wave security", Subject: posture.Device,
		Eval: posture.OnReport(func(_ *posture.DeviceFacts, inv *protocol.Inventory) posture.Verdict {
			if v := posture.Radio(inv, "Z-Wave", "zwave"); v.Known() {
				return v
			}
			if inv.Radio == nil {
				return posture.Unknown("it does not report how it was included")
			}
			switch inv.Radio.ZWaveSecurity {
			case "s2", "s0":
				return posture.Pass("included with %s", strings.ToUpper(inv.Radio.ZWaveSecurity))
			case "none":
				return posture.Fail("included by Home ID alone")
			default:
				return posture.Unknown("it does not report how it was included")
			}
		}),
	}
}
