// Package agent is the device side of Thingward: it enrols, keeps its key sealed, connects with MQTT 5 over mutual TLS,
// reports inventory and health, renews its certificate in time and keeps what it could not send. It never listens: only
// the device starts communications (SNT-14).
package agent

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/kit/sealed"
	"github.com/thingward/thingward/protocol"
)

// Config says who the device is and where its server is.
type Config struct {
	// Dir keeps key, certificate and spool. Nobody but the agent may read it.
	Dir string
	// Server is the base address of the server's HTTPS listener: https://HOST:8443.
	Server string
	// Broker is HOST:PORT of the MQTT listener; the server's host and port 8883 when empty.
	Broker string
	// Root is the trust anchor in PEM, got out of band with the device (DIR/ca/root.pem of the server).
	Root []byte

	// Device and Claim enrol with a one-time claim. They are not needed once the device has its certificate.
	Device, Claim string
	// ClaimFile holds the claim on its first line, where Claim is empty. It is read only while there is no certificate.
	ClaimFile string
	// Manufacturer enrols with a manufacturer's certificate and key (IEEE 802.1AR IDevID) in PEM files instead.
	ManufacturerCertificate, ManufacturerKey string

	// Heartbeat is the time between health reports; 60 s when zero.
	Heartbeat time.Duration
	// InventoryEvery is the time between inventory reports that nothing else caused; an hour when zero.
	InventoryEvery time.Duration
	// Inventory and Health measure the device.
	Inventory func() protocol.Inventory
	Health    func() protocol.Health
	// OnCommand runs a command and OnDesired takes on a desired state; both may be nil.
	OnCommand func(name string, payload []byte)
	OnDesired func(payload []byte)
	// SpoolLimit is how many messages are kept while offline; the oldest telemetry goes first. 10,000 when zero.
	SpoolLimit int
	// LocalAddress, when set, is the address to connect from.
	LocalAddress string

	Clock clock.Clock
	Log   *slog.Logger
}

// Agent is one device's agent.
type Agent struct {
	c     Config
	seal  sealed.Key
	roots *x509.CertPool
	spool *spool

	mu       sync.Mutex
	identity *identity
	renewed  chan struct{}
	started  time.Time
	online   atomic.Bool

	packetLimit atomic.Uint32 // what the server takes in one packet; 0: it did not say
}

// ErrNotEnrolled means that the device has no certificate and nothing to enrol with.
var ErrNotEnrolled = errors.New("this device has no certificate yet: give it a claim (thingward claim create DEVICE) or a manufacturer certificate")

// New opens the agent's folder; it does not talk to the server yet.
func New(c Config) (*Agent, error) {
	c = withDefaults(c)
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("agent folder: %w", err)
	}
	a := &Agent{c: c, roots: x509.NewCertPool(), renewed: make(chan struct{}, 1), started: c.Clock.Now()}
	if !a.roots.AppendCertsFromPEM(c.Root) {
		return nil, errors.New("the root file holds no PEM certificate: use DIR/ca/root.pem of the server")
	}
	u, err := url.Parse(c.Server)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" {
		return nil, fmt.Errorf("server address %q: want https://HOST:8443 (registration is always encrypted)", c.Server)
	}
	if a.c.Broker == "" {
		a.c.Broker = u.Hostname() + ":8883"
	}
	if a.seal, err = openSeal(c.Dir, readFact); err != nil {
		return nil, err
	}
	if a.spool, err = openSpool(filepath.Join(c.Dir, "spool"), a.seal.Derive("spool"), c.SpoolLimit); err != nil {
		return nil, err
	}
	a.identity, err = loadIdentity(c.Dir, a.seal)
	return a, err
}

func withDefaults(c Config) Config {
	if c.Clock == nil {
		c.Clock = clock.Real{}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Heartbeat <= 0 {
		c.Heartbeat = time.Minute
	}
	if c.InventoryEvery <= 0 {
		c.InventoryEvery = time.Hour
	}
	if c.SpoolLimit <= 0 {
		c.SpoolLimit = 10_000
	}
	return c
}

// ID is the device's identifier, once it has a certificate.
func (a *Agent) ID() string {
	if id := a.current(); id != nil {
		return id.device
	}
	return ""
}

// Certificate is the device's present certificate and key, for programs that embed the agent and speak other protocols with
// the same identity; nil before enrolment. The key never leaves the process.
func (a *Agent) Certificate() *tls.Certificate {
	if id := a.current(); id != nil {
		return id.tls()
	}
	return nil
}

// Online reports whether there is a session now.
func (a *Agent) Online() bool { return a.online.Load() }

// Queued is how many messages wait to be sent.
func (a *Agent) Queued() int { return a.spool.len() }

func (a *Agent) current() *identity {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.identity
}

// Enrol gets the first certificate if there is none. It tries until it has one, the server refuses for good, or ctx ends.
func (a *Agent) Enrol(ctx context.Context) error {
	for try := 0; a.current() == nil; try++ {
		id, err := a.enrol(ctx)
		if err == nil {
			a.mu.Lock()
			a.identity = id
			a.mu.Unlock()
			a.c.Log.Info("enrolled", "device", id.device, "until", id.leaf.NotAfter)
			break
		}
		var refused *refusedError
		if errors.As(err, &refused) || errors.Is(err, ErrNotEnrolled) {
			return err
		}
		a.c.Log.Warn("enrolment failed, trying again", "error", err)
		if !a.pause(ctx, backoff(try)) {
			return ctx.Err()
		}
	}
	return nil
}

// Run enrols, then reports, renews and keeps the session until ctx ends.
func (a *Agent) Run(ctx context.Context) error {
	if err := a.Enrol(ctx); err != nil {
		return err
	}
	var wg sync.WaitGroup
	wg.Go(func() { a.renewLoop(ctx) })
	wg.Go(func() { a.reportLoop(ctx) })
	err := a.sessionLoop(ctx)
	wg.Wait()
	return err
}

// Publish queues one message: it is sent at once while online, or when the device is back. Order is kept.
func (a *Agent) Publish(topic string, payload []byte) error { return a.spool.put(topic, payload) }

// Telemetry queues a reading of one stream.
func (a *Agent) Telemetry(stream string, payload []byte) error {
	id := a.ID()
	if id == "" {
		return ErrNotEnrolled
	}
	return a.Publish(protocol.TelemetryTopic(id, stream), payload)
}

func (a *Agent) pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-a.c.Clock.After(d):
		return true
	}
}

// backoff grows from about a second to about two minutes, with jitter, so that a fleet does not come back all at once.
func backoff(try int) time.Duration {
	d := min(time.Second<<min(try, 7), 2*time.Minute)
	return jitter(d)
}

// jitter spreads d by a third to both sides. It is no secret, so speed of the generator is all that counts.
func jitter(d time.Duration) time.Duration {
	return d*2/3 + time.Duration(rand.Int64N(int64(d*2/3)+1))
}
