package broker

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/thingward/thingward/server/broker/packet"
	"github.com/thingward/thingward/server/broker/segment"
)

// kept holds the retained messages: the last one of each topic, in memory and, within a second, in the store. A stored message
// is on disk before its acknowledgement in any case, and found there again after a crash.
type kept struct {
	most, mostEach int
	mu             sync.RWMutex
	groups         map[string]map[string]*keptMessage // by the first two levels, things/<id>, then by topic
	n              int
	owners         map[string]int
	dirty          map[string]struct{}
	ending         int // how many expire
	swept          time.Time
}

type keptMessage struct {
	seg     []byte // a segment of this one record
	owner   string
	expires time.Time // zero: never
}

func newKept(l Limits) *kept {
	return &kept{most: l.Retained, mostEach: l.RetainedPerClient, groups: map[string]map[string]*keptMessage{}, owners: map[string]int{}, dirty: map[string]struct{}{}}
}

// group is the part of a topic or filter under which it is filed; whole is false for a filter that spans groups.
func group(topic string) (name string, whole bool) {
	first, rest, _ := strings.Cut(topic, "/")
	second, _, _ := strings.Cut(rest, "/")
	name = first + "/" + second
	return name, !strings.ContainsAny(name, "+#")
}

// room reports whether a client may retain a message on topic.
func (k *kept) room(owner string, topic []byte) bool {
	k.mu.RLock()
	defer k.mu.RUnlock()
	g, _ := group(string(topic))
	if k.groups[g][string(topic)] != nil {
		return true
	}
	return k.n < k.most && k.owners[owner] < k.mostEach
}

// keep takes a retained message in, or with an empty payload removes the one on its topic (MQTT-3.3.1-6).
func (k *kept) keep(m *message, owner string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	topic := string(m.Topic)
	g, _ := group(topic)
	k.forget(g, topic)
	k.dirty[topic] = struct{}{}
	if len(m.Payload) > 0 {
		k.insert(g, topic, &keptMessage{ownRecord(m), owner, m.expires})
	}
}

func (k *kept) insert(g, topic string, m *keptMessage) {
	if k.groups[g] == nil {
		k.groups[g] = map[string]*keptMessage{}
	}
	k.groups[g][topic] = m
	k.n++
	k.owners[m.owner]++
	if !m.expires.IsZero() {
		k.ending++
	}
}

func (k *kept) forget(g, topic string) {
	old := k.groups[g][topic]
	if old == nil {
		return
	}
	k.n--
	if !old.expires.IsZero() {
		k.ending--
	}
	if k.owners[old.owner]--; k.owners[old.owner] == 0 {
		delete(k.owners, old.owner)
	}
	if delete(k.groups[g], topic); len(k.groups[g]) == 0 {
		delete(k.groups, g)
	}
}

const keptSweep = time.Minute // between looks for retained messages that have expired; none is delivered meanwhile

// sweep removes what has expired (section 3.3.1.3).
func (k *kept) sweep(now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ending == 0 || now.Sub(k.swept) < keptSweep {
		return
	}
	k.swept = now
	for g, all := range k.groups {
		for topic, m := range all {
			if !m.expires.IsZero() && !now.Before(m.expires) {
				k.forget(g, topic)
				k.dirty[topic] = struct{}{}
			}
		}
	}
}

// get makes m the retained message of topic.
func (k *kept) get(topic string, m *message) bool {
	k.mu.RLock()
	g, _ := group(topic)
	found := k.groups[g][topic]
	k.mu.RUnlock()
	if found == nil {
		return false
	}
	var r segment.Record
	if _, err := segment.At(found.seg, segment.HeaderSize, &r); err != nil {
		return false
	}
	m.set(&r, 0, 0, segment.Time(found.seg))
	return true
}

// match visits the topics with a retained message that filter matches.
func (k *kept) match(filter string, visit func(topic string)) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	in := func(g map[string]*keptMessage) {
		for topic := range g {
			if packet.Match(filter, topic) {
				visit(topic)
			}
		}
	}
	if name, whole := group(filter); whole {
		in(k.groups[name])
		return
	}
	for _, g := range k.groups {
		in(g)
	}
}

func (k *kept) len() int {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.n
}

// takeDirty returns the topics that changed since the last call, with what is retained on them now (nil: nothing).
func (k *kept) takeDirty() map[string][]byte {
	k.mu.Lock()
	defer k.mu.Unlock()
	out := make(map[string][]byte, len(k.dirty))
	for topic := range k.dirty {
		g, _ := group(topic)
		out[topic] = nil
		if m := k.groups[g][topic]; m != nil {
			out[topic] = m.seg
		}
	}
	clear(k.dirty)
	return out
}

// keepAll stores what changed.
func (s *Service) keepAll(ctx context.Context) error {
	if !s.store.sole() {
		return errNotSole
	}
	changed := s.kept.takeDirty()
	type sent struct {
		topic string
		ack   jetstream.PubAckFuture
	}
	var all []sent
	var failed error
	for topic, seg := range changed {
		if seg == nil {
			seg = tombstone(topic)
		}
		ack, err := s.store.js.PublishAsync(keptPrefix+token(topic), seg)
		if err != nil {
			failed = err
			s.kept.redo(topic)
			continue
		}
		all = append(all, sent{topic, ack})
	}
	for _, x := range all {
		select {
		case <-x.ack.Ok():
		case err := <-x.ack.Err():
			failed = err
			s.kept.redo(x.topic)
		case <-ctx.Done():
			failed = ctx.Err()
			s.kept.redo(x.topic)
		}
	}
	return failed
}

// tombstone is a record without payload: nothing is retained on the topic any more.
func tombstone(topic string) []byte {
	return ownRecord(&message{Record: segment.Record{Topic: []byte(topic)}})
}

func (k *kept) redo(topic string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.dirty[topic] = struct{}{}
}

// loadKept reads the retained messages at start and removes what tells of their end.
func (s *Service) loadKept(ctx context.Context) error {
	var over []string
	err := s.store.read(ctx, s.store.kept, 0, func(seq uint64, data []byte) {
		var r segment.Record
		if segment.Check(data) != nil {
			s.Log.Error("retained message not readable", "sequence", seq)
			return
		}
		if _, err := segment.At(data, segment.HeaderSize, &r); err != nil {
			s.Log.Error("retained message not readable", "sequence", seq)
			return
		}
		topic := string(r.Topic)
		if len(r.Payload) == 0 {
			over = append(over, topic)
			return
		}
		var m message
		m.set(&r, 0, 0, segment.Time(data))
		g, _ := group(topic)
		s.kept.insert(g, topic, &keptMessage{data, s.owner(&r), m.expires})
	})
	if err != nil {
		return err
	}
	for _, topic := range over {
		if err := s.store.kept.Purge(ctx, jetstream.WithPurgeSubject(keptPrefix+token(topic))); err != nil {
			return err
		}
	}
	return nil
}
