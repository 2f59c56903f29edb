package broker

import (
	"context"
	"slices"
	"strings"

	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
)

// Routes registers the broker's part of the API.
func (s *Service) Routes(r *api.Router) {
	api.Get(r, "/sessions", access.DeviceRead, api.Doc{
		Tag: "Broker", Summary: "List MQTT sessions, live and away", Scoped: true,
		Text: "Who sees one site only names a device of that site.",
	}, s.listSessions(r))
	s.banRoutes(r)
	api.Get(r, "/broker", access.SystemRead, api.Doc{Tag: "Broker", Summary: "Show the broker's figures, listeners and limits"}, s.showBroker)
}

type sessionsInput struct {
	api.PageInput
	Device    string `query:"device" maxLength:"128" doc:"Only sessions of this device, by id."`
	Account   string `query:"account" maxLength:"128" doc:"Only sessions of this service account, by id."`
	Connected string `query:"connected" enum:"true,false" doc:"Only sessions whose client is there, or is away."`
}

// filter is what the query asks for.
func (in *sessionsInput) filter() Filter {
	f := Filter{Kind: string(protocol.SubjectDevice), ID: in.Device}
	if in.Device == "" {
		f.Kind = ""
	}
	if in.Account != "" {
		f.Kind, f.ID = string(protocol.SubjectAccount), in.Account
	}
	if in.Connected != "" {
		there := in.Connected == "true"
		f.Connected = &there
	}
	return f
}

func (s *Service) listSessions(r *api.Router) api.Handler[sessionsInput, api.List[SessionInfo]] {
	return func(ctx context.Context, in *sessionsInput) (*api.List[SessionInfo], error) {
		if _, limited := r.Scope(ctx, access.DeviceRead); limited {
			if err := s.mayList(ctx, r, in); err != nil {
				return nil, err
			}
		}
		return s.page(ctx, in)
	}
}

// mayList asks policy about the one device whose sessions are asked for.
func (s *Service) mayList(ctx context.Context, r *api.Router, in *sessionsInput) error {
	on := access.Resource{Kind: "session"}
	if f := in.filter(); f.Kind == string(protocol.SubjectDevice) {
		c, err := s.Directory.Client(ctx, f.Kind, f.ID)
		if err != nil {
			return err
		}
		on = access.Resource{Kind: "device", ID: c.ID, Site: c.Site}
	}
	return r.Allow(ctx, access.DeviceRead, on)
}

func (s *Service) page(ctx context.Context, in *sessionsInput) (*api.List[SessionInfo], error) {
	after, ok, err := api.ParseCursor(in.After, 1)
	if err != nil {
		return nil, err
	}
	all := s.Sessions(ctx, in.filter())
	total := len(all)
	if ok {
		at, found := slices.BinarySearchFunc(all, after[0], func(i SessionInfo, key string) int { return strings.Compare(i.key(), key) })
		if found {
			at++
		}
		all = all[at:]
	}
	return api.NewList(all[:min(len(all), in.Limit+1)], in.Limit, &total, func(i SessionInfo) string { return api.Cursor(i.key()) }), nil
}

// key is the session's place in lists.
func (i SessionInfo) key() string { return i.SubjectKind + "/" + i.SubjectID + "/" + i.Client }

func (s *Service) showBroker(context.Context, *struct{}) (*api.One[Stats], error) {
	return &api.One[Stats]{Body: s.Stats()}, nil
}
