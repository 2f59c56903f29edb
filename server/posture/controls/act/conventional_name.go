package act

import (
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
)

// ConventionalName checks ACT-04: names that follow one convention can be told apart and never need quoting. The
// registry refuses any other; this finds one that got past it.
func ConventionalName() posture.Check {
	return posture.Check{
		ID: "ACT-04/conventional-name", Control: "ACT-04", Obligation: "name-convention",
		Title: "The name of the device follows the convention",
		Reads: "device name", Subject: posture.Device,
		Eval: posture.On(func(f *posture.DeviceFacts, _ time.Time) posture.Verdict {
			if err := fleet.CheckName("name", f.Device.Name); err != nil {
				return posture.Fail("the name departs from the convention")
			}
			return posture.Pass("the name follows the convention")
		}),
	}
}
