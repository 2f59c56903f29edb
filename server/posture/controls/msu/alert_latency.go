package msu

import (
	"time"

	"github.com/thingward/thingward/server/posture"
)

// AlertLatency checks MSU-02: an alert that comes late finds the damage done. Measured for every alert, and told for a
// day.
func AlertLatency() posture.Check {
	return posture.Check{
		ID: "MSU-02/alert-latency", Control: "MSU-02", Obligation: "alert-latency",
		Title: "The alert was raised within 5 seconds of its event",
		Reads: "alerts of the last day", Subject: posture.Alert,
		Eval: posture.On(func(f *posture.AlertFacts, now time.Time) posture.Verdict {
			took, day := f.Raised.Sub(f.Event), f.Raised.Add(24*time.Hour)
			switch {
			case !now.Before(day):
				return posture.NotApplicable("older than a day")
			case f.Event.IsZero():
				return posture.Unknown("the time of its event is not on record").At(day)
			case took < 0:
				return posture.NotApplicable("more events came since, and the time of the one that raised it is not kept").At(day)
			case took > 5*time.Second:
				return posture.Fail("raised %s after its event", took.Round(time.Millisecond)).At(day)
			default:
				return posture.Pass("raised within 5 s of its event").At(day)
			}
		}),
	}
}
