package broker

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/thingward/thingward/server/broker/segment"
	"github.com/thingward/thingward/server/bus"
)

// store is the broker's part of JetStream. Only this file and those of the records in it (saved.go, positions.go, kept.go)
// know subjects and streams.
type store struct {
	js       jetstream.JetStream
	bus      *bus.Bus
	sole     func() bool      // no other process writes
	in       jetstream.Stream // segments of messages of QoS 1 and 2
	sessions jetstream.Stream // one message a session
	marks    jetstream.Stream // positions of sessions, a change a second
	kept     jetstream.Stream // one message a retained topic
	segments journal          // writes in
	changes  journal          // writes marks
	try      time.Duration    // after which a segment is sent again
	dirty    dirty
	saving   sync.Mutex // guards the next two
	deltas   int        // messages in marks
	marked   uint64     // routed position that was saved last
}

const (
	inStream, inSubject    = "IN", "in.0"
	sessStream, sessPrefix = "SESS", "sess."
	markStream, markDelta  = "MARKS", "marks.0"
	keptStream, keptPrefix = "KEPT", "kept."
)

func openStore(ctx context.Context, b *bus.Bus, l Limits, sole func() bool) (*store, error) {
	st := &store{js: b.JetStream(), bus: b, sole: sole, try: storeTry}
	if sole == nil {
		st.sole = func() bool { return true }
	}
	if b.Replicas() > 1 {
		st.try = clusterTry
	}
	for _, x := range []struct {
		to     *jetstream.Stream
		config jetstream.StreamConfig
	}{
		{&st.in, jetstream.StreamConfig{Name: inStream, Subjects: []string{inSubject}, MaxAge: l.Kept, MaxBytes: l.KeptBytes}},
		{&st.sessions, jetstream.StreamConfig{Name: sessStream, Subjects: []string{sessPrefix + "*"}, MaxMsgsPerSubject: 1}},
		{&st.marks, jetstream.StreamConfig{Name: markStream, Subjects: []string{markDelta}}},
		{&st.kept, jetstream.StreamConfig{Name: keptStream, Subjects: []string{keptPrefix + "*"}, MaxMsgsPerSubject: 1}},
	} {
		x.config.Storage, x.config.Replicas, x.config.Discard = jetstream.FileStorage, b.Replicas(), jetstream.DiscardOld
		x.config.AllowDirect = b.Replicas() == 1 // a node that lags behind would answer that a message is gone
		stream, err := b.Stream(ctx, x.config)
		if err != nil {
			return nil, fmt.Errorf("open the broker's stream %s: %w", x.config.Name, err)
		}
		*x.to = stream
	}
	st.segments = journal{stream: st.in, subject: inSubject}
	st.changes = journal{stream: st.marks, subject: markDelta}
	for j, empty := range map[*journal][]byte{&st.segments: segment.Start(nil), &st.changes: startMarks(0)} {
		if err := b.Insist(ctx, j.subject, func(ctx context.Context) error { return j.claim(ctx, st.js, empty) }); err != nil {
			return nil, fmt.Errorf("write to the broker's stream %s: %w", j.subject, err)
		}
	}
	return st, nil
}

// clusterTry is storeTry where a segment may have gone to a leader that is no more.
const clusterTry = 2 * time.Second

// put stores a record under its own subject, if the subject's last sequence is still after.
func (st *store) put(ctx context.Context, subject string, data []byte, after uint64) (seq uint64, err error) {
	ack, err := st.js.Publish(ctx, subject, data, jetstream.WithExpectLastSequencePerSubject(after))
	if err != nil {
		return 0, err
	}
	return ack.Sequence, nil
}

// lost reports that somebody else wrote a record meanwhile.
func lost(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && (api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence || api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant)
}

// read hands every message of a stream from a sequence up to its present end to fn.
func (st *store) read(ctx context.Context, stream jetstream.Stream, from uint64, fn func(seq uint64, data []byte)) error {
	var info *jetstream.StreamInfo
	err := st.bus.Insist(ctx, stream.CachedInfo().Config.Name, func(ctx context.Context) (err error) {
		info, err = stream.Info(ctx)
		return err
	})
	if err != nil {
		return err
	}
	last, from := info.State.LastSeq, max(from, info.State.FirstSeq, 1)
	if info.State.Msgs == 0 || from > last {
		return nil
	}
	cons, err := stream.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: from})
	if err != nil {
		return err
	}
	it, err := cons.Messages(jetstream.PullMaxMessages(256))
	if err != nil {
		return err
	}
	defer it.Stop()
	for {
		msg, err := it.Next(jetstream.NextContext(ctx))
		if err != nil {
			return err
		}
		meta, err := msg.Metadata()
		if err != nil {
			return err
		}
		fn(meta.Sequence.Stream, msg.Data())
		if meta.NumPending == 0 || meta.Sequence.Stream >= last {
			return nil
		}
	}
}

// token turns any text into one subject token of fixed length. The text itself is in the record.
func token(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
