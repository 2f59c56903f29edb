package registry

import (
	"context"

	"github.com/thingward/thingward/fleet"
)

const placePage = 500

// AllSystems lists every system, by name.
func (s *Service) AllSystems(ctx context.Context) ([]fleet.System, error) {
	return allPlaces(ctx, s.systems, func(v fleet.System) string { return v.Name })
}

// AllSites lists every site, by name.
func (s *Service) AllSites(ctx context.Context) ([]fleet.Site, error) {
	return allPlaces(ctx, s.sites, func(v fleet.Site) string { return v.Name })
}

func allPlaces[T any](ctx context.Context, read func(context.Context, clause, string, int) ([]T, error), name func(T) string) (out []T, err error) {
	for after := ""; ; after = name(out[len(out)-1]) {
		page, err := read(ctx, clause{}, after, placePage)
		out = append(out, page...)
		if err != nil || len(page) < placePage {
			return out, err
		}
	}
}
