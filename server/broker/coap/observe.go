package coap

import (
	"bytes"
	"context"
	"crypto/sha256"
	"slices"
	"time"

	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/broker"
	"github.com/thingward/thingward/server/broker/packet"
)

// A command resource is the oldest command that the device has not acknowledged: the acknowledgement of the notification that
// carries it takes it off, and then the next one is the resource. What is not acknowledged waits in the device's session, over
// an end of the association and a restart of the server.

const watchesMost = 16 // observations of one client

// observation is a client's wish to be told (RFC 7641). It ends with its association.
type observation struct {
	token        []byte
	path, filter string
	command      bool
	want         block
	asked        bool
	sequence     uint32
	dirty        bool     // the desired twin may have changed
	last         [32]byte // of the desired twin that the client has
	told         *told    // a command whose first block it has
	ready        bool     // the request for it is answered: notifications come after that
}

type told struct{ payload []byte }

// deliver takes a message from the broker. It must not wait.
func (p *peer) deliver(d broker.Delivery) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t, ok := protocol.ParseTopic(d.Topic); ok && t.Kind == protocol.KindDesired {
		for _, w := range p.watching {
			w.dirty = w.dirty || !w.command
		}
	} else {
		p.commands = append(p.commands, d)
		select {
		case p.arrived <- struct{}{}:
		default:
		}
	}
	p.startTalk()
}

// getDesired answers with the twin as it is.
func (p *peer) getDesired(ctx context.Context, r reading) *Message {
	w := p.watch(ctx, r, 0)
	body, there, err := p.guest.Retained(r.filter)
	if err != nil {
		return p.refuse(err)
	}
	if !there && w == nil {
		return reply(NotFound, "nothing is desired of the device")
	}
	m := &Message{Code: Content}
	if w != nil {
		p.mu.Lock()
		w.last = sha256.Sum256(body)
		m.addUint(optObserve, w.next())
		p.mu.Unlock()
	}
	return represent(m, body, r.want, r.asked, r.m)
}

// represent fills a response with a representation, or says that the one the client has is still good (section 5.10.6.2).
func represent(m *Message, body []byte, want block, asked bool, request *Message) *Message {
	if len(body) == 0 {
		return m
	}
	sum := sha256.Sum256(body)
	m.add(optETag, sum[:8])
	if request != nil {
		for _, tag := range request.all(optETag) {
			if tag == string(sum[:8]) {
				m.Code = Valid
				return m
			}
		}
	}
	m.addUint(optContentFormat, formatJSON)
	return slice(m, body, want, asked)
}

// getCommand answers with the oldest command that waits, in a response whose acknowledgement takes it off.
func (p *peer) getCommand(ctx context.Context, r reading) *Message {
	if r.want.number > 0 {
		return p.moreCommand(r)
	}
	if r.watches && r.watch == 1 {
		p.unwatch(ctx, r)
		return &Message{Code: Content}
	}
	if err := p.guest.Subscribe(ctx, r.filter, 1); err != nil {
		return p.refuse(err)
	}
	if w := p.watch(ctx, r, 1); w != nil { // what waits follows as notifications
		m := &Message{Code: Content}
		p.mu.Lock()
		defer p.mu.Unlock()
		m.addUint(optObserve, w.next())
		return m
	}
	d, ok := p.oldest(r.filter)
	if !ok {
		select {
		case <-p.arrived: // a device that has just come: its session is being read
		case <-p.s.Clock.After(soon / 2):
		}
		if d, ok = p.oldest(r.filter); !ok {
			return &Message{Code: Content}
		}
	}
	if r.m.Type == Confirmable {
		p.acknowledge(r.m)
	}
	m, more := p.commandMessage(d, r.want, r.asked)
	o := &outgoing{m: later(r.m, m)}
	if !more {
		o.then = func() { p.consume(d) }
	}
	p.queue(o)
	return nil
}

// moreCommand answers with a later block of the oldest command. The last one takes it off.
func (p *peer) moreCommand(r reading) *Message {
	d, ok := p.oldest(r.filter)
	if !ok {
		return reply(NotFound, "no command waits")
	}
	m, more := p.commandMessage(d, r.want, r.asked)
	if m.Code == Content && !more {
		p.consume(d)
	}
	return m
}

// commandMessage is a response that carries a command. Its Location-Path names it.
func (p *peer) commandMessage(d broker.Delivery, want block, asked bool) (m *Message, more bool) {
	m = &Message{Code: Content}
	for part := range bytes.SplitSeq([]byte(d.Topic), []byte("/")) {
		m.add(optLocationPath, part)
	}
	m = represent(m, d.Payload, want, asked, nil)
	b, _, _ := m.block(optBlock2)
	return m, b.more
}

// oldest is the first command that waits and that filter matches.
func (p *peer) oldest(filter string) (broker.Delivery, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, d := range p.commands {
		if packet.Match(filter, d.Topic) {
			return d, true
		}
	}
	return broker.Delivery{}, false
}

// consume takes a command off: the client has it.
func (p *peer) consume(d broker.Delivery) {
	p.mu.Lock()
	i := slices.IndexFunc(p.commands, d.Same)
	if i >= 0 {
		p.commands = slices.Delete(p.commands, i, i+1)
	}
	p.startTalk()
	p.mu.Unlock()
	if i >= 0 {
		p.guest.Acknowledge(d)
	}
}

// watch begins to observe, if the request asks for it, and ends an observation of the same token. It is nil when nothing is
// observed: the client is told by the missing option (RFC 7641, section 4.1).
func (p *peer) watch(ctx context.Context, r reading, qos byte) *observation {
	if r.watches && r.watch == 1 {
		p.unwatch(ctx, r)
	}
	if !r.begins() {
		return nil
	}
	if qos == 0 { // commands are subscribed already
		if err := p.guest.Subscribe(ctx, r.filter, 0); err != nil {
			return nil
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.watching = slices.DeleteFunc(p.watching, func(w *observation) bool { return bytes.Equal(w.token, r.m.Token) })
	if len(p.watching) >= watchesMost {
		return nil
	}
	w := &observation{token: r.m.Token, path: r.path, filter: r.filter, command: qos > 0, want: r.want, asked: r.asked}
	p.watching = append(p.watching, w)
	return w
}

// unwatch ends an observation at the client's wish. Its commands wait no longer.
func (p *peer) unwatch(ctx context.Context, r reading) {
	p.mu.Lock()
	p.watching = slices.DeleteFunc(p.watching, func(w *observation) bool { return bytes.Equal(w.token, r.m.Token) && w.path == r.path })
	others := slices.ContainsFunc(p.watching, func(w *observation) bool { return w.filter == r.filter })
	p.mu.Unlock()
	if !others {
		_ = p.guest.Unsubscribe(ctx, r.filter) // one that was not there is no fault
	}
}

// forget ends an observation whose client does not answer. What it was to be told waits.
func (p *peer) forget(w *observation) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.watching = slices.DeleteFunc(p.watching, func(x *observation) bool { return x == w })
}

// next is the number of the next notification; p.mu is held.
func (w *observation) next() uint32 {
	w.sequence = (w.sequence + 1) & 0xffffff
	return w.sequence
}

// ready lets the notifications of an observation begin.
func (p *peer) ready(token []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, w := range p.watching {
		if !w.ready && bytes.Equal(w.token, token) {
			w.ready = true
			p.startTalk()
		}
	}
}

// notification is what an observation's client is to be told now, or nil; p.mu is held.
func (p *peer) notification(w *observation) *outgoing {
	switch {
	case !w.ready:
		return nil
	case w.command:
		return p.notifyCommand(w)
	case !w.dirty:
		return nil
	}
	w.dirty = false
	body, _, err := p.guest.Retained(w.filter)
	if err != nil {
		return nil // its right has ended
	}
	sum := sha256.Sum256(body)
	if sum == w.last {
		return nil
	}
	m := &Message{Code: Content, Token: w.token}
	m.addUint(optObserve, w.next())
	return &outgoing{m: represent(m, body, w.want, w.asked, nil), watch: w, then: func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		w.last = sum
	}}
}

func (p *peer) notifyCommand(w *observation) *outgoing {
	i := slices.IndexFunc(p.commands, func(d broker.Delivery) bool { return packet.Match(w.filter, d.Topic) })
	if i < 0 {
		return nil
	}
	d := p.commands[i]
	if w.told != nil && bytes.Equal(w.told.payload, d.Payload) {
		return nil // it is being fetched, block by block
	}
	w.told = nil
	m, more := p.commandMessage(d, w.want, w.asked)
	m.Token = w.token
	m.addUint(optObserve, w.next())
	o := &outgoing{m: m, watch: w}
	if more {
		w.told = &told{d.Payload}
	} else {
		o.then = func() { p.consume(d) }
	}
	return o
}

// patience is how long after the answer to a request whose sender is refused the association stays.
const patience = 2 * time.Second
