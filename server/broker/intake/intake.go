// Package intake takes batches of messages over HTTPS, for gateways that cannot keep a connection: POST /api/v1/ingest with the
// client certificate of a device. To the broker its sender is a guest, so that the same access list, limits, bans, events and
// cuts hold as for MQTT. A batch is answered when it is on disk, and one that is sent again does nothing a second time.
package intake

import (
	"context"
	"crypto/x509"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/broker"
	"github.com/thingward/thingward/server/bus"
)

// Bounds of what a request may be. They are promises to clients: docs/connecting.md states them.
const (
	BodyMost     = 4 << 20 // bytes, unpacked
	MessagesMost = 1000
	idMost       = 128
	keyMost      = 128
	atOnce       = 64 // requests that are at work
	answerTime   = 30 * time.Second
)

const (
	guestIdle = time.Minute // between two requests, after which the next one begins a new connection
	remember  = 24 * time.Hour
)

// Config is what a Service needs.
type Config struct {
	Broker *broker.Service
	Bus    *bus.Bus
	Clock  clock.Clock
	Log    *slog.Logger
}

// Service takes batches. It is safe for use by many goroutines.
type Service struct {
	Config
	front *broker.Front
	known *known
	slots chan struct{}

	mu     sync.Mutex
	guests map[string]*broker.Guest // by certificate and address
}

// New makes a service that knows what was taken within the last day.
func New(ctx context.Context, c Config) (*Service, error) {
	s := &Service{Config: c, slots: make(chan struct{}, atOnce), guests: map[string]*broker.Guest{}}
	s.front = c.Broker.Front(broker.FrontConfig{Protocol: "HTTPS", Transport: "https", Client: "https", Receive: 1, Idle: guestIdle})
	var err error
	s.known, err = openKnown(ctx, c)
	return s, err
}

// Run keeps up with what other nodes take. It returns when ctx ends.
func (s *Service) Run(ctx context.Context) error { return s.known.follow(ctx) }

// ServeHTTP takes one batch.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	default:
		unavailable("too many batches are at work: try again", time.Second).write(w)
		return
	}
	b, p := s.take(w, r)
	if p != nil {
		p.write(w)
		return
	}
	b.write(w)
}

// take does what a request asks for.
func (s *Service) take(w http.ResponseWriter, r *http.Request) (*answer, *problem) {
	g, p := s.guest(r)
	if p != nil {
		return nil, p
	}
	key, p := idempotencyKey(r)
	if p != nil {
		return nil, p
	}
	body, p := read(w, r)
	if p != nil {
		return nil, p
	}
	g.Heard(len(body))
	kind, id := g.Subject()
	list, p := parse(r.Header.Get("Content-Type"), body, id)
	if p != nil {
		return nil, p
	}
	ctx, cancel := context.WithTimeout(r.Context(), answerTime)
	defer cancel()
	return s.known.once(ctx, kind+"/"+id, key, body, list, func(todo []int) []error {
		letters := make([]broker.Letter, len(todo))
		for i, n := range todo {
			letters[i] = list[n].letter
		}
		return g.PublishAll(ctx, letters)
	})
}

// guest is the sender's connection: the one of its last request, or a new one that the broker judges.
func (s *Service) guest(r *http.Request) (*broker.Guest, *problem) {
	address := hostOf(r.RemoteAddr)
	if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		s.front.Refused(address, "no-certificate", "a batch needs a client certificate")
		return nil, refused(http.StatusUnauthorized, "a client certificate is needed: enrol the device first")
	}
	cert := r.TLS.PeerCertificates[0]
	key := string(cert.Raw) + " " + address
	s.mu.Lock()
	g := s.guests[key]
	s.mu.Unlock()
	if g != nil && !ended(g) {
		return g, nil
	}
	g, err := s.enter(cert, r, address) // of two at once, the later takes over
	if err != nil {
		return nil, problemOf(err)
	}
	s.mu.Lock()
	s.guests[key] = g
	s.mu.Unlock()
	go func() {
		<-g.Gone()
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.guests[key] == g {
			delete(s.guests, key)
		}
	}()
	return g, nil
}

func (s *Service) enter(cert *x509.Certificate, r *http.Request, address string) (*broker.Guest, error) {
	return s.front.Enter(r.Context(), cert, tlsName(r.TLS.Version), address, func(broker.Delivery) {}) // it subscribes to nothing
}

func ended(g *broker.Guest) bool {
	select {
	case <-g.Gone():
		return true
	default:
		return false
	}
}
