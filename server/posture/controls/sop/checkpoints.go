package sop

import (
	"time"

	"github.com/thingward/thingward/server/posture"
)

// Checkpoints checks SOP-03: entries form a Merkle tree (RFC 6962) whose signed checkpoints make any later change show.
// Entries wait seconds for theirs, not minutes.
func Checkpoints() posture.Check {
	return posture.Check{
		ID: "SOP-03/checkpoints", Control: "SOP-03", Obligation: "merkle-log",
		Title: "Stored entries are under a signed checkpoint",
		Reads: "audit log", Subject: posture.Server, Every: 30 * time.Second, Polled: true,
		Eval: posture.On(func(f *posture.ServerFacts, now time.Time) posture.Verdict {
			switch {
			case f.Audit.Checkpoint.IsZero():
				return posture.Unknown("no checkpoint was signed yet")
			case f.Audit.Checkpoint.After(now.Add(posture.Skew)):
				return posture.Unknown("the newest checkpoint is dated in the future: check the clocks")
			case f.Audit.Pending > 0 && now.Sub(f.Audit.Checkpoint) > time.Minute:
				return posture.Fail("entries wait for a checkpoint since %s", f.Audit.Checkpoint.UTC().Format("2006-01-02 15:04"))
			default:
				return posture.Pass("every entry is under a signed checkpoint, or about to be")
			}
		}),
	}
}
