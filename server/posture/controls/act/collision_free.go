package act

import (
	"time"

	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/server/posture"
)

// CollisionFree checks ACT-04: an identifier with 74 random bits and its time (RFC 9562) cannot meet one of another
// installation, so two fleets can be merged without renaming.
func CollisionFree() posture.Check {
	return posture.Check{
		ID: "ACT-04/collision-free", Control: "ACT-04", Obligation: "merge-safe",
		Title: "The identifier of the device is a UUIDv7",
		Reads: "device id", Subject: posture.Device,
		Eval: posture.On(func(f *posture.DeviceFacts, _ time.Time) posture.Verdict {
			if !id.Valid(f.Device.ID) {
				return posture.Fail("the identifier is no UUIDv7")
			}
			return posture.Pass("the identifier is a UUIDv7")
		}),
	}
}
