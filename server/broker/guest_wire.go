package broker

import (
	"io"
	"net"
	"slices"
	"time"

	"github.com/thingward/thingward/server/broker/packet"
)

// A guest is the network side of its own connection: what the broker writes arrives here.

// Read gives the broker CONNECT, and nothing after it: a guest's packets are handled as they are made.
func (g *Guest) Read(b []byte) (int, error) {
	g.wire.Lock()
	defer g.wire.Unlock()
	n := copy(b, g.first)
	g.first = g.first[n:]
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// Write takes whole packets from the broker.
func (g *Guest) Write(b []byte) (int, error) {
	for rest := b; len(rest) > 0; {
		f, n, err := packet.ParseFrame(rest, len(rest))
		if err != nil || n == 0 {
			return 0, io.ErrUnexpectedEOF
		}
		rest = rest[n:]
		if err := g.hear(f); err != nil {
			return 0, err
		}
	}
	return len(b), nil
}

// hear takes one packet.
func (g *Guest) hear(f packet.Frame) error {
	switch f.Type {
	case packet.TypePublish:
		return g.deliver(f)
	case packet.TypePuback:
		var a packet.Ack
		if err := a.Decode(f, packet.V5); err != nil {
			return err
		}
		a.Properties = a.Properties.Clone()
		g.answer(a)
	case packet.TypeSuback:
		var s packet.Suback
		if err := s.Decode(f, packet.V5); err != nil {
			return err
		}
		g.answer(packet.Ack{PacketID: s.PacketID, Code: s.Codes[0]})
	case packet.TypeUnsuback:
		var s packet.Unsuback
		if err := s.Decode(f, packet.V5); err != nil {
			return err
		}
		g.answer(packet.Ack{PacketID: s.PacketID, Code: s.Codes[0]})
	case packet.TypeConnack:
		var k packet.Connack
		if err := k.Decode(f, packet.V5); err != nil {
			return err
		}
		if k.Code.Failed() {
			g.wire.Lock()
			g.verdict = &Refusal{Code: k.Code, Reason: k.Properties.Text(packet.PropReasonString)}
			g.wire.Unlock()
		}
	default: // DISCONNECT: what follows is Close
	}
	return nil
}

func (g *Guest) deliver(f packet.Frame) error {
	var p packet.Publish
	if err := p.Decode(f, packet.V5); err != nil {
		return err
	}
	g.receive(Delivery{Topic: string(p.Topic), Payload: slices.Clone(p.Payload), QoS: p.QoS, Retain: p.Retain, Again: p.Dup, id: p.PacketID})
	return nil
}

// ask makes a packet identifier whose answer goes to wait.
func (g *Guest) ask(wait chan packet.Ack) uint16 {
	g.wire.Lock()
	defer g.wire.Unlock()
	for {
		if g.lastID++; g.lastID != 0 && g.asks[g.lastID] == nil {
			g.asks[g.lastID] = wait
			return g.lastID
		}
	}
}

func (g *Guest) answer(a packet.Ack) {
	g.wire.Lock()
	wait := g.asks[a.PacketID]
	delete(g.asks, a.PacketID)
	g.wire.Unlock()
	if wait != nil {
		wait <- a
	}
}

// Close is called by the broker when it has said its last.
func (g *Guest) Close() error {
	g.settle(false, true)
	return nil
}

// settle puts the connection away when it was opened and has been closed, whichever is known first.
func (g *Guest) settle(opened, closed bool) {
	g.wire.Lock()
	defer g.wire.Unlock()
	if closed && !g.ended {
		g.ended = true
		close(g.closed)
	}
	if g.opened = g.opened || opened; g.opened && g.ended && !g.finished {
		g.finished = true
		go func() {
			defer g.c.s.serving.Done()
			g.c.finish()
		}()
	}
}

// refused is why the broker did not let the guest in.
func (g *Guest) refused() *Refusal {
	<-g.closed // the broker closes after its last word, and the sweep whoever it does not reach
	g.wire.Lock()
	defer g.wire.Unlock()
	if g.verdict != nil {
		return g.verdict
	}
	return &Refusal{Code: packet.ServerUnavailable, Reason: "the server cannot take the client now: try again"}
}

// LocalAddr is the client's address: there is no other.
func (g *Guest) LocalAddr() net.Addr { return g.RemoteAddr() }

// RemoteAddr is the client's address.
func (g *Guest) RemoteAddr() net.Addr { return guestAddr{g.c.transport, g.c.address} }

// SetDeadline does nothing: a guest never waits.
func (g *Guest) SetDeadline(time.Time) error { return nil }

// SetReadDeadline does nothing.
func (g *Guest) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline does nothing.
func (g *Guest) SetWriteDeadline(time.Time) error { return nil }
