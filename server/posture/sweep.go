package posture

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unique"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

// SweepReport is how the last full sweep went.
type SweepReport struct {
	At          time.Time     `json:"at"`
	Subjects    int           `json:"subjects"`
	Checks      int           `json:"checks"` // verdicts computed
	Differences int           `json:"differences"`
	Agreed      bool          `json:"agreed"`
	Took        time.Duration `json:"-"`
}

// Difference is a verdict of the sweep that is not what the incremental state says.
type Difference struct {
	Check   string       `json:"check"`
	Subject Ref          `json:"subject"`
	State   fleet.Status `json:"state"`
	Sweep   fleet.Status `json:"sweep"`
	Reason  string       `json:"reason"`
}

// differencesTold bounds how many differences an event names; it always counts them all.
const differencesTold = 20

func (s *Service) sweepLoop(ctx context.Context) error {
	for ctx.Err() == nil {
		if _, err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("posture sweep incomplete", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-s.Clock.After(SweepEvery):
		}
	}
	return nil
}

// Sweep looks at every subject anew. What it finds must agree exactly with the incremental state; a difference that no change
// on its way explains is reported as sweep.disagreed and mended. The first sweep after a start only fills the state. The
// error names sources that failed; everything else was still swept.
func (s *Service) Sweep(ctx context.Context) (SweepReport, error) {
	s.sweeping.Lock()
	defer s.sweeping.Unlock()
	w := &sweep{s: s, first: !s.isReady(), number: s.nextSweep(), report: SweepReport{At: s.Clock.Now()}}
	began := s.Clock.Now()
	s.checkClock()
	var errs []error
	for kind, src := range s.sources {
		if p := s.state.populations[kind]; p != nil {
			if err := w.population(ctx, p, src); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", kind, err))
			}
		}
	}
	if err := w.settle(ctx); err != nil {
		errs = append(errs, err)
	}
	w.report.Took = s.Clock.Now().Sub(began)
	return w.report, errors.Join(append(errs, w.finish(ctx))...)
}

func (s *Service) nextSweep() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweeps++
	return s.sweeps
}

// sweep is one sweep under way.
type sweep struct {
	s        *Service
	first    bool
	number   uint64
	report   SweepReport
	buf      []Verdict
	suspects []suspect
	differ   []Difference
}

// suspect is a subject that did not agree, as it was then.
type suspect struct {
	Ref
	gen uint64
}

// population compares every subject of one kind.
func (w *sweep) population(ctx context.Context, p *population, src Source) error {
	s := w.s
	err := src.Each(ctx, func(f Facts) error {
		now := s.Clock.Now()
		w.buf = s.evaluate(p, f, now, w.buf)
		w.report.Subjects++
		w.report.Checks += len(w.buf)
		s.mu.Lock()
		defer s.mu.Unlock()
		w.compare(p, f, store.Time(now))
		return ctx.Err()
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		p.failing = "the facts could not be read"
		return err
	}
	p.complete, p.failing = true, ""
	for _, sub := range p.subjects {
		if sub.sweep != w.number {
			w.suspects = append(w.suspects, suspect{sub.Ref, sub.gen})
		}
	}
	return nil
}

// compare confirms a subject that agrees, takes over one that the state may not know yet, and suspects any other.
func (w *sweep) compare(p *population, f Facts, now int64) {
	st := &w.s.state
	ref := f.Ref()
	sub := p.subjects[ref.ID]
	if w.first && sub != nil && sub.gen > 0 {
		// It was looked at since the start, and sources read ahead: these facts may be older.
		sub.sweep = w.number
		w.suspects = append(w.suspects, suspect{sub.Ref, sub.gen})
		return
	}
	if w.first || (sub != nil && !announced(p.kind)) {
		sub = p.of(f)
		sub.sweep = w.number
		st.apply(p, sub, w.buf, now)
		return
	}
	if sub == nil {
		w.suspects = append(w.suspects, suspect{ref, 0})
		return
	}
	sub.sweep = w.number
	if len(sub.differences(w.s.Checks, p, w.buf, now)) > 0 || !sub.is(f) {
		w.suspects = append(w.suspects, suspect{sub.Ref, sub.gen})
		return
	}
	gen := sub.gen
	st.apply(p, sub, w.buf, now)
	sub.gen = gen // a confirmation changes nothing
}

// differences lists the places of checks on which the subject and verdicts do not agree. An observation that has ended may
// differ, for it is about to be made anew, and so may one whose facts are polled.
func (sub *subject) differences(checks []Check, p *population, verdicts []Verdict, now int64) (places []int) {
	for k, v := range verdicts {
		o := &sub.obs[k]
		excused := checks[p.checks[k]].Polled || (o.status != codeNone && o.until <= now)
		if !excused && (o.status != codeOf(v.Status) || o.words() != v.Reason) {
			places = append(places, k)
		}
	}
	return places
}

// words is the reason of an observation, or "" before there is any.
func (o *observation) words() string {
	if o.reason == (unique.Handle[string]{}) {
		return ""
	}
	return o.reason.Value()
}

// settle gives announcements on their way time to arrive and then looks at each suspect once more. One that was looked at
// since, by announcement, is cleared; for any other the two ways of evaluating disagree.
func (w *sweep) settle(ctx context.Context) error {
	s := w.s
	if len(w.suspects) == 0 {
		return nil
	}
	if s.Grace > 0 && !w.first {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.Clock.After(s.Grace):
		}
	}
	s.Settle(ctx)
	var errs []error
	for _, sus := range w.suspects {
		if err := w.reconcile(ctx, sus); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (w *sweep) reconcile(ctx context.Context, sus suspect) error {
	s := w.s
	s.work.Lock()
	defer s.work.Unlock()
	p := s.state.populations[sus.Kind]
	f, ok, err := s.sources[sus.Kind].One(ctx, sus.ID)
	if err != nil {
		return fmt.Errorf("%s %s: %w", sus.Kind, sus.ID, err)
	}
	now := s.Clock.Now()
	var verdicts []Verdict
	if ok {
		verdicts = s.evaluate(p, f, now, nil)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	sub := p.subjects[sus.ID]
	seen := (sub == nil && sus.gen != 0) || (sub != nil && sub.gen != sus.gen)
	switch {
	case ok:
		if sub == nil {
			sub = p.of(f)
		}
		if !seen {
			w.disagree(p, sub, verdicts, store.Time(now))
		}
		p.of(f)
		s.state.apply(p, sub, verdicts, store.Time(now))
	case sub != nil:
		if !seen && announced(p.kind) && !w.first {
			w.differ = append(w.differ, Difference{Subject: sub.Ref, Reason: "it is no longer there"})
		}
		s.state.remove(p, sub, store.Time(now))
	}
	return nil
}

func (w *sweep) disagree(p *population, sub *subject, verdicts []Verdict, now int64) {
	if !announced(p.kind) || w.first {
		return
	}
	for _, k := range sub.differences(w.s.Checks, p, verdicts, now) {
		w.differ = append(w.differ, Difference{w.s.Checks[p.checks[k]].ID, sub.Ref, statusOf[sub.obs[k].status], verdicts[k].Status, verdicts[k].Reason})
	}
}

// finish reports, rolls up and lets the world know.
func (w *sweep) finish(ctx context.Context) error {
	s := w.s
	w.report.Differences, w.report.Agreed = len(w.differ), len(w.differ) == 0
	now := s.Clock.Now()
	if !w.report.Agreed {
		s.Log.Error("posture sweep disagreed with the incremental state", "differences", len(w.differ), "first", w.differ[0])
		s.publish(fleet.NewEvent("sweep.disagreed", now, fleet.Server("posture"), fleet.Server("posture"),
			map[string]any{"differences": len(w.differ), "examples": w.differ[:min(len(w.differ), differencesTold)]}))
	}
	if w.first {
		if err := s.testGates(ctx, false); err != nil {
			return err
		}
	}
	s.mu.Lock()
	s.ready, s.last = true, w.report
	s.settleOrphans(store.Time(now))
	s.mu.Unlock()
	s.meters.swept(w.report)
	s.publish(fleet.NewEvent("sweep.completed", now, fleet.Server("posture"), fleet.Server("posture"),
		map[string]any{"checks": w.report.Checks, "changed": len(w.differ), "subjects": w.report.Subjects, "milliseconds": w.report.Took.Milliseconds()}))
	return errors.Join(s.rollUp(ctx), s.witness(ctx), s.flush(ctx), s.trend(ctx, false), s.thinSteps(ctx))
}

func (s *Service) publish(ev fleet.Event) {
	if s.Events == nil {
		return
	}
	if err := s.Events.Publish(ev); err != nil {
		s.Log.Error("event not published", "type", ev.Type, "error", err)
	}
}
