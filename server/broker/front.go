package broker

import (
	"context"
	"crypto/x509"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/thingward/thingward/server/broker/packet"
)

// Front lets clients of another protocol in: CoAP, HTTPS. Each becomes a Guest, which to the broker is a connection like any
// other: the same judgement of certificate and state, the same access list, limits, sessions, events and cuts. A Guest speaks
// MQTT 5.0 to the broker inside the process, so that there is no second way past any of that.
type Front struct {
	s *Service
	FrontConfig
}

// FrontConfig describes a front.
type FrontConfig struct {
	// Protocol and Transport are how events and the list of sessions name it: CoAP, coaps.
	Protocol, Transport string
	// Client is the client id of its sessions: one for each identity.
	Client string
	// Expiry is how long a session waits for its client; 0: it ends with the guest.
	Expiry time.Duration
	// Receive is how many QoS 1 messages a guest holds unacknowledged. Others wait in its session.
	Receive int
	// Idle is after how much silence a guest is ended, in whole seconds. Active is how long a silent one still holds its place
	// against the same device elsewhere; 0: as long as Idle.
	Idle, Active time.Duration
}

// Front makes a front of the service.
func (s *Service) Front(c FrontConfig) *Front { return &Front{s, c} }

// Refusal says that the broker refused a guest or what it asked for.
type Refusal struct {
	Code   packet.ReasonCode
	Reason string
	// Wait is after how long to try again, where that is known.
	Wait time.Duration
}

// Error is the reason, or the code's name where there is none.
func (r *Refusal) Error() string {
	if r.Reason == "" {
		return r.Code.String()
	}
	return r.Reason
}

// Denied reports a refusal that trying again does not change.
func (r *Refusal) Denied() bool { return r.Code == packet.NotAuthorized || r.Code == packet.Banned }

// Enter judges a client that showed cert, whose key it holds, and lets it in as CONNECT would. secure names the channel, such
// as DTLS 1.2. Messages for the client go to receive, which must not wait. A refused client gets a *Refusal and is reported.
func (f *Front) Enter(_ context.Context, cert *x509.Certificate, secure, address string, receive func(Delivery)) (*Guest, error) {
	g := &Guest{receive: receive, asks: map[uint16]chan packet.Ack{}, closed: make(chan struct{})}
	c := f.s.newConn(g, f.Transport, address)
	g.c, c.front, c.secure = c, f, secure
	if !f.s.enter(c) {
		f.s.count.refused.Add(1)
		return nil, &Refusal{Code: packet.ServerBusy, Reason: "too many connections: try again later"}
	}
	connect := packet.Connect{Version: packet.V5, ClientID: f.Client, CleanStart: f.Expiry == 0, KeepAlive: uint16(min(f.Idle/time.Second*2/3, 65535))}
	err := connect.Properties.SetUint(packet.PropSessionExpiry, uint32(f.Expiry/time.Second))
	if err == nil {
		err = connect.Properties.SetUint(packet.PropReceiveMaximum, uint32(f.Receive))
	}
	if err == nil {
		g.first, err = connect.Append(nil, packet.V5)
	}
	if err != nil {
		c.leave()
		return nil, err
	}
	if c.open(cert) {
		g.settle(true, false)
		return g, nil
	}
	c.leave()
	return nil, g.refused()
}

// Banned reports whether an address may not connect. It is counted and no event: before its handshake an address may be forged.
func (f *Front) Banned(address netip.Addr) bool {
	if f.s.bannedBy("", address) == nil {
		return false
	}
	f.s.count.banned.Add(1)
	return true
}

// Refused reports a client that did not get as far as Enter: its handshake failed, or its address has too many.
func (f *Front) Refused(address, reason, detail string) {
	c := f.s.newConn(nil, f.Transport, address)
	c.front = f
	f.s.refuseConnection(c, reason, detail)
}

// ShakeFailed reports a failed handshake in the words of the other listeners.
func (f *Front) ShakeFailed(address string, err error) {
	f.Refused(address, shakeReason(err), err.Error())
}

// Listening adds a listener to the broker's figures. It is false when the broker is closing.
func (f *Front) Listening(info ListenerInfo) bool { return f.s.listening(nil, info) }

// Malformed counts and reports what could not be decoded, from an address alone when g is nil.
func (f *Front) Malformed(g *Guest, address, reason string) {
	c := f.s.newConn(nil, f.Transport, address)
	if g != nil {
		c = g.c
	}
	f.s.count.malformed.Add(1)
	f.s.refuse.report(c.key(), "message.malformed", c.party, map[string]any{"reason": reason, "client": f.Client})
}

// Shake waits for one of the places for handshakes, which all listeners share, and returns how to give it back. It is not ok
// when done is closed first.
func (f *Front) Shake(done <-chan struct{}) (release func(), ok bool) {
	return f.s.gate.Leave, f.s.gate.EnterUntil(netip.Prefix{}, done) // in one line: the front counts by address itself
}

// HandshakeTime is how long a handshake may take.
func (f *Front) HandshakeTime() time.Duration { return f.s.Limits.Connect }

// Packet is the largest message the broker takes from anybody.
func (f *Front) Packet() int { return f.s.Limits.Packet }

// protocol names what a connection speaks, with its version where it has several.
func (c *conn) protocol() string {
	if c.front != nil {
		return c.front.Protocol
	}
	return "MQTT " + c.version.String()
}

// family is the protocol without its version, in small letters.
func (c *conn) family() string {
	if c.front != nil {
		return strings.ToLower(c.front.Protocol)
	}
	return "mqtt"
}

// guestAddr stands where a network connection has its address.
type guestAddr struct{ transport, address string }

// Network is the guest's transport.
func (a guestAddr) Network() string { return a.transport }

// String is the client's address.
func (a guestAddr) String() string { return a.address }

var _ net.Addr = guestAddr{}
