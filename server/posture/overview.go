package posture

import (
	"context"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture/catalogue"
	"github.com/thingward/thingward/server/store"
)

const (
	changedShown = 50
	trendShown   = 200
	trendBack    = 90 * 24 * time.Hour
)

// Overview is the whole posture at a glance.
type Overview struct {
	Score   Score                `json:"score"`
	Counts  map[fleet.Status]int `json:"counts"`
	Domains []DomainView         `json:"domains"`
	Changed []change             `json:"changed"`
	Sweep   SweepView            `json:"sweep"`
	Trend   []trendPoint         `json:"trend"`
	AsOf    *AsOf                `json:"asOf,omitempty" doc:"Of a past moment: what proves the answer."`
}

// DomainView is a domain with a mark for each control.
type DomainView struct {
	ID         string        `json:"id"`
	Name       string        `json:"name"`
	Order      int           `json:"order"`
	Controls   []ControlMark `json:"controls"`
	Passing    int           `json:"passing"`
	Applicable int           `json:"applicable"`
	Worst      fleet.Status  `json:"worst"`
}

// ControlMark is a control with its status and nothing else.
type ControlMark struct {
	ID     string       `json:"id"`
	Title  string       `json:"title"`
	Status fleet.Status `json:"status"`
}

// SweepView is the last full sweep; At is empty before the first.
type SweepView struct {
	At          *time.Time `json:"at,omitempty"`
	Checks      int        `json:"checks"`
	Subjects    int        `json:"subjects"`
	Differences int        `json:"differences"`
	Agreed      bool       `json:"agreed"`
	Took        int64      `json:"durationMs"`
}

// Overview puts the posture together.
func (s *Service) Overview(ctx context.Context) (Overview, error) {
	now := s.Clock.Now()
	changed, err := s.history(ctx, "", 0, store.Time(now)+1, changedShown)
	if err != nil {
		return Overview{}, err
	}
	trend, err := s.trendSince(ctx, now.Add(-trendBack), now, trendShown)
	if err != nil {
		return Overview{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	o := Overview{Changed: append([]change{}, changed...), Trend: append([]trendPoint{}, trend...)}
	o.Score, o.Counts = s.score()
	for _, d := range s.Catalogue.Domains {
		o.Domains = append(o.Domains, domainView(d, func(id string) fleet.Status { return s.byID[id].status }))
	}
	r := s.last
	o.Sweep = SweepView{optional(r.At), r.Checks, r.Subjects, r.Differences, r.Agreed, r.Took.Milliseconds()}
	return o, nil
}

func domainView(d catalogue.Domain, status func(string) fleet.Status) DomainView {
	v := DomainView{ID: d.ID, Name: d.Name, Order: d.Order}
	for _, def := range d.Controls {
		m := ControlMark{def.ID, def.Title, status(def.ID)}
		v.Controls = append(v.Controls, m)
		v.Passing, v.Applicable, v.Worst = tally(v.Passing, v.Applicable, v.Worst, m.Status)
	}
	return v
}

func tally(passing, applicable int, worst, status fleet.Status) (int, int, fleet.Status) {
	if status == fleet.Pass {
		passing++
	}
	if status != fleet.NotApplicable {
		applicable++
	}
	return passing, applicable, fleet.Worse(worst, status)
}
