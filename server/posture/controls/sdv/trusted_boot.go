package sdv

import (
	"time"

	"github.com/thingward/thingward/server/posture"
)

// TrustedBoot checks SDV-06: trust runs from the chip upward: without trusted boot and hardware protection nothing
// above them can be believed.
func TrustedBoot() posture.Check {
	return posture.Check{
		ID: "SDV-06/trusted-boot", Control: "SDV-06", Obligation: "trusted-boot",
		Title: "The type boots from a trusted start, with evidence",
		Reads: "type capabilities", Subject: posture.Type,
		Eval: posture.On(func(f *posture.TypeFacts, _ time.Time) posture.Verdict {
			c := f.Type.Baseline.Capabilities
			switch {
			case c["secureBoot"] != "evidence":
				return posture.Fail("no evidence of trusted boot")
			case c["rootOfTrust"] != "evidence":
				return posture.Fail("no evidence of hardware protection")
			default:
				return posture.Pass("trusted boot and hardware protection are evidenced")
			}
		}),
	}
}
