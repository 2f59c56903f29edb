package posture

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/audit/audittest"
	"github.com/thingward/thingward/server/posture/catalogue"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

const papers Kind = RecordPrefix + "paper"

// paper is a record that is owed: in force until an end, while its owner is active.
type paper struct {
	id     string
	ends   time.Time
	owner  string
	active bool
}

func (p *paper) Ref() Ref         { return Ref{papers, p.id, p.id} }
func (p *paper) TypeName() string { return "" }
func (p *paper) Touches() []Ref   { return nil }

// cabinet is a source of papers whose owners are accounts.
type cabinet struct {
	papers   map[string]*paper
	disabled map[string]bool
	fail     error
}

func (s *cabinet) Kind() Kind { return papers }

func (s *cabinet) Follows(k Kind) Reach {
	if k == Account {
		return ReachAll
	}
	return ReachNone
}

func (s *cabinet) Each(ctx context.Context, fn func(Facts) error) error {
	for id := range s.papers {
		f, _, err := s.One(ctx, id)
		if err != nil {
			return err
		}
		if err := fn(f); err != nil {
			return err
		}
	}
	return s.fail
}

func (s *cabinet) One(_ context.Context, id string) (Facts, bool, error) {
	p, ok := s.papers[id]
	if !ok || s.fail != nil {
		return nil, false, s.fail
	}
	c := *p
	c.active = !s.disabled[p.owner]
	return &c, true, nil
}

func paperCheck() Check {
	return Check{
		ID: "GVN-03/paper", Control: "GVN-03", Title: "A paper is in force", Reads: "record: paper", Subject: papers, Every: 24 * time.Hour,
		Eval: On(func(p *paper, now time.Time) Verdict {
			switch {
			case !p.active:
				return Fail("%s is no longer active", p.owner)
			case !now.Before(p.ends):
				return Fail("ended on %s", Day(p.ends))
			default:
				return Pass("counts until %s", Day(p.ends)).At(p.ends)
			}
		}),
	}
}

// archive is an engine that looks at papers besides the usual things.
func archive(t testing.TB, db *store.DB, w *world, sh *cabinet, c clock.Clock) *Service {
	t.Helper()
	cat, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	check := paperCheck()
	def, _ := cat.Control("GVN-03")
	check.Obligation = def.Obligations[0].Key
	s, err := New(context.Background(), Config{
		DB: db, Events: w, Audit: audittest.Open(t, db, nil, c), Clock: c, Log: slog.New(slog.DiscardHandler), Catalogue: cat, Prober: w,
		Checks:  append(testChecks(), check),
		Sources: []Source{source{w, Device}, source{w, Type}, source{w, Certificate}, source{w, Server}, sh},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestAnyHistoryOfExceptionsAndRecords lets devices, records, exceptions and the clock do random things, and restarts the engine now
// and then. After every stretch the sweep agrees, what is covered is exactly what exceptions in force cover, the findings stored are
// those of the observations, and nothing is green without a reason that still counts.
func TestAnyHistoryOfExceptionsAndRecords(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			rnd, db := rand.New(rand.NewPCG(seed, 2)), storetest.Open(t)
			clk, w, sh := clock.NewFake(start), newWorld(), &cabinet{papers: map[string]*paper{}, disabled: map[string]bool{}}
			s := archive(t, db, w, sh, clk)
			mustSweep(t, s)
			for stretch := range 20 {
				for range 1 + rnd.IntN(15) {
					live(t, rnd, s, w, sh, clk)
				}
				if rnd.IntN(6) == 0 {
					if err := s.flush(t.Context()); err != nil {
						t.Fatal(err)
					}
					s = archive(t, db, w, sh, clk)
				}
				s.Settle(t.Context())
				if r := mustSweep(t, s); !r.Agreed {
					t.Fatalf("stretch %d: %+v %+v", stretch, r, w.published("sweep.disagreed"))
				}
				checkCounts(t, s)
				checkReasons(t, s)
			}
			if p, err := s.Prove(t.Context(), clk.Now()); err != nil || p.Altered {
				t.Errorf("the past is not what the log says: %+v %v", p.Differences, err)
			}
		})
	}
}

// live does one random thing.
func live(t *testing.T, rnd *rand.Rand, s *Service, w *world, sh *cabinet, clk *clock.Fake) {
	t.Helper()
	id, owner := fmt.Sprint("p", rnd.IntN(6)), fmt.Sprint("o", rnd.IntN(3))
	switch rnd.IntN(12) {
	case 0:
		sh.papers[id] = &paper{id: id, owner: owner, ends: clk.Now().Add(time.Duration(rnd.IntN(5000)) * time.Second)}
		s.Changed(papers, id)
	case 1:
		delete(sh.papers, id)
		s.Changed(papers, id)
	case 2:
		sh.disabled[owner] = !sh.disabled[owner] // announced as a change of the account, not of the paper
		s.Changed(Account, owner)
	case 3:
		clk.Advance(time.Duration(rnd.IntN(40_000)) * time.Second)
	case 4:
		clk.Set(clk.Now().Add(-time.Duration(rnd.IntN(7200)) * time.Second))
	case 5, 6:
		ask(t, rnd, s, clk)
	case 7:
		list, err := s.Exceptions(t.Context(), ExceptionApproved, "", "")
		if err != nil {
			t.Fatal(err)
		}
		if len(list) > 0 {
			if _, err := s.WithdrawException(as(t.Context(), "mara"), list[rnd.IntN(len(list))].ID, "no longer"); err != nil {
				t.Fatal(err)
			}
		}
	default:
		w.happen(rnd, s, clk)
	}
}

// ask asks for a random exception and mostly gets it.
func ask(t *testing.T, rnd *rand.Rand, s *Service, clk *clock.Fake) {
	t.Helper()
	e := asked(clk, func(e *Exception) {
		e.Control, e.Ends = []string{"COM-10", "SNT-18", "TSP-07", "GVN-03"}[rnd.IntN(4)], clk.Now().Add(time.Duration(1+rnd.IntN(50_000))*time.Second)
		switch rnd.IntN(4) {
		case 0:
			e.Scope = &Scope{Type: fmt.Sprint("t", rnd.IntN(3))}
		case 1:
			e.Subject = &Ref{Kind: map[string]Kind{"COM-10": Device, "SNT-18": Device, "TSP-07": Certificate, "GVN-03": papers}[e.Control], ID: fmt.Sprint([]string{"d", "c", "p"}[rnd.IntN(3)], rnd.IntN(6))}
		}
	})
	e, err := s.RequestException(as(t.Context(), "mara"), e)
	if fleet.CodeOf(err) == fleet.CodeInvalid {
		return // about nothing that is there
	}
	if err == nil && rnd.IntN(5) > 0 {
		_, err = s.ApproveException(as(t.Context(), "otto"), e.ID, "")
	}
	if err != nil {
		t.Fatal(err)
	}
}

// checkReasons looks for anything better than it may be.
func checkReasons(t *testing.T, s *Service) {
	t.Helper()
	now := s.Clock.Now()
	list, err := s.exceptionsWhere(t.Context(), "WHERE state = ? AND ends > ?", string(ExceptionApproved), store.Time(now))
	if err != nil {
		t.Fatal(err)
	}
	inForce := map[int]*cover{}
	for i := range s.Checks {
		inForce[i] = coverOf(&s.Checks[i], list)
	}
	open := map[Ref]map[string]bool{}
	for _, f := range plain(t, s) {
		if f.State != FindingClosed {
			ref := Ref{Kind: f.Subject.Kind, ID: f.Subject.ID}
			if open[ref] == nil {
				open[ref] = map[string]bool{}
			}
			if open[ref][f.Check] {
				t.Errorf("two findings of %s about %s are open", f.Check, ref.ID)
			}
			open[ref][f.Check] = true
		}
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	for i, c := range s.Checks {
		excepted := 0
		for _, sub := range s.state.populations[c.Subject].subjects {
			o := sub.obs[s.state.place[i]]
			covered := o.status == codeFail && inForce[i] != nil && inForce[i].covering(sub.Ref, sub.typ, sub.at.Value(), nil) != nil
			if covered {
				excepted++
			}
			if covered != o.covered {
				t.Errorf("%s about %s: covered %v, want %v", c.ID, sub.ID, o.covered, covered)
			}
			if o.status == codePass && (o.words() == "" || o.until <= store.Time(now)) {
				t.Errorf("%s about %s passes without a reason that counts", c.ID, sub.ID)
			}
			if o.open != open[Ref{Kind: sub.Kind, ID: sub.ID}][c.ID] {
				t.Errorf("%s about %s: open %v, and stored otherwise", c.ID, sub.ID, o.open)
			}
		}
		if s.state.excepted[i] != excepted {
			t.Errorf("%s: %d excepted, counted %d", c.ID, s.state.excepted[i], excepted)
		}
	}
	for _, c := range s.controls {
		if out := s.outcome(c); out.status != c.status {
			t.Errorf("%s is %s and comes to %s", c.def.ID, c.status, out.status)
		}
	}
}

// TestRecordsFollowTheirPeople shows a record's fall within the step that its owner's account is announced in, and no sweep that
// calls it a fault.
func TestRecordsFollowTheirPeople(t *testing.T) {
	clk, sh := clock.NewFake(start), &cabinet{papers: map[string]*paper{"p1": {id: "p1", owner: "lou", ends: start.Add(time.Hour)}}, disabled: map[string]bool{}}
	w := newWorld()
	s := archive(t, storetest.Open(t), w, sh, clk)
	mustSweep(t, s)
	state := func() code { return s.state.populations[papers].subjects["p1"].obs[0].status }
	if state() != codePass {
		t.Fatal(statusOf[state()])
	}
	sh.disabled["lou"] = true
	s.Changed(Account, "lou")
	s.Settle(t.Context())
	if state() != codeFail {
		t.Errorf("%s after the owner was disabled", statusOf[state()])
	}
	sh.disabled["lou"] = false // nobody says so: the sweep finds it, and that is no fault
	if r := mustSweep(t, s); !r.Agreed || state() != codePass {
		t.Errorf("%+v %s", r, statusOf[state()])
	}
	clk.Advance(time.Hour) // it expires by itself
	s.Settle(t.Context())
	if state() != codeFail {
		t.Errorf("%s after its end", statusOf[state()])
	}
	sh.papers["p1"].ends = clk.Now().Add(100 * time.Hour)
	s.Changed(papers, "p1")
	s.Settle(t.Context())
	sh.fail = errors.New("disk on fire")
	clk.Advance(25 * time.Hour)
	s.Settle(t.Context())
	if state() != codeStale {
		t.Errorf("%s while records cannot be read", statusOf[state()])
	}
}

func TestClockThatStandsStillTurnsNothingGreen(t *testing.T) {
	clk := clock.NewFake(start)
	w := locks(clk)
	s := engine(t, storetest.Open(t), w, clk, nil)
	mustSweep(t, s)
	expect(t, s, "SNT-18", fleet.Pass)
	for range 13 { // the loop waits five seconds each time, and the clock does not go
		s.watchClock(t.Context(), idleMost, 0)
	}
	s.Settle(t.Context())
	expect(t, s, "SNT-18", fleet.Unknown)
	s.Changed(Device, "d1") // looking again helps nothing
	s.Settle(t.Context())
	mustSweep(t, s)
	expect(t, s, "SNT-18", fleet.Unknown)
	clk.Advance(time.Minute)
	s.watchClock(t.Context(), idleMost, time.Minute)
	s.Settle(t.Context())
	expect(t, s, "SNT-18", fleet.Pass)
}
