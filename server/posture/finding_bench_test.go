package posture

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"
	"unsafe"

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
	bear(b, s)
	filters := map[string]FindingFilter{
		"open": {}, "all": {State: "all"}, "closed": {State: "closed"}, "due": {Sort: "due"}, "control": {Sort: "control"}, "one-control": {Control: "COM-10"}, "domain": {Domain: "COM", Sort: "due"}, "check": {Check: "SNT-18/heard"},
		"owner": {Owner: "lou"}, "owner-due": {Owner: "lou", Sort: "due"}, "unowned-control": {Owner: "-", Control: "COM-10"}, "severity": {Severity: fleet.High}, "overdue": {Overdue: true}, "overdue-due": {Overdue: true, Sort: "due"},
		"owner-overdue": {Owner: "sam", Overdue: true}, "subject": {Subject: "s77"}, "text": {Query: "Name-4242"}, "text-many": {Query: "Name-4"}, "text-check": {Query: "links"}, "nobody": {Owner: "nobody", Control: "COM-10"},
	}
	past := map[string]FindingFilter{"excepted": {State: "excepted"}, "excepted-control": {State: "excepted", Control: "COM-10"}, "owner-closed": {State: "closed", Owner: "kim"}}
	maps.Copy(past, filters)
	for name, f := range past {
		f.Total = true
		for moment, ago := range map[string]time.Duration{"first-hundredth": 990 * time.Second, "half": 500 * time.Second, "now": 0} {
			f.At = start.Add(-ago)
			filters["past/"+moment+"/"+name] = f
		}
	}
	for _, name := range slices.Sorted(maps.Keys(filters)) {
		b.Run(name, func(b *testing.B) { pages(b, s, filters[name]) })
	}
	b.Run("restart", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.restoreLives(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(cap(s.lives.all))*float64(unsafe.Sizeof(life{}))/1e6, "MB/lives")
	})
}

// bear adds exceptions that were in force at every moment.
func bear(b *testing.B, s *Service) {
	b.Helper()
	decided := start.Add(-time.Hour)
	err := s.DB.Keep(b.Context(), func(tx *store.Tx) error {
		e := Exception{ID: "e1", Control: "COM-10", State: ExceptionApproved, Scope: &Scope{Type: "lock"}, Requested: decided, Decided: &decided, Ends: start.Add(time.Hour)}
		if err := storeException(tx, &e); err != nil {
			return err
		}
		e.ID, e.Control, e.Scope, e.Subject = "e2", "SNT-18", nil, &Ref{Kind: Device, ID: "s77"}
		return storeException(tx, &e)
	})
	if err != nil {
		b.Fatal(err)
	}
}

// pages reads the first ten pages of a list.
func pages(b *testing.B, s *Service, f FindingFilter) {
	var took []time.Duration
	for b.Loop() {
		f.After = ""
		for range 10 {
			began := time.Now()
			_, next, _, err := s.Findings(b.Context(), f)
			if err != nil {
				b.Fatal(err)
			}
			took = append(took, time.Since(began))
			if f.After = next; next == "" {
				break
			}
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "ms/slowest-page")
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms/median-page")
}
