package gvn

import (
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
)

// DeviceReviewed checks GVN-04 for the accounts that devices are: one that no access review has kept for a year may no longer be
// needed. A new device counts from its registration.
func DeviceReviewed() posture.Check {
	return posture.Check{
		ID: "GVN-04/device-reviewed", Control: "GVN-04", Obligation: "reviewed-in-a-year",
		Title: "No device went unreviewed for more than 365 days",
		Reads: "registration, last review", Subject: posture.Device, Polled: true,
		Eval: posture.On(func(f *posture.DeviceFacts, now time.Time) posture.Verdict {
			from, what := f.Device.Created, "registered"
			if f.Reviewed.After(from) {
				from, what = f.Reviewed, "reviewed"
			}
			switch {
			case f.Device.State == fleet.Retired:
				return posture.NotApplicable("retired")
			case from.IsZero():
				return posture.Unknown("when it was registered is not on record")
			case !now.Before(from.Add(year)):
				return posture.Fail("%s on %s and not reviewed since", what, posture.Day(from))
			default:
				return posture.Pass("%s on %s, within the last 365 days", what, posture.Day(from)).At(from.Add(year))
			}
		}),
	}
}
