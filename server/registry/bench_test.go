package registry_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/bus/bustest"
	"github.com/thingward/thingward/server/registry"
	"github.com/thingward/thingward/server/store/storetest"
)

// BenchmarkList pages through a big fleet in the ways the console does. The fleet has 100,000 devices, or
// THINGWARD_BENCH_DEVICES. p99-ms is reported over all its queries.
func BenchmarkList(b *testing.B) {
	n := 100_000
	if v, err := strconv.Atoi(os.Getenv("THINGWARD_BENCH_DEVICES")); err == nil {
		n = v
	}
	r := newRig(b, storetest.Open(b), bustest.Open(b))
	fill(b, r, n)
	ctx := context.Background()
	yes := true
	cursor := func(f registry.Filter) string {
		page, err := r.List(ctx, f)
		if err != nil {
			b.Fatal(err)
		}
		return page.Next
	}
	middle := registry.Filter{Limit: 1000, Query: "lock-0005"}
	for name, f := range map[string]registry.Filter{
		"first-page":      {},
		"by-changed":      {Sort: "-changed"},
		"type":            {Type: "camera", Sort: "-name"},
		"type+state":      {Type: "camera", State: "quarantined"},
		"site+type":       {Site: "site-03", Type: "gateway"},
		"rare-state":      {State: "retired"},
		"next-page":       {Type: "door-lock", After: cursor(registry.Filter{Type: "door-lock", Limit: 500})},
		"deep":            {Limit: 100, After: cursor(middle)},
		"search-one":      {Query: fmt.Sprintf("lock-%07d", n/2)},
		"search-part":     {Query: "05-0", Sort: "-changed"},
		"search-many":     {Query: "lock"},
		"search-none":     {Query: "nowhere"},
		"search-two":      {Query: "do"},
		"search-filtered": {Query: "000", Type: "camera", State: "quarantined"},
		"connected":       {Connected: &yes},
	} {
		if f.Limit == 0 {
			f.Limit = 100
		}
		b.Run(name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				begin := time.Now()
				if _, err := r.List(ctx, f); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(begin))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
		})
	}
}

// fill puts n devices of five types and ten sites straight into the tables.
func fill(b *testing.B, r *rig, n int) {
	b.Helper()
	states := []fleet.State{fleet.Active, fleet.Active, fleet.Active, fleet.Active, fleet.Active, fleet.Active, fleet.Registered, fleet.Quarantined, fleet.Suspended}
	types := []string{"door-lock", "camera", "thermostat", "air-quality", "gateway"}
	var batch []fleet.Device
	for i := range n {
		state := states[i%len(states)]
		if i%50_000 == 49_999 {
			state = fleet.Retired
		}
		d := fleet.Device{
			ID: fmt.Sprintf("0192f3a0-%04x-7%03x-8000-%012x", i>>12, i&0xfff, i), Name: fmt.Sprintf("%s-%07d", types[i%len(types)], i), Type: types[i%len(types)],
			Site: fmt.Sprintf("site-%02d", i/5%10), System: "main", State: state, Serial: fmt.Sprintf("SN%02d-%06d", i%97, i), Created: start, Changed: start.Add(time.Duration(i*7919%n) * time.Second), Version: 1,
		}
		if i%3 == 0 {
			r.others.connected[d.ID] = "192.0.2.1"
		}
		if batch = append(batch, d); len(batch) == 5000 || i == n-1 {
			if err := r.Seed(context.Background(), batch); err != nil {
				b.Fatal(err)
			}
			batch = batch[:0]
		}
	}
}
