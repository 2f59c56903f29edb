package registry

import (
	"context"
	"slices"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
)

func (s *Service) placeRoutes(r *api.Router) {
	api.Get(r, "/sites", access.DeviceRead, api.Doc{Tag: "Sites and systems", Summary: "Lists sites", Scoped: true}, s.listSites)
	api.Post(r, "/sites", access.DeviceWrite, "site.created", api.Doc{Tag: "Sites and systems", Summary: "Adds a site", Status: 201}, s.createSite)
	api.Get(r, "/systems", access.DeviceRead, api.Doc{
		Tag: "Sites and systems", Summary: "Lists systems", Scoped: true,
		Text: "Who sees one site only gets the systems that the site and its devices belong to.",
	}, s.listSystems)
	api.Post(r, "/systems", access.DeviceWrite, "system.created", api.Doc{Tag: "Sites and systems", Summary: "Adds a system", Status: 201}, s.createSystem)
}

func (s *Service) listSites(ctx context.Context, in *api.PageInput) (*api.List[fleet.Site], error) {
	return places(ctx, in, s.seen(ctx, "name = ?", 1), s.countSites, s.sites, func(v fleet.Site) string { return v.Name })
}

func (s *Service) listSystems(ctx context.Context, in *api.PageInput) (*api.List[fleet.System], error) {
	return places(ctx, in, s.seen(ctx, systemsOfSite, 2), s.countSystems, s.systems, func(v fleet.System) string { return v.Name })
}

// seen limits a list to what belongs to the caller's site, where that is all the caller may see. sql takes the site n times.
func (s *Service) seen(ctx context.Context, sql string, n int) clause {
	site, limited := s.scope(ctx, access.DeviceRead)
	if !limited {
		return clause{}
	}
	return clause{sql, slices.Repeat([]any{site}, n)}
}

func places[T any](ctx context.Context, in *api.PageInput, seen clause, count func(context.Context, clause) (int, error),
	read func(context.Context, clause, string, int) ([]T, error), name func(T) string,
) (*api.List[T], error) {
	keys, ok, err := api.ParseCursor(in.After, 1)
	if err != nil {
		return nil, err
	}
	after := ""
	if ok {
		after = keys[0]
	}
	total, err := count(ctx, seen)
	if err != nil {
		return nil, err
	}
	items, err := read(ctx, seen, after, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return api.NewList(items, in.Limit, &total, func(v T) string { return api.Cursor(name(v)) }), nil
}

func (s *Service) createSite(ctx context.Context, in *struct {
	Body struct {
		Name      string   `json:"name"`
		System    string   `json:"system,omitempty" doc:"Id or name of a system."`
		Latitude  *float64 `json:"latitude,omitempty"`
		Longitude *float64 `json:"longitude,omitempty"`
	}
},
) (*api.One[fleet.Site], error) {
	b := in.Body
	site, err := s.CreateSite(ctx, fleet.Site{Name: b.Name, System: b.System, Latitude: b.Latitude, Longitude: b.Longitude})
	return &api.One[fleet.Site]{Body: site}, err
}

func (s *Service) createSystem(ctx context.Context, in *struct {
	Body struct {
		Name  string `json:"name"`
		Owner string `json:"owner,omitempty" doc:"Who answers for it."`
	}
},
) (*api.One[fleet.System], error) {
	sys, err := s.CreateSystem(ctx, fleet.System{Name: in.Body.Name, Owner: in.Body.Owner})
	return &api.One[fleet.System]{Body: sys}, err
}
