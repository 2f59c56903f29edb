package posture

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

// BenchmarkFindings pages through a million findings with every filter. It reports the slowest page of each.
//
//	tools/with-postgres go test -run - -bench Findings -benchtime 1x ./server/posture
func BenchmarkFindings(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { benchFindings(b, storetest.Open(b)) })
	if url := os.Getenv("THINGWARD_TEST_POSTGRES"); url != "" {
		b.Run("postgres", func(b *testing.B) {
			db, err := store.Open(b.Context(), store.Config{URL: url})
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = db.Close() }()
			benchFindings(b, db)
		})
	}
}

// crowd is 50,000 devices to whom the findings belong.
func crowd(b *testing.B, db *store.DB) *Service {
	b.Helper()
	clk, w := clock.NewFake(start), newWorld()
	w.types["lock"] = &fleet.DeviceType{Name: "lock"}
	for i := range 50_000 {
		d := w.device(fmt.Sprint("s", i), "lock", clk.Now())
		d.Device.Name, d.Inventory = fmt.Sprint("Name-", i), inventory("1")
	}
	s := engine(b, db, w, clk, nil)
	mustSweep(b, s)
	seed(b, s, 1_000_000, rand.New(rand.NewPCG(7, 7)))
	return s
}

func benchFindings(b *testing.B, db *store.DB) {
	s := crowd(b, db)
	past := start.Add(-500 * time.Second)
	filters := map[string]FindingFilter{
		"open": {}, "all": {State: "all"}, "closed": {State: "closed"}, "due": {Sort: "due"}, "control": {Sort: "control"}, "one-control": {Control: "COM-10"}, "domain": {Domain: "COM", Sort: "due"}, "check": {Check: "SNT-18/heard"},
		"owner": {Owner: "lou"}, "owner-due": {Owner: "lou", Sort: "due"}, "unowned-control": {Owner: "-", Control: "COM-10"}, "severity": {Severity: fleet.High}, "overdue": {Overdue: true}, "overdue-due": {Overdue: true, Sort: "due"},
		"owner-overdue": {Owner: "sam", Overdue: true}, "subject": {Subject: "s77"}, "text": {Query: "Name-4242"}, "text-many": {Query: "Name-4"}, "text-check": {Query: "links"}, "nobody": {Owner: "nobody", Control: "COM-10"},
		"past": {At: past}, "past-closed": {At: past, State: "closed"}, "past-excepted": {At: past, State: "excepted", Control: "COM-10"}, "past-subject": {At: past, Subject: "s77"},
	}
	for _, name := range slices.Sorted(maps.Keys(filters)) {
		f := filters[name]
		b.Run(name, func(b *testing.B) {
			worst := time.Duration(0)
			for b.Loop() {
				f.After = ""
				for range 10 {
					began := time.Now()
					_, next, _, err := s.Findings(b.Context(), f)
					if err != nil {
						b.Fatal(err)
					}
					worst = max(worst, time.Since(began))
					if f.After = next; next == "" {
						break
					}
				}
			}
			b.ReportMetric(float64(worst.Microseconds())/1000, "ms/slowest-page")
		})
	}
}
