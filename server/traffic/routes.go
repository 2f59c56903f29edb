package traffic

import (
	"context"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
	"github.com/thingward/thingward/server/store"
)

const tag = "Broker"

// Routes registers grants.
func (s *Service) Routes(r *api.Router) {
	api.Get(r, "/grants", access.AccountRead, api.Doc{Tag: tag, Summary: "List grants: which account receives what over MQTT"}, s.getGrants)
	api.Post(r, "/grants", access.AccountWrite, "grant.created", api.Doc{
		Tag: tag, Summary: "Grant an account messages",
		Text: "An account receives only what a grant names; its live sessions have it at once.",
	}, s.postGrant)
	api.Delete(r, "/grants/{id}", access.AccountWrite, "grant.revoked", api.Doc{Tag: tag, Summary: "Revoke a grant", Text: "Live sessions lose at once what it alone allowed."}, s.deleteGrant)
}

type grantsInput struct {
	api.PageInput
	Account string `query:"account" maxLength:"128" doc:"Only grants of this account, by id."`
	Unused  int    `query:"unused" minimum:"0" maximum:"3650" doc:"Only grants that were not used for so many days, and are at least as old."`
	Broad   string `query:"broad" enum:"true,false" doc:"Only grants that nothing narrows, or only others."`
}

func (s *Service) getGrants(ctx context.Context, in *grantsInput) (*api.List[fleet.Grant], error) {
	where, args := "1 = 1", []any{}
	and := func(text string, more ...any) { where, args = where+" AND "+text, append(args, more...) }
	if in.Account != "" {
		and("account = ?", in.Account)
	}
	if in.Unused > 0 {
		since := store.Time(s.Clock.Now().Add(-time.Duration(in.Unused) * 24 * time.Hour))
		and("used <= ? AND created <= ?", since, since)
	}
	if keys, ok, err := api.ParseCursor(in.After, 3); err != nil {
		return nil, err
	} else if ok {
		and("(who, name, id) > (?, ?, ?)", keys[0], keys[1], keys[2])
	}
	all, err := s.readGrants(ctx, where, args...) // an installation has few
	if err != nil {
		return nil, err
	}
	out := all[:0]
	for _, g := range all {
		if in.Broad == "" || (in.Broad == "true") == g.Broad {
			out = append(out, g)
		}
	}
	return api.NewList(out[:min(len(out), in.Limit+1)], in.Limit, nil, func(g fleet.Grant) string { return api.Cursor(g.AccountName, g.Name, g.ID) }), nil
}

type draftInput struct{ Body Draft }

func (s *Service) postGrant(ctx context.Context, in *draftInput) (*api.One[fleet.Grant], error) {
	g, err := s.Create(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	return &api.One[fleet.Grant]{Body: g}, nil
}

type grantRef struct {
	ID string `path:"id" maxLength:"64"`
}

func (s *Service) deleteGrant(ctx context.Context, in *grantRef) (*api.One[fleet.Grant], error) {
	g, err := s.Revoke(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &api.One[fleet.Grant]{Body: g}, nil
}
