package posture

import (
	"fmt"
	"runtime/debug"
	"time"

	"github.com/thingward/thingward/fleet"
)

// evaluate runs every check of a population over a subject's facts into out. It changes nothing.
func (s *Service) evaluate(p *population, f Facts, now time.Time, out []Verdict) []Verdict {
	s.complete(f)
	out = out[:0]
	for _, i := range p.checks {
		out = append(out, s.verdict(&s.Checks[i], f, now))
	}
	return out
}

// verdict runs one check. A check that breaks, or that gives no reason, is unknown: it must not take the engine with it and
// must not be green.
func (s *Service) verdict(c *Check, f Facts, now time.Time) (v Verdict) {
	defer func() {
		if r := recover(); r != nil {
			s.Log.Error("a check broke", "check", c.ID, "subject", f.Ref().ID, "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
			v = Unknown("the check broke on these facts: see the server's log")
		}
	}()
	if since := s.stoodSince(); !since.IsZero() {
		return standsStill(since)
	}
	v = c.Eval(f, now)
	switch {
	case v.Reason == "":
		return Unknown("the check gave no reason")
	case codeOf(v.Status) == codeNone || v.Status == fleet.NotAssessed && c.Subject != SelfTest:
		return Unknown("the check gave no status: %s", v.Reason)
	}
	return v
}
