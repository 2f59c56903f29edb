package coap

import (
	"context"
	"net/netip"
	"runtime/debug"
	"sync"
	"time"

	"github.com/thingward/thingward/server/broker"
)

// The times of RFC 7252, section 4.8.
const (
	ackTimeout       = 2 * time.Second
	maxRetransmit    = 4
	exchangeLifetime = 247 * time.Second
	soon             = time.Second // after which a request gets an empty acknowledgement, and its response later
)

const (
	datagramMost = 8 << 10 // bytes of one message; larger payloads come in blocks
	repeatsMost  = 256     // messages of a client whose repeats are known
	workMost     = 32      // requests of a client at work at once
)

// peer is one client: the CoAP side of an association.
type peer struct {
	s     *Server
	guest *broker.Guest
	id    string // of the device or account
	send  func([]byte) error

	mu       sync.Mutex
	seen     map[uint16]*exchange // by message id
	order    []uint16
	nextID   uint16
	working  int
	uploads  []*upload
	watching []*observation
	commands []broker.Delivery // not acknowledged by the client, oldest first
	outbox   []*outgoing       // responses that go as messages of their own
	flying   *outgoing         // the one that waits for its acknowledgement: NSTART is 1
	talking  bool

	arrived chan struct{} // a command came

	place    netip.AddrPort // where the client is
	verified bool           // it has answered from there
	credit   int            // bytes that may go there until it has
}

// exchange is what became of a message of the client, for its repeats (section 4.2).
type exchange struct {
	at     time.Time
	answer []byte // nil: not answered yet, or nothing to say
}

// hear takes one datagram.
func (p *peer) hear(b []byte) {
	p.guest.Heard(len(b))
	p.earn(len(b))
	var m Message
	if err := m.Decode(b); err != nil {
		p.malformed(&m, len(b), err)
		return
	}
	switch {
	case m.Type == Acknowledgement || m.Type == Reset:
		p.answered(&m) // a response inside it answers nothing: we ask nothing of clients
	case m.Code.Request():
		p.take(&m)
	case m.Type == Confirmable: // ping, or a response to nothing (sections 4.2 and 4.3)
		p.transmit(&Message{Type: Reset, ID: m.ID})
	}
}

// malformed rejects a message that departs from the standard.
func (p *peer) malformed(m *Message, size int, err error) {
	p.s.front.Malformed(p.guest, "", err.Error())
	if size >= headerSize && m.Type == Confirmable {
		p.transmit(&Message{Type: Reset, ID: m.ID})
	}
}

// take handles a request that has not been seen before.
func (p *peer) take(m *Message) {
	x, fresh := p.remember(m)
	if !fresh {
		if x != nil && m.Type == Confirmable {
			_ = p.send(x)
		}
		return
	}
	own := *m
	own.Token, own.Payload = clone(m.Token), clone(m.Payload)
	own.Options = make([]Option, len(m.Options))
	for i, o := range m.Options {
		own.Options[i] = Option{o.Number, clone(o.Value)}
	}
	p.mu.Lock()
	full := p.working >= workMost
	if !full {
		p.working++
	}
	p.mu.Unlock()
	if full {
		p.respond(&own, busy())
		return
	}
	p.s.work.Add(1)
	go func() {
		defer p.s.work.Done()
		p.work(&own)
	}()
}

func clone(b []byte) []byte { return append([]byte(nil), b...) }

func busy() *Message {
	m := reply(ServiceUnavailable, "too many requests of this client are at work")
	m.addUint(optMaxAge, 1)
	return m
}

// remember files a message by its id. A repeat is not fresh and comes with what it was answered.
func (p *peer) remember(m *Message) (answer []byte, fresh bool) {
	now := p.s.Clock.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if x := p.seen[m.ID]; x != nil && now.Sub(x.at) < exchangeLifetime {
		return x.answer, false
	}
	if p.seen == nil {
		p.seen = map[uint16]*exchange{}
	}
	if p.seen[m.ID] == nil {
		p.order = append(p.order, m.ID)
	}
	p.seen[m.ID] = &exchange{at: now}
	for len(p.order) > repeatsMost {
		delete(p.seen, p.order[0])
		p.order = p.order[1:]
	}
	return nil, true
}

// work answers one request. When that takes long, the request is acknowledged and the response goes as a message of its own.
func (p *peer) work(m *Message) {
	defer func() {
		p.mu.Lock()
		p.working--
		p.mu.Unlock()
	}()
	done := make(chan *Message, 1)
	go func() { done <- p.answer(m) }()
	select {
	case r := <-done:
		p.respond(m, r)
		p.ready(m.Token)
		return
	case <-p.s.Clock.After(soon):
	}
	if m.Type == Confirmable {
		p.acknowledge(m)
	}
	r := <-done
	if r != nil && m.Type == Confirmable {
		p.queue(&outgoing{m: later(m, r), then: func() { p.ready(m.Token) }})
		return
	}
	p.respond(m, r)
	p.ready(m.Token)
}

// later makes a response a message of its own (section 5.2.2).
func later(request, r *Message) *Message {
	r.Type, r.Token = Confirmable, request.Token
	return r
}

// acknowledge says that a request has come and its response comes later.
func (p *peer) acknowledge(m *Message) {
	p.say(m.ID, &Message{Type: Acknowledgement, ID: m.ID})
}

// answer does what a request asks for. It is nil when the response goes another way.
func (p *peer) answer(m *Message) (r *Message) {
	defer func() {
		if x := recover(); x != nil {
			p.s.Log.Error("panic while answering a CoAP request", "subject", p.id, "panic", x, "stack", string(debug.Stack()))
			r = reply(InternalError, "fault of the server")
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), exchangeLifetime/4)
	defer cancel()
	return p.serve(ctx, m)
}

// respond sends the response to a request: with the acknowledgement, or to a NON request as NON, unless the client does not
// want it (RFC 7967).
func (p *peer) respond(m, r *Message) {
	if r == nil {
		return
	}
	r.ID, r.Token, r.Type = m.ID, m.Token, Acknowledgement
	unwanted, _ := m.uint(optNoResponse)
	silent := unwanted>>(r.Code>>5-1)&1 == 1
	if m.Type == NonConfirmable {
		if silent {
			return
		}
		r.Type, r.ID = NonConfirmable, p.fresh()
	} else if silent {
		*r = Message{Type: Acknowledgement, ID: m.ID}
	}
	if !p.mayGo(r) {
		challenge := p.challenge()
		challenge.Type, challenge.ID, challenge.Token = r.Type, r.ID, r.Token
		r = challenge
	}
	p.say(m.ID, r)
}

// say sends the answer to a message, which its repeats will get too: the first of them may come before this returns.
func (p *peer) say(id uint16, answer *Message) {
	b, err := answer.Append(nil)
	if err != nil {
		p.s.Log.Error("CoAP message not encoded", "error", err)
		return
	}
	p.mu.Lock()
	if x := p.seen[id]; x != nil {
		x.answer = b
	}
	p.mu.Unlock()
	_ = p.send(b) // a lost datagram: the client repeats itself
}

// fresh is the next message id of ours.
func (p *peer) fresh() uint16 {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.nextID++
	return p.nextID
}

// transmit encodes and sends a message.
func (p *peer) transmit(m *Message) {
	b, err := m.Append(nil)
	if err != nil {
		p.s.Log.Error("CoAP message not encoded", "error", err)
		return
	}
	_ = p.send(b) // a lost datagram: the client repeats itself
}

// reply makes a response with a diagnostic payload (RFC 7252, section 5.5.2).
func reply(code Code, text string) *Message { return &Message{Code: code, Payload: []byte(text)} }
