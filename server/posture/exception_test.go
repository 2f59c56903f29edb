package posture

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/audit/audittest"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

func as(ctx context.Context, name string) context.Context {
	return access.With(ctx, access.Principal{Kind: access.Person, ID: "id-" + name, Name: name})
}

// asked is a request that can be approved, changed by change.
func asked(clk clock.Clock, change func(*Exception)) Exception {
	e := Exception{Control: "COM-10", Justification: "the vendor delivers in spring", Compensating: "the segment is walled off", Plan: "replace them", Ends: clk.Now().Add(48 * time.Hour)}
	if change != nil {
		change(&e)
	}
	return e
}

// grant asks for an exception as mara and approves it as otto.
func grant(t *testing.T, s *Service, change func(*Exception)) Exception {
	t.Helper()
	e, err := s.RequestException(as(t.Context(), "mara"), asked(s.Clock, change))
	if err != nil {
		t.Fatal(err)
	}
	if e, err = s.ApproveException(as(t.Context(), "otto"), e.ID, "agreed"); err != nil {
		t.Fatal(err)
	}
	return e
}

// locks is a world with two locks that fail COM-10 and one that passes, at two sites.
func locks(clk clock.Clock) *world {
	w := newWorld()
	w.types["lock"] = &fleet.DeviceType{Name: "lock", Baseline: fleet.Baseline{Firmware: "2"}}
	for id, firmware := range map[string]string{"d1": "1", "d2": "1", "d3": "2"} {
		w.device(id, "lock", clk.Now()).Inventory = inventory(firmware)
	}
	w.devices["d1"].Device.Site, w.devices["d1"].Device.System = "hall-1", "doors"
	w.devices["d2"].Device.Site = "hall-2"
	return w
}

func recorded(t *testing.T, db *store.DB, typ string) (n int) {
	t.Helper()
	for _, ev := range audittest.Recorded(t, db) {
		if ev.Type == typ {
			n++
		}
	}
	return n
}

func TestExceptionCoversUntilItsEndAndNoLonger(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		ctx, clk := t.Context(), clock.NewFake(start)
		w := locks(clk)
		s := engine(t, db, w, clk, nil)
		mustSweep(t, s)
		expect(t, s, "COM-10", fleet.Fail)
		e, err := s.RequestException(as(ctx, "mara"), asked(clk, nil))
		if err != nil {
			t.Fatal(err)
		}
		expect(t, s, "COM-10", fleet.Fail) // a request covers nothing
		if e.Covers != 3 || e.StillFailing != 2 {
			t.Errorf("%+v", e)
		}
		if _, err := s.ApproveException(as(ctx, "mara"), e.ID, "my own"); fleet.CodeOf(err) != fleet.CodeForbidden {
			t.Fatalf("approved by who asked: %v", err)
		}
		if _, err := s.RefuseException(as(ctx, "mara"), e.ID, "my own"); fleet.CodeOf(err) != fleet.CodeForbidden {
			t.Fatalf("refused by who asked: %v", err)
		}
		if _, err := s.ApproveException(as(ctx, "otto"), e.ID, "agreed"); err != nil {
			t.Fatal(err)
		}
		expect(t, s, "COM-10", fleet.Excepted)
		s.mu.RLock()
		sc, _ := s.score()
		s.mu.RUnlock()
		if sc.Excepted != 1 || sc.Passing != 1 || *sc.Pass != 0.6 || *sc.WithExceptions != 1.2 || *sc.Weighted != 0.6 {
			t.Errorf("%+v", sc)
		}
		if obs := s.state.populations[Device].subjects["d1"].obs[0]; obs.status != codeFail {
			t.Errorf("testing stopped: %v", statusOf[obs.status])
		}

		again := engine(t, db, w, clk, nil) // a restart
		mustSweep(t, again)
		expect(t, again, "COM-10", fleet.Excepted)

		clk.Advance(48*time.Hour - time.Second)
		for _, d := range w.devices {
			d.LastSeen = clk.Now()
		}
		again.Settle(ctx)
		expect(t, again, "COM-10", fleet.Excepted)
		if wait := again.sleep(); wait > time.Second {
			t.Errorf("sleeps %s past the end", wait)
		}
		clk.Advance(time.Second)
		again.Settle(ctx)
		expect(t, again, "COM-10", fleet.Fail)
		clk.Set(clk.Now().Add(-time.Hour)) // backwards: what ended stays ended
		again.Settle(ctx)
		again.Settle(ctx)
		expect(t, again, "COM-10", fleet.Fail)
		got, err := again.Exception(ctx, e.ID)
		if err != nil || got.State != ExceptionEnded || got.Finished == nil {
			t.Errorf("%+v %v", got, err)
		}
		third := engine(t, db, w, clk, nil)
		mustSweep(t, third)
		expect(t, third, "COM-10", fleet.Fail)
		for _, typ := range []string{"exception.requested", "exception.approved", "exception.ended"} {
			if n := recorded(t, db, typ); n != 1 {
				t.Errorf("%d entries %s", n, typ)
			}
		}
	})
}

func TestExceptionThatEndedWhileTheServerWasDownCoversNothing(t *testing.T) {
	db, clk := storetest.Open(t), clock.NewFake(start)
	w := locks(clk)
	s := engine(t, db, w, clk, nil)
	mustSweep(t, s)
	grant(t, s, nil)
	expect(t, s, "COM-10", fleet.Excepted)
	clk.Advance(72 * time.Hour)
	s = engine(t, db, w, clk, nil)
	mustSweep(t, s)
	expect(t, s, "COM-10", fleet.Fail)
	s.Settle(t.Context())
	if n := recorded(t, db, "exception.ended"); n != 1 {
		t.Errorf("%d entries", n)
	}
}

func TestExceptionCoversItsScopeOnly(t *testing.T) {
	for name, tc := range map[string]struct {
		about func(*Exception)
		want  fleet.Status
		n     int
	}{
		"one subject":    {func(e *Exception) { e.Subject = &Ref{Kind: Device, ID: "name-d1"} }, fleet.Fail, 1},
		"site":           {func(e *Exception) { e.Scope = &Scope{Site: "hall-1"} }, fleet.Fail, 1},
		"system":         {func(e *Exception) { e.Scope = &Scope{System: "doors"} }, fleet.Fail, 1},
		"type and site":  {func(e *Exception) { e.Scope = &Scope{Type: "lock", Site: "hall-2"} }, fleet.Fail, 1},
		"type":           {func(e *Exception) { e.Scope = &Scope{Type: "lock"} }, fleet.Excepted, 2},
		"check":          {func(e *Exception) { e.Check = "COM-10/links" }, fleet.Excepted, 2},
		"whole control":  {nil, fleet.Excepted, 2},
		"subject, check": {func(e *Exception) { e.Check, e.Subject = "COM-10/links", &Ref{Kind: Device, ID: "d2"} }, fleet.Fail, 1},
	} {
		t.Run(name, func(t *testing.T) {
			clk := clock.NewFake(start)
			s := engine(t, storetest.Open(t), locks(clk), clk, nil)
			mustSweep(t, s)
			e := grant(t, s, tc.about)
			expect(t, s, "COM-10", tc.want)
			if e.StillFailing != tc.n || s.state.excepted[0] != tc.n {
				t.Errorf("covers %d, counted %d, want %d", e.StillFailing, s.state.excepted[0], tc.n)
			}
		})
	}
}

func TestExceptionFollowsItsSubjects(t *testing.T) {
	ctx, clk := t.Context(), clock.NewFake(start)
	w := locks(clk)
	s := engine(t, storetest.Open(t), w, clk, nil)
	mustSweep(t, s)
	grant(t, s, func(e *Exception) { e.Scope = &Scope{Site: "hall-1"} })
	w.devices["d2"].Device.Site = "hall-1" // moves in
	s.Changed(Device, "d2")
	s.Settle(ctx)
	expect(t, s, "COM-10", fleet.Excepted)
	w.devices["d1"].Device.Site = "hall-3" // moves out
	s.Changed(Device, "d1")
	s.Settle(ctx)
	expect(t, s, "COM-10", fleet.Fail)
	w.devices["d1"].Inventory = nil // unknown is not covered
	s.Changed(Device, "d1")
	s.Settle(ctx)
	expect(t, s, "COM-10", fleet.Unknown)
	w.devices["d1"].Inventory = inventory("2")
	s.Changed(Device, "d1")
	s.Settle(ctx)
	expect(t, s, "COM-10", fleet.Excepted)
	if r := mustSweep(t, s); !r.Agreed {
		t.Errorf("%+v", r)
	}
}

func TestWithdrawnExceptionCountsAgainAtOnce(t *testing.T) {
	clk := clock.NewFake(start)
	s := engine(t, storetest.Open(t), locks(clk), clk, nil)
	mustSweep(t, s)
	e := grant(t, s, nil)
	if _, err := s.WithdrawException(as(t.Context(), "mara"), e.ID, ""); fleet.CodeOf(err) != fleet.CodeInvalid {
		t.Errorf("withdrawn without a reason: %v", err)
	}
	if _, err := s.WithdrawException(as(t.Context(), "mara"), e.ID, "no longer needed"); err != nil {
		t.Fatal(err)
	}
	expect(t, s, "COM-10", fleet.Fail)
	for name, step := range map[string]func(context.Context, string, string) (Exception, error){"approve": s.ApproveException, "refuse": s.RefuseException, "withdraw": s.WithdrawException} {
		if _, err := step(as(t.Context(), "otto"), e.ID, "again"); fleet.CodeOf(err) != fleet.CodeConflict {
			t.Errorf("%s after the withdrawal: %v", name, err)
		}
	}
	if _, err := s.ApproveException(as(t.Context(), "otto"), "none", ""); fleet.CodeOf(err) != fleet.CodeNotFound {
		t.Error(err)
	}
	service := access.With(t.Context(), access.Principal{Kind: access.ServiceAccount, ID: "bot", Name: "bot"})
	if e, err := s.RequestException(as(t.Context(), "mara"), asked(clk, nil)); err != nil {
		t.Error(err)
	} else if _, err := s.ApproveException(service, e.ID, ""); fleet.CodeOf(err) != fleet.CodeForbidden {
		t.Errorf("approved by a service: %v", err)
	}
}

func TestExceptionsThatCannotBeAskedFor(t *testing.T) {
	clk := clock.NewFake(start)
	s := engine(t, storetest.Open(t), locks(clk), clk, nil)
	mustSweep(t, s)
	for path, spoil := range map[string]func(*Exception){
		"control":       func(e *Exception) { e.Control = "XYZ-01" },
		"check":         func(e *Exception) { e.Check = "COM-10/none" },
		"justification": func(e *Exception) { e.Justification = " because " },
		"compensating":  func(e *Exception) { e.Compensating = "" },
		"ends":          func(e *Exception) { e.Ends = time.Time{} },
		"ends ":         func(e *Exception) { e.Ends = clk.Now() },
		"ends  ":        func(e *Exception) { e.Ends = clk.Now().Add(366 * 24 * time.Hour) },
		"subject.id":    func(e *Exception) { e.Subject = &Ref{Kind: Device, ID: "ghost"} },
		"subject.kind":  func(e *Exception) { e.Subject = &Ref{Kind: Account, ID: "mara"} },
		"scope":         func(e *Exception) { e.Scope = &Scope{} },
		"scope ":        func(e *Exception) { e.Scope = &Scope{Site: "nowhere"} },
		"scope  ":       func(e *Exception) { e.Scope, e.Subject = &Scope{Site: "hall-1"}, &Ref{Kind: Device, ID: "d1"} },
		"control ":      func(e *Exception) { e.Control = "PRV-01" }, // not assessed
	} {
		_, err := s.RequestException(as(t.Context(), "mara"), asked(clk, spoil))
		var refused *fleet.Error
		if !errors.As(err, &refused) || refused.Code != fleet.CodeInvalid || refused.Fields[0].Path != strings.TrimSpace(path) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if list, err := s.Exceptions(t.Context(), "", "", ""); err != nil || len(list) != 0 {
		t.Errorf("%d exceptions kept, %v", len(list), err)
	}
	e, err := s.RequestException(as(t.Context(), "mara"), asked(clk, nil))
	if err != nil {
		t.Fatal(err)
	}
	clk.Advance(49 * time.Hour)
	if _, err := s.ApproveException(as(t.Context(), "otto"), e.ID, ""); fleet.CodeOf(err) != fleet.CodeConflict {
		t.Errorf("approved after its end: %v", err)
	}
}

func TestSettingsCarryTheirNamedException(t *testing.T) {
	gate := Gate{ID: "COM-02/a", Control: "COM-02", Obligation: "plaintext-password-refused", Title: "Plaintext is refused", Probes: []string{"plain"}, Settings: []string{"weak", "other"}}
	ctx, db, clk, w := t.Context(), storetest.Open(t), clock.NewFake(start), newWorld()
	w.probes["plain"] = ProbeResult{Attempted: true, Held: true, Detail: "refused", At: start}
	w.server.Weakened = []string{"weak: everyone may"}
	s := engine(t, db, w, clk, []Gate{gate})
	mustSweep(t, s)
	expect(t, s, "COM-02", fleet.Fail)
	e := grant(t, s, func(e *Exception) { e.Control, e.Subject = "COM-02", &Ref{Kind: Setting, ID: "weak"} })
	expect(t, s, "COM-02", fleet.Excepted)
	if named, ok := s.SettingException("weak"); !ok || named.ID != e.ID {
		t.Errorf("%+v %v", named, ok)
	}
	if _, ok := s.SettingException("other"); ok {
		t.Error("another setting has an exception")
	}
	f := &ServerFacts{Weakened: w.server.Weakened}
	if s.complete(f); len(f.Excused) != 1 {
		t.Errorf("%+v", f)
	}
	s = engine(t, db, w, clk, []Gate{gate}) // it still is after a restart, although blame is not stored
	mustSweep(t, s)
	expect(t, s, "COM-02", fleet.Excepted)

	w.server.Weakened = append(w.server.Weakened, "other") // another setting that nothing names
	if err := s.Evaluate(ctx, "COM-02"); err != nil {
		t.Fatal(err)
	}
	expect(t, s, "COM-02", fleet.Fail)
	w.server.Weakened = w.server.Weakened[:1]
	w.probes["plain"] = ProbeResult{Attempted: true, Detail: "accepted", At: start} // and a failure that is no setting's
	if err := s.Evaluate(ctx, "COM-02"); err != nil {
		t.Fatal(err)
	}
	expect(t, s, "COM-02", fleet.Fail)
}

func TestSelfApprovalIsReallyTried(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		clk := clock.NewFake(start)
		s := engine(t, db, locks(clk), clk, nil)
		before := len(audittest.Recorded(t, db))
		held, detail, err := s.TrySelfApproval(t.Context())
		if err != nil || !held || detail == "" {
			t.Fatalf("%v %q %v", held, detail, err)
		}
		if list, err := s.Exceptions(t.Context(), "", "", ""); err != nil || len(list) != 0 || len(audittest.Recorded(t, db)) != before {
			t.Errorf("the try left %d exceptions: %v", len(list), err)
		}
	})
}
