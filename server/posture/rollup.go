package posture

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture/catalogue"
	"github.com/thingward/thingward/server/store"
)

// control is where a control stands.
type control struct {
	def    catalogue.Control
	checks []int // indexes
	status fleet.Status
	reason string
	since  time.Time
	run    time.Time // last asked for by a person
}

// standing is where one check stands over all its subjects.
type standing struct {
	status fleet.Status
	reason string
	counts []int // by code
	total  int
}

// standing rolls a check up: fail if any fails, else unknown, else stale, else pass; without any subject it is not
// applicable only where all subjects are known to be read. The caller holds mu.
func (s *Service) standing(i int) standing {
	c := &s.Checks[i]
	st := standing{counts: s.state.counts[i]}
	for _, n := range st.counts {
		st.total += n
	}
	p := s.state.populations[c.Subject]
	if st.total == 0 {
		st.status, st.reason = fleet.Unknown, "not observed yet"
		if p.failing != "" {
			st.reason = p.failing
		} else if s.sources[c.Subject] == nil && c.Subject != SelfTest {
			st.status, st.reason = fleet.NotAssessed, "nothing here reads facts of this kind: "+string(c.Subject)
		} else if p.complete && c.Subject != SelfTest {
			st.status, st.reason = fleet.NotApplicable, "there is no "+string(c.Subject)
		}
		return st
	}
	for _, worst := range []code{codeFail, codeUnknown, codeStale, codeNotAssessed, codePass, codeNotApplicable} {
		if st.counts[worst] > 0 {
			st.status = statusOf[worst]
			st.reason = s.describe(i, p, worst, st)
			return st
		}
	}
	return st
}

// describe says why a check stands where it stands: the one subject's own reason, or how many there are.
func (s *Service) describe(i int, p *population, worst code, st standing) string {
	if st.total == 1 {
		for _, sub := range p.subjects {
			return sub.obs[s.state.place[i]].reason.Value()
		}
	}
	n := st.counts[worst]
	if worst == codePass && st.counts[codeNotApplicable] == 0 {
		return fmt.Sprintf("all %d pass (%s)", n, p.kind)
	}
	return fmt.Sprintf("%d of %d %s (%s)", n, st.total, words[worst], p.kind)
}

var words = map[code]string{codeFail: "fail", codeUnknown: "unknown", codeStale: "stale", codePass: "pass", codeNotApplicable: "not applicable", codeNotAssessed: "not assessed"}

// outcome is what a control comes to.
type outcome struct {
	status      fleet.Status
	reason      string
	obligations map[string]fleet.Status
	assessed    int
}

// outcome rolls a control up over its obligations. Fail, unknown and stale rule. Otherwise an obligation that nothing
// assesses keeps the control from passing, however many others pass. The caller holds mu.
func (s *Service) outcome(c *control) outcome {
	out := outcome{obligations: map[string]fleet.Status{}}
	reasons := map[fleet.Status][]string{}
	for _, i := range c.checks {
		st, def := s.standing(i), &s.Checks[i]
		out.obligations[def.Obligation] = fleet.Worse(out.obligations[def.Obligation], st.status)
		reasons[st.status] = append(reasons[st.status], def.Title+": "+st.reason)
	}
	var missing []string
	for _, o := range c.def.Obligations {
		status, any := out.obligations[o.Key]
		if !any {
			status = fleet.NotAssessed
		}
		out.obligations[o.Key] = status
		out.status = fleet.Worse(out.status, status)
		if status == fleet.NotAssessed {
			missing = append(missing, o.Key)
		} else {
			out.assessed++
		}
	}
	switch {
	case out.status != fleet.NotAssessed:
		out.reason = strings.Join(reasons[out.status], "; ")
	case out.assessed == 0:
		out.reason = c.def.Missing
	default:
		out.reason = fmt.Sprintf("%d of %d obligations are assessed and none of them fails; nothing assesses %s", out.assessed, len(c.def.Obligations), strings.Join(missing, ", "))
	}
	return out
}

// change is one change of a control's status.
type change struct {
	Control string       `json:"control"`
	Before  fleet.Status `json:"before"`
	After   fleet.Status `json:"after"`
	At      time.Time    `json:"at"`
	Reason  string       `json:"reason"`
}

// rollUp brings every control up to date and records what changed: history, present status and audit entry in one
// transaction.
func (s *Service) rollUp(ctx context.Context) error {
	s.rolling.Lock()
	defer s.rolling.Unlock()
	now := s.Clock.Now()
	var changes []change
	s.mu.RLock()
	for _, c := range s.controls {
		if out := s.outcome(c); out.status != c.status {
			changes = append(changes, change{c.def.ID, c.status, out.status, now, out.reason})
		}
	}
	s.mu.RUnlock()
	if len(changes) == 0 {
		return nil
	}
	if err := s.record(ctx, changes); err != nil {
		return err
	}
	s.mu.Lock()
	for _, ch := range changes {
		c := s.byID[ch.Control]
		c.status, c.reason, c.since = ch.After, ch.Reason, ch.At
	}
	s.mu.Unlock()
	for _, ch := range changes {
		s.announce(ch)
	}
	return s.trend(ctx, true)
}

func (s *Service) record(ctx context.Context, changes []change) error {
	return s.DB.Change(ctx, func(tx *store.Tx) error {
		for _, ch := range changes {
			if err := s.storeChange(tx, ch); err != nil {
				return err
			}
			receiver := fleet.Party{Kind: "control", ID: ch.Control, Name: s.byID[ch.Control].def.Title}
			ev := fleet.NewEvent("control.changed", ch.At, fleet.Server("posture"), receiver,
				map[string]any{"control": ch.Control, "before": string(ch.Before), "after": string(ch.After), "reason": ch.Reason})
			if ch.After != fleet.Fail {
				ev.Severity = fleet.Info
			}
			if err := s.Audit.Record(tx, ev); err != nil {
				return err
			}
		}
		return nil
	})
}
