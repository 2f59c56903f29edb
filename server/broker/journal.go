package broker

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/thingward/thingward/kit/id"
)

// errFenced says that another broker writes now: this one must stop.
var errFenced = errors.New("another node has taken the broker over")

// errNotSole says that another node might have taken over, so that nothing is overwritten that it may have written.
var errNotSole = errors.New("this node has not been confirmed as the active one lately")

// journal is a stream with one subject and one writer. Every write expects the one before it, so that a broker that slept while
// another took over stores, and acknowledges, nothing more.
type journal struct {
	stream  jetstream.Stream
	subject string
	writer  string // of this process; begins the identifier of each of its messages
	n       uint64
	last    uint64 // sequence of the last message
}

// claim makes this process the journal's writer by a message that means nothing. What another one wrote before it is there; what
// it writes from now on is refused.
func (j *journal) claim(ctx context.Context, js jetstream.JetStream, empty []byte) error {
	j.writer = id.New()
	msg := nats.NewMsg(j.subject)
	msg.Data = empty
	msg.Header.Set(nats.MsgIdHdr, j.next())
	ack, err := js.PublishMsg(ctx, msg)
	if err == nil {
		j.last = ack.Sequence
	}
	return err
}

// next is an identifier for a message. A second try under the same one is not stored twice.
func (j *journal) next() string {
	j.n++
	return j.writer + "." + strconv.FormatUint(j.n, 10)
}

// append stores a message after the last one.
func (j *journal) append(ctx context.Context, js jetstream.JetStream, msgID string, data []byte) (seq uint64, err error) {
	for {
		msg := nats.NewMsg(j.subject)
		msg.Data = data
		msg.Header.Set(nats.MsgIdHdr, msgID)
		msg.Header.Set(nats.ExpectedLastSeqHdr, strconv.FormatUint(j.last, 10))
		ack, err := js.PublishMsg(ctx, msg)
		if err == nil {
			j.last = ack.Sequence
			return j.last, nil
		}
		if !lost(err) {
			return 0, err
		}
		if landed, err := j.look(ctx, msgID); landed || err != nil {
			return j.last, err
		}
	}
}

// look finds out why the last message is not the one we know: a try of ours arrived though its answer did not, this message's
// or an earlier one's; or another process writes.
func (j *journal) look(ctx context.Context, msgID string) (landed bool, err error) {
	info, err := j.stream.Info(ctx)
	if err != nil {
		return false, err
	}
	msg, err := j.stream.GetMsg(ctx, info.State.LastSeq)
	if err != nil {
		return false, fmt.Errorf("read what was written last: %w", err)
	}
	known := msg.Header.Get(nats.MsgIdHdr)
	if !strings.HasPrefix(known, j.writer+".") {
		return false, errFenced
	}
	j.last = msg.Sequence
	return known == msgID, nil
}
