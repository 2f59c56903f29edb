package posture

import (
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/store/storetest"
)

// dated is an engine with a check that a date ends, besides the usual ones: a certificate's last day.
func dated(t *testing.T, w *world, clk clock.Clock) *Service {
	t.Helper()
	s := engine(t, storetest.Open(t), w, clk, nil)
	for i := range s.Checks {
		if s.Checks[i].ID == "TSP-07/shared" {
			s.Checks[i].Eval = On(func(f *CertificateFacts, now time.Time) Verdict {
				if !now.Before(f.Certificate.NotAfter) {
					return Fail("ended on %s", Day(f.Certificate.NotAfter))
				}
				return Pass("good until %s", Day(f.Certificate.NotAfter)).At(f.Certificate.NotAfter)
			})
		}
	}
	mustSweep(t, s)
	return s
}

func TestWhatIf(t *testing.T) {
	ctx, clk := t.Context(), clock.NewFake(start)
	w := locks(clk)
	w.certs["c1"] = &CertificateFacts{Certificate: fleet.Certificate{Serial: "c1", NotAfter: start.Add(20 * 24 * time.Hour)}}
	s := dated(t, w, clk)
	e := grant(t, s, nil)
	entries := len(w.published("control.changed"))

	a, err := s.Assume(ctx, WhatIf{Without: []string{e.ID}})
	if err != nil || len(a.Changed) != 1 || a.Changed[0].Before != fleet.Excepted || a.Changed[0].After != fleet.Fail || a.After.Score.Excepted != 0 || a.Before.Score.Excepted != 1 || a.Note == "" {
		t.Fatalf("%+v %v", a, err)
	}
	expect(t, s, "COM-10", fleet.Excepted) // nothing changed by asking

	for days, want := range map[int]map[string]fleet.Status{
		1: {}, 3: {"COM-10": fleet.Fail}, 30: {"COM-10": fleet.Fail, "TSP-07": fleet.Fail},
	} {
		a, err := s.Assume(ctx, WhatIf{At: start.Add(time.Duration(days) * 24 * time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]fleet.Status{}
		for _, ch := range a.Changed {
			got[ch.Control] = ch.After
		}
		// SNT-18 looks at when devices were last heard: they are taken to go on.
		if len(got) != len(want) || got["COM-10"] != want["COM-10"] || got["TSP-07"] != want["TSP-07"] {
			t.Errorf("in %d days %v, want %v", days, got, want)
		}
	}
	for _, bad := range []WhatIf{{Without: []string{"none"}}, {At: start.Add(-time.Hour)}, {At: start.Add(whatIfMost + time.Hour)}} {
		if _, err := s.Assume(ctx, bad); fleet.CodeOf(err) != fleet.CodeInvalid {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	if len(w.published("control.changed")) != entries {
		t.Error("asking was recorded as a change")
	}
}

func TestExpiriesAhead(t *testing.T) {
	clk := clock.NewFake(start)
	w := locks(clk)
	w.certs["c1"] = &CertificateFacts{Certificate: fleet.Certificate{Serial: "c1", NotAfter: start.Add(20 * 24 * time.Hour)}}
	w.certs["c2"] = &CertificateFacts{Certificate: fleet.Certificate{Serial: "c2", NotAfter: start.Add(200 * 24 * time.Hour)}}
	s := dated(t, w, clk)
	grant(t, s, nil)
	list, err := s.Expiries(t.Context(), 90)
	if err != nil || len(list) != 2 || list[0].Subject.Kind != "exception" || list[1].Subject.ID != "c1" || list[1].What != "ended on 2026-12-07" {
		t.Errorf("%+v %v", list, err)
	}
}
