package snt

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestTransmitPower(t *testing.T) {
	posturetest.Check(t, TransmitPower(),
		posturetest.Case{Name: "no such radio", Facts: posturetest.Device(), Want: fleet.NotApplicable},
		posturetest.Case{Name: "within", Facts: posturetest.Device(func(f *posture.DeviceFacts) {
			p := 4.0
			f.Inventory.Radio = &protocol.RadioReport{ZigbeeTCKeyHash: "x", TransmitPowerDBm: &p}
			f.Type.Baseline.Radio = map[string]string{"transmitPowerDBm": "4"}
		}), Want: fleet.Pass},
		posturetest.Case{Name: "above", Facts: posturetest.Device(func(f *posture.DeviceFacts) {
			p := 8.5
			f.Inventory.Radio = &protocol.RadioReport{ZigbeeTCKeyHash: "x", TransmitPowerDBm: &p}
			f.Type.Baseline.Radio = map[string]string{"transmitPowerDBm": "4"}
		}), Want: fleet.Fail, Reason: "8.5"},
		posturetest.Case{Name: "no limit", Facts: posturetest.Device(func(f *posture.DeviceFacts) {
			p := 8.5
			f.Inventory.Radio = &protocol.RadioReport{ZWaveSecurity: "s2", TransmitPowerDBm: &p}
		}), Want: fleet.Unknown},
		posturetest.Case{Name: "not reported", Facts: posturetest.Device(func(f *posture.DeviceFacts) {
			f.Inventory.Radio = &protocol.RadioReport{ZWaveSecurity: "s2"}
			f.Type.Baseline.Radio = map[string]string{"transmitPowerDBm": "4"}
		}), Want: fleet.Unknown},
	)
}
