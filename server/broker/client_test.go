package broker_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/broker/packet"
)

// client is a small MQTT client on our codec, which does only what a test tells it.
type client struct {
	t  testing.TB
	v  packet.Version
	nc net.Conn
	r  *bufio.Reader
}

// dial opens a TLS connection from a loopback address.
func (w *world) dial(v packet.Version, cert tls.Certificate, from string) (*client, error) {
	d := tls.Dialer{NetDialer: &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}, Config: &tls.Config{RootCAs: w.ca.pool(), Certificates: []tls.Certificate{cert}}}
	nc, err := d.DialContext(context.Background(), "tcp", w.addr)
	if err != nil {
		return nil, err
	}
	w.t.Cleanup(func() { _ = nc.Close() })
	return newClient(w.t, v, nc), nil
}

func newClient(t testing.TB, v packet.Version, nc net.Conn) *client {
	return &client{t: t, v: v, nc: nc, r: bufio.NewReader(nc)}
}

// connect opens a connection and sends CONNECT; adjust changes it first.
func (w *world) connect(v packet.Version, kind protocol.SubjectKind, id string, adjust ...func(*packet.Connect)) (*client, *packet.Connack) {
	w.t.Helper()
	return w.connectFrom("127.0.0.1", v, kind, id, adjust...)
}

func (w *world) connectFrom(from string, v packet.Version, kind protocol.SubjectKind, id string, adjust ...func(*packet.Connect)) (*client, *packet.Connack) {
	w.t.Helper()
	c, err := w.dial(v, w.cert(kind, id), from)
	if err != nil {
		w.t.Fatal(err)
	}
	p := &packet.Connect{Version: v, CleanStart: true, ClientID: id, KeepAlive: 60}
	for _, f := range adjust {
		f(p)
	}
	c.send(p)
	ack, ok := c.next().(*packet.Connack)
	if !ok {
		w.t.Fatal("no CONNACK")
	}
	return c, ack
}

func (w *world) device(v packet.Version, id string, adjust ...func(*packet.Connect)) *client {
	w.t.Helper()
	c, ack := w.connect(v, protocol.SubjectDevice, id, adjust...)
	if ack.Code != 0 {
		w.t.Fatalf("%s refused: %s", id, ack.Code)
	}
	return c
}

func (w *world) account(v packet.Version, id string, adjust ...func(*packet.Connect)) *client {
	w.t.Helper()
	c, ack := w.connect(v, protocol.SubjectAccount, id, adjust...)
	if ack.Code != 0 {
		w.t.Fatalf("%s refused: %s", id, ack.Code)
	}
	return c
}

func (c *client) send(p packet.Packet) {
	c.t.Helper()
	b, err := p.Append(nil, c.v)
	if err != nil {
		c.t.Fatal(err)
	}
	c.raw(b)
}

func (c *client) raw(b []byte) {
	c.t.Helper()
	if _, err := c.nc.Write(b); err != nil {
		c.t.Log("write:", err)
	}
}

// next is the next packet, or nil when the connection ended.
func (c *client) next() packet.Packet {
	c.t.Helper()
	_ = c.nc.SetReadDeadline(time.Now().Add(patience))
	f, err := packet.ReadFrame(c.r, 0, nil)
	if err != nil {
		if ne := net.Error(nil); errors.As(err, &ne) && ne.Timeout() {
			c.t.Fatal("nothing came")
		}
		return nil
	}
	p, err := packet.Decode(f, c.v)
	if err != nil {
		c.t.Fatal(err)
	}
	return p
}

func want[P packet.Packet](c *client) P {
	c.t.Helper()
	got := c.next()
	p, ok := got.(P)
	if !ok {
		c.t.Fatalf("got %T %+v, want %T", got, got, p)
	}
	return p
}

func (c *client) subscribe(filters ...string) []packet.ReasonCode {
	c.t.Helper()
	p := &packet.Subscribe{PacketID: 7}
	for _, f := range filters {
		p.Subscriptions = append(p.Subscriptions, packet.Subscription{Filter: f, QoS: 1})
	}
	c.send(p)
	return want[*packet.Suback](c).Codes
}

func (c *client) publish(id uint16, topic, payload string) {
	c.t.Helper()
	c.send(message(id, topic, payload))
}

// message is a publish, of QoS 1 when it has a packet identifier.
func message(id uint16, topic, payload string) *packet.Publish {
	return &packet.Publish{Topic: []byte(topic), Payload: []byte(payload), PacketID: id, QoS: min(byte(id), 1) | byte(min(id, 1))}
}

// receive takes the next message and acknowledges it.
func (c *client) receive() *packet.Publish {
	c.t.Helper()
	p := want[*packet.Publish](c)
	if p.QoS > 0 {
		c.send(&packet.Ack{Type: packet.TypePuback, PacketID: p.PacketID})
	}
	return p
}

// ping makes sure that everything sent before was handled.
func (c *client) ping() {
	c.t.Helper()
	c.send(packet.Pingreq{})
	if p := c.next(); p != nil {
		if _, ok := p.(*packet.Pingresp); !ok {
			c.t.Fatalf("got %T, want PINGRESP", p)
		}
	}
}

// gone waits for the end of the connection and returns the last DISCONNECT.
func (c *client) gone() *packet.Disconnect {
	c.t.Helper()
	var last *packet.Disconnect
	for {
		switch p := c.next().(type) {
		case nil:
			return last
		case *packet.Disconnect:
			last = p
		}
	}
}
