package broker

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/broker/packet"
	"github.com/thingward/thingward/server/broker/segment"
)

const (
	segmentMost = 1 << 20 // bytes of one segment; a cluster's messages must not be larger
	storeTry    = 10 * time.Second
	storePause  = 500 * time.Millisecond
)

// waiter is who waits for a record: a client for an answer, or a call of ours. A will waits for nobody.
type waiter struct {
	c      *conn
	done   chan<- struct{}
	id     uint16
	answer packet.Type // PUBREC, PUBREL or PUBCOMP; 0 is PUBACK
}

// commit gathers messages of QoS 1 and 2 and stores them in groups: one segment, one JetStream message, one fsync, however many
// messages came meanwhile. One segment is under way at a time, so that one that must be sent again keeps its place.
type commit struct {
	s       *Service
	mu      sync.Mutex
	room    sync.Cond
	seg     []byte
	waiters []waiter
	wake    chan struct{}
	stored  chan batch
	pending atomic.Int64 // records gathered and not yet routed
	failing atomic.Bool
	linger  linger
	routed  atomic.Uint64 // sequence of the last segment whose messages all reached their sessions
}

// batch is a stored segment on its way to acknowledgements and subscribers.
type batch struct {
	seq     uint64
	seg     []byte
	waiters []waiter
}

func newCommit(s *Service) *commit {
	k := &commit{s: s, wake: make(chan struct{}, 1), stored: make(chan batch, 2)}
	k.room.L = &k.mu
	k.routed.Store(s.store.segments.last)
	return k
}

// submit adds records with those who wait for them. It waits while a whole segment is waiting already: that holds the
// publisher back through TCP.
func (k *commit) submit(records []byte, waiters []waiter) {
	k.pending.Add(int64(len(waiters)))
	k.mu.Lock()
	for len(k.seg) > 0 && len(k.seg)+len(records) > segmentMost && !k.s.isStopped() {
		k.room.Wait()
	}
	if len(k.seg) == 0 {
		k.seg = segment.Start(k.seg)
	}
	k.seg = append(k.seg, records...)
	k.waiters = append(k.waiters, waiters...)
	k.mu.Unlock()
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

// run stores segment after segment.
func (k *commit) run() {
	defer close(k.stored)
	size, many := 0, 0
	for {
		select {
		case <-k.wake:
		case <-k.s.stopped:
			return
		}
		k.linger.pause(k.s)
		k.mu.Lock()
		b := batch{seg: k.seg, waiters: k.waiters}
		size, many = max(len(b.seg), size/2), max(len(b.waiters), many/2)
		k.seg, k.waiters = make([]byte, 0, size), make([]waiter, 0, many)
		k.room.Broadcast()
		k.mu.Unlock()
		if len(b.waiters) == 0 {
			continue
		}
		k.linger.saw(b.waiters, k.s.Clock.Now())
		if !k.save(&b) {
			return
		}
		k.stored <- b
	}
}

// save stores a segment, again and again under one id until JetStream has it: nobody is acknowledged before. It is false
// when the service stops.
func (k *commit) save(b *batch) bool {
	segment.Stamp(b.seg, k.s.Clock.Now())
	st := k.s.store
	msgID := st.segments.next()
	for {
		ctx, cancel := context.WithTimeout(context.Background(), st.try)
		seq, err := st.segments.append(ctx, st.js, msgID, b.seg)
		cancel()
		if errors.Is(err, errFenced) {
			k.s.Log.Error("messages not stored: another node has taken over", "bytes", len(b.seg))
			k.s.fence()
			return false
		}
		if err == nil {
			b.seq = seq
			if k.failing.Swap(false) {
				k.s.Log.Info("messages are stored again")
			}
			return true
		}
		if !k.failing.Swap(true) {
			k.s.publish("messages.stalled", fleet.Server("broker"), map[string]any{"reason": err.Error()})
		}
		k.s.count.storeErrors.Add(1)
		k.s.Log.Error("messages not stored: publishers wait, trying again", "error", err, "bytes", len(b.seg))
		select {
		case <-k.s.stopped:
			return false
		case <-wall.After(storePause):
		}
	}
}

// route acknowledges stored messages and hands them to their subscribers, in the order of the store.
func (k *commit) route() {
	var f fan
	var m message
	for b := range k.stored {
		k.s.cache.put(b.seq, b.seg)
		k.acknowledge(b.waiters, &f)
		f.kick()
		k.s.each(b.seq, b.seg, &m, func() {
			if m.Retain {
				k.s.kept.keep(&m, k.s.owner(&m.Record))
			}
			f.route(k.s, &m)
		})
		k.routed.Store(b.seq)
		k.pending.Add(-int64(len(b.waiters)))
		f.kick()
	}
}

// acknowledge sends every answer that waited for a segment.
func (k *commit) acknowledge(waiters []waiter, f *fan) {
	puback := [4]byte{byte(packet.TypePuback) << 4, 2}
	now := k.s.Clock.Now().UnixNano()
	for i := range waiters {
		w := &waiters[i]
		if w.done != nil {
			close(w.done)
		}
		if w.c == nil {
			continue
		}
		w.c.acked.Store(now)
		if w.answer != 0 {
			w.c.ss.stored(w.c, w.answer, w.id, f)
			continue
		}
		w.c.unacked.Add(-1)
		w.c.send(puback[:], 2, w.id, false)
		f.mark(w.c)
	}
}

// each walks the messages of a stored segment.
func (s *Service) each(seq uint64, seg []byte, m *message, fn func()) {
	s.records(seq, seg, m, func() {
		if m.Kind == segment.Message {
			fn()
		}
	})
}

// records walks the records of a stored segment, those of control too.
func (s *Service) records(seq uint64, seg []byte, m *message, fn func()) {
	if err := segment.Check(seg); err != nil {
		s.Log.Error("stored segment not readable", "sequence", seq, "error", err)
		return
	}
	at := segment.Time(seg)
	for off := segment.HeaderSize; off < len(seg); {
		var r segment.Record
		next, err := segment.At(seg, off, &r)
		if err != nil {
			s.Log.Error("stored segment not readable", "sequence", seq, "offset", off, "error", err)
			return
		}
		m.set(&r, seq, uint32(off), at)
		fn()
		off = next
	}
}

// drain waits until everything that was submitted is stored and routed.
func (k *commit) drain(ctx context.Context) error {
	for k.pending.Load() > 0 {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-k.s.fenced:
			return errFenced
		case <-k.s.stopped:
			return errStopped
		case <-wall.After(5 * time.Millisecond):
		}
	}
	return nil
}

// wakeAll lets go of publishers that wait for room when the service stops.
func (k *commit) wakeAll() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.room.Broadcast()
}

// fence makes Run end, because another node has taken over.
func (s *Service) fence() { s.fenceOnce.Do(func() { close(s.fenced) }) }

func (s *Service) isFenced() bool {
	select {
	case <-s.fenced:
		return true
	default:
		return false
	}
}

func (s *Service) isStopped() bool {
	select {
	case <-s.stopped:
		return true
	default:
		return false
	}
}

// Publish sends a message of the server's own: a command (QoS 1) or the desired twin (retained). It returns when the message
// is on disk.
func (s *Service) Publish(ctx context.Context, topic string, payload []byte, retain bool) error {
	r := segment.Record{Source: segment.FromServer, QoS: 1, Retain: retain, Topic: []byte(topic), Payload: payload}
	if !validServerTopic(topic) {
		return invalidTopic(topic)
	}
	if segment.Size(&r) > s.Limits.Packet {
		return errTooLarge
	}
	done := make(chan struct{})
	s.commit.submit(segment.Append(nil, &r), []waiter{{done: done}})
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-s.stopped:
		return errStopped
	}
}
