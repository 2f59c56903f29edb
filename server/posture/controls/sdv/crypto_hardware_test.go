package sdv

import (
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture/posturetest"
)

func TestCryptoHardware(t *testing.T) {
	posturetest.Check(t, CryptoHardware(),
		posturetest.Case{Name: "none", Facts: posturetest.DeviceType(), Want: fleet.Fail, Reason: "cryptoCoprocessor, entropySource, validatedModule"},
		posturetest.Case{Name: "all", Facts: posturetest.DeviceType(func(f *fleet.DeviceType) {
			for _, n := range []string{"cryptoCoprocessor", "entropySource", "validatedModule"} {
				f.Baseline.Capabilities[n] = "evidence"
			}
		}), Want: fleet.Pass},
	)
}
