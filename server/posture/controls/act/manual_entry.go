package act

import (
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
)

// ManualEntry checks ACT-03: where a device cannot report by itself, a person confirms its entry every quarter.
func ManualEntry() posture.Check {
	return posture.Check{
		ID: "ACT-03/manual-entry", Control: "ACT-03", Obligation: "manual-entry-age",
		Title: "An entry kept by hand is not older than 92 days",
		Reads: "inventory report, last change of the record", Subject: posture.Device,
		Eval: posture.OnLive(func(f *posture.DeviceFacts, now time.Time) posture.Verdict {
			if f.Inventory != nil {
				return posture.NotApplicable("the device reports by itself")
			}
			confirmed := f.Device.Changed
			if confirmed.IsZero() {
				confirmed = f.Device.Created
			}
			if v := posture.Fresh("confirmation by hand", confirmed, quarter, now); v.Status == fleet.Stale {
				return posture.Fail("kept by hand and last confirmed on %s", posture.Day(confirmed))
			} else if v.Known() {
				return v
			}
			return posture.Pass("kept by hand and confirmed on %s", posture.Day(confirmed)).At(confirmed.Add(quarter))
		}),
	}
}

const quarter = 92 * 24 * time.Hour
