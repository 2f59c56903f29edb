package posture

import (
	"context"

	"github.com/thingward/thingward/server/store"
)

// moves is what a transaction does to findings, for what is held of them in memory.
type moves struct {
	sums
	opened []opening
	closed []ending
	given  []giving
}

// opening is a finding that was opened.
type opening struct {
	seq, at, due  int64
	num           uint64
	subject, name string
	owner         string // only of one that is read back
	closed        int64  // likewise
}

// ending is a finding that was closed.
type ending struct{ seq, at int64 }

// giving is a change of a finding's owner or due date.
type giving struct {
	seq, at    int64
	owner, was string
	due        int64
	wasDue     int64
}

// book makes a transaction about findings and takes over what it did. There is one at a time, so that memory follows in the order of
// the database; run is a way to make a transaction.
func (s *Service) book(ctx context.Context, run func(context.Context, func(*store.Tx) error) error, fn func(tx *store.Tx, d *moves) error) error {
	s.booking.Lock()
	defer s.booking.Unlock()
	var d *moves
	err := run(ctx, func(tx *store.Tx) error {
		d = &moves{sums: sums{}} // a transaction may be tried again
		return fn(tx, d)
	})
	if err == nil {
		s.ledger.add(d.sums)
		s.lives.take(d)
	}
	return err
}
