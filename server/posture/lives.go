package posture

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/thingward/thingward/server/store"
)

// lives is when every finding there ever was opened and closed, about what, and whose it was: 56 bytes each, so that a question about
// any past moment reads a million of them in some milliseconds and then only its page from the database. It follows every committed
// transaction. No index of the database serves such a question: those that were open at a moment lie scattered between all that were
// opened before it.
type lives struct {
	mu       sync.RWMutex
	all      []life // in order of their numbers
	subjects lexicon
	names    lexicon // in lower case
	owners   lexicon
	changes  [][]held // what each of those that were ever assigned was before each assignment, oldest first
}

// life is one finding. Times are microseconds since 1970.
type life struct {
	seq, opened, closed, due int64 // closed 0: not closed; due as it is now
	num                      uint32
	subject, name, owner     uint32 // words; the owner as it is now
	changes                  uint32 // one more than the place in changes; 0: never assigned
}

// held is who had a finding, and when it was due, until a time.
type held struct {
	until, due int64
	owner      uint32
}

// lexicon is texts by number.
type lexicon struct {
	number map[string]uint32
	text   []string
}

func (w *lexicon) of(text string) uint32 {
	n, ok := w.number[text]
	if !ok {
		if w.number == nil {
			w.number = map[string]uint32{}
		}
		n, text = uint32(len(w.text)), strings.Clone(text)
		w.number[text], w.text = n, append(w.text, text)
	}
	return n
}

// take follows a committed transaction.
func (l *lives) take(d *moves) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, o := range d.opened {
		l.insert(l.life(o))
	}
	for _, e := range d.closed {
		if v := l.find(e.seq); v != nil {
			v.closed = e.at
		}
	}
	for _, g := range d.given {
		l.give(g)
	}
}

func (l *lives) life(o opening) life {
	return life{
		seq: o.seq, opened: o.at, closed: o.closed, due: o.due, num: uint32(o.num),
		subject: l.subjects.of(o.subject), name: l.names.of(strings.ToLower(o.name)), owner: l.owners.of(o.owner),
	}
}

func (l *lives) insert(v life) {
	if n := len(l.all); n == 0 || l.all[n-1].seq < v.seq {
		l.all = append(l.all, v)
		return
	}
	i, there := l.search(v.seq)
	if there {
		l.all[i] = v
		return
	}
	l.all = slices.Insert(l.all, i, v)
}

func (l *lives) search(seq int64) (int, bool) {
	return slices.BinarySearchFunc(l.all, seq, func(v life, seq int64) int { return cmp.Compare(v.seq, seq) })
}

func (l *lives) find(seq int64) *life {
	if i, ok := l.search(seq); ok {
		return &l.all[i]
	}
	return nil
}

func (l *lives) give(g giving) {
	v := l.find(g.seq)
	if v == nil {
		return
	}
	if v.changes == 0 {
		l.changes = append(l.changes, nil)
		v.changes = uint32(len(l.changes))
	}
	list := &l.changes[v.changes-1]
	*list = append(*list, held{g.at, g.wasDue, l.owners.of(g.was)})
	v.owner, v.due = l.owners.of(g.owner), g.due
}

// heldAt is who had a finding at a time, and when it was due then.
func (l *lives) heldAt(v *life, then int64) (owner uint32, due int64) {
	if v.changes != 0 {
		for _, h := range l.changes[v.changes-1] {
			if h.until > then {
				return h.owner, h.due
			}
		}
	}
	return v.owner, v.due
}

// restoreLives reads every finding once: it counts them, and holds when each was open. It gives the newest number of all.
func (s *Service) restoreLives(ctx context.Context) (newest int64, err error) {
	rows, err := s.DB.Query(ctx, "SELECT seq, num, subject, name, state, opened, closed, closed_seq, owner, due, overdue FROM posture_finding")
	if err != nil {
		return 0, err
	}
	all, l := sums{}, &s.lives
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all, l.changes, l.subjects, l.names, l.owners = nil, nil, lexicon{}, lexicon{}, lexicon{}
	err = eachRow(rows, func(scan func(...any) error) error {
		var o opening
		var state int
		var ended int64
		var overdue bool
		if err := scan(&o.seq, &o.num, &o.subject, &o.name, &state, &o.at, &o.closed, &ended, &o.owner, &o.due, &overdue); err != nil {
			return err
		}
		newest = max(newest, o.seq, ended)
		all[entry{o.num, o.owner, what(state, overdue)}]++
		l.all = append(l.all, l.life(o))
		return nil
	})
	if err != nil {
		return 0, err
	}
	slices.SortFunc(l.all, func(a, b life) int { return cmp.Compare(a.seq, b.seq) })
	s.ledger.replace(all)
	return newest, s.restoreChanges(ctx)
}

// restoreChanges reads who had the findings before. What they are now stays as it was read.
func (s *Service) restoreChanges(ctx context.Context) error {
	rows, err := s.DB.Query(ctx, "SELECT seq, at, was_owner, was_due FROM posture_assignment ORDER BY seq, n")
	if err != nil {
		return err
	}
	return eachRow(rows, func(scan func(...any) error) error {
		var g giving
		if err := scan(&g.seq, &g.at, &g.was, &g.wasDue); err != nil {
			return err
		}
		if v := s.lives.find(g.seq); v != nil {
			g.owner, g.due = s.lives.owners.text[v.owner], v.due
			s.lives.give(g)
		}
		return nil
	})
}

// storeGiving keeps a change of a finding's owner or due date.
func storeGiving(tx *store.Tx, g giving) error {
	_, err := tx.Exec(`INSERT INTO posture_assignment (seq, n, at, owner, due, was_owner, was_due)
		SELECT ?, COALESCE(MAX(n), 0) + 1, ?, ?, ?, ?, ? FROM posture_assignment WHERE seq = ?`, g.seq, g.at, g.owner, g.due, g.was, g.wasDue, g.seq)
	return err
}
