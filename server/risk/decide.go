package risk

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
)

// Verdict is what a person decides about a risk.
type Verdict struct {
	Decision           string    `json:"decision" enum:"mitigate,defer,accept"`
	Reason             string    `json:"reason"`
	Ends               time.Time `json:"ends,omitzero" required:"false" doc:"When it no longer counts: within a year. Only a decision to mitigate may be without."`
	ResidualLikelihood Level     `json:"residualLikelihood,omitempty" doc:"What will remain once all mitigations are finished; the present likelihood unless given."`
	ResidualImpact     Level     `json:"residualImpact,omitempty"`
}

// Decide records a decision about an open risk, in place of an earlier one. CodeForbidden when the caller entered, rated or
// owns it.
func (s *Service) Decide(ctx context.Context, ref, ifMatch string, v Verdict) (Risk, error) {
	v.Reason = strings.TrimSpace(v.Reason)
	now := s.Clock.Now()
	if err := join(v.check(now), text("reason", v.Reason, mostText, true, true)); err != nil {
		return Risk{}, err
	}
	return s.change(ctx, ref, ifMatch, func(r *Risk) (step, error) {
		if err := r.mustBeOpen(); err != nil {
			return step{}, err
		}
		if err := s.independent(ctx, r, "decide it"); err != nil {
			return step{}, err
		}
		d := Decision{Decision: v.Decision, Reason: v.Reason, Decider: person(ctx), Decided: now, Ends: v.Ends.UTC()}
		if v.Ends.IsZero() {
			d.Ends = time.Time{}
		}
		if err := d.residual(r, v); err != nil {
			return step{}, err
		}
		r.Decision = &d
		return step{"risk.decided", map[string]any{"decision": d.Decision, "ends": day(d.Ends)}, "decided to " + d.Decision}, nil
	})
}

// check refuses an unknown decision and an end that is missing, past or too far ahead.
func (v Verdict) check(now time.Time) error {
	if !slices.Contains([]string{Mitigate, Defer, Accept}, v.Decision) {
		return fleet.Invalid("decision", "want mitigate, defer or accept")
	}
	if v.Decision == Mitigate && v.Ends.IsZero() {
		return nil
	}
	return ahead("ends", v.Ends, now, longestDecision)
}

// residual fills what will remain. It cannot be more than there is now.
func (d *Decision) residual(r *Risk, v Verdict) error {
	d.ResidualLikelihood, d.ResidualImpact = r.Likelihood, r.Impact
	var errs []error
	for _, f := range []struct {
		field      string
		given, now Level
		to         *Level
	}{{"residualLikelihood", v.ResidualLikelihood, r.Likelihood, &d.ResidualLikelihood}, {"residualImpact", v.ResidualImpact, r.Impact, &d.ResidualImpact}} {
		switch {
		case f.given == 0:
			continue
		case !f.given.Valid():
			errs = append(errs, level(f.field, f.given))
		case f.given > f.now:
			errs = append(errs, fleet.Invalid(f.field, "is more than the risk has now: rate the risk anew instead"))
		case f.given < f.now && v.Decision != Mitigate:
			errs = append(errs, fleet.Invalid(f.field, "is less than the risk has now, and to "+v.Decision+" changes nothing: leave it out, or decide to mitigate"))
		}
		*f.to = f.given
	}
	d.ResidualLevel = Combine(d.ResidualLikelihood, d.ResidualImpact)
	return join(errs...)
}

// day writes a date for an event; empty for none.
func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02")
}

// Close takes a risk out of the open ones. It needs the same independence as a decision, because a closed risk owes
// nothing any more, and every mitigation finished.
func (s *Service) Close(ctx context.Context, ref, ifMatch, reason string) (Risk, error) {
	reason = strings.TrimSpace(reason)
	if err := text("reason", reason, mostText, true, true); err != nil {
		return Risk{}, err
	}
	return s.change(ctx, ref, ifMatch, func(r *Risk) (step, error) {
		if err := r.mustBeOpen(); err != nil {
			return step{}, err
		}
		if err := s.independent(ctx, r, "close it"); err != nil {
			return step{}, err
		}
		if !r.due().IsZero() {
			return step{}, fleet.Errorf(fleet.CodeConflict, "mitigations are not finished: finish each, with its outcome, before the risk is closed")
		}
		r.State, r.Closing = Closed, &Closing{reason, person(ctx), s.Clock.Now()}
		return step{"risk.closed", map[string]any{"reason": reason}, "closed"}, nil
	})
}
