// Package registry knows what the fleet consists of: device types with their manifests, devices and their life cycle, sites
// and systems, and each device's twin (what it should be set to, what it says it is). Device types are derived from
// manifests (package manifest); everything else that needs a type's rules gets them from here.
package registry

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/kit/seldom"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/audit"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/store"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// Connections tells whether a subject has a live session, since when and from where.
type Connections interface {
	Connected(kind, id string) (since time.Time, address string, ok bool)
}

// Publisher hands a message of the server's own to the broker and returns once it is stored.
type Publisher interface {
	Publish(ctx context.Context, topic string, payload []byte, retain bool) error
}

// Certificates is what the registry needs of the CA: to end a retired device's certificates with the device, and to show
// when the ones in use end. Ids without a usable certificate are left out of the answer.
type Certificates interface {
	RevokeSubject(tx *store.Tx, kind, id, reason string, by fleet.Party) error
	Expires(ctx context.Context, kind string, ids []string) (map[string]time.Time, error)
}

// Posture tells how many checks of each device fail or are unknown.
type Posture interface {
	Counts(ctx context.Context, ids []string) (map[string]Counts, error)
}

// Counts is a device's posture in short.
type Counts struct {
	Fail    int `json:"fail"`
	Unknown int `json:"unknown"`
}

// Vitals tells when a device was last heard and how it was.
type Vitals interface {
	LastSeen(ctx context.Context, device string) (time.Time, bool)
	Health(ctx context.Context, device string) (protocol.Health, bool)
}

// Readers are the other domains that the registry asks. Connections, Posture and Vitals only add to what is shown;
// without Certificates no device can be retired, and without Publisher nothing is sent to devices.
type Readers struct {
	Connections  Connections
	Publisher    Publisher
	Certificates Certificates
	Posture      Posture
	Vitals       Vitals
}

// Config is what a Service needs.
type Config struct {
	DB      *store.DB
	Bus     *bus.Bus
	Audit   *audit.Log
	Clock   clock.Clock
	Log     *slog.Logger
	Metrics prometheus.Registerer // may be nil
}

// Service is the registry.
type Service struct {
	Config
	readers Readers
	types   typeCache
	wake    chan struct{}
	gate    *seldom.Gate // reports of invalid messages
	dropped atomic.Int64
	invalid prometheus.Counter
	live    func(site, kind string, need access.Permission, value any)
	allow   func(ctx context.Context, need access.Permission, on access.Resource) error
	scope   func(ctx context.Context, need access.Permission) (site string, limited bool)
	stop    func()
	once    sync.Once
}

const (
	reportEvery = time.Minute // between two message.invalid events of one device
	gateKeys    = 100_000
)

// New brings the tables up to date and reads the device types. Call Wire before the first request, and Close at the end.
func New(ctx context.Context, c Config) (*Service, error) {
	s := &Service{Config: c, wake: make(chan struct{}, 1), gate: seldom.NewGate(c.Clock, reportEvery, gateKeys)}
	s.live = func(string, string, access.Permission, any) {}
	s.allow = func(context.Context, access.Permission, access.Resource) error { return nil }
	s.scope = func(context.Context, access.Permission) (string, bool) { return "", false }
	s.invalid = prometheus.NewCounter(prometheus.CounterOpts{Name: "thingward_twin_invalid_total", Help: "Twin reports dropped because they do not fit their device type."})
	if c.Metrics != nil {
		c.Metrics.MustRegister(s.invalid)
	}
	migrations, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return nil, err
	}
	if err := c.DB.Migrate(ctx, "registry", migrations); err != nil {
		return nil, err
	}
	if err := s.openSearch(ctx); err != nil {
		return nil, err
	}
	if err := s.loadTypes(ctx); err != nil {
		return nil, err
	}
	s.stop, err = bus.Listen(c.Bus, bus.TopicChanged, s.changed)
	return s, err
}

// Wire hands in the domains that are made after this one.
func (s *Service) Wire(r Readers) { s.readers = r }

// Close stops listening to announcements.
func (s *Service) Close() { s.once.Do(s.stop) }

// Run publishes what waits for the broker until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	for {
		if err := s.publishWaiting(ctx); err != nil && ctx.Err() == nil {
			s.Log.Warn("messages to devices wait: they are published when the broker takes them", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.wake:
		case <-s.Clock.After(5 * time.Second):
		}
	}
}

func (s *Service) kick() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// changed keeps the copy of types on this node up to date with the others.
func (s *Service) changed(c bus.Changed) {
	if c.Kind != "type" {
		return
	}
	if err := s.loadTypes(context.Background()); err != nil {
		s.Log.Error("device types not read again", "error", err)
	}
}

// announce tells every node that a device changed, and every console that may see it what it is now.
func (s *Service) announce(d fleet.Device) {
	if err := s.Bus.Announce(bus.TopicChanged, bus.Changed{Kind: "device", ID: d.ID}); err != nil {
		s.Log.Warn("change not announced", "device", d.ID, "error", err)
	}
	s.live(d.Site, "device", access.DeviceRead, d)
}

func party(d fleet.Device) fleet.Party { return fleet.Party{Kind: "device", ID: d.ID, Name: d.Name} }

func (s *Service) publish(ev fleet.Event) {
	if err := s.Bus.Publish(ev); err != nil {
		s.Log.Error("event not published", "type", ev.Type, "error", err)
	}
}

// join puts the fields of several errors into one. Anything but an invalid input is returned as it is.
func join(errs ...error) error {
	all := fleet.Errorf(fleet.CodeInvalid, "the input is not valid")
	for _, err := range errs {
		var fe *fleet.Error
		switch {
		case err == nil:
		case errors.As(err, &fe) && fe.Code == fleet.CodeInvalid:
			all.Fields = append(all.Fields, fe.Fields...)
		default:
			return err
		}
	}
	if len(all.Fields) == 0 {
		return nil
	}
	return all
}
