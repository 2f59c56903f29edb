package export_test

import (
	"testing"

	"github.com/thingward/thingward/server/export"
	"github.com/thingward/thingward/server/store/storetest"
)

// BenchmarkSharedPack is BenchmarkPack on the engine under test with the files in the database; it reports how large they are.
func BenchmarkSharedPack(b *testing.B) {
	for b.Loop() {
		w := openOn(b, storetest.Open(b), fleetOf{devices: 100_000, findings: 100_000})
		w.conf.Shared = true
		w.start()
		j := w.made(export.Order{Formats: export.Formats}, true)
		if j.State != "done" {
			b.Fatal(j.Reason)
		}
		size := int64(0)
		if err := w.db.QueryRow(b.Context(), "SELECT sum(length(box)) FROM export_chunk").Scan(&size); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(size)/(1<<20), "MB-stored")
	}
}
