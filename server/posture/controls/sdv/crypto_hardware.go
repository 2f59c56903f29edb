package sdv

import (
	"strings"
	"time"

	"github.com/thingward/thingward/server/posture"
)

// CryptoHardware checks SDV-07: keys are as good as the hardware and the randomness they come from. The manifest
// records them as cryptoCoprocessor, entropySource and validatedModule.
func CryptoHardware() posture.Check {
	return posture.Check{
		ID: "SDV-07/crypto-hardware", Control: "SDV-07", Obligation: "crypto-hardware",
		Title: "The type has a coprocessor, an entropy source and a validated module on record",
		Reads: "type capabilities", Subject: posture.Type,
		Eval: posture.On(func(f *posture.TypeFacts, _ time.Time) posture.Verdict {
			var lacks []string
			for _, name := range []string{"cryptoCoprocessor", "entropySource", "validatedModule"} {
				if f.Type.Baseline.Capabilities[name] != "evidence" {
					lacks = append(lacks, name)
				}
			}
			if len(lacks) > 0 {
				return posture.Fail("no evidence of %s", strings.Join(lacks, ", "))
			}
			return posture.Pass("coprocessor, entropy source and validated module are evidenced")
		}),
	}
}
