package snt

import (
	"strings"
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestTrustCenterKey(t *testing.T) {
	posturetest.Check(t, TrustCenterKey(),
		posturetest.Case{Name: "no zigbee", Facts: posturetest.Device(), Want: fleet.NotApplicable},
		posturetest.Case{Name: "interfaces not reported", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory.Interfaces = nil }), Want: fleet.Unknown, Reason: "interfaces"},
		posturetest.Case{Name: "own key", Facts: posturetest.Device(func(f *posture.DeviceFacts) {
			f.Inventory.Radio = &protocol.RadioReport{ZigbeeTCKeyHash: strings.Repeat("ab", 32)}
		}), Want: fleet.Pass},
		posturetest.Case{Name: "default", Facts: posturetest.Device(func(f *posture.DeviceFacts) {
			f.Inventory.Radio = &protocol.RadioReport{ZigbeeTCKeyHash: strings.ToUpper(defaultTrustCenterKey)}
		}), Want: fleet.Fail},
		posturetest.Case{Name: "not reported", Facts: posturetest.Device(func(f *posture.DeviceFacts) {
			f.Inventory.Interfaces = []protocol.Interface{{Name: "z0", Kind: "zigbee"}}
		}), Want: fleet.Unknown},
		posturetest.Case{Name: "no fingerprint", Facts: posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory.Radio = &protocol.RadioReport{ZigbeeTCKeyHash: "yes"} }), Want: fleet.Unknown},
	)
}
