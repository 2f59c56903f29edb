package registry

import (
	"context"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/store"
)

// CreateSystem adds a system. Its name is how devices, sites and policies refer to it.
func (s *Service) CreateSystem(ctx context.Context, sys fleet.System) (fleet.System, error) {
	sys.ID = id.New()
	if err := join(fleet.CheckName("name", sys.Name), plain("owner", sys.Owner, 120)); err != nil {
		return sys, err
	}
	err := s.DB.Change(ctx, func(tx *store.Tx) error {
		if err := insertSystem(tx, sys); err != nil {
			return taken(err, "system", sys.Name)
		}
		tx.OnCommit(func() { s.announcePlace("system", sys.ID) })
		return s.Audit.Record(tx, fleet.NewEvent("system.created", s.Clock.Now(), access.PartyOf(ctx), fleet.Party{Kind: "system", ID: sys.ID, Name: sys.Name},
			map[string]any{"system": sys.ID, "name": sys.Name, "owner": sys.Owner}))
	})
	return sys, err
}

// CreateSite adds a site.
func (s *Service) CreateSite(ctx context.Context, site fleet.Site) (fleet.Site, error) {
	site.ID = id.New()
	if err := join(fleet.CheckName("name", site.Name), degrees("latitude", site.Latitude, 90), degrees("longitude", site.Longitude, 180)); err != nil {
		return site, err
	}
	err := s.DB.Change(ctx, func(tx *store.Tx) error {
		if site.System != "" {
			sys, err := findPlace(tx.QueryRow, "registry_system", site.System)
			if err != nil {
				return err
			}
			site.System = sys
		}
		if err := insertSite(tx, site); err != nil {
			return taken(err, "site", site.Name)
		}
		tx.OnCommit(func() { s.announcePlace("site", site.ID) })
		return s.Audit.Record(tx, fleet.NewEvent("site.created", s.Clock.Now(), access.PartyOf(ctx), fleet.Party{Kind: "site", ID: site.ID, Name: site.Name},
			map[string]any{"site": site.ID, "name": site.Name, "system": site.System}))
	})
	return site, err
}

// SiteName is the name of a site, given by id or name. CodeInvalid on the field site when there is none.
func (s *Service) SiteName(ctx context.Context, ref string) (string, error) {
	return findPlace(s.row(ctx), "registry_site", ref)
}

// announcePlace tells every node of a new place: from now on it owes records.
func (s *Service) announcePlace(kind, id string) {
	if s.Bus == nil {
		return
	}
	if err := s.Bus.Announce(bus.TopicChanged, bus.Changed{Kind: kind, ID: id}); err != nil {
		s.Log.Warn("new place not announced", "kind", kind, "id", id, "error", err)
	}
}

func degrees(field string, v *float64, most float64) error {
	if v == nil || (*v >= -most && *v <= most) {
		return nil
	}
	return fleet.Invalid(field, "want degrees (WGS 84): latitude -90 to 90, longitude -180 to 180")
}

// plain refuses text that is too long or holds control characters.
func plain(field, s string, most int) error {
	if len(s) > most {
		return fleet.Invalid(field, "is too long")
	}
	for _, r := range s {
		if r < ' ' || r == 0x7f || r == 0xfffd {
			return fleet.Invalid(field, "holds characters that cannot be shown")
		}
	}
	return nil
}

// taken says that a name is in use where err does.
func taken(err error, what, name string) error {
	if store.IsUnique(err) {
		return fleet.Errorf(fleet.CodeConflict, "there is a %s %s already: choose another name", what, name)
	}
	return err
}
