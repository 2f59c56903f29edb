// Package coap lets constrained devices in over CoAP: RFC 7252 on DTLS 1.2 with client certificates, observing (RFC 7641),
// blockwise transfer (RFC 7959), Echo and Request-Tag (RFC 9175) and DTLS connection ids (RFC 9146). A path is a topic: what a
// device may publish over MQTT it may send here with POST or PUT, and its commands and desired twin it may GET and observe. To
// the broker a device here is a guest, a connection like any other.
//
// The way of a datagram: socket.go finds its association, shake.go does the handshake and asks the broker, peer.go tells
// requests from acknowledgements and repeats, resource.go answers, send.go and observe.go say what we have to say.
package coap

import (
	"crypto/rand"
	"crypto/tls"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/broker"
)

// Config is what a Server needs.
type Config struct {
	Broker *broker.Service
	Clock  clock.Clock
	Log    *slog.Logger
	Limits Limits
}

// Limits bound what clients make the server hold. A zero field takes its default.
type Limits struct {
	// Associations is how many there may be at once, PerAddress how many of one IP address: gateways hide many devices.
	Associations, PerAddress int
	// Shaking is how many handshakes may be under way, ShakingPerAddress how many of one IP address.
	Shaking, ShakingPerAddress int
	// Idle is after how much silence an association ends; Active for how long a silent one still holds its place against the
	// same device elsewhere.
	Idle, Active time.Duration
}

func (l Limits) withDefaults() Limits {
	for _, x := range []struct {
		field *int
		value int
	}{{&l.Associations, 100_000}, {&l.PerAddress, 10_000}, {&l.Shaking, 1024}, {&l.ShakingPerAddress, 256}} {
		if *x.field == 0 {
			*x.field = x.value
		}
	}
	if l.Idle == 0 {
		l.Idle = time.Hour
	}
	if l.Active == 0 {
		l.Active = 2 * time.Minute
	}
	return l
}

const (
	sessionExpiry = 7 * 24 * time.Hour // how long commands wait for a device that is away
	commandsHeld  = 16                 // commands of a device that it has not acknowledged and that we hold; others wait in its session
)

// Server serves CoAP. It is safe for use by many goroutines.
type Server struct {
	Config
	front  *broker.Front
	secret [32]byte // signs Echo values
	cipher *tls.Config
	socket atomic.Pointer[socket]

	closing atomic.Bool
	work    sync.WaitGroup
}

// New makes a server.
func New(c Config) *Server {
	c.Limits = c.Limits.withDefaults()
	s := &Server{Config: c}
	_, _ = rand.Read(s.secret[:]) // never fails: it would end the process
	s.front = c.Broker.Front(broker.FrontConfig{
		Protocol: "CoAP", Transport: "coaps", Client: "coap", Expiry: sessionExpiry, Receive: commandsHeld, Idle: c.Limits.Idle, Active: c.Limits.Active,
	})
	return s
}

// Serve takes datagrams from pc until Close. config is the one of the MQTT listener: it gives certificate, authorities and
// curves; a client must show a certificate that they issued.
func (s *Server) Serve(pc *net.UDPConn, config *tls.Config) error {
	s.cipher = config
	k := newSocket(s, pc)
	s.socket.Store(k)
	info := broker.ListenerInfo{Name: "coaps", Address: pc.LocalAddr().String(), Protocol: "CoAP", TLS: channel, Auth: "client certificate"}
	if s.closing.Load() || !s.front.Listening(info) {
		return pc.Close()
	}
	err := k.run()
	if s.closing.Load() {
		return nil
	}
	return err
}

// Close ends the listener and every association.
func (s *Server) Close() {
	if s.closing.Swap(true) {
		return
	}
	if k := s.socket.Load(); k != nil {
		k.close()
	}
	s.work.Wait()
}
