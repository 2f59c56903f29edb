package tsp

import (
	"time"

	"github.com/thingward/thingward/server/posture"
)

// Silent checks TSP-02: a device that is not heard from cannot be judged: nobody knows what it runs. Three heartbeats
// are the limit; it is flagged then, and its patch state is no longer taken for good.
func Silent() posture.Check {
	return posture.Check{
		ID: "TSP-02/silent", Control: "TSP-02", Obligation: "silent-devices",
		Title: "The device is not silent for longer than its policy allows",
		Reads: "last seen, type heartbeat", Subject: posture.Device, Polled: true,
		Eval: posture.OnLive(func(f *posture.DeviceFacts, now time.Time) posture.Verdict {
			switch {
			case f.LastSeen.IsZero():
				return posture.Unknown("never heard from").At(f.Awaited(now))
			case f.LastSeen.After(now.Add(posture.Skew)):
				return posture.Unknown("last heard in the future: check the clocks")
			case !now.Before(f.LastSeen.Add(f.SilentAfter())):
				return posture.Fail("silent for longer than %s", f.SilentAfter())
			default:
				return posture.Pass("heard within %s", f.SilentAfter()).At(f.LastSeen.Add(f.SilentAfter()))
			}
		}),
	}
}
