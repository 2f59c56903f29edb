// Package records keeps what no machine can measure: policies, assessments, drills, agreements. A record has a typed form, an
// owner, an approver who is not its author, evidence with its hash, and an end. What an object owes and has is a Duty, which
// posture judges; a record is never a free-text yes.
package records

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"log/slog"
	"slices"
	"sync"

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

// World is what other domains know of what records are about. It is asked for the kinds of object that the register does not
// hold itself.
type World interface {
	// Objects lists all objects of a kind, retired ones too. Object finds one by id or name.
	Objects(ctx context.Context, about About) ([]Object, error)
	Object(ctx context.Context, about About, ref string) (o Object, ok bool, err error)
	// People lists the accounts of persons.
	People(ctx context.Context) ([]PersonFacts, error)
}

// PersonFacts is what is known of a person's account.
type PersonFacts struct {
	ID, Name      string
	Active        bool
	Administrator bool // carries the role system-administrator
}

// Publisher takes events that are no state change.
type Publisher interface {
	Publish(ev fleet.Event) error
}

// Config is what a Service needs.
type Config struct {
	DB      *store.DB
	Bus     *bus.Bus
	Audit   *audit.Log
	Clock   clock.Clock
	Log     *slog.Logger
	Key     sealed.Key // seals evidence
	Kinds   []Kind
	Serves  map[string][]Served // by kind: the controls that it answers, for showing
	World   World
	Events  Publisher             // nil: the Bus
	Metrics prometheus.Registerer // may be nil
}

// Service keeps the records.
type Service struct {
	Config
	kinds    map[string]Kind
	proven   proven
	held     held
	refusals *prometheus.CounterVec
	live     func(kind string, need access.Permission, value any)
	passing  passing // changes of objects that are to be told on
	stop     func()
	once     sync.Once
}

// New brings the tables up to date. It refuses kinds that contradict themselves.
func New(ctx context.Context, c Config) (*Service, error) {
	if c.Events == nil {
		c.Events = c.Bus
	}
	c.Key = c.Key.Derive("records/evidence")
	s := &Service{Config: c, kinds: map[string]Kind{}, passing: newPassing()}
	s.live = func(string, access.Permission, any) {}
	s.refusals = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "thingward_records_refused_total", Help: "Steps of records that were refused."}, []string{"step"})
	for _, k := range c.Kinds {
		if err := k.sound(s.kinds); err != nil {
			return nil, err
		}
		s.kinds[k.Name] = k
	}
	if c.Metrics != nil {
		c.Metrics.MustRegister(s.refusals)
	}
	migrations, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return nil, err
	}
	if err := c.DB.Migrate(ctx, "records", migrations); err != nil {
		return nil, err
	}
	s.stop, err = bus.Listen(c.Bus, bus.TopicChanged, s.worldChanged)
	return s, err
}

// Close stops listening to announcements.
func (s *Service) Close() { s.once.Do(s.stop) }

// Run sends reminders, tells of changes of objects and verifies what is stored, until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	var all sync.WaitGroup
	all.Go(func() { s.reminding(ctx) })
	all.Go(func() { s.verifying(ctx) })
	all.Go(func() { s.tellingOn(ctx) })
	all.Wait()
	return nil
}

// kind finds a kind by name.
func (s *Service) kind(name string) (Kind, error) {
	k, ok := s.kinds[name]
	if !ok {
		return Kind{}, fleet.Invalid("kind", "there is no kind of record "+quoted(name)+": list them (thingward record kinds)")
	}
	return k, nil
}

// subject is what posture calls the duties of a kind.
func subject(kind string) string { return "record:" + kind }

// Live is what consoles are told of a change.
type Live struct {
	What   string `json:"what"` // record, item, evidence, entry, acknowledgement
	ID     string `json:"id"`
	Kind   string `json:"kind"`
	Object string `json:"object"`
	State  State  `json:"state,omitempty"`
}

// announce tells every node that a duty changed, and every console.
func (s *Service) announce(l Live) {
	s.tell(subject(l.Kind), l.Object)
	s.all(func(k Kind) bool { return slices.Contains(k.Needs, l.Kind) })
	s.live("record", access.RecordRead, l)
}

func (s *Service) tell(kind, object string) {
	if err := s.Bus.Announce(bus.TopicChanged, bus.Changed{Kind: kind, ID: object}); err != nil {
		s.Log.Warn("change not announced", "kind", kind, "object", object, "error", err)
	}
}

// record writes the audit entry of a change.
func (s *Service) record(ctx context.Context, tx *store.Tx, typ string, on fleet.Party, data map[string]any) (fleet.Event, error) {
	ev := fleet.NewEvent(typ, s.Clock.Now(), access.PartyOf(ctx), on, data)
	return ev, s.Audit.Record(tx, ev)
}

// caller is the name under which the caller's work is kept.
func caller(ctx context.Context) string {
	if p, ok := access.From(ctx); ok {
		return p.Name
	}
	return access.PartyOf(ctx).ID
}

var errUndo = errors.New("undo")

// change runs fn in a transaction that is committed, or rolled back when the step is only rehearsed.
func (s *Service) change(ctx context.Context, dryRun bool, fn func(*store.Tx) error) error {
	err := s.DB.Change(ctx, func(tx *store.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		if dryRun {
			return errUndo
		}
		return nil
	})
	if errors.Is(err, errUndo) {
		return nil
	}
	return err
}
