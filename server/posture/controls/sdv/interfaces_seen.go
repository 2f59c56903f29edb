package sdv

import (
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/server/posture"
)

// InterfacesSeen checks SDV-08: an interface that the approved checklist of the type says is closed, and that the device reports
// all the same, was opened after the inspection or never was closed.
func InterfacesSeen() posture.Check {
	return posture.Check{
		ID: "SDV-08/interfaces-seen", Control: "SDV-08", Obligation: "interfaces-seen",
		Title: "The device reports no interface that its type's checklist says is closed",
		Reads: "inventory interfaces, hardware checklist of the type", Subject: posture.Device,
		Eval: posture.OnLive(func(f *posture.DeviceFacts, now time.Time) posture.Verdict {
			if v := f.Report(now); v.Known() {
				return v
			}
			return compareInterfaces(f, now).At(f.InventoryAt.Add(f.ReportCounts()))
		}),
	}
}

func compareInterfaces(f *posture.DeviceFacts, now time.Time) posture.Verdict {
	switch {
	case f.Checklist == nil:
		return posture.Unknown("its type has no approved hardware checklist to compare with")
	case !now.Before(f.Checklist.Expires):
		return posture.Unknown("the hardware checklist of its type ended on %s", posture.Day(f.Checklist.Expires))
	case len(f.Inventory.Interfaces) == 0:
		return posture.Unknown("its report names no interface").At(f.Checklist.Expires)
	}
	var open, unlisted []string
	for _, i := range f.Inventory.Interfaces {
		closed, listed := f.Checklist.Closed[i.Kind]
		switch {
		case i.Kind == "loopback":
		case !listed:
			unlisted = append(unlisted, i.Name+" ("+i.Kind+")")
		case closed:
			open = append(open, i.Name+" ("+i.Kind+")")
		}
	}
	slices.Sort(open)
	slices.Sort(unlisted)
	switch {
	case len(open) > 0:
		return posture.Fail("closed by the checklist, and there: %s", strings.Join(open, ", ")).At(f.Checklist.Expires)
	case len(unlisted) > 0:
		return posture.Unknown("not in the checklist: %s", strings.Join(unlisted, ", ")).At(f.Checklist.Expires)
	default:
		return posture.Pass("only interfaces that the checklist leaves open").At(f.Checklist.Expires)
	}
}
