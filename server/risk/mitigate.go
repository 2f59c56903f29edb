package risk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
)

// Task is a mitigation as a person states it.
type Task struct {
	Title string    `json:"title"`
	Owner string    `json:"owner" doc:"Account name of the person who does it."`
	Due   time.Time `json:"due"`
}

// AddMitigation adds something to be done about an open risk.
func (s *Service) AddMitigation(ctx context.Context, ref, ifMatch string, t Task) (Risk, error) {
	t.Title, t.Owner = strings.TrimSpace(t.Title), strings.TrimSpace(t.Owner)
	now := s.Clock.Now()
	if err := join(text("title", t.Title, mostTitle, true, false), text("owner", t.Owner, mostName, true, false), ahead("due", t.Due, now, longestMitigation)); err != nil {
		return Risk{}, err
	}
	if err := s.owner(ctx, "owner", &t.Owner); err != nil {
		return Risk{}, err
	}
	return s.change(ctx, ref, ifMatch, func(r *Risk) (step, error) {
		if err := r.mustBeOpen(); err != nil {
			return step{}, err
		}
		if len(r.Mitigations) >= mostMitigations {
			return step{}, fleet.Errorf(fleet.CodeConflict, "the risk has %d mitigations, which is the most: enter what is left as another risk", len(r.Mitigations))
		}
		m := Mitigation{Number: len(r.Mitigations) + 1, Title: t.Title, Owner: t.Owner, Due: t.Due.UTC(), Added: now, By: person(ctx)}
		r.Mitigations = append(r.Mitigations, m)
		return step{"risk.changed", map[string]any{"fields": []string{"mitigations"}, "mitigation": m.Number, "due": day(m.Due)}, fmt.Sprintf("added mitigation %d: %s", m.Number, m.Title)}, nil
	})
}

// FinishMitigation says that a mitigation is done, and with what outcome.
func (s *Service) FinishMitigation(ctx context.Context, ref, ifMatch string, n int, outcome string) (Risk, error) {
	outcome = strings.TrimSpace(outcome)
	if err := text("outcome", outcome, mostText, true, true); err != nil {
		return Risk{}, err
	}
	return s.change(ctx, ref, ifMatch, func(r *Risk) (step, error) {
		m, err := r.unfinished(n)
		if err != nil {
			return step{}, err
		}
		now, by := s.Clock.Now(), person(ctx)
		m.Finished, m.Outcome, m.Finisher = &now, outcome, &by
		return step{"risk.mitigated", map[string]any{"mitigation": m.Number}, fmt.Sprintf("finished mitigation %d: %s", m.Number, m.Title)}, nil
	})
}

// MoveMitigation gives a mitigation another due date. It needs the independence of a decision, from its own owner and
// author too: nobody puts off what he himself owes.
func (s *Service) MoveMitigation(ctx context.Context, ref, ifMatch string, n int, due time.Time, reason string) (Risk, error) {
	reason = strings.TrimSpace(reason)
	now := s.Clock.Now()
	if err := join(ahead("due", due, now, longestMitigation), text("reason", reason, mostText, true, true)); err != nil {
		return Risk{}, err
	}
	return s.change(ctx, ref, ifMatch, func(r *Risk) (step, error) {
		m, err := r.unfinished(n)
		if err != nil {
			return step{}, err
		}
		if err := s.independent(ctx, r, "put it off", m.By, Person{Name: m.Owner}); err != nil {
			return step{}, err
		}
		m.Moved = append(slices.Clone(m.Moved), Move{m.Due, due.UTC(), reason, person(ctx), now})
		m.Due = due.UTC()
		return step{"risk.changed", map[string]any{"fields": []string{"mitigations"}, "mitigation": m.Number, "due": day(m.Due)}, fmt.Sprintf("moved mitigation %d to %s", m.Number, day(m.Due))}, nil
	})
}

// unfinished finds a mitigation of an open risk that is not done.
func (r *Risk) unfinished(n int) (*Mitigation, error) {
	if err := r.mustBeOpen(); err != nil {
		return nil, err
	}
	for i := range r.Mitigations {
		m := &r.Mitigations[i]
		switch {
		case m.Number != n:
			continue
		case m.Finished != nil:
			return nil, fleet.Errorf(fleet.CodeConflict, "mitigation %d was finished on %s: add another one if more is to be done", n, day(*m.Finished))
		}
		return m, nil
	}
	return nil, fleet.Errorf(fleet.CodeNotFound, "the risk has no mitigation %d: it has %d", n, len(r.Mitigations))
}
