package posture

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture/catalogue"
	"github.com/thingward/thingward/server/store"
)

// ControlSummary is a control in a list.
type ControlSummary struct {
	ID          string            `json:"id"`
	Title       string            `json:"title"`
	Domain      string            `json:"domain"`
	Status      fleet.Status      `json:"status"`
	Since       *time.Time        `json:"since,omitempty"`
	Reason      string            `json:"reason"`
	Modes       []catalogue.Mode  `json:"modes"`
	Layers      []catalogue.Layer `json:"layers"`
	Statement   string            `json:"statement"`
	Checks      int               `json:"checkCount"`
	Obligations int               `json:"obligationCount"`
	Assessed    int               `json:"assessed"` // obligations that something assesses
}

// ControlView is everything about a control.
type ControlView struct {
	ControlSummary
	Key         string           `json:"key"`
	DomainName  string           `json:"domainName"`
	Obligations []ObligationView `json:"obligations"`
	Evaluations []CheckView      `json:"checks"`
	FailsWhen   string           `json:"failsWhen"`
	ClearsWhen  string           `json:"clearsWhen"`
	Clears      string           `json:"clears"`            // what clears it now; empty when it passes
	Missing     string           `json:"missing,omitempty"` // what the platform lacks; only while an obligation is not assessed
	Observed    *time.Time       `json:"observed,omitempty"`
	Objects     map[string]int   `json:"objects"` // observations by status, over all checks
	OWASP       []MappingView    `json:"owasp"`
	Run         *time.Time       `json:"run,omitempty"` // when a person last asked for its checks
	Weight      int              `json:"weight"`        // in the active profile
	Exceptions  []Exception      `json:"exceptions"`    // requested or in force
	Entry       *PastEntry       `json:"entry,omitempty" doc:"Of a past moment: what the answer rests on."`
	AsOf        *AsOf            `json:"asOf,omitempty" doc:"Of a past moment: what proves the answer."`
}

// ObligationView is one testable part of a control and where it stands.
type ObligationView struct {
	catalogue.Obligation
	Status fleet.Status `json:"status"`
}

// CheckView is a check or gate of a control and where it stands.
type CheckView struct {
	ID         string       `json:"id"`
	Title      string       `json:"title"`
	Obligation string       `json:"obligation"`
	Reads      string       `json:"reads"`
	Subject    Kind         `json:"subjectKind"`
	Gate       bool         `json:"gate"`
	Status     fleet.Status `json:"status"`
	Reason     string       `json:"reason"`
	Counts     Counts       `json:"counts"`
	Observed   *time.Time   `json:"observed,omitempty"`
	ValidUntil *time.Time   `json:"validUntil,omitempty"`
	Seen       []Sighting   `json:"seen,omitempty"` // newest real refusals, for a gate
	Failing    []ObjectView `json:"failing"`        // the worst of them; the rest is under objects
}

// Counts is how many subjects stand where.
type Counts struct {
	Pass          int `json:"pass"`
	Fail          int `json:"fail"`
	Unknown       int `json:"unknown"`
	Stale         int `json:"stale"`
	NotApplicable int `json:"notApplicable"`
	Excepted      int `json:"excepted"` // of those that fail, how many an exception in force covers
}

// ObjectView is what a check says about one subject.
type ObjectView struct {
	Subject  Ref          `json:"subject"`
	Control  string       `json:"control"`
	Check    string       `json:"check"`
	Title    string       `json:"title,omitempty"`
	Status   fleet.Status `json:"status"`
	Reason   string       `json:"reason"`
	Since    time.Time    `json:"since"`
	Observed time.Time    `json:"observed"`
	Until    time.Time    `json:"validUntil"`
	// Exception is the one in force that covers it, if it fails and there is one.
	Exception string `json:"exception,omitempty"`
}

// MappingView is how an item of another framework relates to a control.
type MappingView struct {
	catalogue.Mapping
	Name string `json:"name"`
}

// failingShown bounds the objects that a check's view names.
const failingShown = 50

func at(us int64) *time.Time {
	if us == 0 {
		return nil
	}
	t := store.FromTime(us)
	return &t
}

func optional(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// summary describes a control for a list. The caller holds mu.
func (s *Service) summary(c *control) (ControlSummary, outcome) {
	out := s.outcome(c)
	reason := out.reason
	if out.status != c.status {
		reason = c.reason // a change that is about to be recorded
	}
	return ControlSummary{
		ID: c.def.ID, Title: c.def.Title, Domain: c.def.Domain, Status: c.status, Since: optional(c.since), Reason: reason, Modes: c.def.Modes,
		Layers: c.def.Layers, Statement: c.def.Statement, Checks: len(c.checks), Obligations: len(c.def.Obligations), Assessed: out.assessed,
	}, out
}

// view describes a control in full. The caller holds mu.
func (s *Service) view(c *control) ControlView {
	sum, out := s.summary(c)
	domain, _ := s.Catalogue.Domain(c.def.Domain)
	v := ControlView{
		ControlSummary: sum, Key: c.def.Key(), DomainName: domain.Name, FailsWhen: c.def.FailsWhen, ClearsWhen: c.def.ClearsWhen,
		Objects: map[string]int{}, OWASP: []MappingView{}, Evaluations: []CheckView{}, Run: optional(c.run), Weight: s.Weight(c.def.ID), Exceptions: []Exception{},
	}
	if out.assessed < len(c.def.Obligations) {
		v.Missing = c.def.Missing
	}
	if c.status != fleet.Pass && c.status != fleet.NotApplicable {
		v.Clears = c.def.ClearsWhen
	}
	for _, o := range c.def.Obligations {
		v.Obligations = append(v.Obligations, ObligationView{o, out.obligations[o.Key]})
	}
	newest := int64(0)
	for _, i := range c.checks {
		cv := s.checkView(i)
		newest = max(newest, s.state.observed[i])
		for code, n := range s.state.counts[i] {
			if n > 0 {
				v.Objects[string(statusOf[code])] += n
			}
		}
		v.Evaluations = append(v.Evaluations, cv)
	}
	v.Observed = at(newest)
	v.OWASP = s.owasp(c.def.ID)
	return v
}

func (s *Service) owasp(control string) []MappingView {
	out := []MappingView{}
	framework, _ := s.Catalogue.Framework(catalogue.OWASPID)
	for _, m := range s.Catalogue.OWASP(control) {
		k := slices.IndexFunc(framework.Items, func(i catalogue.Item) bool { return i.ID == m.Item })
		out = append(out, MappingView{m, framework.Items[k].Name})
	}
	return out
}

// checkView describes a check. The caller holds mu.
func (s *Service) checkView(i int) CheckView {
	c, st, p := &s.Checks[i], s.standing(i, s.present()), s.state.populations[s.Checks[i].Subject]
	v := CheckView{
		ID: c.ID, Title: c.Title, Obligation: c.Obligation, Reads: c.Reads, Subject: c.Subject, Gate: c.Subject == SelfTest, Status: st.status, Reason: st.reason,
		Counts:   Counts{Pass: st.counts[codePass], Fail: st.counts[codeFail], Unknown: st.counts[codeUnknown], Stale: st.counts[codeStale], NotApplicable: st.counts[codeNotApplicable], Excepted: st.spared},
		Observed: at(s.state.observed[i]), Failing: []ObjectView{},
	}
	k, first := s.state.place[i], int64(0)
	for _, sub := range p.subjects {
		o := sub.obs[k]
		if o.until != 0 && (first == 0 || o.until < first) {
			first = o.until
		}
		if kept(o.status) && len(v.Failing) < failingShown {
			v.Failing = append(v.Failing, s.object(i, sub))
		}
	}
	v.ValidUntil = at(first)
	slices.SortFunc(v.Failing, byBadness)
	if v.Gate {
		for _, typ := range s.Gates[i-(len(s.Checks)-len(s.Gates))].Events {
			v.Seen = append(v.Seen, s.seen[typ])
		}
	}
	return v
}

func byBadness(a, b ObjectView) int {
	return cmp.Or(cmp.Compare(codeOf(a.Status), codeOf(b.Status)), cmp.Compare(a.Subject.Name, b.Subject.Name), strings.Compare(a.Check, b.Check))
}

// object describes an observation. The caller holds mu.
func (s *Service) object(i int, sub *subject) ObjectView {
	c, o := &s.Checks[i], sub.obs[s.state.place[i]]
	v := ObjectView{
		Subject: sub.Ref, Control: c.Control, Check: c.ID, Title: c.Title, Status: statusOf[o.status], Reason: o.reason.Value(),
		Since: store.FromTime(o.since), Observed: store.FromTime(sub.observed), Until: store.FromTime(o.until),
	}
	if e := s.state.covering(i, sub, &o); e != nil {
		v.Exception = e.ID
	}
	return v
}

// Tally is how many checks fail or are unknown about a subject.
type Tally struct {
	Fail    int `json:"fail"`
	Unknown int `json:"unknown"`
}

// Tallies counts what is wrong with devices, for lists of them. A device that was not observed yet is left out.
func (s *Service) Tallies(ids []string) map[string]Tally {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := make(map[string]Tally, len(ids))
	p := s.state.populations[Device]
	if p == nil {
		return out
	}
	for _, id := range ids {
		sub := p.subjects[id]
		if sub == nil {
			continue
		}
		var t Tally
		for _, o := range sub.obs {
			switch o.status {
			case codeFail:
				t.Fail++
			case codeUnknown, codeStale:
				t.Unknown++
			default: // nothing has to be done about the others
			}
		}
		out[id] = t
	}
	return out
}
