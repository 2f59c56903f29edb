package posture

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
)

// WhatIf asks where the controls would stand without some exceptions, at a later date, or both.
type WhatIf struct {
	Without []string  // exceptions, by id
	At      time.Time // zero: now
}

// WhatIfAnswer is where the controls stand and where they would.
type WhatIfAnswer struct {
	At      time.Time    `json:"at"`
	Before  Standings    `json:"before"`
	After   Standings    `json:"after"`
	Changed []WhatChange `json:"changed"`
	Note    string       `json:"note" doc:"What was assumed."`
}

// Standings is the score with the number of controls by status.
type Standings struct {
	Score  Score                `json:"score"`
	Counts map[fleet.Status]int `json:"counts"`
}

// WhatChange is a control that would stand elsewhere.
type WhatChange struct {
	Control string       `json:"control"`
	Title   string       `json:"title"`
	Before  fleet.Status `json:"before"`
	After   fleet.Status `json:"after"`
	Reason  string       `json:"reason"`
}

// whatIfMost is how far ahead one can ask.
const whatIfMost = 5 * 365 * 24 * time.Hour

// Assume answers a what-if. Nothing is changed by it.
func (s *Service) Assume(ctx context.Context, w WhatIf) (WhatIfAnswer, error) {
	now := s.Clock.Now()
	w.At = w.At.UTC()
	if w.At.IsZero() {
		w.At = now
	}
	switch {
	case w.At.Before(now):
		return WhatIfAnswer{}, fleet.Invalid("at", "lies in the past: how it stood then is asked of /posture?at=")
	case w.At.After(now.Add(whatIfMost)):
		return WhatIfAnswer{}, fleet.Invalid("at", "is more than five years ahead: give an earlier date")
	}
	without, err := s.without(w.Without)
	if err != nil {
		return WhatIfAnswer{}, err
	}
	kept := s.keptAt(w.At, without)
	var fig figures
	if w.At.After(now) {
		if fig, err = s.figuresAt(ctx, w.At, kept); err != nil {
			return WhatIfAnswer{}, err
		}
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if fig.counts == nil {
		fig = s.figuresWith(kept)
	}
	return s.answer(w, fig, len(without)), nil
}

// without checks that each exception to leave out is in force.
func (s *Service) without(ids []string) (map[string]bool, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := map[string]bool{}
	for i, id := range ids {
		if s.exceptions[id] == nil {
			return nil, fleet.Invalid(fmt.Sprintf("without[%d]", i), fmt.Sprintf("no exception %q is in force", id))
		}
		out[id] = true
	}
	return out, nil
}

// keptAt puts together, by check, the exceptions that would be in force.
func (s *Service) keptAt(at time.Time, without map[string]bool) []*cover {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var list []*Exception
	for _, e := range s.inForce() {
		if e.in(at) && !without[e.ID] {
			list = append(list, e)
		}
	}
	out := make([]*cover, len(s.Checks))
	for i := range s.Checks {
		out[i] = coverOf(&s.Checks[i], list)
	}
	return out
}

// figuresWith is the present figures under other exceptions. The caller holds mu.
func (s *Service) figuresWith(kept []*cover) figures {
	fig := s.present()
	fig.spared = make([]int, len(s.Checks))
	for i := range s.Checks {
		if kept[i] == nil || fig.counts[i][codeFail] == 0 {
			continue
		}
		p, k := s.state.populations[s.Checks[i].Subject], s.state.place[i]
		for _, sub := range p.subjects {
			if sub.obs[k].status == codeFail && kept[i].covering(sub.Ref, sub.typ, sub.at.Value(), s.state.blames[blame{i, sub.ID}]) != nil {
				fig.spared[i]++
			}
		}
	}
	return fig
}

// figuresAt looks at every subject as it would be at a later time: what a date ends is ended, and what reports by itself is taken to
// go on. Self-tests are taken to go on with the result they have.
func (s *Service) figuresAt(ctx context.Context, at time.Time, kept []*cover) (figures, error) {
	s.assuming.Lock() // one at a time: each reads the whole fleet
	defer s.assuming.Unlock()
	fig := figures{counts: make([][]int, len(s.Checks)), spared: make([]int, len(s.Checks))}
	reasons := make([]string, len(s.Checks))
	fig.sole = func(i int) string { return reasons[i] }
	for i := range s.Checks {
		fig.counts[i] = make([]int, codes)
	}
	by := at.Sub(s.Clock.Now())
	var buf []Verdict
	for kind, src := range s.sources {
		p := s.state.populations[kind]
		if p == nil {
			continue
		}
		err := src.Each(ctx, func(f Facts) error {
			if r, ok := f.(Reported); ok {
				f = r.Ahead(by)
			}
			buf = s.evaluate(p, f, at, buf)
			for k, v := range buf {
				i := p.checks[k]
				fig.counts[i][codeOf(v.Status)]++
				reasons[i] = v.Reason
				if v.Status == fleet.Fail && kept[i] != nil && kept[i].covering(f.Ref(), f.TypeName(), placeOf(f), v.Settings) != nil {
					fig.spared[i]++
				}
			}
			return ctx.Err()
		})
		if err != nil {
			return fig, fmt.Errorf("read %s: %w", kind, err)
		}
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	now := s.present()
	with := s.figuresWith(kept)
	for i := range s.Checks {
		if kind := s.Checks[i].Subject; kind == SelfTest || s.sources[kind] == nil {
			fig.counts[i], fig.spared[i], reasons[i] = now.counts[i], with.spared[i], now.sole(i)
		}
	}
	return fig, nil
}

// answer compares. The caller holds mu.
func (s *Service) answer(w WhatIf, fig figures, without int) WhatIfAnswer {
	out := WhatIfAnswer{At: w.At, Changed: []WhatChange{}}
	out.Before.Score, out.Before.Counts = s.score()
	after := map[string]outcome{}
	for _, c := range s.controls {
		o := s.outcomeOf(c, fig)
		after[c.def.ID] = o
		if o.status != c.status {
			out.Changed = append(out.Changed, WhatChange{c.def.ID, c.def.Title, c.status, o.status, o.reason})
		}
	}
	out.After.Score, out.After.Counts = s.scoreOf(func(c *control) (fleet.Status, int) { return after[c.def.ID].status, after[c.def.ID].assessed })
	var note []string
	if without > 0 {
		note = append(note, fmt.Sprintf("without %d of the exceptions that are in force", without))
	}
	if w.At.After(s.Clock.Now()) {
		note = append(note, "on "+Day(w.At)+": what a date ends has ended (certificates, passwords, records, risk decisions, exceptions); devices and the server are taken to go on reporting as they do, self-tests to give what they give now, and nobody to renew anything")
	}
	if len(note) == 0 {
		note = append(note, "nothing was asked to be different")
	}
	out.Note = strings.Join(note, "; ")
	return out
}

// Expiry is something that stops being as it must be on a date, if nobody does anything.
type Expiry struct {
	At      time.Time `json:"at"`
	Control string    `json:"control"`
	Check   string    `json:"check,omitempty"`
	Title   string    `json:"title"`
	Subject Ref       `json:"subject"`
	What    string    `json:"what" doc:"What will be said then."`
}

// expirySteps bounds how many ends of one verdict after another are followed.
const expirySteps = 16

// expiries lists what a date ends within a stretch, soonest first.
func (s *Service) expiries(ctx context.Context, within time.Duration) ([]Expiry, error) {
	s.assuming.Lock()
	defer s.assuming.Unlock()
	now := s.Clock.Now()
	var out []Expiry
	for kind, src := range s.sources {
		p := s.state.populations[kind]
		if p == nil {
			continue
		}
		err := src.Each(ctx, func(f Facts) error {
			for _, i := range p.checks {
				if e, ok := s.expiry(&s.Checks[i], f, now, now.Add(within)); ok {
					out = append(out, e)
				}
			}
			return ctx.Err()
		})
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", kind, err)
		}
	}
	for _, e := range s.ends(now.Add(within)) {
		s.count(e)
		out = append(out, Expiry{e.Ends, e.Control, e.Check, "An exception ends", Ref{"exception", e.ID, e.Control}, fmt.Sprintf("%d observations that fail count again", e.StillFailing)})
	}
	slices.SortFunc(out, func(a, b Expiry) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return strings.Compare(a.Check+a.Subject.ID, b.Check+b.Subject.ID)
	})
	return out, nil
}

// ends lists copies of the exceptions that end before a time.
func (s *Service) ends(before time.Time) (out []*Exception) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, e := range s.inForce() {
		if !e.Ends.After(before) {
			c := *e
			out = append(out, &c)
		}
	}
	return out
}

// expiry follows a good verdict from end to end until it is bad, or until is reached. Reports are taken to go on.
func (s *Service) expiry(c *Check, f Facts, now, until time.Time) (Expiry, bool) {
	v, at := s.verdict(c, f, now), now
	for range expirySteps {
		if v.Status != fleet.Pass || v.Until.IsZero() || !v.Until.After(at) || v.Until.After(until) {
			return Expiry{}, false
		}
		g := f
		if r, ok := f.(Reported); ok {
			g = r.Ahead(v.Until.Sub(now))
		}
		next := s.verdict(c, g, v.Until)
		if next.Status == fleet.Fail || next.Status == fleet.Unknown || next.Status == fleet.Stale {
			return Expiry{v.Until, c.Control, c.ID, c.Title, f.Ref(), next.Reason}, true
		}
		at, v = v.Until, next
	}
	return Expiry{}, false
}
