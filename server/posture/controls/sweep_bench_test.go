package controls

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/posturetest"
)

// generated makes the facts of a large fleet as they are asked for, the same ones every time.
type generated struct {
	kind posture.Kind
	n    int
	make func(rnd *rand.Rand, i int) posture.Facts
}

// Kind is what the facts are about.
func (g generated) Kind() posture.Kind { return g.kind }

// Each gives all facts.
func (g generated) Each(_ context.Context, fn func(posture.Facts) error) error {
	for i := range g.n {
		if err := fn(g.make(rand.New(rand.NewPCG(uint64(i), 3)), i)); err != nil {
			return err
		}
	}
	return nil
}

// One gives one subject's facts; its id ends in its number.
func (g generated) One(_ context.Context, id string) (posture.Facts, bool, error) {
	var i int
	_, err := fmt.Sscanf(id, "01935d2a-8c00-7000-8000-%d", &i)
	return g.make(rand.New(rand.NewPCG(uint64(i), 3)), i), err == nil, nil
}

// BenchmarkSweep recomputes every check of the shelf over 100,000 devices and their certificates.
//
//	go test -run - -bench Sweep -benchtime 1x ./server/posture/controls
func BenchmarkSweep(b *testing.B) {
	const devices = 100_000
	clk := clock.Real{}
	now := clk.Now()
	typ := posturetest.Type()
	s := engine(b, clk,
		generated{posture.Device, devices, func(rnd *rand.Rand, i int) posture.Facts {
			f := device(rnd, i, now)
			f.Device.ID, f.Type = fmt.Sprintf("01935d2a-8c00-7000-8000-%012d", i), typ
			if f.Device.State == fleet.Registered {
				f.Device.State = fleet.Active
			}
			return f
		}},
		generated{posture.Certificate, devices, func(rnd *rand.Rand, i int) posture.Facts {
			f := certificate(rnd, i, now)
			f.Certificate.Serial = fmt.Sprintf("%040x", i)
			return f
		}})
	before := heap()
	began := time.Now()
	first, err := s.Sweep(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	firstTook, size := time.Since(began).Seconds(), float64(heap()-before)/devices
	verdicts := 0
	for b.Loop() {
		r, err := s.Sweep(b.Context())
		if err != nil || r.Subjects != first.Subjects {
			b.Fatalf("%+v %v", r, err)
		}
		verdicts += r.Checks
	}
	b.ReportMetric(firstTook, "s/first-sweep")
	b.ReportMetric(size, "B/device")
	b.ReportMetric(float64(verdicts)/b.Elapsed().Seconds(), "verdicts/s")
	b.ReportMetric(float64(verdicts)/float64(b.N), "verdicts/op")
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
