package rsm

import (
	"strings"
	"time"

	"github.com/thingward/thingward/server/posture"
)

// Baseline checks RSM-01: a type without minimum version, heartbeat, key rules and network list has nothing that its
// devices could be held to.
func Baseline() posture.Check {
	return posture.Check{
		ID: "RSM-01/baseline", Control: "RSM-01", Obligation: "baseline-coverage",
		Title: "The type has a security baseline",
		Reads: "type baseline", Subject: posture.Type,
		Eval: posture.On(func(f *posture.TypeFacts, _ time.Time) posture.Verdict {
			b := f.Type.Baseline
			var lacks []string
			for _, part := range []struct {
				name    string
				missing bool
			}{
				{"minimum version", b.Firmware == ""},
				{"heartbeat", b.Heartbeat <= 0},
				{"key storage", b.Key.Storage == ""},
				{"key algorithms", len(b.Key.Algorithms) == 0},
				{"network list", len(b.Network) == 0},
			} {
				if part.missing {
					lacks = append(lacks, part.name)
				}
			}
			if len(lacks) > 0 {
				return posture.Fail("its baseline lacks %s", strings.Join(lacks, ", "))
			}
			return posture.Pass("its baseline covers version, heartbeat, keys and network")
		}),
	}
}
