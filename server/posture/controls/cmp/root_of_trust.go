package cmp

import (
	"strings"
	"time"

	"github.com/thingward/thingward/server/posture"
)

// RootOfTrust checks CMP-01: a device keeps its keys in hardware, boots only what is signed and validates firmware. A
// capability that the manifest only claims, without evidence, is listed.
func RootOfTrust() posture.Check {
	return posture.Check{
		ID: "CMP-01/root-of-trust", Control: "CMP-01", Obligation: "attested-where-possible",
		Title: "The type has a hardware root of trust, secure boot and signed firmware, with evidence",
		Reads: "type capabilities", Subject: posture.Type,
		Eval: posture.On(func(f *posture.TypeFacts, _ time.Time) posture.Verdict {
			var lacks []string
			for _, name := range []string{"rootOfTrust", "secureBoot", "firmwareSignature"} {
				if f.Type.Baseline.Capabilities[name] != "evidence" {
					lacks = append(lacks, name)
				}
			}
			if len(lacks) > 0 {
				return posture.Fail("no evidence of %s", strings.Join(lacks, ", "))
			}
			return posture.Pass("root of trust, secure boot and firmware signatures are evidenced")
		}),
	}
}
