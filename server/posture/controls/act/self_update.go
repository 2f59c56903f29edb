package act

import (
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
)

// SelfUpdate checks ACT-03: a device that is heard from but whose report is overdue does not keep its own entry. A
// device that is away is stale, not passed.
func SelfUpdate() posture.Check {
	return posture.Check{
		ID: "ACT-03/self-update", Control: "ACT-03", Obligation: "self-update",
		Title: "A device that is online reports its inventory by itself",
		Reads: "time of the inventory report, last seen", Subject: posture.Device, Polled: true,
		Eval: posture.OnLive(func(f *posture.DeviceFacts, now time.Time) posture.Verdict {
			v := f.Report(now)
			silent := f.LastSeen.Add(f.SilentAfter())
			switch {
			case !v.Known():
				return posture.Pass("reported by itself").At(f.InventoryAt.Add(f.ReportCounts()))
			case v.Status == fleet.Stale && now.Before(silent):
				return posture.Fail("it is heard from, and %s", v.Reason).At(silent)
			default:
				return v
			}
		}),
	}
}
