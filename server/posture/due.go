package posture

import "container/heap"

// due is when a subject must be looked at again. An entry may be out of date; the subject's own until decides.
type due struct {
	at int64
	id string
}

type dueHeap []due

func (h dueHeap) Len() int           { return len(h) }
func (h dueHeap) Less(i, j int) bool { return h[i].at < h[j].at }
func (h dueHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }

// Push adds an entry, for package heap.
func (h *dueHeap) Push(x any) { *h = append(*h, x.(due)) }

// Pop takes the last entry, for package heap.
func (h *dueHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}

// schedule notes when the first of a subject's observations ends. An entry is added only when that is earlier than what is
// already on the heap for it; a later one is found when the earlier comes up.
func (p *population) schedule(s *subject) {
	first := int64(0)
	for k := range s.obs {
		if u := s.obs[k].until; u != 0 && (first == 0 || u < first) {
			first = u
		}
	}
	if first != 0 && (s.until == 0 || first < s.until) {
		heap.Push(&p.due, due{first, s.ID})
		s.until = first
	}
}

// dueNow takes the subjects off the heap of which an observation has ended, at most most of them.
func (p *population) dueNow(now int64, most int) (ids []string) {
	for len(p.due) > 0 && p.due[0].at <= now && len(ids) < most {
		d := heap.Pop(&p.due).(due)
		s := p.subjects[d.id]
		if s == nil || s.until != d.at {
			continue
		}
		s.until = 0
		if s.ended(now) {
			ids = append(ids, d.id)
		} else {
			p.schedule(s)
		}
	}
	return ids
}

// ended reports whether an observation of the subject has ended.
func (s *subject) ended(now int64) bool {
	for k := range s.obs {
		if u := s.obs[k].until; u != 0 && u <= now {
			return true
		}
	}
	return false
}

// next is when the next subject falls due, 0 when none does.
func (p *population) next() int64 {
	if len(p.due) == 0 {
		return 0
	}
	return p.due[0].at
}
