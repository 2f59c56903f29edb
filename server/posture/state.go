package posture

import (
	"slices"
	"time"
	"unique"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/store"
)

// state is every observation, held so that 100,000 devices with dozens of checks each fit in memory: 32 bytes for an
// observation, its reason shared by all that have the same.
type state struct {
	populations map[Kind]*population
	place       []int      // of each check, its index in the observations of its kind
	counts      [][]int    // of each check, how many subjects stand where, by code
	observed    []int64    // of each check, when it was last evaluated
	findings    []*finding // opened or closed and not yet written
	checks      []Check
}

// population is all subjects of one kind.
type population struct {
	kind     Kind
	checks   []int // indexes of the checks about it
	subjects map[string]*subject
	due      dueHeap
	complete bool // all subjects were read at least once
	failing  string
	dirty    map[*subject]struct{}
	gone     []*subject // removed and not yet deleted from the database
}

// subject is one subject with its observations, in the order of its population's checks.
type subject struct {
	Ref
	typ      string
	observed int64 // when its facts were last read
	until    int64 // when the first of its observations ends
	gen      uint64
	sweep    uint64
	obs      []observation
}

// observation is where one check stands about one subject. Times are microseconds since 1970.
type observation struct {
	status code
	open   bool // a finding is open
	reason unique.Handle[string]
	since  int64
	until  int64
}

// code is a status in a byte.
type code uint8

const codes = 7

var statusOf = [codes]fleet.Status{"", fleet.Pass, fleet.Fail, fleet.NotApplicable, fleet.Unknown, fleet.Stale, fleet.NotAssessed}

func codeOf(s fleet.Status) code { return code(max(0, slices.Index(statusOf[:], s))) }

// The codes that are compared with.
const (
	codeNone code = iota
	codePass
	codeFail
	codeNotApplicable
	codeUnknown
	codeStale
	codeNotAssessed
)

func (st *state) init(checks []Check) {
	st.checks = checks
	st.populations = map[Kind]*population{}
	st.place = make([]int, len(checks))
	st.observed = make([]int64, len(checks))
	st.counts = make([][]int, len(checks))
	for i, c := range checks {
		p := st.populations[c.Subject]
		if p == nil {
			p = &population{kind: c.Subject, subjects: map[string]*subject{}, dirty: map[*subject]struct{}{}}
			st.populations[c.Subject] = p
		}
		st.place[i] = len(p.checks)
		p.checks = append(p.checks, i)
		st.counts[i] = make([]int, codes)
	}
}

// subject finds or adds a subject.
func (p *population) subject(ref Ref, typ string) *subject {
	s := p.subjects[ref.ID]
	if s == nil {
		s = &subject{Ref: ref, obs: make([]observation, len(p.checks))}
		p.subjects[ref.ID] = s
		p.dirty[s] = struct{}{}
	}
	if s.Name != ref.Name || s.typ != typ {
		s.Name, s.typ = ref.Name, typ
		p.dirty[s] = struct{}{}
	}
	return s
}

// apply takes verdicts about a subject, one for each check of its population, and reports whether a status changed.
func (st *state) apply(p *population, s *subject, verdicts []Verdict, now int64) (changed bool) {
	s.observed = now
	s.gen++
	for k, v := range verdicts {
		changed = st.set(p, s, k, v, now) || changed
	}
	p.schedule(s)
	return changed
}

// set takes one verdict; k is the check's place.
func (st *state) set(p *population, s *subject, k int, v Verdict, now int64) (changed bool) {
	i, o := p.checks[k], &s.obs[k]
	st.observed[i] = max(st.observed[i], now)
	c := codeOf(v.Status)
	if o.status != c {
		if o.status != codeNone {
			st.counts[i][o.status]--
		}
		st.counts[i][c]++
		o.status, o.since = c, now
		p.dirty[s] = struct{}{}
		changed = true
	}
	if o.words() != v.Reason || o.reason == (unique.Handle[string]{}) {
		o.reason = unique.Make(v.Reason)
		if kept(c) {
			p.dirty[s] = struct{}{}
		}
	}
	o.until = ends(v, st.checks[i], now)
	st.find(i, s, o, v, now)
	return changed
}

// kept tells whether the reason is stored: that of a pass is found again by the first sweep after a restart.
func kept(c code) bool { return c == codeFail || c == codeUnknown || c == codeStale }

// leastValid keeps a verdict that has already ended from being made again and again without pause.
const leastValid = time.Second

// ends is when an observation made now must be made anew.
func ends(v Verdict, c Check, now int64) int64 {
	until := now + c.Every.Microseconds()
	if !v.Until.IsZero() {
		until = min(until, store.Time(v.Until))
	}
	return max(until, now+leastValid.Microseconds())
}

// remove forgets a subject that is no more, closing its findings.
func (st *state) remove(p *population, s *subject, now int64) {
	for k := range s.obs {
		o := &s.obs[k]
		if o.status != codeNone {
			st.counts[p.checks[k]][o.status]--
		}
		if o.open {
			st.findings = append(st.findings, &finding{check: st.checks[p.checks[k]].ID, subject: s.Ref, at: now, closedBy: "gone", reason: "the " + string(p.kind) + " is no longer there"})
		}
	}
	delete(p.subjects, s.ID)
	s.obs = nil
	s.gen++
	delete(p.dirty, s)
	p.gone = append(p.gone, s)
}
