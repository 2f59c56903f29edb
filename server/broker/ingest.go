package broker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/broker/segment"
)

const (
	tapMost    = 4 << 20 // bytes of QoS 0 messages that wait for a reader inside the server
	ingestTry  = time.Second
	ingestWait = 5 * time.Second // after which a batch whose reader was killed comes again; one that works says so meanwhile
)

// taps are the readers inside the server. QoS 0 messages reach them through memory, all others through the store.
type taps struct {
	mu   sync.Mutex
	list atomic.Pointer[[]*tap]
}

type tap struct {
	mu      sync.Mutex
	seg     []byte
	dropped int64
	wake    chan struct{}
}

func (t *taps) any() bool {
	list := t.list.Load()
	return list != nil && len(*list) > 0
}

// offer gives records to every reader; one that does not keep up loses them, which is counted.
func (t *taps) offer(records []byte, now time.Time) {
	list := t.list.Load()
	if list == nil {
		return
	}
	for _, tap := range *list {
		tap.add(records, now)
	}
}

func (t *tap) add(records []byte, now time.Time) {
	t.mu.Lock()
	if len(t.seg)+len(records) > tapMost {
		t.dropped++
		t.mu.Unlock()
		return
	}
	if len(t.seg) == 0 {
		t.seg = segment.Start(t.seg)
		segment.Stamp(t.seg, now)
	}
	t.seg = append(t.seg, records...)
	t.mu.Unlock()
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

func (t *tap) take() (seg []byte, dropped int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	seg, dropped = t.seg, t.dropped
	t.seg, t.dropped = nil, 0
	return seg, dropped
}

func (t *taps) change(fn func([]*tap) []*tap) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var list []*tap
	if old := t.list.Load(); old != nil {
		list = *old
	}
	list = fn(slices.Clone(list))
	t.list.Store(&list)
}

// Ingest hands every message to fn, in batches: those of QoS 1 and 2 at least once and in order, from where name left off, and those
// of QoS 0 as long as fn keeps up. A stored batch whose fn fails comes again. It returns when ctx ends.
func (s *Service) Ingest(ctx context.Context, name string, fn func(context.Context, []fleet.Message) error) error {
	cons, err := s.Bus.Consumer(ctx, inStream, jetstream.ConsumerConfig{
		Durable: name, AckPolicy: jetstream.AckExplicitPolicy, DeliverPolicy: jetstream.DeliverAllPolicy, MaxAckPending: 1, AckWait: ingestWait,
	})
	if err != nil {
		return fmt.Errorf("read messages as %s: %w", name, err)
	}
	t := &tap{wake: make(chan struct{}, 1)}
	s.taps.change(func(list []*tap) []*tap { return append(list, t) })
	defer s.taps.change(func(list []*tap) []*tap { return slices.DeleteFunc(list, func(x *tap) bool { return x == t }) })
	stored := make(chan jetstream.Msg)
	go s.fetchStored(ctx, name, cons, stored)
	for {
		select {
		case <-ctx.Done():
			return nil
		case msg := <-stored:
			s.ingestStored(ctx, name, msg, fn)
		case <-t.wake:
			s.ingestLoose(ctx, name, t, fn)
		}
	}
}

func (s *Service) fetchStored(ctx context.Context, name string, cons jetstream.Consumer, to chan<- jetstream.Msg) {
	for ctx.Err() == nil {
		msg, err := cons.Next(jetstream.FetchContext(ctx))
		if err != nil {
			if !errors.Is(err, nats.ErrTimeout) && ctx.Err() == nil {
				s.Log.Error("stored messages not read, trying again", "reader", name, "error", err)
				select {
				case <-ctx.Done():
				case <-wall.After(ingestTry):
				}
			}
			continue
		}
		select {
		case to <- msg:
		case <-ctx.Done():
		}
	}
}

func (s *Service) ingestStored(ctx context.Context, name string, msg jetstream.Msg, fn func(context.Context, []fleet.Message) error) {
	batch := s.unpack(msg.Data())
	if len(batch) == 0 { // steps of QoS 2, or the mark of a writer that began
		_ = msg.DoubleAck(ctx)
		return
	}
	stop := stillWorking(msg)
	err := fn(ctx, batch)
	stop()
	if err != nil {
		if ctx.Err() == nil {
			s.Log.Error("messages not handled, trying again", "reader", name, "error", err)
		}
		_ = msg.NakWithDelay(ingestTry) // comes again after ingestWait in any case
		return
	}
	_ = msg.DoubleAck(ctx) // when it fails the batch comes again, which fn must bear
}

// stillWorking keeps a batch from coming again while it is being handled. stop must be called before it is acknowledged.
func stillWorking(msg jetstream.Msg) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-done:
				return
			case <-wall.After(ingestWait / 3):
				_ = msg.InProgress() // when it fails the batch comes again, which is allowed
			}
		}
	}()
	return func() { close(done); <-ended }
}

func (s *Service) ingestLoose(ctx context.Context, name string, t *tap, fn func(context.Context, []fleet.Message) error) {
	seg, dropped := t.take()
	if dropped > 0 {
		s.count.dropped.Add(dropped)
		s.Log.Warn("QoS 0 messages dropped: a reader inside the server does not keep up", "reader", name, "batches", dropped)
	}
	if len(seg) == 0 {
		return
	}
	if err := fn(ctx, s.unpack(seg)); err != nil && ctx.Err() == nil {
		s.Log.Warn("QoS 0 messages not handled", "reader", name, "error", err)
	}
}

// unpack turns a segment into messages.
func (s *Service) unpack(seg []byte) (out []fleet.Message) {
	var m message
	s.each(0, seg, &m, func() {
		msg := fleet.Message{Topic: string(m.Topic), Payload: m.Payload, QoS: m.QoS, Retain: m.Retain, Time: m.at}
		switch kind, id := publisherOf(&m.Record); kind {
		case string(protocol.SubjectDevice):
			msg.Device = id
		case string(protocol.SubjectAccount):
			msg.Account = id
		}
		out = append(out, msg)
	})
	return out
}
