// Package detect turns events into alerts. It reads the event stream, keeps a searchable copy of it, counts sequences per
// rule and subject (MSU-02, MSU-03, MSU-04, CLS-08), raises one alert per crossing, takes alerts through their states and
// delivers them by webhook and mail.
//
// Counting is by the time of the event, not of its arrival, so that an offline device's late events count where they
// belong. A counter, the events it has seen and the alert it raises are committed in one transaction, after which the
// stream is acknowledged: a crash loses nothing, and what is delivered again is known by its id and counted once.
package detect

import (
	"context"
	"crypto/x509"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/kit/sealed"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/audit"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/store"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// Responder acts on an alert's subject where policy says so.
type Responder interface {
	// Quarantine takes a device out of the fleet until somebody has looked at it. A device that already is out is a
	// fleet.CodeConflict and counts as done.
	Quarantine(ctx context.Context, device, reason string) error
}

// Entries knows where events stand in the audit log.
type Entries interface {
	// Indexes gives the place of each event that is in the log.
	Indexes(ctx context.Context, ids []string) (map[string]int64, error)
}

// Config is what a Service needs.
type Config struct {
	DB    *store.DB
	Bus   *bus.Bus
	Audit *audit.Log
	Clock clock.Clock
	Log   *slog.Logger
	// Key seals the secrets of routes, by a key of their own that is derived from it.
	Key sealed.Key
	// Rules is the shelf (rules.All).
	Rules []Rule

	// Live sends to open consoles. Routes takes the router's when it is nil.
	Live func(kind string, need access.Permission, v any)
	// Responder quarantines for the rules named in Quarantine; both may be nil, and then alerts are all that happens.
	Responder  Responder
	Quarantine map[string]bool
	// Entries is optional: without it, events do not tell their place in the audit log.
	Entries Entries
	// Anchors are trusted beside the system's when alerts are delivered; for an organisation's own authority.
	Anchors []*x509.Certificate
	// ConsoleURL, if set, stands in messages so that their reader finds the alert.
	ConsoleURL string
	Metrics    prometheus.Registerer // optional

	// MaxEvents bounds the searchable copy (500,000 unless set), EventsKept its age (30 days unless set).
	MaxEvents  int
	EventsKept time.Duration
	// MaxSubjects bounds how many subjects one rule counts at a time (10,000 unless set). An attacker who invents names
	// pushes out the lightest and coldest first.
	MaxSubjects int
	// MaxOpen bounds the open alerts of one rule (500 unless set); more subjects share one further alert.
	MaxOpen int
}

// Service detects. It is safe for use by many goroutines.
type Service struct {
	Config
	set     atomic.Pointer[ruleset]
	metrics *metrics
	wake    chan struct{}
	feed    feed
	sender  sender
	stop    []func()

	changing sync.Mutex // one reload of the settings at a time
}

// New brings the tables up to date, checks the shelf and reads the settings. It refuses a rule that cannot work, naming
// it.
func New(ctx context.Context, c Config) (*Service, error) {
	c.setDefaults()
	if err := c.check(); err != nil {
		return nil, err
	}
	migrations, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return nil, err
	}
	if err := c.DB.Migrate(ctx, "detect", migrations); err != nil {
		return nil, err
	}
	s := &Service{Config: c, metrics: newMetrics(c.Metrics), wake: make(chan struct{}, 1)}
	if err := s.sender.init(c.Anchors); err != nil {
		return nil, err
	}
	if err := s.reload(ctx); err != nil {
		return nil, err
	}
	stop, err := bus.Listen(c.Bus, bus.TopicChanged, s.changed)
	if err != nil {
		return nil, err
	}
	s.stop = append(s.stop, stop)
	return s, nil
}

func (c *Config) setDefaults() {
	c.Key = c.Key.Derive("detect")
	orInt(&c.MaxEvents, 500_000)
	orInt(&c.MaxSubjects, 10_000)
	orInt(&c.MaxOpen, 500)
	if c.EventsKept == 0 {
		c.EventsKept = 30 * 24 * time.Hour
	}
}

func orInt(field *int, def int) {
	if *field == 0 {
		*field = def
	}
}

func (c *Config) check() error {
	ids := map[string]*Rule{}
	for i := range c.Rules {
		r := &c.Rules[i]
		if err := r.check(); err != nil {
			return err
		}
		if ids[r.ID] != nil {
			return fmt.Errorf("detection rule %s stands on the shelf twice", r.ID)
		}
		ids[r.ID] = r
	}
	for id, on := range c.Quarantine {
		switch {
		case ids[id] == nil:
			return fmt.Errorf("quarantine by rule %q: there is no such rule", id)
		case on && !ids[id].Respond:
			return fmt.Errorf("quarantine by rule %s: the rule is not made to answer by itself", id)
		case on && c.Responder == nil:
			return fmt.Errorf("quarantine by rule %s: nothing is wired that could do it", id)
		}
	}
	return nil
}

// Close stops listening for changes on other nodes.
func (s *Service) Close() {
	for _, stop := range s.stop {
		stop()
	}
}

// changed follows settings that another node changed.
func (s *Service) changed(c bus.Changed) {
	if c.Kind != kindRule {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := s.reload(ctx); err != nil {
		s.Log.Error("detection settings not read", "error", err)
	}
}

// Run detects, delivers and forgets what is too old, until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	var work sync.WaitGroup
	work.Go(func() { s.deliverLoop(ctx) })
	work.Go(func() { s.pruneLoop(ctx) })
	err := s.Bus.Consume(ctx, "detect", s.Handle)
	work.Wait()
	s.sender.wait()
	if ctx.Err() != nil && (err == nil || errors.Is(err, ctx.Err())) {
		return nil
	}
	return err
}

// self is detect as the initiator of events.
func self() fleet.Party { return fleet.Server("detect") }

// publish reports an observation; a refusal by the catalogue is a fault of ours and goes to the log.
func (s *Service) publish(ev fleet.Event) {
	if err := s.Bus.Publish(ev); err != nil {
		s.Log.Error("event not published", "type", ev.Type, "error", err)
	}
}
