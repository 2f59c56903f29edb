package broker

import (
	"math/rand/v2"
	"testing"
)

// TestFlightAgreesWithItsMessages does to a flight at random what sessions do, and compares its counts, its search by identifier
// and what it says is due with a plain look at all messages.
func TestFlightAgreesWithItsMessages(t *testing.T) {
	for seed := range uint64(10) {
		rnd := rand.New(rand.NewPCG(seed, 7))
		f := &flight{lastID: uint16(rnd.Uint32())}
		window := 1 + rnd.IntN(60)
		used := map[uint16]bool{}
		live := func() (all []*sending) {
			for i := f.head; i < len(f.list); i++ {
				if !f.list[i].done {
					all = append(all, &f.list[i])
				}
			}
			return all
		}
		for step := range 20_000 {
			all := live()
			switch n := rnd.IntN(10); {
			case n < 4 && !f.full(window):
				var id uint16
				if n < 2 {
					id = f.add(position{seq: uint64(step + 1)}, "", byte(1+n))
				} else {
					id = f.hold(position{seq: uint64(step + 1)}, "")
				}
				if used[id] || id == 0 {
					t.Fatalf("seed %d: identifier %d is in use", seed, id)
				}
				used[id] = true
			case n < 7 && len(all) > 0:
				e := all[min(rnd.IntN(len(all)), rnd.IntN(len(all)))]
				advance(f, e, rnd, used)
			case n == 7:
				if e := f.due(); e != nil {
					f.sent(e)
				}
			case n == 8 && rnd.IntN(50) == 0:
				f.again()
			case n == 9:
				id := uint16(rnd.Uint32())
				if e := f.find(id); (e != nil) != used[id] {
					t.Fatalf("seed %d: find %d", seed, id)
				}
			}
			checkFlight(t, f, live(), used)
		}
	}
}

// advance takes a message one step on, as acknowledgements and the store do.
func advance(f *flight, e *sending, rnd *rand.Rand, used map[uint16]bool) {
	id := e.id
	switch {
	case e.held:
		f.stored(id)
	case !e.sent && e.phase == recording: // stored after its connection was lost
		e.phase = releasing
		f.unsent++
	case !e.sent:
	case e.qos == 1:
		f.ack(id)
		delete(used, id)
	case e.phase == delivering && rnd.IntN(5) > 0:
		e.phase = recording
	case e.phase == recording:
		e.phase = releasing
	default:
		f.finish(e)
		delete(used, id)
	}
}

func checkFlight(t *testing.T, f *flight, live []*sending, used map[uint16]bool) {
	t.Helper()
	open, unsent, held := 0, 0, 0
	var due *sending
	for _, e := range live {
		switch {
		case e.held:
			held++
		case e.sent:
			open++
		case e.phase != recording:
			unsent++
			if due == nil {
				due = e
			}
		}
		if f.find(e.id) != e {
			t.Fatalf("%d is not found", e.id)
		}
	}
	if open != f.open || unsent != f.unsent || held != f.held || len(live) != len(used) || f.due() != due {
		t.Fatalf("%d open, %d unsent, %d held, %d in all: %+v", open, unsent, held, len(used), *f)
	}
}

// TestFlightRevivesWhatTheLogTells: identifiers that come again, or far ahead, mean that the ones before are through.
func TestFlightRevivesWhatTheLogTells(t *testing.T) {
	var f flight
	for i := range uint64(150_000) {
		f.revive(position{seq: i + 1}, "", uint16(i%65_535+1))
		if len(f.list)-f.head > 65_535 {
			t.Fatal("more than there are identifiers")
		}
	}
	f.again()
	seen := map[uint16]bool{}
	for e := f.due(); e != nil; e = f.due() {
		if seen[e.id] || !e.dup || f.find(e.id) != e {
			t.Fatalf("%+v", e)
		}
		seen[e.id] = true
		f.finish(e)
	}
	if len(seen) == 0 || len(seen) > idSpan+1 || f.unsent != 0 {
		t.Errorf("%d left, %+v", len(seen), f)
	}
}

func TestQueueGivesUpOneOfItsFirst(t *testing.T) {
	q := queue{most: 100}
	for i := range uint64(40) {
		q.push(position{seq: i})
	}
	for range 20 {
		q.pop()
	}
	for i := range uint64(20) {
		q.push(position{seq: 40 + i})
	}
	for _, gone := range []uint64{25, 20, 59, 7, 100} {
		q.remove(position{seq: gone})
	}
	for want := uint64(21); q.n > 0; want++ {
		if want == 25 {
			want++
		}
		if q.front().seq != want || want > 58 {
			t.Fatalf("front %d, want %d", q.front().seq, want)
		}
		q.pop()
	}
}
