package cmp

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestKeysSealed(t *testing.T) {
	with := func(storage, seal string) posture.Facts {
		return posturetest.Device(func(f *posture.DeviceFacts) { f.Inventory.KeyStorage, f.Inventory.KeySeal = storage, seal })
	}
	posturetest.Check(t, KeysSealed(),
		posturetest.Case{Name: "bound to hardware", Facts: with("sealed-file", "hardware"), Want: fleet.Pass},
		posturetest.Case{Name: "bound to the disk", Facts: with("sealed-file", "disk"), Want: fleet.Fail, Reason: "same disk"},
		posturetest.Case{Name: "an older agent", Facts: with("sealed-file", ""), Want: fleet.Unknown},
		posturetest.Case{Name: "plain", Facts: with("file", ""), Want: fleet.Fail},
		posturetest.Case{Name: "not reported", Facts: with("", ""), Want: fleet.Unknown},
		posturetest.Case{Name: "in hardware", Facts: with("tpm", ""), Want: fleet.NotApplicable},
	)
}
