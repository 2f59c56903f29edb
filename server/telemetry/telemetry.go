// Package telemetry keeps what devices measure and knows whether they are alive: readings by stream and property, the time
// each device was last heard, the devices that fell silent, and the platform's own message rates.
package telemetry

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/kit/seldom"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/store"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// Fleet tells which devices there are and of which type.
type Fleet interface {
	// Find finds a device by id or name; the type is nil where the device has none.
	Find(ctx context.Context, ref string) (fleet.Device, *fleet.DeviceType, error)
	// Type is the present device type of a name.
	Type(ctx context.Context, name string) (*fleet.DeviceType, error)
	// Listening calls fn with every device that should be heard from, and since when it is in its state.
	Listening(ctx context.Context, fn func(d fleet.Device, typ *fleet.DeviceType, since time.Time) error) error
}

// Connections tells whether a device has a live session.
type Connections interface {
	Connected(kind, id string) (since time.Time, address string, ok bool)
}

// Config is what a Service needs.
type Config struct {
	DB    *store.DB
	Bus   *bus.Bus
	Fleet Fleet
	Clock clock.Clock
	Log   *slog.Logger
	// Connections keeps quarantined devices, which may send no heartbeat, from counting as silent while connected. May be
	// nil.
	Connections Connections
	// Stats counts since the start: messages taken and connections and messages refused, and how many sessions are live. May
	// be nil; rates are then zero.
	Stats func() (messages int64, connected int, refused int64)
	// Retention is how long readings are kept; 30 days unless set.
	Retention time.Duration
	Metrics   prometheus.Registerer // may be nil
}

// Service keeps telemetry.
type Service struct {
	Config
	mu      sync.Mutex
	watched map[string]*watch
	began   time.Time // silence is counted from here at the earliest: nobody listened before
	series  seriesCache
	rates   rates
	invalid *seldom.Gate
	skewed  *seldom.Gate
	metrics metrics
	live    func(site, kind string, need access.Permission, value any)
	allow   func(ctx context.Context, need access.Permission, on access.Resource) error
	stop    func()
	once    sync.Once
}

type metrics struct{ points, dropped prometheus.Counter }

const (
	defaultRetention = 30 * 24 * time.Hour
	invalidEvery     = time.Minute // between two reports of one device's invalid messages
	skewedEvery      = time.Hour
	gateKeys         = 100_000
)

// New brings the tables up to date and reads which devices were last heard when.
func New(ctx context.Context, c Config) (*Service, error) {
	if c.Retention == 0 {
		c.Retention = defaultRetention
	}
	if c.Stats == nil {
		c.Stats = func() (int64, int, int64) { return 0, 0, 0 }
	}
	s := &Service{Config: c, watched: map[string]*watch{}, began: c.Clock.Now()}
	s.invalid, s.skewed = seldom.NewGate(c.Clock, invalidEvery, gateKeys), seldom.NewGate(c.Clock, skewedEvery, gateKeys)
	s.live = func(string, string, access.Permission, any) {}
	s.allow = func(context.Context, access.Permission, access.Resource) error { return nil }
	s.metrics.points = prometheus.NewCounter(prometheus.CounterOpts{Name: "thingward_telemetry_points_total", Help: "Readings stored."})
	s.metrics.dropped = prometheus.NewCounter(prometheus.CounterOpts{Name: "thingward_telemetry_invalid_total", Help: "Telemetry messages dropped because they do not fit their device type."})
	if c.Metrics != nil {
		c.Metrics.MustRegister(s.metrics.points, s.metrics.dropped)
	}
	migrations, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return nil, err
	}
	if err := c.DB.Migrate(ctx, "telemetry", migrations); err != nil {
		return nil, err
	}
	if err := s.openPoints(ctx); err != nil {
		return nil, err
	}
	if err := s.loadSeen(ctx); err != nil {
		return nil, err
	}
	if err := s.refresh(ctx); err != nil {
		return nil, err
	}
	s.stop, err = bus.Listen(c.Bus, bus.TopicChanged, s.changed)
	return s, err
}

// Close stops listening to announcements.
func (s *Service) Close() { s.once.Do(s.stop) }

const (
	persistEvery = 3 * time.Second
	checkEvery   = 5 * time.Second
	refreshEvery = 10 * time.Minute // announcements keep the list of devices; this mends what one missed
	pruneEvery   = time.Hour
)

// Run counts rates, notes who was heard, finds who fell silent and prunes old readings, until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	var pruning sync.WaitGroup
	pruning.Go(func() { s.pruneLoop(ctx) })
	defer pruning.Wait()
	persisted, checked, refreshed := s.began, s.began, s.began
	for {
		select {
		case <-ctx.Done():
			return s.persist(context.WithoutCancel(ctx))
		case <-s.Clock.After(time.Second):
		}
		now := s.Clock.Now()
		s.sample(now)
		s.due(&refreshed, now, refreshEvery, "devices not listed", func() error { return s.refresh(ctx) })
		s.due(&checked, now, checkEvery, "silence not checked", func() error { return s.check(ctx, now) })
		s.due(&persisted, now, persistEvery, "last seen not stored", func() error { return s.persist(ctx) })
	}
}

// due runs fn when it is time again, logging its failure: the next round tries anew.
func (s *Service) due(last *time.Time, now time.Time, every time.Duration, failure string, fn func() error) {
	if now.Sub(*last) < every && !now.Before(*last) {
		return
	}
	*last = now
	if err := fn(); err != nil {
		s.Log.Error(failure, "error", err)
	}
}

func (s *Service) publish(ev fleet.Event) {
	if err := s.Bus.Publish(ev); err != nil {
		s.Log.Error("event not published", "type", ev.Type, "error", err)
	}
}
