package intake

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/kit/id"
)

// What was taken is remembered for a day in a stream of its own, one message a batch: its key, what was answered, and the ids
// of the messages that were stored. The ids are in memory too. A batch is written there after its messages are stored and
// before it is answered: what a crash in between leaves is taken again, as QoS 1 allows.

const (
	streamName, streamPrefix = "INTAKE", "intake."
	streamBytes              = 256 << 20
	idsMost                  = 10_000  // of one sender, twice
	sendersMost              = 100_000 // whose ids are known
	storeTime                = 10 * time.Second
)

type hash [16]byte

func hashOf(parts ...string) hash {
	h := sha256.New()
	for _, p := range parts {
		_, _ = fmt.Fprintf(h, "%d %s", len(p), p) // never fails
	}
	return hash(h.Sum(nil)[:16])
}

// MarshalText is the hash in hexadecimal.
func (h hash) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(h[:])), nil }

// UnmarshalText reads it back.
func (h *hash) UnmarshalText(b []byte) error {
	if hex.DecodedLen(len(b)) != len(h) {
		return errors.New("a hash is of 32 hexadecimal digits")
	}
	_, err := hex.Decode(h[:], b)
	return err
}

// taken is the record of a batch.
type taken struct {
	Version int             `json:"v"`
	Sender  string          `json:"sender"`
	Body    hash            `json:"body"`
	Answer  *answer         `json:"answer,omitempty"` // only with a key
	IDs     map[string]hash `json:"ids,omitempty"`    // of messages → their content
}

// known is what was taken.
type known struct {
	clock  clock.Clock
	js     jetstream.JetStream
	stream jetstream.Stream
	last   uint64 // sequence up to which it was read at the start

	mu      sync.Mutex
	senders map[string]*ids
	working map[string]struct{} // keys and senders' ids at work
}

// ids are those of one sender, in two generations so that the oldest can be forgotten together.
type ids struct{ young, old map[string]hash }

func openKnown(ctx context.Context, c Config) (*known, error) {
	k := &known{clock: c.Clock, js: c.Bus.JetStream(), senders: map[string]*ids{}, working: map[string]struct{}{}}
	var err error
	k.stream, err = c.Bus.Stream(ctx, jetstream.StreamConfig{
		Name: streamName, Subjects: []string{streamPrefix + "*"}, MaxMsgsPerSubject: 1, MaxAge: remember, MaxBytes: streamBytes, AllowDirect: c.Bus.Replicas() == 1,
		Storage: jetstream.FileStorage, Replicas: c.Bus.Replicas(), Discard: jetstream.DiscardOld,
	})
	if err != nil {
		return nil, fmt.Errorf("open the stream %s: %w", streamName, err)
	}
	info, err := k.stream.Info(ctx)
	if err != nil {
		return nil, fmt.Errorf("open the stream %s: %w", streamName, err)
	}
	if k.last = info.State.LastSeq; info.State.Msgs == 0 {
		return k, nil
	}
	return k, k.read(ctx, 0, k.last)
}

// follow takes up what is written after the start, by other nodes too.
func (k *known) follow(ctx context.Context) error {
	err := k.read(ctx, k.last+1, 0)
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// read takes records from a sequence up to another, or until ctx ends when that is 0.
func (k *known) read(ctx context.Context, from, to uint64) error {
	config := jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverAllPolicy}
	if from > 0 {
		config.DeliverPolicy, config.OptStartSeq = jetstream.DeliverByStartSequencePolicy, from
	}
	cons, err := k.stream.OrderedConsumer(ctx, config)
	if err != nil {
		return err
	}
	it, err := cons.Messages()
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
		var t taken
		if json.Unmarshal(msg.Data(), &t) == nil {
			k.learn(t.Sender, t.IDs)
		}
		if to > 0 && (meta.Sequence.Stream >= to || meta.NumPending == 0) {
			return nil
		}
	}
}

// learn remembers the ids of stored messages.
func (k *known) learn(sender string, list map[string]hash) {
	if len(list) == 0 {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	s := k.senders[sender]
	if s == nil {
		for other := range k.senders {
			if len(k.senders) < sendersMost {
				break
			}
			delete(k.senders, other)
		}
		s = &ids{young: map[string]hash{}}
		k.senders[sender] = s
	}
	if len(s.young)+len(list) > idsMost {
		s.old, s.young = s.young, make(map[string]hash, len(list))
	}
	for name, h := range list {
		s.young[name] = h
	}
}

func (k *known) find(sender, name string) (h hash, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := k.senders[sender]
	if s == nil {
		return h, false
	}
	if h, ok = s.young[name]; !ok {
		h, ok = s.old[name]
	}
	return h, ok
}

// begin keeps two requests of one sender from taking the same messages side by side.
func (k *known) begin(sender string) (end func(), ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, busy := k.working[sender]; busy {
		return nil, false
	}
	k.working[sender] = struct{}{}
	return func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		delete(k.working, sender)
	}, true
}

// once has publish store the messages that were not stored before.
func (k *known) once(ctx context.Context, sender, key string, body []byte, list []message, publish func(todo []int) []error) (*answer, *problem) {
	end, ok := k.begin(sender)
	if !ok {
		return nil, refused(http.StatusConflict, "a batch of this sender is at work: send one after the other").after(time.Second)
	}
	defer end()
	t := taken{Version: 1, Sender: sender, Body: hashOf(string(body)), IDs: map[string]hash{}}
	subject := streamPrefix + token(sender, "", id.New())
	if key != "" {
		subject = streamPrefix + token(sender, key, "")
		if a, p := k.before(ctx, subject, t.Body); a != nil || p != nil {
			return a, p
		}
	}
	a := &answer{Results: make([]result, len(list))}
	todo := k.sort(sender, list, a)
	p := collect(a, list, todo, publish(todo), t.IDs)
	if key != "" && p == nil {
		t.Answer = a
	}
	if err := k.write(ctx, subject, t, p); err != nil {
		return nil, unavailable("the batch is stored and could not be noted: send it again under the same key", time.Second)
	}
	return a, p
}

// before is what was answered to a key.
func (k *known) before(ctx context.Context, subject string, body hash) (*answer, *problem) {
	msg, err := k.stream.GetLastMsgForSubject(ctx, subject)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, unavailable("what was taken before cannot be read now: try again", time.Second)
	}
	var t taken
	if err := json.Unmarshal(msg.Data, &t); err != nil || t.Answer == nil {
		return nil, nil //nolint:nilerr // one that was not answered is done again: its stored messages are known by their ids
	}
	if t.Body != body {
		return nil, invalid("Idempotency-Key: it was used for another batch within the last day: use a new one for each")
	}
	t.Answer.replayed = true
	return t.Answer, nil
}

// sort answers for the messages that are known and returns the others.
func (k *known) sort(sender string, list []message, a *answer) (todo []int) {
	for n, m := range list {
		h, seen := hash{}, false
		if m.id != "" {
			h, seen = k.find(sender, m.id)
		}
		switch {
		case !seen:
			todo = append(todo, n)
		case h == m.hash():
			a.add(n, m, duplicate, "")
		default:
			a.add(n, m, conflict, "the id was used for another message within the last day")
		}
	}
	return todo
}

func (m message) hash() hash {
	return hashOf(m.letter.Topic, m.letter.Format, string(m.letter.Payload))
}

// collect puts down what became of the messages. When one must be tried again, so must the batch.
func collect(a *answer, list []message, todo []int, errs []error, stores map[string]hash) (again *problem) {
	for i, n := range todo {
		m, err := list[n], errs[i]
		switch {
		case err == nil:
			a.add(n, m, stored, "")
			if m.id != "" {
				stores[m.id] = m.hash()
			}
		case final(err):
			a.add(n, m, denied, err.Error())
		case again == nil:
			again = problemOf(err)
		}
	}
	return again
}

// write notes a batch. Nothing is written of one that stored nothing and is to come again.
func (k *known) write(ctx context.Context, subject string, t taken, again *problem) error {
	if again != nil && len(t.IDs) == 0 || t.Answer == nil && len(t.IDs) == 0 {
		return nil
	}
	b, err := json.Marshal(t)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTime)
	defer cancel()
	if _, err := k.js.Publish(ctx, subject, b); err != nil {
		return err
	}
	k.learn(t.Sender, t.IDs)
	return nil
}

// token turns any text into one subject token of fixed length.
func token(parts ...string) string {
	h := hashOf(parts...)
	return base64.RawURLEncoding.EncodeToString(h[:])
}
