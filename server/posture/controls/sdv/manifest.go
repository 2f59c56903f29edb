package sdv

import (
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
)

// Manifest checks SDV-02: new devices join through one framework: a device whose type has no manifest is outside of it.
// The registry refuses such a device; this finds one that got past it.
func Manifest() posture.Check {
	return posture.Check{
		ID: "SDV-02/manifest", Control: "SDV-02", Obligation: "manifest-required",
		Title: "The type of the device has a valid manifest",
		Reads: "registry", Subject: posture.Device,
		Eval: posture.On(func(f *posture.DeviceFacts, _ time.Time) posture.Verdict {
			switch {
			case f.Device.Type == "" && f.Device.State == fleet.Quarantined:
				return posture.NotApplicable("a stranger in quarantine, without a type")
			case f.Device.State == fleet.Retired:
				return posture.NotApplicable("retired")
			case f.Type == nil:
				return posture.Fail("its type %q has no manifest", f.Device.Type)
			default:
				return posture.Pass("its type has a manifest")
			}
		}),
	}
}
