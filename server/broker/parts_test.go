package broker

import (
	"testing"
	"time"

	"github.com/thingward/thingward/server/broker/packet"
	"github.com/thingward/thingward/server/broker/segment"
)

func TestFlightKeepsOrderAndIdentifiers(t *testing.T) {
	var f flight
	f.lastID = 65533
	var ids []uint16
	for i := range 5 {
		ids = append(ids, f.add(position{seq: uint64(i + 1)}, "", 1))
	}
	if ids[0] != 65534 || ids[1] != 65535 || ids[2] != 1 {
		t.Errorf("identifiers %v", ids)
	}
	if f.ack(99) || !f.ack(ids[1]) || f.ack(ids[1]) {
		t.Error("acknowledgements of unknown or known messages are confused")
	}
	if at, _ := f.first(); at.seq != 1 || f.open != 4 {
		t.Errorf("first %v, %d open", at, f.open)
	}
	f.ack(ids[0])
	if at, _ := f.first(); at.seq != 3 {
		t.Errorf("first %v", at)
	}
	f.again()
	if f.open != 0 || f.unsent != 3 || f.ack(ids[2]) {
		t.Error("acknowledged before it was sent again")
	}
	for f.due() != nil {
		f.finish(f.due())
	}
	if _, ok := f.first(); ok || f.unsent != 0 || f.open != 0 || len(f.list) != 0 {
		t.Errorf("left: %+v", f)
	}
}

// TestFlightNeverHasAnIdentifierTwice fills and empties the window over all identifiers, leaving the first one open for long.
func TestFlightNeverHasAnIdentifierTwice(t *testing.T) {
	const window = 100
	var f flight
	used := map[uint16]bool{}
	var open []uint16
	for i := range 200_000 {
		for f.full(window) {
			at := 0
			if i%3 == 0 && len(open) > 1 {
				at = 1
			}
			if !f.ack(open[at]) {
				t.Fatal("not under way")
			}
			delete(used, open[at])
			open = append(open[:at], open[at+1:]...)
		}
		id := f.add(position{seq: 1}, "", 1)
		if used[id] || id == 0 {
			t.Fatalf("identifier %d is in use", id)
		}
		used[id] = true
		open = append(open, id)
	}
}

func TestQueueDropsTheOldest(t *testing.T) {
	q := queue{most: 5}
	dropped := 0
	for i := range 12 {
		if q.push(position{seq: uint64(i)}) {
			dropped++
		}
		if i == 3 {
			q.pop()
		}
	}
	if dropped != 6 || q.n != 5 {
		t.Fatalf("%d dropped, %d left", dropped, q.n)
	}
	for want := uint64(7); q.n > 0; want++ {
		if q.front().seq != want {
			t.Errorf("front %d, want %d", q.front().seq, want)
		}
		q.pop()
	}
}

func TestBucketFillsAtItsRate(t *testing.T) {
	now := time.Unix(1000, 0)
	var b bucket
	b.fill(Rate{Messages: 10, Burst: 20, Bytes: 1000}, now)
	for range 30 {
		b.take(1)
	}
	if got := b.wait(now); got != time.Second {
		t.Errorf("wait %v", got)
	}
	if got := b.wait(now.Add(time.Second)); got != 0 {
		t.Errorf("wait %v after a second", got)
	}
	b.take(20_000)
	if got := b.wait(now.Add(time.Second)); got < 9*time.Second {
		t.Errorf("wait %v for ten times the bytes", got)
	}
	if got := b.wait(now.Add(-time.Hour)); got < 0 {
		t.Errorf("wait %v with the clock set back", got)
	}
}

func TestCommonBucketLetsASecondPass(t *testing.T) {
	now := time.Unix(1000, 0)
	var b common
	if got := b.wait(100, 100, now); got != 0 {
		t.Errorf("wait %v", got)
	}
	if got := b.wait(50, 100, now); got != 500*time.Millisecond {
		t.Errorf("wait %v", got)
	}
	if got := b.wait(1, 100, now.Add(time.Minute)); got != 0 {
		t.Errorf("wait %v after a minute", got)
	}
}

// TestLinger: scattered messages of many clients are waited for, those of clients that wait for us are not.
func TestLinger(t *testing.T) {
	now := time.Unix(1000, 0)
	for _, c := range []struct {
		name  string
		every time.Duration
		eager bool
		want  bool
	}{
		{"a few", 20 * time.Millisecond, false, false},
		{"hundreds", 2 * time.Millisecond, false, true},
		{"hundreds, eager", 2 * time.Millisecond, true, false},
		{"many", 200 * time.Microsecond, false, false},
	} {
		l := linger{began: now}
		at := now
		for range 2000 {
			at = at.Add(c.every)
			w := &conn{}
			if c.eager {
				w.acked.Store(at.Add(-c.every / 2).UnixNano())
			}
			l.saw([]waiter{{c: w}}, at)
		}
		if l.on != c.want {
			t.Errorf("%s: lingers %v", c.name, l.on)
		}
	}
}

func TestInputGrowsAsBytesCome(t *testing.T) {
	in := &input{}
	feed := &feeder{}
	packet1 := append([]byte{0x30, 0xe8, 0xd4, 0x03}, make([]byte, 60_008)...)
	feed.rest = packet1
	for in.have < len(packet1) {
		before := in.have
		if err := in.more(feed); err != nil {
			t.Fatal(err)
		}
		if len(in.buf) > max(busyRead, 4*in.have) && before > 0 {
			t.Fatalf("%d bytes held for %d that came", len(in.buf), in.have)
		}
	}
	if f, n, err := in.frame(0, 0); err != nil || n != len(packet1) || f.Type != packet.TypePublish {
		t.Fatalf("%d, %v", n, err)
	}
	in.used(len(packet1))
	feed.rest = []byte{0xc0, 0}
	if err := in.more(feed); err != nil || in.have != 2 {
		t.Fatal(err, in.have)
	}
	in.used(2)
	feed.rest = []byte{0xc0, 0}
	if err := in.more(feed); err != nil || len(in.buf) != smallRead {
		t.Errorf("an idle connection holds %d bytes", len(in.buf))
	}
}

func marksOf(routed uint64, all ...mark) []byte {
	b := startMarks(routed)
	for _, m := range all {
		b = appendMark(b, m)
	}
	return b
}

func TestMarksComeBack(t *testing.T) {
	want := []mark{{nonce: 1, at: position{2, 3}, away: time.UnixMilli(4).UTC()}, {nonce: 1 << 63}}
	var got []mark
	routed, err := decodeMarks(marksOf(9, want...), func(m mark) { got = append(got, m) })
	if err != nil || routed != 9 || len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("%v, %d, %v", got, routed, err)
	}
}

func FuzzDecodeMarks(f *testing.F) {
	f.Add(marksOf(1, mark{nonce: 2, at: position{3, 4}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		var all []mark
		routed, err := decodeMarks(b, func(m mark) { all = append(all, m) })
		if err == nil && string(marksOf(routed, all...)) != string(b) {
			t.Error("not what was written")
		}
	})
}

func FuzzDecodeSession(f *testing.F) {
	f.Add([]byte(`{"version":1,"kind":"device","id":"d","client":"c","nonce":1,"expirySeconds":10,"subscriptions":[{"filter":"a/+","qos":1,"from":2}],"will":{"topic":"t","payload":"eA==","qos":1}}`))
	f.Add([]byte(`{"version":1,"kind":"account","id":"a","client":"c","nonce":1,"expirySeconds":10,"subscriptions":[{"filter":"a/+","qos":2,"from":2}],"will":{"topic":"t","payload":"eA==","qos":2}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		rec, err := decodeSession(b)
		if err != nil {
			return
		}
		for _, sub := range rec.Subs {
			if !packet.ValidFilter(sub.Filter) || sub.QoS > 2 {
				t.Errorf("filter %q at QoS %d", sub.Filter, sub.QoS)
			}
		}
	})
}

// FuzzStoredMessage: whatever stands in a segment can be encoded for any client.
func FuzzStoredMessage(f *testing.F) {
	f.Add([]byte("things/d/event"), []byte{1, 1, 2, 0, 0, 0, 9}, []byte("payload"))
	f.Fuzz(func(t *testing.T, topic, props, payload []byte) {
		r := segment.Record{Topic: topic, Properties: props, Payload: payload, QoS: 1}
		if !segment.Fits(&r) {
			return
		}
		var m message
		m.set(&r, 1, 12, time.Unix(0, 0))
		for _, v := range []packet.Version{packet.V311, packet.V5} {
			for qos := range byte(3) {
				b, idAt := m.encoded(v, qos, false, false, []uint32{7}, time.Unix(1, 0))
				if len(b) == 0 {
					continue
				}
				if _, n, err := packet.ParseFrame(b, 0); err != nil || n != len(b) {
					t.Fatalf("not a packet: %v", err)
				}
				if qos > 0 && (idAt+2 > len(b) || b[idAt] != 0 || b[idAt+1] != 1) {
					t.Fatalf("identifier is not at %d", idAt)
				}
			}
		}
	})
}
