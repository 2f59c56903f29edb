package bus

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
)

const (
	eventStream  = "EVENTS"
	eventSubject = "ev.batch"
	eventsKept   = 30 * 24 * time.Hour
	batchMost    = 512
	ackWait      = 5 * time.Second // after which a batch whose consumer died comes again; one that works says so meanwhile
)

func (b *Bus) openEvents(ctx context.Context) error {
	_, err := b.Stream(ctx, jetstream.StreamConfig{
		Name: eventStream, Subjects: []string{eventSubject}, Replicas: b.replicas, Storage: jetstream.FileStorage,
		MaxAge: eventsKept, MaxBytes: 2 << 30, Discard: jetstream.DiscardOld, Duplicates: 2 * time.Minute,
	})
	if err != nil {
		return fmt.Errorf("open the event stream: %w", err)
	}
	return nil
}

// Publish queues an event that is no state change (a refusal, an observation) for the event stream, from where it reaches
// the Merkle log, detection and the console. It does not wait. An event that the catalogue refuses is returned as an
// error; one that finds the queue full is counted and reported as events.shed as soon as there is room.
func (b *Bus) Publish(ev fleet.Event) error {
	if err := ev.Check(); err != nil {
		return fmt.Errorf("event refused: %w", err)
	}
	select {
	case b.events <- ev:
	default:
		b.shed.Add(1)
	}
	return nil
}

// Append puts events on the event stream and returns when they are stored: for events that must not be shed and whose
// producer can wait, such as state changes that the audit log has placed. The caller bounds the batch's bytes.
func (b *Bus) Append(ctx context.Context, evs []fleet.Event) error {
	if len(evs) == 0 {
		return nil
	}
	for _, ev := range evs {
		if err := ev.Check(); err != nil {
			return fmt.Errorf("event refused: %w", err)
		}
	}
	msg := nats.NewMsg(eventSubject)
	msg.Data = encode(evs)
	msg.Header.Set(nats.MsgIdHdr, id.New())
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if _, err := b.js.PublishMsg(ctx, msg); err != nil {
		return fmt.Errorf("append events: %w", err)
	}
	return nil
}

// Flush returns when every event published before it is stored, or ctx ends.
func (b *Bus) Flush(ctx context.Context) error {
	written := make(chan struct{})
	select {
	case b.flush <- written:
	case <-b.stop:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-written:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Shed is how many events were lost to overload and not yet reported.
func (b *Bus) Shed() int64 { return b.shed.Load() }

func (b *Bus) writeEvents() {
	for {
		select {
		case <-b.stop:
			b.writeWaiting()
			return
		case written := <-b.flush:
			b.writeWaiting()
			close(written)
		case first := <-b.events:
			b.writeBatch(first)
		}
	}
}

func (b *Bus) writeWaiting() {
	for {
		select {
		case first := <-b.events:
			b.writeBatch(first)
		default:
			return
		}
	}
}

// writeBatch packs what waits into one message: one fsync for many events.
func (b *Bus) writeBatch(first fleet.Event) {
	batch := []fleet.Event{first}
	for len(batch) < batchMost {
		select {
		case ev := <-b.events:
			batch = append(batch, ev)
			continue
		default:
		}
		break
	}
	if lost := b.shed.Swap(0); lost > 0 {
		batch = append(batch, fleet.NewEvent("events.shed", time.Now(), fleet.Server("bus"), fleet.Server("bus"), map[string]any{"count": lost}))
	}
	b.store(encode(batch))
}

func encode(batch []fleet.Event) []byte {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	for _, ev := range batch {
		// Data holds JSON values only; anything else is a fault that must not take the other events with it.
		mark := buf.Len()
		if err := enc.Encode(ev); err != nil {
			buf.Truncate(mark)
		}
	}
	return buf.Bytes()
}

// store sends until the stream has it: an event that was accepted is not lost to a moment's trouble.
func (b *Bus) store(payload []byte) {
	msg := nats.NewMsg(eventSubject)
	msg.Data = payload
	msg.Header.Set(nats.MsgIdHdr, id.New())
	for try := 0; ; try++ {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		_, err := b.js.PublishMsg(ctx, msg)
		cancel()
		if err == nil {
			return
		}
		b.log.Error("events not stored, trying again", "error", err, "try", try)
		select {
		case <-b.stop:
			if try >= 2 {
				return
			}
		case <-time.After(time.Second):
		}
	}
}

// Consume hands every event since the consumer was first made to fn, in order, in batches, at least once: fn must know
// an event it has seen by its id. The position is durable under name. A batch whose fn fails comes again. It returns when
// ctx ends.
func (b *Bus) Consume(ctx context.Context, name string, fn func(context.Context, []fleet.Event) error) error {
	cons, err := b.Consumer(ctx, eventStream, jetstream.ConsumerConfig{
		Durable: name, AckPolicy: jetstream.AckExplicitPolicy, DeliverPolicy: jetstream.DeliverAllPolicy, MaxAckPending: 1, AckWait: ackWait,
	})
	if err != nil {
		return fmt.Errorf("consume events as %s: %w", name, err)
	}
	for ctx.Err() == nil {
		msg, err := cons.Next(jetstream.FetchContext(ctx))
		if err != nil {
			if !errors.Is(err, nats.ErrTimeout) && ctx.Err() == nil {
				b.log.Error("events not read, trying again", "consumer", name, "error", err)
				b.pause(ctx)
			}
			continue
		}
		b.handle(ctx, name, msg, fn)
	}
	return nil
}

func (b *Bus) handle(ctx context.Context, name string, msg jetstream.Msg, fn func(context.Context, []fleet.Event) error) {
	stop := stillWorking(msg)
	err := fn(ctx, Decode(msg.Data()))
	stop()
	if err != nil {
		if ctx.Err() == nil {
			b.log.Error("events not handled, trying again", "consumer", name, "error", err)
		}
		_ = msg.NakWithDelay(time.Second) // comes again after AckWait in any case
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), ackWait) // what is done is acknowledged, also while stopping
	defer cancel()
	_ = msg.DoubleAck(ctx) // when it fails the batch comes again, which fn must bear
}

// stillWorking keeps a batch from coming again while it is being handled. stop must be called before it is acknowledged.
func stillWorking(msg jetstream.Msg) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(ackWait / 3)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				_ = msg.InProgress()
			}
		}
	}()
	return func() { close(done); <-ended }
}

func (b *Bus) pause(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(time.Second):
	}
}

// Watch hands events to fn as they happen, without position or promise: for live views. It returns how to stop.
func (b *Bus) Watch(fn func(fleet.Event)) (stop func(), err error) {
	sub, err := b.conn.Subscribe(eventSubject, func(m *nats.Msg) {
		for _, ev := range Decode(m.Data) {
			fn(ev)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("watch events: %w", err)
	}
	return func() { _ = sub.Unsubscribe() }, nil
}

// Decode unpacks a message of the event stream, leaving out what is no valid event.
func Decode(payload []byte) []fleet.Event {
	var out []fleet.Event
	for line := range bytes.Lines(payload) {
		var ev fleet.Event
		if json.Unmarshal(line, &ev) == nil && ev.Check() == nil {
			out = append(out, ev)
		}
	}
	return out
}
