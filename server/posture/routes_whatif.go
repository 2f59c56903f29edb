package posture

import (
	"context"
	"strconv"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
)

func (s *Service) whatIfRoutes(r *api.Router) {
	api.Post(r, "/posture/what-if", access.ControlRead, "posture.assumed", api.Doc{
		Tag: tag, Summary: "Where the controls would stand without exceptions, or at a later date",
		Text: "Changes nothing. note says what was assumed.",
	}, s.postWhatIf)
	api.Get(r, "/posture/expiries", access.ControlRead, api.Doc{Tag: tag, Summary: "What a date ends soon, if nobody does anything"}, s.listExpiries)
}

func (s *Service) postWhatIf(ctx context.Context, in *struct {
	Body struct {
		Without []string  `json:"without,omitempty" maxItems:"1000" doc:"Exceptions to leave out."`
		At      time.Time `json:"at,omitempty" doc:"A later date."`
	}
},
) (*api.One[WhatIfAnswer], error) {
	a, err := s.Assume(ctx, WhatIf{in.Body.Without, in.Body.At})
	if err != nil {
		return nil, err
	}
	s.publish(fleet.NewEvent("posture.assumed", s.Clock.Now(), access.PartyOf(ctx), fleet.Server("posture"), map[string]any{"at": a.At, "without": in.Body.Without}))
	return &api.One[WhatIfAnswer]{Body: a}, nil
}

// expiriesKept is how long a list of expiries is given again without reading the fleet anew.
const expiriesKept = 30 * time.Second

// expiring is the last list of expiries.
type expiring struct {
	at   time.Time
	days int
	list []Expiry
}

// Expiries lists what a date ends within so many days, soonest first.
func (s *Service) Expiries(ctx context.Context, days int) ([]Expiry, error) {
	now := s.Clock.Now()
	s.mu.RLock()
	last := s.expiring
	s.mu.RUnlock()
	if age := now.Sub(last.at); last.days == days && age >= 0 && age < expiriesKept {
		return last.list, nil
	}
	list, err := s.expiries(ctx, time.Duration(days)*24*time.Hour)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.expiring = expiring{now, days, list}
	s.mu.Unlock()
	return list, nil
}

type expiriesInput struct {
	api.PageInput
	Days int `query:"days" minimum:"1" maximum:"1825" default:"90"`
}

func (s *Service) listExpiries(ctx context.Context, in *expiriesInput) (*api.List[Expiry], error) {
	keys, from, err := api.ParseCursor(in.After, 1)
	if err != nil {
		return nil, err
	}
	list, err := s.Expiries(ctx, in.Days)
	if err != nil {
		return nil, err
	}
	total, skip := len(list), 0
	if from {
		if skip, err = strconv.Atoi(keys[0]); err != nil || skip < 0 || skip > total {
			return nil, fleet.Invalid("after", "is no cursor of this list: leave it out to begin at the first page")
		}
	}
	page := append([]Expiry{}, list[skip:min(total, skip+in.Limit)]...)
	out := &api.List[Expiry]{Body: api.Page[Expiry]{Items: page, Total: &total}}
	if skip+len(page) < total {
		out.Body.Next = api.Cursor(strconv.Itoa(skip + len(page)))
	}
	return out, nil
}
