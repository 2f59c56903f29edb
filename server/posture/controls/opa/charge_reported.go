package opa

import (
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture"
)

// ChargeReported checks OPA-12: a battery that drains unseen cannot be told from an attack on it.
func ChargeReported() posture.Check {
	return posture.Check{
		ID: "OPA-12/charge-reported", Control: "OPA-12", Obligation: "charge-reported",
		Title: "A battery device reports its charge",
		Reads: "health reports, type properties", Subject: posture.Device, Polled: true,
		Eval: posture.OnLive(func(f *posture.DeviceFacts, now time.Time) posture.Verdict {
			if f.Type == nil {
				return posture.Unknown("its type is not known")
			}
			if _, battery := f.Type.Properties["battery"]; !battery {
				return posture.NotApplicable("its type has no battery")
			}
			if f.Health == nil {
				return posture.Unknown("no health reported yet").At(f.Awaited(now))
			}
			if v := posture.Fresh("health report", f.HealthAt, f.SilentAfter(), now); v.Status == fleet.Stale {
				return posture.Fail("its last report of health is older than %s", f.SilentAfter())
			} else if v.Known() {
				return v
			}
			if f.Health.Battery == nil {
				return posture.Fail("its health reports do not state the charge").At(f.HealthAt.Add(f.SilentAfter()))
			}
			return posture.Pass("it reports its charge").At(f.HealthAt.Add(f.SilentAfter()))
		}),
	}
}
