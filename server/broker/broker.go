// Package broker is Thingward's MQTT front end, for MQTT 3.1.1 and 5.0 over TLS and WebSocket. A client is who its certificate
// says; what it may publish and subscribe is compiled from its device type or roles when it connects. A message of QoS 1 or 2 is
// acknowledged after JetStream has it on disk, packed with others into one segment; sessions, their positions and retained
// messages live in JetStream too, so that a killed process loses nothing it acknowledged.
//
// The way of a message: conn.go reads packets, publish.go checks and packs them, commit.go stores and acknowledges,
// route.go finds the subscribers, deliver.go sends to those who are there and keeps pointers for those who are not.
package broker

import (
	"context"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/kit/fair"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/audit"
	"github.com/thingward/thingward/server/broker/packet"
	"github.com/thingward/thingward/server/broker/topics"
	"github.com/thingward/thingward/server/bus"
	database "github.com/thingward/thingward/server/store"
)

// Client is what the broker needs to know about who connects. Kind is a certificate's subject kind: device or account.
type Client struct {
	Kind, ID, Name string
	State          fleet.State       // of a device
	Type           *fleet.DeviceType // of a device
	Site           string            // of a device
	Roles          []access.Role     // of an account
	Grants         []fleet.Grant     // of an account: what it may receive
	Disabled       bool              // an account that is disabled or locked
}

// Directory looks clients up. It answers fleet.CodeNotFound for one that does not exist.
type Directory interface {
	Client(ctx context.Context, kind, id string) (Client, error)
}

// Certificates says whether a certificate whose key the peer holds may be used: issued here, in its time, not revoked. Its
// error says why not. On the WebSocket listener it is the only judge, because TLS there takes any certificate or none.
type Certificates interface {
	Usable(ctx context.Context, cert *x509.Certificate) error
}

// Config is what a Service needs.
type Config struct {
	Bus          *bus.Bus
	Clock        clock.Clock
	Log          *slog.Logger
	Directory    Directory
	Certificates Certificates
	Metrics      prometheus.Registerer // nil: none
	Limits       Limits
	DB           *database.DB // of bans; nil: none can be placed
	Audit        *audit.Log   // together with DB
	// NeverBan holds addresses that no ban may take in, such as the one that a whole site comes from.
	NeverBan []netip.Prefix
	// ProxyFrom are the balancers whose connections begin with a PROXY protocol header, version 2. Nobody else is believed.
	ProxyFrom []netip.Prefix
	Grants    Grants // may be nil: use is not noted
	// Sole reports, where several nodes may run, that no other one can have taken over yet; nil: there is no other.
	Sole func() bool
}

// Service is the broker. It is safe for use by many goroutines.
type Service struct {
	Config
	store   *store
	commit  *commit
	tree    *topics.Tree[*subscription]
	cache   *cache
	kept    *kept
	taps    taps
	common  common
	refuse  *refusals
	count   counters
	types   sync.Map // name of a device type → *typeACL
	used    sync.Map // id of a grant → *atomic.Bool, whether it was of use
	facts   facts
	cuts    atomic.Uint64
	renew   chan bus.Changed
	gate    *fair.Gate[netip.Prefix] // of TLS handshakes
	places  *places
	flaps   flaps
	habits  habits
	banNow  chan Ban // the platform's own
	bans    atomic.Pointer[banList]
	banning sync.Mutex    // one reader of bans at a time
	rebans  chan struct{} // bans are to be read again
	works   sync.Pool     // of *work, which remember matches of this tree

	shares groups

	mu        sync.RWMutex
	closing   bool
	conns     map[*conn]struct{}
	subjects  map[string]map[*conn]struct{}    // kind/id → live connections
	sessions  map[string]*session              // kind/id/client → session, live or away
	owned     map[string]map[*session]struct{} // the same by kind/id
	listeners []ListenerInfo
	open      []net.Listener

	fenced    chan struct{} // another process writes: this one must stop
	stopped   chan struct{}
	stopOnce  sync.Once
	fenceOnce sync.Once
	workers   sync.WaitGroup // commit, router, cuts
	serving   sync.WaitGroup // connections
	unlisten  []func()
}

// New opens the broker's streams and takes up sessions, retained messages and positions where the last process left them.
func New(ctx context.Context, c Config) (*Service, error) {
	c.Limits = c.Limits.withDefaults()
	s := &Service{
		Config: c, tree: topics.New[*subscription](), shares: groups{all: map[string]*team{}, ending: map[string]*team{}}, cache: newCache(c.Limits.Cache), kept: newKept(c.Limits),
		renew: make(chan bus.Changed, 1024), gate: fair.New[netip.Prefix](c.Limits.Handshakes, c.Limits.HandshakesWaiting), stopped: make(chan struct{}), fenced: make(chan struct{}),
		conns: map[*conn]struct{}{}, subjects: map[string]map[*conn]struct{}{}, sessions: map[string]*session{}, owned: map[string]map[*session]struct{}{},
	}
	s.works.New = func() any { return &work{} }
	s.refuse, s.rebans, s.banNow = newRefusals(s), make(chan struct{}, 1), make(chan Ban, 64)
	s.places, s.flaps.by = newPlaces(c.Limits, c.Clock.Now()), map[string]*flap{}
	s.habits.by = map[string]*habit{}
	s.bans.Store(newBanList(nil))
	err := s.openTables(ctx)
	if err != nil {
		return nil, err
	}
	if s.store, err = openStore(ctx, c.Bus, c.Limits, c.Sole); err != nil {
		return nil, err
	}
	if err := s.recover(ctx); err != nil {
		return nil, err
	}
	s.commit = newCommit(s)
	if err := s.keepGroups(ctx); err != nil {
		return nil, err
	}
	s.workers.Go(s.commit.run)
	s.workers.Go(s.commit.route)
	s.workers.Go(s.renewClients)
	if err := s.listenForCuts(); err != nil {
		return nil, errors.Join(err, s.Close(ctx))
	}
	s.takeBans(ctx)
	s.workers.Go(s.followBans)
	s.workers.Go(s.placeBans)
	s.register(c.Metrics)
	return s, nil
}

// Run does what has to be done as time passes: keep-alive, expiry, wills, positions. It returns when ctx ends, and with an error
// when another node has taken over.
func (s *Service) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-s.fenced:
			cancel(errFenced)
		case <-ctx.Done():
		}
	}()
	var saver sync.WaitGroup
	saver.Go(func() { s.noteGrants(ctx) })
	saver.Go(func() { s.every(ctx, func() { s.sweepSessions(ctx) }) }) // waits for the store; connections must not
	s.every(ctx, s.sweepConnections)
	saver.Wait()
	if s.isFenced() {
		return errFenced
	}
	return nil
}

// every calls fn each tick until ctx or the service ends.
func (s *Service) every(ctx context.Context, fn func()) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.stopped:
			return
		case <-s.Clock.After(tick):
			fn()
		}
	}
}

// tick is how often Run looks.
const tick = time.Second

// Close tells clients that the server goes (0x8B in MQTT 5.0), stores what is under way and stops. The bus stays open.
func (s *Service) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closing = true
	open, conns := s.open, keys(s.conns)
	s.open = nil
	s.mu.Unlock()
	for _, l := range open {
		_ = l.Close() // Serve returns
	}
	for _, c := range conns {
		c.end(packet.ServerShuttingDown, "server shut down")
	}
	waitFor(ctx, &s.serving)
	err := s.commit.drain(ctx)
	if e := s.savePositions(ctx); err == nil {
		err = e
	}
	s.stop()
	if s.isFenced() {
		return nil // Run has told; there is nothing to store here any more
	}
	return err
}

// stop ends the workers without storing anything more.
func (s *Service) stop() {
	s.stopOnce.Do(func() {
		for _, f := range s.unlisten {
			f()
		}
		close(s.stopped)
		s.commit.wakeAll()
	})
	s.workers.Wait()
}

func waitFor(ctx context.Context, wg *sync.WaitGroup) {
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

func keys[K comparable, V any](m map[K]V) []K {
	out := make([]K, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	return out
}

// publish reports an event; one the catalogue refuses is a fault of ours and goes to the log.
func (s *Service) publish(typ string, initiator fleet.Party, data map[string]any) {
	if err := s.Bus.Publish(fleet.NewEvent(typ, s.Clock.Now(), initiator, fleet.Server("broker"), data)); err != nil {
		s.Log.Error("event not published", "type", typ, "error", err)
	}
}
