package broker

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"sync"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/thingward/thingward/server/bus"
)

// store is the broker's part of JetStream. Only this file and those of the records in it (saved.go, positions.go, kept.go)
// know subjects and streams.
type store struct {
	js       jetstream.JetStream
	in       jetstream.Stream // segments of messages of QoS 1 and 2
	sessions jetstream.Stream // one message a session
	marks    jetstream.Stream // positions of sessions, a change a second
	kept     jetstream.Stream // one message a retained topic
	last     uint64           // sequence of the last segment when it was opened
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

func openStore(ctx context.Context, b *bus.Bus, l Limits) (*store, error) {
	st := &store{js: b.JetStream()}
	for _, x := range []struct {
		to     *jetstream.Stream
		config jetstream.StreamConfig
	}{
		{&st.in, jetstream.StreamConfig{Name: inStream, Subjects: []string{inSubject}, MaxAge: l.Kept, MaxBytes: l.KeptBytes}},
		{&st.sessions, jetstream.StreamConfig{Name: sessStream, Subjects: []string{sessPrefix + "*"}, MaxMsgsPerSubject: 1}},
		{&st.marks, jetstream.StreamConfig{Name: markStream, Subjects: []string{markDelta}}},
		{&st.kept, jetstream.StreamConfig{Name: keptStream, Subjects: []string{keptPrefix + "*"}, MaxMsgsPerSubject: 1}},
	} {
		x.config.Storage, x.config.Replicas, x.config.AllowDirect, x.config.Discard = jetstream.FileStorage, b.Replicas(), true, jetstream.DiscardOld
		stream, err := st.js.CreateOrUpdateStream(ctx, x.config)
		if err != nil {
			return nil, fmt.Errorf("open the broker's stream %s: %w", x.config.Name, err)
		}
		*x.to = stream
	}
	info, err := st.in.Info(ctx)
	if err != nil {
		return nil, fmt.Errorf("open the broker's stream %s: %w", inStream, err)
	}
	st.last = info.State.LastSeq
	return st, nil
}

// append stores a segment; a second try under the same id is known and not stored twice.
func (st *store) append(ctx context.Context, msgID string, seg []byte) (seq uint64, err error) {
	msg := nats.NewMsg(inSubject)
	msg.Data = seg
	msg.Header.Set(nats.MsgIdHdr, msgID)
	ack, err := st.js.PublishMsg(ctx, msg)
	if err != nil {
		return 0, err
	}
	return ack.Sequence, nil
}

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
func read(ctx context.Context, stream jetstream.Stream, from uint64, fn func(seq uint64, data []byte)) error {
	info, err := stream.Info(ctx)
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
