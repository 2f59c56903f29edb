package controls

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/audit/audittest"
	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/posture/catalogue"
	"github.com/thingward/thingward/server/posture/posturetest"
	"github.com/thingward/thingward/server/store/storetest"
)

// fleetOf is sources over a fleet in memory.
type fleetOf struct {
	kind  posture.Kind
	facts map[string]posture.Facts
}

// Kind is what the facts are about.
func (f fleetOf) Kind() posture.Kind { return f.kind }

// Each gives all facts.
func (f fleetOf) Each(_ context.Context, fn func(posture.Facts) error) error {
	for _, facts := range f.facts {
		if err := fn(facts); err != nil {
			return err
		}
	}
	return nil
}

// One gives one subject's facts.
func (f fleetOf) One(_ context.Context, id string) (posture.Facts, bool, error) {
	facts, ok := f.facts[id]
	return facts, ok, nil
}

func engine(t testing.TB, clk clock.Clock, sources ...posture.Source) *posture.Service {
	t.Helper()
	cat, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	db := storetest.Open(t)
	s, err := posture.New(context.Background(), posture.Config{
		DB: db, Audit: audittest.Open(t, db, nil, clk), Clock: clk, Log: slog.New(slog.DiscardHandler), Catalogue: cat,
		Checks: All(), Gates: Gates(), Sources: sources,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestReach holds the shelf to what the product promises: at least 40 controls with something that evaluates them in at least
// 8 domains, and at least 30 of which nothing but records is missing.
func TestReach(t *testing.T) {
	cat, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	covered := map[string]map[string]bool{}
	cover := func(control, obligation string) {
		if covered[control] == nil {
			covered[control] = map[string]bool{}
		}
		covered[control][obligation] = true
	}
	for _, c := range All() {
		cover(c.Control, c.Obligation)
	}
	for _, g := range Gates() {
		cover(g.Control, g.Obligation)
	}
	domains, whole := map[string]bool{}, 0
	for control, keys := range covered {
		def, _ := cat.Control(control)
		domains[def.Domain] = true
		missing := 0
		for _, o := range def.Obligations {
			if o.Mode != catalogue.Recorded && !keys[o.Key] {
				missing++
			}
		}
		if missing == 0 {
			whole++
		}
	}
	t.Logf("%d controls in %d domains, %d of them whole", len(covered), len(domains), whole)
	if len(covered) < 40 || len(domains) < 8 || whole < 30 {
		t.Errorf("%d controls in %d domains, %d of them whole", len(covered), len(domains), whole)
	}
}

// TestEveryCheckAgreesWithASweep does to a fleet what happens to fleets, announces it, and asks that a sweep over every check
// of the shelf finds what the incremental state says.
func TestEveryCheckAgreesWithASweep(t *testing.T) {
	for seed := range uint64(4) {
		rnd, clk := rand.New(rand.NewPCG(seed, 2)), clock.NewFake(posturetest.Now)
		devices, certs, accounts := fleetOf{posture.Device, map[string]posture.Facts{}}, fleetOf{posture.Certificate, map[string]posture.Facts{}}, fleetOf{posture.Account, map[string]posture.Facts{}}
		for i := range 20 {
			devices.facts[fmt.Sprint("d", i)] = device(rnd, i, clk.Now())
			certs.facts[fmt.Sprint("c", i)] = certificate(rnd, i, clk.Now())
			accounts.facts[fmt.Sprint("a", i)] = account(rnd, i, clk.Now())
		}
		s := engine(t, clk, devices, certs, accounts)
		if _, err := s.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		for stretch := range 60 {
			clk.Advance(time.Duration(rnd.IntN(100)) * time.Hour)
			for range rnd.IntN(6) {
				i := rnd.IntN(20)
				devices.facts[fmt.Sprint("d", i)] = device(rnd, i, clk.Now())
				s.Changed(posture.Device, fmt.Sprint("d", i))
				certs.facts[fmt.Sprint("c", i)] = certificate(rnd, i, clk.Now())
				s.Changed(posture.Certificate, fmt.Sprint("c", i))
				accounts.facts[fmt.Sprint("a", i)] = account(rnd, i, clk.Now())
				s.Changed(posture.Account, fmt.Sprint("a", i))
			}
			s.Settle(t.Context())
			clk.Advance(time.Duration(rnd.IntN(20)) * time.Minute)
			r, err := s.Sweep(t.Context())
			if err != nil || !r.Agreed {
				t.Fatalf("seed %d, stretch %d: %+v %v", seed, stretch, r, err)
			}
		}
	}
}

// device is a device like many: mostly well, sometimes not.
func device(rnd *rand.Rand, i int, now time.Time) *posture.DeviceFacts {
	return posturetest.Device(func(f *posture.DeviceFacts) {
		f.Device.ID, f.Device.Name = fmt.Sprint("d", i), fmt.Sprint("lock-", i)
		f.Device.State = []fleet.State{fleet.Active, fleet.Active, fleet.Active, fleet.Quarantined, fleet.Retired, fleet.Registered}[rnd.IntN(6)]
		f.InventoryAt, f.LastSeen, f.HealthAt = ago(rnd, now, 40), ago(rnd, now, 1), ago(rnd, now, 1)
		f.Type.Changed = ago(rnd, now, 100*24)
		f.Inventory.Firmware = []string{"2.4.1", "2.4.1", "2.5.0", "2.3.9", ""}[rnd.IntN(5)]
		if rnd.IntN(8) == 0 {
			f.Inventory = nil
		} else if rnd.IntN(4) == 0 {
			f.Inventory.Interfaces = append(f.Inventory.Interfaces, protocol.Interface{Name: "ble0", Kind: "ble"})
		}
		f.Certificates = nil
	})
}

func certificate(rnd *rand.Rand, i int, now time.Time) *posture.CertificateFacts {
	return posturetest.Certificate(func(f *posture.CertificateFacts) {
		f.Certificate.Serial, f.Certificate.SubjectID = fmt.Sprint("c", i), "gone"
		f.Certificate.NotBefore = ago(rnd, now, 400*24)
		f.Certificate.NotAfter = f.Certificate.NotBefore.Add(365 * 24 * time.Hour)
		f.KeySince = ago(rnd, f.Certificate.NotBefore, 800*24)
		if rnd.IntN(3) == 0 {
			f.HolderEnded = ago(rnd, now, 48)
		}
		if rnd.IntN(4) == 0 {
			at := ago(rnd, now, 48)
			f.Certificate.State, f.Certificate.Revoked = fleet.CertificateRevoked, &at
		}
	})
}

func account(rnd *rand.Rand, i int, now time.Time) *posture.AccountFacts {
	return posturetest.Account(func(f *posture.AccountFacts) {
		f.ID, f.Name = fmt.Sprint("a", i), fmt.Sprint("person-", i)
		f.Created, f.PasswordChanged = ago(rnd, now, 500*24), ago(rnd, now, 500*24)
		f.MustChange = rnd.IntN(2) == 0
		f.State = []string{"active", "active", "disabled"}[rnd.IntN(3)]
	})
}

func ago(rnd *rand.Rand, now time.Time, hours int) time.Time {
	return now.Add(-time.Duration(rnd.IntN(hours*3600)) * time.Second)
}
