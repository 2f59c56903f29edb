package posture

import (
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
)

// ReportCounts is how long a device's own inventory report counts. Agents report at the start, at every change and at least
// once a day.
const ReportCounts = 25 * time.Hour

// OnReport makes the Eval of a check about what a device reports of itself. A device that is not enrolled yet or is retired
// is not concerned; without a report nothing is known, and an old report is stale.
func OnReport(fn func(f *DeviceFacts, inv *protocol.Inventory) Verdict) func(Facts, time.Time) Verdict {
	return OnLive(func(f *DeviceFacts, now time.Time) Verdict {
		if v := f.Report(now); v.Known() {
			return v
		}
		return fn(f, f.Inventory).At(f.InventoryAt.Add(f.ReportCounts()))
	})
}

// OnLive makes the Eval of a check about devices that take part in the fleet.
func OnLive(fn func(f *DeviceFacts, now time.Time) Verdict) func(Facts, time.Time) Verdict {
	return On(func(f *DeviceFacts, now time.Time) Verdict {
		switch f.Device.State {
		case fleet.Registered:
			return NotApplicable("registered, and not enrolled yet")
		case fleet.Retired:
			return NotApplicable("retired")
		default:
			return fn(f, now)
		}
	})
}

// Report judges the device's inventory report: the zero Verdict when it counts.
func (f *DeviceFacts) Report(now time.Time) Verdict {
	if f.Inventory == nil {
		return Unknown("no inventory reported yet")
	}
	return Fresh("inventory report", f.InventoryAt, f.ReportCounts(), now)
}

// ReportCounts is how long this device's reports count: a day, or three heartbeats where those are rarer.
func (f *DeviceFacts) ReportCounts() time.Duration {
	if f.Type == nil {
		return ReportCounts
	}
	return max(ReportCounts, 3*f.Type.Baseline.Heartbeat)
}

// heartbeatDefault is assumed where a type sets none.
const heartbeatDefault = time.Minute

// Awaited is when to look again for a first word of the device that may come any moment, since it changed state lately; zero
// when it may not.
func (f *DeviceFacts) Awaited(now time.Time) time.Time {
	if now.Sub(f.Device.Changed) > f.SilentAfter() {
		return time.Time{}
	}
	return now.Add(15 * time.Second)
}

// SilentAfter is how long the device may be silent: three heartbeats.
func (f *DeviceFacts) SilentAfter() time.Duration {
	if f.Type == nil || f.Type.Baseline.Heartbeat <= 0 {
		return 3 * heartbeatDefault
	}
	return 3 * f.Type.Baseline.Heartbeat
}

// OnOperational makes the Eval of a check about certificates in use by devices and services: those that are neither revoked
// nor past their end.
func OnOperational(fn func(f *CertificateFacts, now time.Time) Verdict) func(Facts, time.Time) Verdict {
	return On(func(f *CertificateFacts, now time.Time) Verdict {
		switch {
		case f.Certificate.State == fleet.CertificateRevoked:
			return NotApplicable("revoked")
		case !now.Before(f.Certificate.NotAfter):
			return NotApplicable("ended on %s", Day(f.Certificate.NotAfter))
		default:
			return fn(f, now).At(f.Certificate.NotAfter)
		}
	})
}
