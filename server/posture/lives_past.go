package posture

import (
	"cmp"
	"slices"
	"strings"
)

// moment is a search of a past moment, worked out against the lives of findings. It is made and used under their lock.
type moment struct {
	*search
	s       *Service
	l       *lives
	then    int64
	past    map[int]*cover
	want    [3]bool             // by state
	checks  []bool              // by number; nil: any
	rank    []int               // of checks by number, for a list by control
	subject []bool              // nil: any
	said    []bool              // checks that the text names; nil: there is no text
	named   []bool              // names that the text names
	owned   int                 // word of the owner; -1: any
	spared  map[uint32]*sparing // by number of the check
}

// sparing is what the exceptions of a past moment covered of one check.
type sparing struct {
	all     bool
	subject []bool // by word
}

// spot is where a finding stands in a list: smaller ones are first.
type spot struct{ major, minor, seq int64 }

func (a spot) compare(b spot) int {
	return cmp.Or(cmp.Compare(a.major, b.major), cmp.Compare(a.minor, b.minor))
}

// ask works a search out. It is nil where nothing can be found.
func (l *lives) ask(s *Service, q *search, then int64, past map[int]*cover) *moment {
	m := &moment{search: q, s: s, l: l, then: then, past: past, owned: -1, spared: map[uint32]*sparing{}}
	for _, state := range q.states {
		m.want[state] = true
	}
	if q.owner != nil {
		n, there := l.owners.number[*q.owner]
		if !there {
			return nil
		}
		m.owned = int(n)
	}
	if q.checks != nil {
		m.checks, m.rank = numbered(q.checks), make([]int, len(numbered(q.checks)))
		for i, num := range q.checks {
			m.rank[num] = i
		}
	}
	if q.subjects != nil {
		m.subject = l.subjects.marked(q.subjects)
	}
	if q.text != "" {
		m.said, m.named = numbered(q.said), make([]bool, len(l.names.text))
		for i, name := range l.names.text {
			m.named[i] = strings.Contains(name, q.text)
		}
	}
	return m
}

// sparing marks the subjects that exceptions covered, going by where they are now. It asks the exceptions for subjects and not the
// other way round: most exceptions are about few.
func (m *moment) sparing(i int, c *cover) *sparing {
	sp := &sparing{}
	for _, e := range c.broad {
		if sp.all = sp.all || e.Scope == nil; sp.all {
			return sp
		}
	}
	sp.subject = make([]bool, len(m.l.subjects.text))
	mark := func(id string) {
		if n, there := m.l.subjects.number[id]; there {
			sp.subject[n] = true
		}
	}
	for id := range c.one {
		mark(id)
	}
	m.s.mu.RLock()
	defer m.s.mu.RUnlock()
	subjects := m.s.state.populations[m.s.Checks[i].Subject].subjects
	if len(c.broad) > 0 {
		for id, sub := range subjects {
			if c.covering(sub.Ref, sub.typ, sub.at.Value(), nil) != nil {
				mark(id)
			}
		}
	}
	if len(c.settings) > 0 {
		for about, settings := range m.s.state.blames {
			if sub := subjects[about.subject]; about.check == i && sub != nil && c.covering(sub.Ref, sub.typ, sub.at.Value(), settings) != nil {
				mark(about.subject)
			}
		}
	}
	return sp
}

func numbered(nums []uint64) []bool {
	out := make([]bool, 1)
	for _, n := range nums {
		if int(n) >= len(out) {
			out = append(out, make([]bool, int(n)+1-len(out))...)
		}
		out[n] = true
	}
	return out
}

func (w *lexicon) marked(texts []string) []bool {
	out := make([]bool, len(w.text))
	for _, t := range texts {
		if n, ok := w.number[t]; ok {
			out[n] = true
		}
	}
	return out
}

// page finds the findings of a page and one more, in order, and counts all where count is set.
func (m *moment) page(count bool) (seqs []int64, total int) {
	top, from := first{most: m.limit + 1}, len(m.l.all)
	newest := m.sort == "-opened"
	if newest && !count && len(m.keys) > 0 {
		from, _ = m.l.search(m.keys[0])
	}
	for i := from - 1; i >= 0; i-- {
		v := &m.l.all[i]
		if !m.finds(v) {
			continue
		}
		total++
		at := m.spot(v)
		if !m.behind(at) {
			continue
		}
		if top.add(at); newest && !count && len(top.list) == top.most {
			break
		}
	}
	return top.seqs(), total
}

// first is the first few of many spots.
type first struct {
	most  int
	list  []spot
	worst *spot // nothing behind it is among the first
}

func (f *first) add(at spot) {
	if f.worst != nil && at.compare(*f.worst) >= 0 {
		return
	}
	if f.list = append(f.list, at); len(f.list) >= 4*f.most {
		f.cut()
	}
}

func (f *first) cut() {
	slices.SortFunc(f.list, spot.compare)
	if len(f.list) >= f.most {
		f.list = f.list[:f.most]
		worst := f.list[f.most-1]
		f.worst = &worst
	}
}

func (f *first) seqs() []int64 {
	f.cut()
	out := make([]int64, len(f.list))
	for i, at := range f.list {
		out[i] = at.seq
	}
	return out
}

func (m *moment) spot(v *life) spot {
	switch m.sort {
	case "due":
		_, due := m.l.heldAt(v, m.then)
		return spot{due, v.seq, v.seq}
	case "control":
		return spot{int64(m.rank[v.num]), -v.seq, v.seq}
	default:
		return spot{0, -v.seq, v.seq}
	}
}

// behind reports whether a spot is behind the cursor.
func (m *moment) behind(at spot) bool {
	if len(m.keys) == 0 {
		return true
	}
	last := spot{0, -m.keys[0], 0}
	switch m.sort {
	case "due":
		last = spot{m.keys[0], m.keys[1], 0}
	case "control":
		last = spot{-1, -m.keys[1], 0}
		if n := m.keys[0]; n >= 0 && n < int64(len(m.rank)) {
			last.major = int64(m.rank[n])
		}
	}
	return at.compare(last) > 0
}

// finds reports whether a finding was there then and is among those that are searched.
func (m *moment) finds(v *life) bool {
	switch {
	case v.opened > m.then,
		m.checks != nil && (int(v.num) >= len(m.checks) || !m.checks[v.num]),
		m.subject != nil && !m.subject[v.subject],
		m.said != nil && !m.named[v.name] && (int(v.num) >= len(m.said) || !m.said[v.num]) && m.l.subjects.text[v.subject] != m.exact:
		return false
	}
	if m.owned >= 0 || m.overdue {
		owner, due := m.l.heldAt(v, m.then)
		if m.owned >= 0 && int(owner) != m.owned || m.overdue && due > m.then {
			return false
		}
	}
	if v.closed != 0 && v.closed <= m.then {
		return m.want[findingClosed]
	}
	if m.want[findingOpen] == m.want[findingExcepted] {
		return m.want[findingOpen]
	}
	return m.covered(v) == m.want[findingExcepted]
}

// covered reports whether an exception covered a finding. What exceptions covered of a check is worked out when it is first asked for.
func (m *moment) covered(v *life) bool {
	sp, known := m.spared[v.num]
	if !known {
		if i, ok := m.s.byNum[uint64(v.num)]; ok && m.past[i] != nil {
			sp = m.sparing(i, m.past[i])
		}
		m.spared[v.num] = sp
	}
	return sp != nil && (sp.all || sp.subject[v.subject])
}
