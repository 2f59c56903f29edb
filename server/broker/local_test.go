package broker

import (
	"testing"
	"time"

	"github.com/thingward/thingward/server/broker/segment"
	"github.com/thingward/thingward/server/broker/topics"
)

// TestNoLocal: a session that asks for it does not get its own messages, unless another of its subscriptions does. It goes
// beneath the access list, which lets nobody subscribe where it publishes.
func TestNoLocal(t *testing.T) {
	for _, both := range []bool{false, true} {
		s := &Service{Config: Config{Limits: Limits{}.withDefaults()}, tree: topics.New[*subscription](), store: &store{}}
		ss := s.newSession("device", "d1", "d1")
		ss.expiry = time.Hour
		s.place(&subscription{ss: ss, filter: "a/+", qos: 1, noLocal: true, open: true})
		if both {
			s.place(&subscription{ss: ss, filter: "a/b", qos: 1, open: true})
		}
		var f fan
		var m message
		for seq, origin := range []uint64{0, ss.origin, ss.origin + 2} {
			m.set(&segment.Record{QoS: 1, Origin: origin, Topic: []byte("a/b")}, uint64(seq), segment.HeaderSize, time.Unix(1, 0))
			f.route(s, &m)
		}
		want := 2
		if both {
			want = 3
		}
		if ss.queue.n != want {
			t.Errorf("both %v: %d messages, want %d", both, ss.queue.n, want)
		}
	}
}
