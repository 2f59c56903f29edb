package coap

import (
	"crypto/rand"
	"encoding/binary"
	"time"
)

// outgoing is a confirmable message of ours: a response that came late, or a notification.
type outgoing struct {
	m     *Message
	watch *observation // of a notification
	then  func()       // when the client has it
	done  chan outcome
}

// outcome is what became of it.
type outcome byte

const (
	acknowledged outcome = iota
	reset
	unanswered
)

const outboxMost = 64 // late responses of one client

// queue puts a response in line. Too many are left out: the client asks again.
func (p *peer) queue(o *outgoing) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.outbox) >= outboxMost {
		return
	}
	p.outbox = append(p.outbox, o)
	p.startTalk()
}

// startTalk has what waits be sent. p.mu is held.
func (p *peer) startTalk() {
	if p.talking {
		return
	}
	p.talking = true
	go p.talk()
}

// talk sends what waits, one confirmable message at a time (NSTART, section 4.7), until there is nothing more.
func (p *peer) talk() {
	for {
		p.mu.Lock()
		o := p.next()
		if o == nil {
			p.talking = false
			p.mu.Unlock()
			return
		}
		p.nextID++
		o.m.Type, o.m.ID, o.done = Confirmable, p.nextID, make(chan outcome, 1)
		p.flying = o
		p.mu.Unlock()
		result := p.transfer(o)
		p.mu.Lock()
		p.flying = nil
		p.mu.Unlock()
		p.settle(o, result)
		select {
		case <-p.guest.Gone():
			p.mu.Lock()
			p.talking = false
			p.mu.Unlock()
			return
		default:
		}
	}
}

// next is what to send now: responses first, then observations that have something new.
func (p *peer) next() *outgoing {
	if len(p.outbox) > 0 {
		o := p.outbox[0]
		p.outbox = p.outbox[1:]
		return o
	}
	if !p.verified && p.credit < creditLeast {
		return nil
	}
	for range len(p.watching) {
		w := p.watching[0]
		p.watching = append(p.watching[1:len(p.watching):len(p.watching)], w) // each in its turn
		if o := p.notification(w); o != nil {
			return o
		}
	}
	return nil
}

// transfer sends a message until it is answered (section 4.2).
func (p *peer) transfer(o *outgoing) outcome {
	b, err := o.m.Append(nil)
	if err != nil {
		p.s.Log.Error("CoAP message not encoded", "error", err)
		return unanswered
	}
	wait := ackTimeout + jitter(ackTimeout/2)
	for range maxRetransmit + 1 {
		if p.afford(len(b)) {
			_ = p.send(b)
		}
		select {
		case result := <-o.done:
			return result
		case <-p.guest.Gone():
			return unanswered
		case <-p.s.Clock.After(wait):
		}
		wait *= 2
	}
	return unanswered
}

// jitter is a random time up to most (ACK_RANDOM_FACTOR).
func jitter(most time.Duration) time.Duration {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails: it would end the process
	return time.Duration(uint64(most) * uint64(binary.BigEndian.Uint32(b[:])) >> 32)
}

// answered takes an acknowledgement or reset of the client.
func (p *peer) answered(m *Message) {
	p.mu.Lock()
	o := p.flying
	if o != nil && o.m.ID != m.ID {
		o = nil
	}
	p.mu.Unlock()
	if o == nil {
		return
	}
	result := acknowledged
	if m.Type == Reset {
		result = reset
	}
	p.verify()
	select {
	case o.done <- result:
	default: // answered twice
	}
}

// settle does what the outcome calls for.
func (p *peer) settle(o *outgoing, result outcome) {
	switch {
	case result == acknowledged:
		if o.then != nil {
			o.then()
		}
	case o.watch != nil: // it does not want it, or is not there (RFC 7641, sections 3.6 and 4.5)
		p.forget(o.watch)
	}
}
