package sdv

import (
	"strings"
	"time"

	"github.com/thingward/thingward/server/posture"
)

// OSCapabilities checks SDV-10: sandboxing, secure boot, access control, a trusted execution environment, kernel
// separation and a minimal kernel keep one fault from taking the whole device.
func OSCapabilities() posture.Check {
	return posture.Check{
		ID: "SDV-10/os-capabilities", Control: "SDV-10", Obligation: "missing-capability",
		Title: "The operating system of the type has every security capability",
		Reads: "type capabilities", Subject: posture.Type,
		Eval: posture.On(func(f *posture.TypeFacts, _ time.Time) posture.Verdict {
			var lacks []string
			for _, name := range []string{"sandboxing", "secureBoot", "accessControl", "trustedExecution", "kernelSeparation", "microkernel"} {
				if c := f.Type.Baseline.Capabilities[name]; c == "" || c == "none" {
					lacks = append(lacks, name)
				}
			}
			if len(lacks) > 0 {
				return posture.Fail("lacks %s", strings.Join(lacks, ", "))
			}
			return posture.Pass("every capability is stated")
		}),
	}
}
