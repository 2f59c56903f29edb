package detect

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/store"
)

// kindRule is how nodes tell each other that settings changed.
const kindRule = "rule"

// Setting is a threshold that differs from the shelf's, and the routes its alerts take.
type Setting struct {
	ID        string   `json:"id" maxLength:"200" doc:"The rule."`
	Threshold int      `json:"threshold" minimum:"1" maximum:"500"`
	Window    int      `json:"window" minimum:"1" maximum:"86400" doc:"Seconds within which the threshold must be reached."`
	Routes    []string `json:"routes,omitempty" maxItems:"20" doc:"Names of the routes its alerts take; left out, every route by severity."`
}

// RuleView is a rule with the settings in force.
type RuleView struct {
	ID        string         `json:"id"`
	Control   string         `json:"control"`
	Title     string         `json:"title"`
	Severity  fleet.Severity `json:"severity"`
	Text      string         `json:"text"`
	Window    int            `json:"window" doc:"Seconds within which the threshold must be reached; of no matter when the first event raises the alert."`
	Threshold int            `json:"threshold" doc:"How many raise the alert."`
	Events    []string       `json:"events" doc:"Event types it looks at."`
	Routes    []string       `json:"routes" doc:"Routes that carry its alerts; none means that nobody is told."`
	Custom    bool           `json:"custom" doc:"Threshold and window were set here and are not the shelf's."`
	Responds  bool           `json:"responds" doc:"It quarantines the device by itself."`
	Counted   int            `json:"counted" doc:"Subjects it counts at this moment."`
	Evicted   int            `json:"evicted" doc:"Subjects it had to forget for want of room, ever."`
}

// RuleViews lists the shelf with the settings in force.
func (s *Service) RuleViews(ctx context.Context) ([]RuleView, error) {
	routes, err := s.Destinations(ctx)
	if err != nil {
		return nil, err
	}
	counted, evicted, err := s.standing(ctx)
	if err != nil {
		return nil, err
	}
	views := []RuleView{}
	for _, a := range s.set.Load().all {
		v := RuleView{
			ID: a.ID, Control: a.Control, Title: a.Title, Severity: a.Severity, Text: a.Text, Window: int(a.window / time.Second), Threshold: a.threshold,
			Events: a.Events, Routes: reach(a, routes), Custom: a.custom, Responds: s.Quarantine[a.ID], Counted: counted[a.ID], Evicted: evicted[a.ID],
		}
		if v.Routes == nil {
			v.Routes = []string{}
		}
		views = append(views, v)
	}
	return views, nil
}

// SetRules replaces all settings; a rule that is left out is as the shelf has it. A threshold that no route would carry is
// refused (CLS-08).
func (s *Service) SetRules(ctx context.Context, settings []Setting) ([]RuleView, error) {
	by := access.PartyOf(ctx)
	err := s.DB.Change(ctx, func(tx *store.Tx) error {
		if err := takeTurn(tx); err != nil {
			return err
		}
		routes, err := scanRoutes(tx.Query(routeQuery))
		if err != nil {
			return err
		}
		if err := s.checkSettings(settings, plain(routes)); err != nil {
			return err
		}
		before, err := scanSettings(tx.Query(settingQuery))
		if err != nil {
			return err
		}
		if err := replaceSettings(tx, settings); err != nil {
			return err
		}
		tx.OnCommit(func() { s.settingsChanged(context.WithoutCancel(ctx)) }) // the caller may be gone by then
		return s.recordSettings(tx, by, before, settings)
	})
	if err != nil {
		return nil, err
	}
	return s.RuleViews(ctx)
}

func (s *Service) settingsChanged(ctx context.Context) {
	if err := s.reload(ctx); err != nil {
		s.Log.Error("detection settings not read", "error", err)
	}
	if err := s.Bus.Announce(bus.TopicChanged, bus.Changed{Kind: kindRule, ID: "all"}); err != nil {
		s.Log.Warn("detection settings not announced", "error", err)
	}
}

func (s *Service) checkSettings(settings []Setting, routes []Route) error {
	seen := map[string]bool{}
	for i, set := range settings {
		path := fmt.Sprintf("rules[%d]", i)
		a := s.set.Load().find(set.ID)
		switch {
		case a == nil:
			return fleet.Invalid(path+".id", clean(set.ID, 60)+" is no rule: GET /rules lists them")
		case seen[set.ID]:
			return fleet.Invalid(path+".id", "stands twice in the list")
		case set.Threshold < 1 || set.Threshold > thresholdMost:
			return fleet.Invalid(path+".threshold", fmt.Sprintf("want 1 to %d", thresholdMost))
		case set.Window < 1 || set.Window > int(windowMost/time.Second):
			return fleet.Invalid(path+".window", fmt.Sprintf("want 1 to %d seconds", int(windowMost/time.Second)))
		}
		for _, name := range set.Routes {
			if !slices.ContainsFunc(routes, func(r Route) bool { return r.Name == name }) {
				return fleet.Invalid(path+".routes", clean(name, 60)+" is no route: add it first")
			}
		}
		if len(reach(&active{Rule: a.Rule, routes: set.Routes}, routes)) == 0 {
			return fleet.Invalid(path+".routes", "a threshold needs a route: add one that carries severity "+string(a.Severity)+", or name one")
		}
		seen[set.ID] = true
	}
	return nil
}

// recordSettings writes what the settings were and are.
func (s *Service) recordSettings(tx *store.Tx, by fleet.Party, before map[string]Setting, after []Setting) error {
	list := make([]Setting, 0, len(before))
	for _, a := range s.set.Load().all {
		if set, ok := before[a.ID]; ok {
			list = append(list, set)
		}
	}
	return s.Audit.Record(tx, fleet.NewEvent("rule.changed", s.Clock.Now(), by, self(), map[string]any{"rule": settingNames(list, after), "before": list, "after": after}))
}

func settingNames(lists ...[]Setting) (ids []string) {
	for _, list := range lists {
		for _, set := range list {
			if !slices.Contains(ids, set.ID) {
				ids = append(ids, set.ID)
			}
		}
	}
	return ids
}
