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
	api.Get(r, "/sessions", access.DeviceRead, api.Doc{Tag: "Broker", Summary: "List MQTT sessions, live and away"}, s.listSessions)
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

func (s *Service) listSessions(ctx context.Context, in *sessionsInput) (*api.List[SessionInfo], error) {
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
