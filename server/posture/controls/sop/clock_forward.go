package sop

import (
	"time"

	"github.com/thingward/thingward/server/posture"
)

// ClockForward checks SOP-03: entries of the log carry the server's time, so its clock must not be behind what the log has
// seen. While it is, time goes on from there, and what ended stays ended.
func ClockForward() posture.Check {
	return posture.Check{
		ID: "SOP-03/clock", Control: "SOP-03", Obligation: "merkle-log",
		Title: "The machine's clock is not behind what was seen before",
		Reads: "clock, audit log", Subject: posture.Server, Every: 30 * time.Second, Polled: true,
		Eval: posture.On(func(f *posture.ServerFacts, now time.Time) posture.Verdict {
			if f.ClockBehind > posture.Skew {
				return posture.Fail("the machine's clock says %s, which is %s behind what was seen before: set it right, or if it was ahead before, accept it (thingward clock accept)",
					now.Add(-f.ClockBehind).UTC().Format("2006-01-02 15:04"), f.ClockBehind.Round(time.Second))
			}
			return posture.Pass("the clock has not gone back")
		}),
	}
}
