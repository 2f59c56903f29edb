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
	place       []int    // of each check, its index in the observations of its kind
	counts      [][]int  // of each check, how many subjects stand where, by code
	excepted    []int    // of each check, how many that fail are covered by an exception in force
	covers      []*cover // of each check, the exceptions in force that concern it
	blames      map[blame][]string
	moved       []bool  // of each check, whether findings opened or closed since its control's last entry in the log
	number      int64   // of openings and closings of findings so far, over all starts
	observed    []int64 // of each check, when it was last evaluated
	findings    []*turn // opened or closed and not yet written
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
	at       unique.Handle[place]
	observed int64 // when its facts were last read
	until    int64 // when the first of its observations ends
	gen      uint64
	sweep    uint64
	obs      []observation
}

// observation is where one check stands about one subject. Times are microseconds since 1970.
type observation struct {
	status  code
	open    bool // a finding is open
	covered bool // it fails, and an exception in force covers it
	reason  unique.Handle[string]
	since   int64
	until   int64
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
	st.excepted, st.covers, st.moved = make([]int, len(checks)), make([]*cover, len(checks)), make([]bool, len(checks))
	st.blames = map[blame][]string{}
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

// place is where a subject is and belongs.
type place struct{ site, system string }

func placeOf(f Facts) place {
	if p, ok := f.(Placed); ok {
		site, system := p.Place()
		return place{site, system}
	}
	return place{}
}

// of finds or adds the subject of facts.
func (p *population) of(f Facts) *subject { return p.subject(f.Ref(), f.TypeName(), placeOf(f)) }

// subject finds or adds a subject.
func (p *population) subject(ref Ref, typ string, at place) *subject {
	s, where := p.subjects[ref.ID], unique.Make(at)
	if s == nil {
		s = &subject{Ref: ref, at: where, obs: make([]observation, len(p.checks))}
		p.subjects[ref.ID] = s
		p.dirty[s] = struct{}{}
	}
	if s.Name != ref.Name || s.typ != typ || s.at != where {
		s.Name, s.typ, s.at = ref.Name, typ, where
		p.dirty[s] = struct{}{}
	}
	return s
}

// is reports whether the subject is what the facts say it is.
func (s *subject) is(f Facts) bool {
	return s.Name == f.Ref().Name && s.typ == f.TypeName() && s.at.Value() == placeOf(f)
}

// apply takes verdicts about a subject, one for each check of its population.
func (st *state) apply(p *population, s *subject, verdicts []Verdict, now int64) {
	s.observed = now
	s.gen++
	for k, v := range verdicts {
		st.set(p, s, k, v, now)
	}
	p.schedule(s)
}

// set takes one verdict; k is the check's place.
func (st *state) set(p *population, s *subject, k int, v Verdict, now int64) {
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
	}
	if o.words() != v.Reason || o.reason == (unique.Handle[string]{}) {
		o.reason = unique.Make(v.Reason)
		if kept(c) {
			p.dirty[s] = struct{}{}
		}
	}
	o.until = ends(v, st.checks[i], now)
	st.blame(i, s, v)
	st.find(i, s, o, v, now)
	st.weigh(i, s, o)
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
		if o.covered {
			st.excepted[p.checks[k]]--
		}
		if o.open {
			st.close(p.checks[k], s.Ref, now, closedGone, "the "+string(p.kind)+" is no longer there")
		}
		delete(st.blames, blame{p.checks[k], s.ID})
	}
	delete(p.subjects, s.ID)
	s.obs = nil
	s.gen++
	delete(p.dirty, s)
	p.gone = append(p.gone, s)
}
