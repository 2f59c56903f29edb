// Package posture says where every control stands, and why. Checks compute verdicts about subjects (devices, certificates,
// accounts …) from live facts, gates try on the running system what controls forbid, and both roll up through obligations
// to the 160 controls of the catalogue.
//
// Evaluation is incremental: a subject is looked at again when its change is announced or when an observation ends. A full
// sweep looks at everything and must agree exactly with the incremental state; a difference is reported as a fault and
// mended. Nothing is green without a reason that can be read, and what is not measured is never a pass.
package posture

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/audit"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/posture/catalogue"
	"github.com/thingward/thingward/server/store"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// SweepEvery is how often everything is looked at anew.
const SweepEvery = 10 * time.Minute

// Config is what the Service needs.
type Config struct {
	DB        *store.DB
	Bus       *bus.Bus // nil: changes arrive by Changed only
	Events    Publisher
	Audit     *audit.Log
	Clock     clock.Clock
	Log       *slog.Logger
	Catalogue *catalogue.Catalogue
	Checks    []Check
	Gates     []Gate
	Sources   []Source
	Prober    Prober // nil: no gate can be tested
	Metrics   prometheus.Registerer
	Owners    Owners        // nil: findings may be given to any name
	Grace     time.Duration // how long a sweep waits for announcements on their way before it calls a difference a fault
}

// Publisher takes events that are no state change.
type Publisher interface {
	Publish(ev fleet.Event) error
}

// Service is the posture engine.
type Service struct {
	Config
	meters
	weighing
	controls []*control
	byID     map[string]*control
	sources  map[Kind]Source
	queue    queue
	work     sync.Mutex // held while a subject is read and its verdicts applied, so that older facts never replace newer ones
	sweeping sync.Mutex // one sweep at a time
	gating   sync.Mutex // one round of self-tests at a time
	rolling  sync.Mutex // one roll-up at a time, so that no change is recorded twice
	deciding sync.Mutex // one step of an exception at a time, so that state and database take them in the same order
	assuming sync.Mutex // one reading of the whole fleet for a what-if at a time
	flushing sync.Mutex // one writer of observations at a time
	booking  sync.Mutex // one transaction about findings at a time
	nums     []uint64   // of each check, its number in packed observations
	byNum    map[uint64]int
	names    map[uint64]string // of every check there ever was, by number
	ledger   ledger
	lives    lives
	steps    []step    // of each check, the last one written; guarded by rolling
	thinned  time.Time // when old steps were dropped last; guarded by sweeping

	mu        sync.RWMutex // guards everything below
	state     state
	ready     bool // everything was looked at once since the start
	last      SweepReport
	seen      map[string]Sighting // newest event of each type that a gate names
	sweeps    uint64
	latest    time.Time // the latest time the clock has shown
	lastTrend time.Time
	shared    map[string]sharing // by account
	stood     time.Time          // since when the clock stands still; zero while it goes
	still     time.Duration      // how long the loop has waited without the clock going on

	orphans    []orphan
	exceptions map[string]*Exception // in force
	ending     map[string]bool       // reached their end, which is not written yet
	expiring   expiring
	alarmed    map[string]bool // differences between history and log that were told

	live func(kind string, need access.Permission, value any)
}

// New brings the tables up to date, checks that every check and gate names an obligation of the catalogue, and restores what
// was observed before. It observes nothing yet: Run does.
func New(ctx context.Context, c Config) (*Service, error) {
	migrations, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return nil, err
	}
	if err := c.DB.Migrate(ctx, "posture", migrations); err != nil {
		return nil, err
	}
	s := &Service{Config: c, sources: map[Kind]Source{}, seen: map[string]Sighting{}, shared: map[string]sharing{}, exceptions: map[string]*Exception{}, ending: map[string]bool{}, alarmed: map[string]bool{}, live: func(string, access.Permission, any) {}}
	for _, src := range c.Sources {
		s.sources[src.Kind()] = src
	}
	if src := s.sources[Server]; src != nil && s.sources[Setting] == nil {
		s.sources[Setting] = settings{src}
	}
	s.queue.init()
	s.Checks = slices.Clone(c.Checks)
	for i, g := range c.Gates {
		s.Checks = append(s.Checks, c.Gates[i].check())
		for _, typ := range g.Events {
			s.seen[typ] = Sighting{Event: typ}
		}
	}
	if err := s.bind(); err != nil {
		return nil, err
	}
	s.state.init(s.Checks)
	if err := errors.Join(s.restore(ctx), s.restoreSharing(ctx), s.restoreExceptions(ctx), s.restoreProfile(ctx)); err != nil {
		return nil, fmt.Errorf("restore posture: %w", err)
	}
	s.meters.register(s)
	return s, nil
}

// bind ties checks to the catalogue. A check without its obligation is a fault of the build.
func (s *Service) bind() error {
	s.byID = map[string]*control{}
	for _, c := range s.Catalogue.Controls() {
		ctl := &control{def: c, status: fleet.NotAssessed, reason: c.Missing}
		s.controls = append(s.controls, ctl)
		s.byID[c.ID] = ctl
	}
	ids := map[string]bool{}
	for i, c := range s.Checks {
		ctl := s.byID[c.Control]
		switch {
		case ctl == nil:
			return fmt.Errorf("check %s: there is no control %s", c.ID, c.Control)
		case !strings.HasPrefix(c.ID, c.Control+"/"), ids[c.ID]:
			return fmt.Errorf("check %s: its id must begin with %s/ and be unique", c.ID, c.Control)
		case c.Title == "" || c.Reads == "" || c.Eval == nil:
			return fmt.Errorf("check %s: title, reads and eval must be set", c.ID)
		}
		if _, ok := ctl.def.Obligation(c.Obligation); !ok {
			return fmt.Errorf("check %s: %s has no obligation %q", c.ID, c.Control, c.Obligation)
		}
		ids[c.ID] = true
		ctl.checks = append(ctl.checks, i)
		if c.Every == 0 {
			s.Checks[i].Every = DefaultEvery
		}
	}
	return nil
}

// Run observes until ctx ends: announcements and events as they come, everything once at the start and then at every sweep,
// self-tests as they fall due.
func (s *Service) Run(ctx context.Context) error {
	stop, err := s.listen()
	if err != nil {
		return err
	}
	defer stop()
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return s.workLoop(ctx) })
	g.Go(func() error { return s.sweepLoop(ctx) })
	g.Go(func() error { return s.gateLoop(ctx) })
	g.Go(func() error { return s.overdueLoop(ctx) })
	err = g.Wait()
	if flushErr := s.flush(context.WithoutCancel(ctx)); err == nil || errors.Is(err, context.Canceled) {
		err = flushErr
	}
	return err
}

// listen takes changes from the bus.
func (s *Service) listen() (stop func(), err error) {
	if s.Bus == nil {
		return func() {}, nil
	}
	stopChanged, err := bus.Listen(s.Bus, bus.TopicChanged, func(c bus.Changed) { s.heardProfile(c); s.Changed(Kind(c.Kind), c.ID) })
	if err != nil {
		return nil, err
	}
	stopWatch, err := s.Bus.Watch(s.saw)
	if err != nil {
		stopChanged()
		return nil, err
	}
	return func() { stopChanged(); stopWatch() }, nil
}
