package act

import (
	"time"

	"github.com/thingward/thingward/server/posture"
)

// OffPolicy checks ACT-02: a device that no longer meets the minimum version of its type must update by a date, counted
// from the change of the type. Past that date it fails; where the type sets no time to comply there is no date to hold
// it to.
func OffPolicy() posture.Check {
	return posture.Check{
		ID: "ACT-02/off-policy", Control: "ACT-02", Obligation: "off-policy-list",
		Title: "A device below its minimum version has a date, and the date is not past",
		Reads: "inventory firmware, type baseline", Subject: posture.Device,
		Eval: posture.OnLive(func(f *posture.DeviceFacts, now time.Time) posture.Verdict {
			switch v := f.Report(now); {
			case f.Type == nil:
				return posture.Unknown("its type is not known")
			case f.Type.Baseline.Firmware == "":
				return posture.NotApplicable("the type sets no minimum version")
			case v.Known():
				return v
			default:
				return offPolicy(f, now).At(f.InventoryAt.Add(f.ReportCounts()))
			}
		}),
	}
}

func offPolicy(f *posture.DeviceFacts, now time.Time) posture.Verdict {
	have, floor := f.Inventory.Firmware, f.Type.Baseline.Firmware
	due := f.Type.Changed.Add(f.Type.Baseline.UpdateMaxAge)
	ok, err := posture.Satisfies(have, floor)
	switch {
	case have == "":
		return posture.Unknown("its report names no firmware")
	case err != nil:
		return posture.Unknown("firmware %s cannot be compared with %s", have, floor)
	case ok:
		return posture.Pass("firmware %s meets %s", have, floor)
	case f.Type.Baseline.UpdateMaxAge <= 0:
		return posture.Fail("firmware %s is off %s, and the type sets no time to comply", have, floor)
	case now.Before(due):
		return posture.Pass("firmware %s is off %s and must comply by %s", have, floor, posture.Day(due)).At(due)
	default:
		return posture.Fail("firmware %s is off %s and should have complied by %s", have, floor, posture.Day(due))
	}
}
