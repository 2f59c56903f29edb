package snt

import (
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/posture"
)

// NetworkKeyAge checks SNT-17: a network key that is changed every year limits what a stolen one is worth.
func NetworkKeyAge() posture.Check {
	return posture.Check{
		ID: "SNT-17/network-key-age", Control: "SNT-17", Obligation: "zigbee-key-age",
		Title: "The ZigBee network key is not older than 365 days",
		Reads: "inventory network key age", Subject: posture.Device,
		Eval: posture.OnReport(func(f *posture.DeviceFacts, inv *protocol.Inventory) posture.Verdict {
			if v := posture.Radio(inv, "ZigBee", "zigbee"); v.Known() {
				return v
			}
			switch {
			case inv.Radio == nil || inv.Radio.ZigbeeKeyAgeDays == nil:
				return posture.Unknown("it does not report the age of its network key")
			case *inv.Radio.ZigbeeKeyAgeDays > 365:
				return posture.Fail("its network key was %.0f days old at the last report", *inv.Radio.ZigbeeKeyAgeDays)
			default:
				return posture.Pass("its network key is not older than 365 days")
			}
		}),
	}
}
