package export_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/thingward/thingward/server/export"
)

// BenchmarkPack makes a pack of 100,000 devices with 100,000 open findings in every format, and reports the most memory in
// use while it is made.
func BenchmarkPack(b *testing.B) {
	for b.Loop() {
		w := open(b, fleetOf{devices: 100_000, findings: 100_000})
		stop, most := make(chan struct{}), make(chan uint64)
		go func() { most <- watch(stop) }()
		if j := w.made(export.Order{Formats: export.Formats}, true); j.State != "done" {
			b.Fatal(j.Reason)
		}
		close(stop)
		b.ReportMetric(float64(<-most)/(1<<20), "MB-heap")
	}
}

// watch gives the most heap in use until stop.
func watch(stop chan struct{}) (most uint64) {
	var m runtime.MemStats
	for {
		select {
		case <-stop:
			return most
		default:
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapInuse)
			time.Sleep(20 * time.Millisecond)
		}
	}
}
