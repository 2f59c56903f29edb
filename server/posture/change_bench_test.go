package posture

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/store/storetest"
)

// BenchmarkChange says how long after its announcement a device's change is seen in posture, among 100,000 devices with exceptions in
// force, while everything runs as in a server.
//
//	go test -run - -bench Change -benchtime 1x ./server/posture
func BenchmarkChange(b *testing.B) {
	const devices, changes = 100_000, 500
	w := newWorld()
	w.types["lock"] = &fleet.DeviceType{Name: "lock", Baseline: fleet.Baseline{Firmware: "1"}}
	for i := range devices {
		w.device(fmt.Sprint("s", i), "lock", time.Now()).Inventory = inventory("1")
	}
	s := engine(b, storetest.Open(b), w, clock.Real{}, nil)
	mustSweep(b, s)
	ctx, stop := context.WithCancel(b.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	for b.Loop() {
		var took []time.Duration
		for range changes {
			took = append(took, seen(b, s, w, fmt.Sprint("s", rand.IntN(devices))))
		}
		slices.Sort(took)
		b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms/p50")
		b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "ms/p99")
	}
	stop()
	<-done
}

// seen changes a device's firmware and waits until posture says so.
func seen(b *testing.B, s *Service, w *world, id string) time.Duration {
	b.Helper()
	w.mu.Lock()
	d := w.devices[id]
	good := d.Inventory.Firmware == "0"
	d.Inventory = inventory(map[bool]string{true: "1", false: "0"}[good])
	w.mu.Unlock()
	want := map[bool]code{true: codePass, false: codeFail}[good]
	began := time.Now()
	s.Changed(Device, id)
	for {
		s.mu.RLock()
		got := s.state.populations[Device].subjects[id].obs[0].status
		s.mu.RUnlock()
		if got == want {
			return time.Since(began)
		}
		if time.Since(began) > time.Minute {
			b.Fatal("never seen")
		}
		time.Sleep(200 * time.Microsecond)
	}
}
