package audit_test

import (
	"bytes"
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/kit/provable"
	"github.com/thingward/thingward/server/audit"
	"github.com/thingward/thingward/server/audit/audittest"
	"github.com/thingward/thingward/server/bus/bustest"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

// BenchmarkRecord measures state changes of many callers, each its own transaction, until all of them are placed and
// sealed; every commit is synced to disk.
func BenchmarkRecord(b *testing.B) {
	db := storetest.Open(b)
	l := audittest.Open(b, db, nil, clock.Real{})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	var n atomic.Int64
	b.SetParallelism(256)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			ev := created(int(n.Add(1)), l.Clock.Now())
			if err := db.Change(ctx, func(tx *store.Tx) error { return l.Record(tx, ev) }); err != nil {
				b.Error(err)
			}
		}
	})
	cp, err := l.Seal(ctx)
	b.StopTimer()
	if err != nil || cp.Size < int64(b.N) {
		b.Fatalf("%+v, %v", cp, err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "entries/s")
	cancel()
	if err := <-done; err != nil {
		b.Fatal(err)
	}
}

// BenchmarkIngest measures events that are no state change, from the durable stream to a sealed tree.
func BenchmarkIngest(b *testing.B) {
	db, bus := storetest.Open(b), bustest.Open(b)
	l := audittest.Open(b, db, bus, clock.Real{})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	b.ResetTimer()
	for first := 0; first < b.N; first += 256 {
		var evs []fleet.Event
		for i := first; i < min(first+256, b.N); i++ {
			evs = append(evs, refused(i, l.Clock.Now()))
		}
		if err := bus.Append(ctx, evs); err != nil {
			b.Fatal(err)
		}
	}
	for {
		cp, err := l.Seal(ctx)
		if err != nil {
			b.Fatal(err)
		}
		if cp.Size >= int64(b.N) {
			break
		}
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "entries/s")
	cancel()
	if err := <-done; err != nil {
		b.Fatal(err)
	}
}

// filled is a log of n entries, for what reads.
func filled(b *testing.B, n int) *audit.Log {
	b.Helper()
	db := storetest.Open(b)
	l := audittest.Open(b, db, nil, clock.Real{})
	for first := 0; first < n; first += 1000 {
		err := db.Change(context.Background(), func(tx *store.Tx) error {
			for i := range min(1000, n-first) {
				if err := l.Record(tx, created(first+i, l.Clock.Now())); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	seal(b, l)
	return l
}

func BenchmarkVerify(b *testing.B) {
	const n = 20000
	l := filled(b, n)
	for b.Loop() {
		if v, err := l.Verify(context.Background(), nil); err != nil || !v.OK {
			b.Fatalf("%+v, %v", v, err)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
}

func BenchmarkExportAndVerifyOffline(b *testing.B) {
	const n = 20000
	l := filled(b, n)
	for b.Loop() {
		x, err := l.Export(context.Background(), person("alice"), 0, n)
		if err != nil {
			b.Fatal(err)
		}
		var buf bytes.Buffer
		if err := x.Write(context.Background(), &buf); err != nil {
			b.Fatal(err)
		}
		if _, err := provable.Verify(&buf, l.Key, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
}

func BenchmarkList(b *testing.B) {
	l := filled(b, 20000)
	for b.Loop() {
		if entries, _, err := l.List(context.Background(), audit.Filter{Type: "device.", Limit: 100}); err != nil || len(entries) != 100 || !entries[0].Sealed {
			b.Fatal(fmt.Sprint(len(entries)), err)
		}
	}
}
