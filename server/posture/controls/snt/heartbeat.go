package snt

import (
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
)

// Heartbeat checks SNT-10: three missed heartbeats are a missed deadline, and show as such.
func Heartbeat() posture.Check {
	return posture.Check{
		ID: "SNT-10/heartbeat", Control: "SNT-10", Obligation: "heartbeat-deadline",
		Title: "The device is heard within its heartbeat",
		Reads: "last seen, type heartbeat", Subject: posture.Device, Polled: true,
		Eval: posture.OnLive(func(f *posture.DeviceFacts, now time.Time) posture.Verdict {
			switch {
			case f.Device.State == fleet.Suspended:
				return posture.NotApplicable("suspended")
			case f.LastSeen.IsZero():
				return posture.Unknown("never heard from").At(f.Awaited(now))
			case f.LastSeen.After(now.Add(posture.Skew)):
				return posture.Unknown("last heard in the future: check the clocks")
			case !now.Before(f.LastSeen.Add(f.SilentAfter())):
				return posture.Fail("not heard for three heartbeats (%s)", f.SilentAfter())
			default:
				return posture.Pass("heard within its deadline of %s", f.SilentAfter()).At(f.LastSeen.Add(f.SilentAfter()))
			}
		}),
	}
}
