// Package traffic keeps what decides over messages beside the device types: the named grants by which accounts receive them.
package traffic

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/audit"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/store"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// Accounts finds the accounts that grants name.
type Accounts interface {
	Account(ctx context.Context, ref string) (access.Account, error)
	Accounts(ctx context.Context, f access.Filter) ([]access.Account, error)
}

// Fleet finds what grants name: device types and sites.
type Fleet interface {
	Type(ctx context.Context, name string) (*fleet.DeviceType, error)
	SiteName(ctx context.Context, ref string) (string, error)
}

// Config is what a Service needs. Bus may be nil: nobody is told then.
type Config struct {
	DB       *store.DB
	Bus      *bus.Bus
	Audit    *audit.Log
	Clock    clock.Clock
	Log      *slog.Logger
	Accounts Accounts
	Fleet    Fleet
	// Own names the platform's own account, which needs no grant.
	Own string
}

// Service keeps grants.
type Service struct{ Config }

// tick is how often ends of grants are looked for.
const tick = time.Second

// New brings the tables up to date. Where there were no grants before, accounts that used MQTT get one each.
func New(ctx context.Context, c Config) (*Service, error) {
	migrations, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return nil, err
	}
	s := &Service{Config: c}
	if err := c.DB.Migrate(ctx, "traffic", migrations); err != nil {
		return nil, err
	}
	return s, s.upgrade(ctx)
}

// Run ends grants whose time is up. It returns when ctx ends.
func (s *Service) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.Clock.After(tick):
			if err := s.endDue(ctx); err != nil && ctx.Err() == nil {
				s.Log.Error("grants whose time is up were not ended: trying again", "error", err)
			}
		}
	}
}

// record writes the audit entry of a change to a grant.
func (s *Service) record(tx *store.Tx, typ string, by fleet.Party, g fleet.Grant, reason string) error {
	data := map[string]any{"grant": g.ID, "account": g.Account, "name": g.Name, "kinds": g.Kinds, "stream": g.Stream, "type": g.Type, "site": g.Site, "classes": g.Classes, "purpose": g.Purpose, "origin": g.Origin}
	if g.Ends != nil {
		data["ends"] = *g.Ends
	}
	if reason != "" {
		data["reason"] = reason
	}
	return s.Audit.Record(tx, fleet.NewEvent(typ, s.Clock.Now(), by, fleet.Party{Kind: "service", ID: g.Account, Name: g.AccountName}, data))
}

// tell has every node judge the account's sessions anew.
func (s *Service) tell(account string) {
	if s.Bus == nil {
		return
	}
	if err := s.Bus.Announce(bus.TopicChanged, bus.Changed{Kind: "account", ID: account}); err != nil {
		s.Log.Error("a changed grant was not announced: sessions keep what they had until they connect again", "account", account, "error", err)
	}
}
