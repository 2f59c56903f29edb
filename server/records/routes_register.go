package records

import (
	"context"

	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
)

func (s *Service) registerRoutes(r *api.Router) {
	api.Get(r, "/register-kinds", access.RecordRead, api.Doc{Tag: tagRegister, Summary: "What the register holds, with the form of each kind's facts"}, s.listEntryKinds)
	api.Get(r, "/register", access.RecordRead, api.Doc{Tag: tagRegister, Summary: "Lists suppliers, providers, links and other entries"}, s.listEntries)
	api.Post(r, "/register", access.RecordWrite, "entry.created", api.Doc{Tag: tagRegister, Summary: "Adds an entry", Status: 201}, s.postEntry)
	api.Get(r, "/register/{id}", access.RecordRead, api.Doc{Tag: tagRegister, Summary: "One entry"}, s.getEntry)
	api.Put(r, "/register/{id}", access.RecordWrite, "entry.changed", api.Doc{Tag: tagRegister, Summary: "Replaces what is said of an entry"}, s.putEntry)
	api.Post(r, "/register/{id}/retire", access.RecordWrite, "entry.retired", api.Doc{Tag: tagRegister, Summary: "Retires an entry: it owes nothing any more"}, s.postEntryRetire)
}

func (s *Service) listEntryKinds(context.Context, *struct{}) (*api.List[EntryKind], error) {
	all := EntryKinds()
	n := len(all)
	return &api.List[EntryKind]{Body: api.Page[EntryKind]{Items: all, Total: &n}}, nil
}

func (s *Service) listEntries(ctx context.Context, in *struct {
	api.PageInput
	Kind    string `query:"kind" maxLength:"80"`
	System  string `query:"system" maxLength:"120"`
	Site    string `query:"site" maxLength:"120"`
	Owner   string `query:"owner" maxLength:"120"`
	Query   string `query:"q" maxLength:"120"`
	Retired bool   `query:"retired" doc:"Those too."`
},
) (*api.List[Entry], error) {
	page, err := s.ListEntries(ctx, EntryFilter{Kind: in.Kind, System: in.System, Site: in.Site, Owner: in.Owner, Query: in.Query, Retired: in.Retired, Limit: in.Limit, After: in.After})
	return &api.List[Entry]{Body: page}, err
}

func oneEntry(e Entry, err error) (*api.One[Entry], error) {
	if err != nil {
		return nil, err
	}
	return &api.One[Entry]{ETag: api.ETag(int64(e.ETag)), Body: e}, nil
}

type newEntry struct {
	Kind About `json:"kind"`
	EntryFacts
}

func (s *Service) postEntry(ctx context.Context, in *struct{ Body newEntry }) (*api.One[Entry], error) {
	return oneEntry(s.Enter(ctx, in.Body.Kind, in.Body.EntryFacts))
}

// EntryRef names an entry of the register in a path.
type EntryRef struct {
	ID string `path:"id" maxLength:"80" doc:"Id of an entry."`
}

func (s *Service) getEntry(ctx context.Context, in *EntryRef) (*api.One[Entry], error) {
	return oneEntry(s.Entry(ctx, in.ID))
}

func (s *Service) putEntry(ctx context.Context, in *struct {
	EntryRef
	IfMatch string `header:"If-Match" doc:"The ETag of the version that was read; 412 when it has changed since."`
	Body    EntryFacts
},
) (*api.One[Entry], error) {
	return oneEntry(s.ChangeEntry(ctx, in.ID, in.IfMatch, in.Body))
}

func (s *Service) postEntryRetire(ctx context.Context, in *struct {
	EntryRef
	Body struct {
		Reason string `json:"reason"`
	}
},
) (*api.One[Entry], error) {
	return oneEntry(s.RetireEntry(ctx, in.ID, in.Body.Reason))
}
