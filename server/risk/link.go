package risk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/thingward/thingward/fleet"
)

// linkKinds is what a risk may be linked to.
var linkKinds = []string{"finding", "record", "control", "device"}

// AddLink ties a risk to a finding, record, control or device that exists.
func (s *Service) AddLink(ctx context.Context, ref, ifMatch, kind, target string) (Risk, error) {
	target = strings.TrimSpace(target)
	if !slices.Contains(linkKinds, kind) {
		return Risk{}, fleet.Invalid("kind", "want "+strings.Join(linkKinds, ", "))
	}
	if err := text("id", target, mostName, true, false); err != nil {
		return Risk{}, err
	}
	id, name, ok, err := s.World.Named(ctx, kind, target)
	if err != nil {
		return Risk{}, err
	}
	if !ok {
		return Risk{}, fleet.Invalid("id", fmt.Sprintf("there is no %s %q: GET /api/v1/%ss lists what there is", kind, clip(target), kind))
	}
	return s.change(ctx, ref, ifMatch, func(r *Risk) (step, error) {
		if err := r.mustBeOpen(); err != nil {
			return step{}, err
		}
		switch {
		case slices.ContainsFunc(r.Links, func(l Link) bool { return l.Kind == kind && l.ID == id }):
			return step{}, errSame
		case len(r.Links) >= mostLinks:
			return step{}, fleet.Errorf(fleet.CodeConflict, "the risk has %d links, which is the most: remove one first", len(r.Links))
		}
		r.Links = append(r.Links, Link{kind, id, name, s.Clock.Now()})
		return step{"risk.changed", map[string]any{"fields": []string{"links"}, "linked": kind + " " + id}, "linked to " + kind + " " + name}, nil
	})
}

// RemoveLink unties a risk.
func (s *Service) RemoveLink(ctx context.Context, ref, ifMatch, kind, target string) (Risk, error) {
	return s.change(ctx, ref, ifMatch, func(r *Risk) (step, error) {
		if err := r.mustBeOpen(); err != nil {
			return step{}, err
		}
		i := slices.IndexFunc(r.Links, func(l Link) bool { return l.Kind == kind && l.ID == target })
		if i < 0 {
			return step{}, fleet.Errorf(fleet.CodeNotFound, "the risk is not linked to the %s %q: its links are in GET /api/v1/risks/{id}", clip(kind), clip(target))
		}
		name := r.Links[i].Name
		r.Links = slices.Delete(r.Links, i, i+1)
		return step{"risk.changed", map[string]any{"fields": []string{"links"}, "unlinked": kind + " " + target}, "no longer linked to " + kind + " " + name}, nil
	})
}
