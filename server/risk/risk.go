// Package risk is the risk register: what may go wrong with which asset, how likely and how bad that is on the five-level
// scales of NIST SP 800-30, what was decided about it, by whom and until when, and what is being done.
//
// Who decides is never who entered or rated the risk, nor who owns it. A decision to defer or accept ends within a year and
// then the risk is undecided again; a change of what was rated undoes the decision, because it was made about another risk.
// Every version is kept, so that matrix and trend can be drawn for any past time.
package risk

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/audit"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/store"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// World is what the register asks about things of other domains. Kind is finding, record, control, device, system, site or
// person (by account name; ok only for an account that may sign in). An unknown reference is ok false and no error.
type World interface {
	Named(ctx context.Context, kind, ref string) (id, name string, ok bool, err error)
}

// Publisher takes events that are no state change.
type Publisher interface {
	Publish(ev fleet.Event) error
}

// Config is what a Service needs.
type Config struct {
	DB     *store.DB
	Bus    *bus.Bus // nil: nothing is announced
	Events Publisher
	Audit  *audit.Log
	Clock  clock.Clock
	Log    *slog.Logger
	World  World
}

// Service is the risk register.
type Service struct {
	Config
	held held
	live func(kind string, need access.Permission, value any)
}

// New brings the tables up to date.
func New(ctx context.Context, c Config) (*Service, error) {
	migrations, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return nil, err
	}
	if err := c.DB.Migrate(ctx, "risk", migrations); err != nil {
		return nil, err
	}
	return &Service{Config: c, live: func(string, access.Permission, any) {}}, nil
}

// announce tells every node that a risk changed, and every console that may see it what it is now.
func (s *Service) announce(r Risk) {
	if s.Bus != nil {
		if err := s.Bus.Announce(bus.TopicChanged, bus.Changed{Kind: "risk", ID: r.ID}); err != nil {
			s.Log.Warn("change not announced", "risk", r.ID, "error", err)
		}
	}
	s.live("risk", access.RiskRead, s.view(r))
}

func party(r Risk) fleet.Party { return fleet.Party{Kind: "risk", ID: r.ID, Name: r.Title} }

// event is an event about a risk; every one names it.
func (s *Service) event(ctx context.Context, typ string, r Risk, data map[string]any) fleet.Event {
	data["risk"], data["version"] = r.ID, r.Version
	return fleet.NewEvent(typ, s.Clock.Now(), access.PartyOf(ctx), party(r), data)
}
