package snt

import (
	"strconv"

	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/posture"
)

// TransmitPower checks SNT-11: a sensor radio that sends further than its segment can be listened to from outside. The
// limit stands in the type as radio setting transmitPowerDBm.
func TransmitPower() posture.Check {
	return posture.Check{
		ID: "SNT-11/transmit-power", Control: "SNT-11", Obligation: "power-limit",
		Title: "The transmit power stays within the limit",
		Reads: "inventory transmit power, type radio settings", Subject: posture.Device,
		Eval: posture.OnReport(func(f *posture.DeviceFacts, inv *protocol.Inventory) posture.Verdict {
			if v := posture.Radio(inv, "ZigBee or Z-Wave", "zigbee", "zwave"); v.Known() {
				return v
			}
			if f.Type == nil {
				return posture.Unknown("its type is not known")
			}
			limit, err := strconv.ParseFloat(f.Type.Baseline.Radio["transmitPowerDBm"], 64)
			switch {
			case err != nil:
				return posture.Unknown("the type sets no limit to transmit power")
			case inv.Radio == nil || inv.Radio.TransmitPowerDBm == nil:
				return posture.Unknown("it does not report its transmit power")
			case *inv.Radio.TransmitPowerDBm > limit:
				return posture.Fail("sends at %g dBm, above the limit of %g dBm", *inv.Radio.TransmitPowerDBm, limit)
			default:
				return posture.Pass("sends within the limit of %g dBm", limit)
			}
		}),
	}
}
