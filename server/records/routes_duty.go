package records

import (
	"context"
	"time"

	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
)

func (s *Service) dutyRoutes(r *api.Router) {
	api.Get(r, "/duties", access.RecordRead, api.Doc{Tag: tag, Summary: "What each object owes, and how it stands", Text: "Without a state, duties that are not owed are left out."}, s.listDuties)
	api.Get(r, "/duties/summary", access.RecordRead, api.Doc{Tag: tag, Summary: "Counts duties by kind and state"}, s.getDutySummary)
	api.Get(r, "/duties/calendar", access.RecordRead, api.Doc{Tag: tag, Summary: "Which records end and which items are due, by day"}, s.getCalendar)
	api.Get(r, "/items", access.RecordRead, api.Doc{Tag: tag, Summary: "Lists tracked items, those due soonest first"}, s.listItems)
	api.Put(r, "/items/{id}", access.RecordWrite, "item.changed", api.Doc{Tag: tag, Summary: "Gives an open item another owner or due date"}, s.putItem)
	api.Post(r, "/items/{id}/close", access.RecordWrite, "item.closed", api.Doc{Tag: tag, Summary: "Closes an item with what was done"}, s.postItemClose)
}

func (s *Service) listDuties(ctx context.Context, in *struct {
	api.PageInput
	Kind   string `query:"kind" maxLength:"80"`
	About  string `query:"about" maxLength:"80"`
	State  string `query:"state" enum:"current,expiring,expired,missing,waiting,altered,not-owed"`
	System string `query:"system" maxLength:"120"`
	Site   string `query:"site" maxLength:"120"`
	Owner  string `query:"owner" maxLength:"120"`
	Query  string `query:"q" maxLength:"120" doc:"Words in the kind's title or the object's name."`
},
) (*api.List[Owed], error) {
	page, err := s.ListDuties(ctx, DutyFilter{Kind: in.Kind, About: in.About, State: in.State, System: in.System, Site: in.Site, Owner: in.Owner, Query: in.Query, Limit: in.Limit, After: in.After})
	return &api.List[Owed]{Body: page}, err
}

func (s *Service) getDutySummary(ctx context.Context, _ *struct{}) (*api.One[DutySummary], error) {
	sum, err := s.SummarizeDuties(ctx)
	return &api.One[DutySummary]{Body: sum}, err
}

func (s *Service) getCalendar(ctx context.Context, in *struct {
	From time.Time `query:"from" doc:"Now unless given."`
	To   time.Time `query:"to" doc:"90 days later unless given."`
},
) (*api.List[Due], error) {
	all, err := s.Calendar(ctx, in.From, in.To)
	if err != nil {
		return nil, err
	}
	n := len(all)
	return &api.List[Due]{Body: api.Page[Due]{Items: all, Total: &n}}, nil
}

func (s *Service) listItems(ctx context.Context, in *struct {
	api.PageInput
	State   string `query:"state" enum:"open,closed"`
	Overdue bool   `query:"overdue"`
	Owner   string `query:"owner" maxLength:"120"`
	Kind    string `query:"kind" maxLength:"80"`
},
) (*api.List[Item], error) {
	page, err := s.ListItems(ctx, ItemFilter{State: in.State, Overdue: in.Overdue, Owner: in.Owner, Kind: in.Kind, Limit: in.Limit, After: in.After})
	return &api.List[Item]{Body: page}, err
}

// ItemRef names an item in a path.
type ItemRef struct {
	ID string `path:"id" maxLength:"80" doc:"Id of an item."`
}

func (s *Service) putItem(ctx context.Context, in *struct {
	ItemRef
	Body ItemChange
},
) (*api.One[Item], error) {
	it, err := s.ChangeItem(ctx, in.ID, in.Body)
	return &api.One[Item]{Body: it}, err
}

func (s *Service) postItemClose(ctx context.Context, in *struct {
	ItemRef
	Body struct {
		Outcome string `json:"outcome" doc:"What was done."`
	}
},
) (*api.One[Item], error) {
	it, err := s.CloseItem(ctx, in.ID, in.Body.Outcome)
	return &api.One[Item]{Body: it}, err
}
