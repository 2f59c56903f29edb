package tsp

import (
	"strings"
	"time"

	"github.com/thingward/thingward/server/posture"
)

// NoSharedKey checks TSP-07: one credential belongs to exactly one device, user or service. The comparison covers every
// certificate ever issued, of any state.
func NoSharedKey() posture.Check {
	return posture.Check{
		ID: "TSP-07/no-shared-key", Control: "TSP-07", Obligation: "no-shared-key",
		Title: "No public key is held by two identities",
		Reads: "key fingerprints", Subject: posture.Certificate,
		Eval: posture.On(func(f *posture.CertificateFacts, _ time.Time) posture.Verdict {
			switch {
			case f.Certificate.KeyHash == "":
				return posture.Unknown("its key is not on record")
			case len(f.SharedWith) > 0:
				return posture.Fail("another identity holds the same key: %s", strings.Join(f.SharedWith, ", "))
			default:
				return posture.Pass("no other identity holds its key")
			}
		}),
	}
}
