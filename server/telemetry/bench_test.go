package telemetry

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/bus/bustest"
	"github.com/thingward/thingward/server/store/storetest"
)

// BenchmarkHandle stores batches of 256 messages of 1,000 devices, two readings each.
func BenchmarkHandle(b *testing.B) {
	r := newRig(b, storetest.Open(b), bustest.Open(b), newPark(), clock.NewFake(start))
	devices := r.devices(1000)
	msgs, n := make([]fleet.Message, 256), 0
	for b.Loop() {
		for i := range msgs {
			msgs[i] = message(devices[n%len(devices)], "air", `{"temperature":21.5,"people":3}`, start.Add(time.Duration(n)*time.Millisecond))
			n++
		}
		r.handle(msgs...)
	}
	b.ReportMetric(float64(2*n)/b.Elapsed().Seconds(), "points/s")
}

func (r *rig) devices(n int) (out []fleet.Device) {
	for i := range n {
		out = append(out, r.park.add(fmt.Sprintf("s-%d", i), fleet.Active, start))
	}
	r.refreshNow()
	return out
}

// BenchmarkRead draws a chart of 1,000 points from a day and from a month of readings every ten seconds.
func BenchmarkRead(b *testing.B) {
	r := newRig(b, storetest.Open(b), bustest.Open(b), newPark(), clock.NewFake(start))
	d := r.devices(1)[0]
	const month = 30 * 24 * 360
	for i := 0; i < month; i += 1000 {
		msgs := make([]fleet.Message, 1000)
		for j := range msgs {
			msgs[j] = message(d, "air", fmt.Sprintf(`{"temperature":%d}`, (i+j)%100), start.Add(time.Duration(i+j)*10*time.Second))
		}
		r.handle(msgs...)
	}
	for name, span := range map[string]time.Duration{"day": 24 * time.Hour, "month": 30 * 24 * time.Hour} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				q := Query{Device: d.ID, From: start, To: start.Add(span), Points: 1000}
				if s, err := r.Read(context.Background(), r.park.types["sensor"], q); err != nil || len(s) != 1 {
					b.Fatal(len(s), err)
				}
			}
		})
	}
}
