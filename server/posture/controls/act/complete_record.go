package act

import (
	"strings"

	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/posture"
)

// CompleteRecord checks ACT-01: a device whose record lacks firmware, operating system, software, holder or place can
// neither be judged nor found.
func CompleteRecord() posture.Check {
	return posture.Check{
		ID: "ACT-01/complete-record", Control: "ACT-01", Obligation: "complete-record",
		Title: "The record of the device is complete",
		Reads: "inventory report, holder, site", Subject: posture.Device,
		Eval: posture.OnReport(func(f *posture.DeviceFacts, inv *protocol.Inventory) posture.Verdict {
			var lacks []string
			for _, field := range []struct {
				name    string
				missing bool
			}{
				{"firmware", inv.Firmware == ""},
				{"operating system", inv.OS == ""},
				{"software", len(inv.Software) == 0 && inv.SoftwareOmitted == 0},
				{"holder", f.Device.Assignee == ""},
				{"site", f.Device.Site == ""},
			} {
				if field.missing {
					lacks = append(lacks, field.name)
				}
			}
			if len(lacks) > 0 {
				return posture.Fail("lacks %s", strings.Join(lacks, ", "))
			}
			if inv.SoftwareOmitted > 0 {
				return posture.Unknown("%d packages did not fit into its report: raise message.max of its type", inv.SoftwareOmitted)
			}
			return posture.Pass("firmware, operating system, software, holder and site are known")
		}),
	}
}
