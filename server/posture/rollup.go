package posture

import (
	"fmt"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture/catalogue"
)

// control is where a control stands.
type control struct {
	def    catalogue.Control
	checks []int // indexes
	status fleet.Status
	reason string
	since  time.Time
	digest string    // of its open findings, at its last entry in the log
	run    time.Time // last asked for by a person
}

// standing is where one check stands over all its subjects.
type standing struct {
	status fleet.Status
	reason string
	counts []int // by code
	total  int
	spared int // of those that fail, how many an exception in force covers
}

// figures is how many subjects stand where: as they do, or as they would under a what-if.
type figures struct {
	counts [][]int
	spared []int
	sole   func(i int) string // the reason where there is but one subject
}

// present is the figures as they are. The caller holds mu.
func (s *Service) present() figures {
	return figures{s.state.counts, s.state.excepted, func(i int) string {
		for _, sub := range s.state.populations[s.Checks[i].Subject].subjects {
			return sub.obs[s.state.place[i]].reason.Value()
		}
		return ""
	}}
}

// standing rolls a check up: fail if any fails that no exception covers, else unknown, else stale, else excepted, else pass; without
// any subject it is not applicable only where all subjects are known to be read. The caller holds mu.
func (s *Service) standing(i int, fig figures) standing {
	c := &s.Checks[i]
	st := standing{counts: fig.counts[i], spared: fig.spared[i]}
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
	if st.counts[codeFail] > st.spared {
		st.status, st.reason = fleet.Fail, s.describe(i, p, codeFail, st, fig)
		return st
	}
	for _, worst := range []code{codeUnknown, codeStale, codeNotAssessed, codeFail, codePass, codeNotApplicable} {
		if st.counts[worst] > 0 {
			st.status = statusOf[worst]
			if worst == codeFail {
				st.status = fleet.Excepted
			}
			st.reason = s.describe(i, p, worst, st, fig)
			return st
		}
	}
	return st
}

// describe says why a check stands where it stands: the one subject's own reason, or how many there are.
func (s *Service) describe(i int, p *population, worst code, st standing, fig figures) string {
	n := st.counts[worst]
	switch {
	case st.status == fleet.Excepted && st.total == 1:
		return fig.sole(i) + " (covered by an exception)"
	case st.status == fleet.Excepted:
		return fmt.Sprintf("%d of %d fail, all of them covered by exceptions (%s)", n, st.total, p.kind)
	case st.total == 1:
		return fig.sole(i)
	case worst == codeFail && st.spared > 0:
		return fmt.Sprintf("%d of %d fail, %d of them covered by exceptions (%s)", n, st.total, st.spared, p.kind)
	}
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
func (s *Service) outcome(c *control) outcome { return s.outcomeOf(c, s.present()) }

func (s *Service) outcomeOf(c *control, fig figures) outcome {
	out := outcome{obligations: map[string]fleet.Status{}}
	checks := make([]stood, 0, len(c.checks))
	for _, i := range c.checks {
		st, def := s.standing(i, fig), &s.Checks[i]
		out.obligations[def.Obligation] = fleet.Worse(out.obligations[def.Obligation], st.status)
		checks = append(checks, stood{i, st})
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
		out.reason = s.reasonOf(c, out.status, checks)
	case out.assessed == 0:
		out.reason = c.def.Missing
	default:
		out.reason = fmt.Sprintf("%d of %d obligations are assessed and none of them fails; nothing assesses %s. %s", out.assessed, len(c.def.Obligations), strings.Join(missing, ", "), c.def.Missing)
	}
	return out
}
