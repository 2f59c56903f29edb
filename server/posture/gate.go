package posture

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/store"
)

// selfID names the one subject of every gate: this installation.
const selfID = "thingward"

const (
	probeMost = 20 * time.Second // for one try
	gateRetry = time.Minute      // after a self-test that came to no result
)

// check is the gate as a check of kind SelfTest. Its verdicts come from tests, never from facts.
func (g Gate) check() Check {
	every := g.Every
	if every == 0 {
		every = GateEvery
	}
	return Check{
		ID: g.ID, Control: g.Control, Obligation: g.Obligation, Title: g.Title, Subject: SelfTest, Every: every + gateRetry,
		Reads: "self-test: " + strings.Join(g.Probes, ", "),
		Eval:  func(Facts, time.Time) Verdict { return Unknown("the self-test has not run yet") },
	}
}

// gateLoop tests gates as they fall due, and all of them when asked to.
func (s *Service) gateLoop(ctx context.Context) error {
	for ctx.Err() == nil {
		all := false
		select {
		case <-ctx.Done():
			return nil
		case <-s.queue.gate:
			all = true
		case <-s.Clock.After(s.gateSleep()):
		}
		if !s.isReady() {
			continue // the first sweep tests them
		}
		if err := s.testGates(ctx, all); err != nil && ctx.Err() == nil {
			s.Log.Error("self-tests not recorded", "error", err)
		}
	}
	return nil
}

func (s *Service) gateSleep() time.Duration {
	now, wait := store.Time(s.Clock.Now()), time.Minute
	s.mu.RLock()
	defer s.mu.RUnlock()
	for i := range s.Gates {
		wait = min(wait, time.Duration(max(s.gateDue(i)-now, 0))*time.Microsecond)
	}
	return max(wait, time.Second)
}

// gateDue is when gate i must be tested again: a retry before its observation ends. The caller holds mu.
func (s *Service) gateDue(i int) int64 {
	k := len(s.Checks) - len(s.Gates) + i
	p := s.state.populations[SelfTest]
	sub := p.subjects[selfID]
	if sub == nil {
		return 0
	}
	o := sub.obs[s.state.place[k]]
	if o.status == codeFail && len(s.Gates[i].Settings) > 0 && !s.ready && sub.gen == 0 {
		return 0 // restored: whether settings alone make it fail is not stored, and an exception may name them
	}
	if o.status == codePass || o.status == codeFail || o.status == codeNotApplicable || o.status == codeNotAssessed {
		return o.until - gateRetry.Microseconds()
	}
	return o.until
}

// testGates tests the gates that are due, or all, and rolls up. Probes that several gates share are made once.
func (s *Service) testGates(ctx context.Context, all bool) error {
	return s.testSome(ctx, func(i int) bool {
		s.mu.RLock()
		defer s.mu.RUnlock()
		return all || s.gateDue(i) <= store.Time(s.Clock.Now())
	})
}

func (s *Service) testSome(ctx context.Context, due func(i int) bool) error {
	round := &round{s: s, results: map[string]probed{}}
	tested := false
	for i := range s.Gates {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if due(i) {
			s.gating.Lock() // for each gate anew, so that one that a person asks for waits for no round
			s.testGate(ctx, i, round)
			s.gating.Unlock()
			tested = true
		}
	}
	if !tested || !s.isReady() {
		return nil
	}
	return s.rollUp(ctx)
}

func (s *Service) testGate(ctx context.Context, i int, r *round) {
	g := &s.Gates[i]
	v := r.test(ctx, g)
	now := s.Clock.Now()
	if since := s.stoodSince(); !since.IsZero() {
		v = standsStill(since)
	}
	if v.Status == fleet.Unknown {
		v = v.At(now.Add(gateRetry))
	}
	s.mu.Lock()
	p := s.state.populations[SelfTest]
	sub := p.subject(Ref{SelfTest, selfID, "this installation"}, "", place{})
	sub.observed = store.Time(now)
	sub.gen++
	s.state.set(p, sub, s.state.place[len(s.Checks)-len(s.Gates)+i], v, store.Time(now))
	s.mu.Unlock()
	if v.Status == fleet.Pass || v.Status == fleet.Fail {
		s.publish(fleet.NewEvent("gate.tested", now, fleet.Server("posture"), fleet.Party{Kind: "control", ID: g.Control},
			map[string]any{"gate": g.ID, "result": string(v.Status), "reason": v.Reason}))
	}
}

// round is one pass over gates.
type round struct {
	s       *Service
	results map[string]probed
	server  *ServerFacts
	facts   error
}

type probed struct {
	ProbeResult
	err error
}

// test makes a gate's tries and judges them together: one that did not hold fails the gate, one that came to no result leaves
// it unknown, and one that nothing here can make leaves it not assessed.
func (r *round) test(ctx context.Context, g *Gate) Verdict {
	by := map[fleet.Status][]string{}
	for _, name := range g.Probes {
		v := r.judge(name, r.probe(ctx, name), g)
		by[v.Status] = append(by[v.Status], v.Reason)
	}
	var settings []string
	if len(g.Settings) > 0 {
		if v := r.bypass(ctx, g); v.Known() {
			by[v.Status] = append(by[v.Status], v.Reason)
			settings = v.Settings
		}
	}
	for _, worst := range []fleet.Status{fleet.Fail, fleet.Unknown, fleet.NotAssessed, fleet.Pass, fleet.NotApplicable} {
		if len(by[worst]) > 0 {
			v := Verdict{Status: worst, Reason: strings.Join(by[worst], "; ")}
			if worst == fleet.Fail && len(by[worst]) == 1 {
				v.Settings = settings // nothing but settings fails
			}
			return v
		}
	}
	return Unknown("the gate names nothing to try")
}

func (r *round) judge(name string, p probed, g *Gate) Verdict {
	now := r.s.Clock.Now()
	switch {
	case errors.Is(p.err, ErrNoProbe):
		return Verdict{Status: fleet.NotAssessed, Reason: "this installation has no self-test " + name}
	case p.err != nil:
		return Unknown("the self-test %s came to no result", name)
	case p.None:
		return NotApplicable("%s", p.Detail)
	case !p.Attempted, p.Detail == "":
		return Unknown("the self-test %s came to no result: %s", name, p.Detail)
	case p.At.After(now.Add(Skew)) || p.At.Before(now.Add(-r.s.every(g))):
		return Unknown("the self-test %s is dated %s, which cannot be: check the clocks", name, stamp(p.At))
	case !p.Held:
		return Fail("%s", p.Detail)
	default:
		return Pass("%s", p.Detail)
	}
}

func (s *Service) every(g *Gate) time.Duration {
	if g.Every == 0 {
		return GateEvery
	}
	return g.Every
}

// probe makes a try once in a round, however many gates ask for it. A probe that breaks came to no result.
func (r *round) probe(ctx context.Context, name string) (p probed) {
	if known, ok := r.results[name]; ok {
		return known
	}
	defer func() {
		if rec := recover(); rec != nil {
			p = probed{err: fmt.Errorf("the probe broke: %v", rec)}
		}
		if p.err != nil && !errors.Is(p.err, ErrNoProbe) {
			r.s.Log.Warn("self-test came to no result", "probe", name, "error", p.err)
		}
		r.results[name] = p
	}()
	if r.s.Prober == nil {
		return probed{err: ErrNoProbe}
	}
	ctx, cancel := context.WithTimeout(ctx, probeMost)
	defer cancel()
	res, err := r.s.Prober.Probe(ctx, name)
	return probed{res, err}
}

// bypass looks for settings that get around the gate.
func (r *round) bypass(ctx context.Context, g *Gate) Verdict {
	src := r.s.sources[Server]
	if src == nil {
		return Verdict{Status: fleet.NotAssessed, Reason: "nothing here reads the server's settings"}
	}
	if r.server == nil && r.facts == nil {
		f, ok, err := src.One(ctx, selfID)
		if sf, is := f.(*ServerFacts); err == nil && ok && is {
			r.server = sf
		} else if r.facts = err; err == nil {
			r.facts = errors.New("the server has no facts")
		}
	}
	if r.facts != nil {
		return Unknown("the server's settings could not be read")
	}
	var weaker []string
	for _, name := range g.Settings {
		if slices.ContainsFunc(r.server.Weakened, func(w string) bool { return settingName(w) == name }) {
			weaker = append(weaker, name)
		}
	}
	switch len(weaker) {
	case 0:
		return Verdict{}
	case 1:
		v := Fail("the setting %s is weaker than the default, which opens a way around", weaker[0])
		v.Settings = weaker
		return v
	default:
		v := Fail("the settings %s are weaker than the default, which opens ways around", strings.Join(weaker, ", "))
		v.Settings = weaker
		return v
	}
}

// Judge makes one gate's tries and says what they come to, outside of any engine. server reads the server's settings and may
// be nil.
func Judge(ctx context.Context, g Gate, p Prober, server Source, c clock.Clock, log *slog.Logger) Verdict {
	s := &Service{Config: Config{Prober: p, Clock: c, Log: log}, sources: map[Kind]Source{}}
	if server != nil {
		s.sources[Server] = server
	}
	return (&round{s: s, results: map[string]probed{}}).test(ctx, &g)
}
