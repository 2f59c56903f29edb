package com

import (
	"slices"

	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/posture"
)

// LinkEncryption checks COM-10: a radio link that anyone nearby can read gives the device away. A link whose encryption
// the device does not report is unknown, never good.
func LinkEncryption() posture.Check {
	return posture.Check{
		ID: "COM-10/link-encryption", Control: "COM-10", Obligation: "link-encryption",
		Title: "Every wireless link of the device is encrypted",
		Reads: "inventory interfaces", Subject: posture.Device,
		Eval: posture.OnReport(func(_ *posture.DeviceFacts, inv *protocol.Inventory) posture.Verdict {
			if inv.Interfaces == nil {
				return posture.Unknown("it reports no interfaces")
			}
			radios, silent := 0, ""
			for _, i := range inv.Interfaces {
				if !slices.Contains(wireless, i.Kind) {
					continue
				}
				radios++
				if i.Encrypted == nil {
					silent = i.Name
				} else if !*i.Encrypted {
					return posture.Fail("%s (%s) is not encrypted", i.Name, i.Kind)
				}
			}
			switch {
			case silent != "":
				return posture.Unknown("the encryption of %s is not reported", silent)
			case radios == 0:
				return posture.NotApplicable("no wireless interface")
			default:
				return posture.Pass("every wireless link is encrypted")
			}
		}),
	}
}

var wireless = []string{"wifi", "cellular", "ble", "bluetooth", "zigbee", "zwave", "lora", "nfc"}
