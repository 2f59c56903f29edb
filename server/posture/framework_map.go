package posture

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/posture/catalogue"
	"github.com/thingward/thingward/server/store"
)

// mostMappings bounds the operators' mappings of one framework.
const mostMappings = 50_000

// Map is a mapping as an operator states it.
type Map struct {
	Item     string             `json:"item"`
	Control  string             `json:"control"`
	Relation catalogue.Relation `json:"relation,omitempty" enum:",equal,subset,intersects" doc:"How exactly they relate; leave it out to claim nothing beyond bearing on the item."`
	Why      string             `json:"why"`
}

// SetMapping ties an item of a framework to a control on the operators' word, in place of an earlier word on the same pair.
func (s *Service) SetMapping(ctx context.Context, framework string, m Map) (MarkedMapping, error) {
	m.Why, m.Item = strings.TrimSpace(m.Why), strings.TrimSpace(m.Item)
	v, err := s.frameworkHead(ctx, framework, s.Clock.Now())
	if err != nil {
		return MarkedMapping{}, err
	}
	control, err := s.checkMapping(&v, m)
	if err != nil {
		return MarkedMapping{}, err
	}
	now, who := s.Clock.Now(), access.PartyOf(ctx).Name
	err = s.DB.Change(ctx, func(tx *store.Tx) error {
		var n int
		if err := tx.QueryRow("SELECT count(*) FROM posture_mapping WHERE framework = ? AND until = 0", v.ID).Scan(&n); err != nil {
			return err
		}
		if n >= mostMappings {
			return fleet.Errorf(fleet.CodeConflict, "%s has %d mappings, which is the most: remove one first", v.ID, n)
		}
		if _, err := endMapping(tx, v.ID, m.Item, control.def.ID, store.Time(now)); err != nil {
			return err
		}
		if err := insertMapping(tx, v.ID, own{catalogue.Mapping{Item: m.Item, Control: control.def.ID, Relation: m.Relation, Why: m.Why}, who, now}); err != nil {
			return err
		}
		return s.Audit.Record(tx, fleet.NewEvent("framework.mapped", now, access.PartyOf(ctx), frameworkParty(v.ID, v.Name),
			map[string]any{"framework": v.ID, "item": m.Item, "control": control.def.ID, "relation": string(m.Relation), "why": m.Why}))
	})
	s.mu.RLock()
	defer s.mu.RUnlock()
	return MarkedMapping{ControlMark{ID: control.def.ID, Title: control.def.Title, Status: control.status}, m.Relation, m.Why, who, optional(now)}, err
}

// checkMapping refuses a mapping of what does not exist, or without a reason.
func (s *Service) checkMapping(v *FrameworkView, m Map) (*control, error) {
	e := fleet.Errorf(fleet.CodeInvalid, "the input is not valid")
	add := func(path, message string) {
		e.Fields = append(e.Fields, fleet.FieldError{Path: path, Message: message})
	}
	if !v.has(m.Item) {
		add("item", fmt.Sprintf("%s has no item %q: GET /api/v1/frameworks/%s lists them", v.ID, clipID(m.Item), v.ID))
	}
	control, err := s.find(m.Control)
	if err != nil {
		add("control", fmt.Sprintf("there is no control %q: thingward control list shows them all", clipID(m.Control)))
	}
	if !slices.Contains([]catalogue.Relation{catalogue.BearsOn, catalogue.Equal, catalogue.Subset, catalogue.Intersects}, m.Relation) {
		add("relation", "want equal, subset, intersects, or nothing")
	}
	switch {
	case m.Why == "":
		add("why", "is missing: say in a few words why they belong together")
	case utf8.RuneCountInString(m.Why) > 500 || !utf8.ValidString(m.Why) || strings.ContainsFunc(m.Why, unicode.IsControl):
		add("why", "want at most 500 characters on one line")
	}
	if len(e.Fields) > 0 {
		return nil, e
	}
	return control, nil
}

// RemoveMapping ends an operator's mapping.
func (s *Service) RemoveMapping(ctx context.Context, framework, item, controlID string) error {
	v, err := s.frameworkHead(ctx, framework, s.Clock.Now())
	if err != nil {
		return err
	}
	control, err := s.find(controlID)
	if err != nil {
		return err
	}
	return s.DB.Change(ctx, func(tx *store.Tx) error {
		now := s.Clock.Now()
		ended, err := endMapping(tx, v.ID, item, control.def.ID, store.Time(now))
		if err == nil && !ended {
			err = fleet.Errorf(fleet.CodeNotFound, "no operator mapped item %q of %s to %s: mappings of the program cannot be removed", clipID(item), v.ID, control.def.ID)
		}
		if err != nil {
			return err
		}
		return s.Audit.Record(tx, fleet.NewEvent("framework.mapped", now, access.PartyOf(ctx), frameworkParty(v.ID, v.Name),
			map[string]any{"framework": v.ID, "item": item, "control": control.def.ID, "removed": true}))
	})
}
