package broker

import (
	"context"
	"math"
	"strconv"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
	database "github.com/thingward/thingward/server/store"
)

// banRoutes registers listing, placing and lifting bans.
func (s *Service) banRoutes(r *api.Router) {
	const only = "A ban concerns device protocols only: it closes neither API nor console, EST or revocation lists."
	api.Get(r, "/bans", access.SystemRead, api.Doc{Tag: "Broker", Summary: "List bans, newest first", Text: only}, s.getBans)
	api.Post(r, "/bans", access.DeviceQuarantine, "ban.placed", api.Doc{Tag: "Broker", Summary: "Ban a device, a service account or an address from device protocols", Text: "Live sessions are cut at once, on every node. " + only}, s.postBan)
	api.Post(r, "/bans/{id}/lift", access.DeviceQuarantine, "ban.lifted", api.Doc{Tag: "Broker", Summary: "Lift a ban before its time"}, s.liftBan)
}

type bansInput struct {
	api.PageInput
	Past bool `query:"past" doc:"Also those that ran out or were lifted."`
}

func (s *Service) getBans(ctx context.Context, in *bansInput) (*api.List[*Ban], error) {
	if s.DB == nil {
		return nil, errNoBans
	}
	before, beforeID := int64(math.MaxInt64), ""
	after, ok, err := api.ParseCursor(in.After, 2)
	if err != nil {
		return nil, err
	}
	if ok {
		if before, err = strconv.ParseInt(after[0], 10, 64); err != nil {
			return nil, fleet.Invalid("after", "is no cursor of this list: leave it out to begin at the first page")
		}
		beforeID = after[1]
	}
	all, err := s.listBans(ctx, in.Past, before, beforeID, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return api.NewList(all, in.Limit, nil, func(b *Ban) string { return api.Cursor(strconv.FormatInt(database.Time(b.Placed), 10), b.ID) }), nil
}

type banInput struct {
	Body struct {
		Device  string  `json:"device,omitempty" maxLength:"128" doc:"Id or name of the device; one of device, account and address."`
		Account string  `json:"account,omitempty" maxLength:"128" doc:"Id or name of the service account."`
		Address string  `json:"address,omitempty" maxLength:"64" doc:"Address or prefix, such as 192.0.2.7 or 2001:db8::/48."`
		Reason  string  `json:"reason" maxLength:"500" doc:"Why; shown to operators, not to who is banned."`
		Hours   float64 `json:"hours,omitempty" minimum:"0" maximum:"87840" doc:"How long; until it is lifted when left out."`
	}
}

func (s *Service) postBan(ctx context.Context, in *banInput) (*api.One[Ban], error) {
	var b Ban
	named := 0
	for kind, target := range map[string]string{BanDevice: in.Body.Device, BanAccount: in.Body.Account, BanAddress: in.Body.Address} {
		if target != "" {
			b.Kind, b.Target = kind, target
			named++
		}
	}
	if named != 1 {
		return nil, fleet.Invalid("device", "name one of device, account and address")
	}
	b.Reason = in.Body.Reason
	b, err := s.PlaceBan(ctx, b, time.Duration(in.Body.Hours*float64(time.Hour)))
	if err != nil {
		return nil, err
	}
	return &api.One[Ban]{Body: b}, nil
}

type liftInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Reason string `json:"reason" maxLength:"500" doc:"Why."`
	}
}

func (s *Service) liftBan(ctx context.Context, in *liftInput) (*api.One[Ban], error) {
	b, err := s.LiftBan(ctx, in.ID, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return &api.One[Ban]{Body: b}, nil
}
