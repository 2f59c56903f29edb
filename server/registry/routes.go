package registry

import (
	"context"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
)

// Routes registers the registry's part of the API.
func (s *Service) Routes(r *api.Router) {
	s.live, s.allow, s.scope = r.LiveAt, r.Allow, r.Scope
	s.typeRoutes(r)
	s.placeRoutes(r)
	s.twinRoutes(r)
	api.Get(r, "/devices", access.DeviceRead, api.Doc{
		Tag: "Devices", Summary: "Lists devices", Scoped: true,
		Text: "A page may hold fewer devices than asked for, or none, where connected or status is filtered; it is the last one only when next is absent.",
	}, s.listDevices)
	api.Post(r, "/devices", access.DeviceWrite, "device.created", api.Doc{Tag: "Devices", Summary: "Registers a device", Status: 201}, s.createDevice)
	api.Get(r, "/devices/{ref}", access.DeviceRead, api.Doc{Tag: "Devices", Summary: "One device, by id or name", Scoped: true}, s.getDevice)
	api.Put(r, "/devices/{ref}", access.DeviceWrite, "device.changed", api.Doc{Tag: "Devices", Summary: "Changes facts of a device"}, s.putDevice)
	s.moveRoute(r, Quarantine, access.DeviceQuarantine, "Quarantines a device: only its twin stays open")
	s.moveRoute(r, Release, access.DeviceQuarantine, "Releases a device from quarantine")
	s.moveRoute(r, Suspend, access.DeviceQuarantine, "Suspends a device")
	s.moveRoute(r, Resume, access.DeviceQuarantine, "Resumes a suspended device")
	s.moveRoute(r, Retire, access.DeviceRetire, "Retires a device for good and revokes its certificates")
}

// DeviceRef names a device in a path.
type DeviceRef struct {
	Ref string `path:"ref" maxLength:"80" doc:"Id or name of a device."`
}

type listDevicesInput struct {
	api.PageInput
	Query     string `query:"q" maxLength:"120" doc:"A part of the name or serial number, or the beginning of the id. Fewer than three letters match the beginning of names only."`
	Type      string `query:"type"`
	Site      string `query:"site"`
	System    string `query:"system"`
	State     string `query:"state" doc:"registered, quarantined, active, suspended or retired."`
	Connected string `query:"connected" enum:"true,false" doc:"Whether it has a live session."`
	Status    string `query:"status" enum:"pass,fail,unknown" doc:"By the device's posture checks."`
	Sort      string `query:"sort" default:"name" doc:"name, created, changed, type, site, system or state; a leading - turns it round."`
}

func (s *Service) listDevices(ctx context.Context, in *listDevicesInput) (*api.List[Listed], error) {
	site, err := s.within(ctx, in.Site)
	if err != nil {
		return nil, err
	}
	f := Filter{Query: in.Query, Type: in.Type, Site: site, System: in.System, State: in.State, Status: in.Status, Sort: in.Sort, Limit: in.Limit, After: in.After}
	if in.Connected != "" {
		want := in.Connected == "true"
		f.Connected = &want
	}
	page, err := s.List(ctx, f)
	return &api.List[Listed]{Body: page}, err
}

type newDevice struct {
	Type     string   `json:"type" doc:"Name of a device type."`
	Name     string   `json:"name" doc:"3 to 63 lower-case letters, digits and single hyphens, beginning with a letter."`
	Site     string   `json:"site,omitempty" doc:"Id or name of a site."`
	System   string   `json:"system,omitempty" doc:"Id or name of a system; the site's unless given."`
	Assignee string   `json:"assignee,omitempty"`
	Serial   string   `json:"serial,omitempty"`
	Labels   []string `json:"labels,omitempty"`
}

func (s *Service) createDevice(ctx context.Context, in *struct{ Body newDevice }) (*api.One[fleet.Device], error) {
	b := in.Body
	if err := s.allow(ctx, access.DeviceWrite, access.Resource{Kind: "device", Site: b.Site, System: b.System}); err != nil {
		return nil, err
	}
	d, err := s.Create(ctx, fleet.Device{Type: b.Type, Name: b.Name, Site: b.Site, System: b.System, Assignee: b.Assignee, Serial: b.Serial, Labels: b.Labels})
	return &api.One[fleet.Device]{ETag: api.ETag(d.Version), Body: d}, err
}

func (s *Service) getDevice(ctx context.Context, in *DeviceRef) (*api.One[Listed], error) {
	if err := s.allowOn(ctx, access.DeviceRead, in.Ref); err != nil {
		return nil, err
	}
	d, err := s.Detail(ctx, in.Ref)
	return &api.One[Listed]{ETag: api.ETag(d.Version), Body: d}, err
}

type putDeviceInput struct {
	DeviceRef
	IfMatch string `header:"If-Match" doc:"The ETag of the version that was read; 412 when it has changed since."`
	Body    Facts
}

func (s *Service) putDevice(ctx context.Context, in *putDeviceInput) (*api.One[fleet.Device], error) {
	if err := s.allowOn(ctx, access.DeviceWrite, in.Ref); err != nil {
		return nil, err
	}
	d, err := s.Change(ctx, in.Ref, in.IfMatch, in.Body)
	return &api.One[fleet.Device]{ETag: api.ETag(d.Version), Body: d}, err
}

// within is the site that a list of devices is narrowed to: the one asked for, or the only one that the caller may see.
func (s *Service) within(ctx context.Context, asked string) (string, error) {
	own, limited := s.scope(ctx, access.DeviceRead)
	switch {
	case !limited:
		return asked, nil
	case asked == "":
		return own, nil
	}
	return asked, s.allow(ctx, access.DeviceRead, access.Resource{Kind: "site", ID: asked, Site: asked})
}

// allowOn asks policy about one device, with its system and site.
func (s *Service) allowOn(ctx context.Context, need access.Permission, ref string) error {
	d, err := s.Device(ctx, ref)
	if err != nil {
		return err
	}
	return s.allow(ctx, need, access.Resource{Kind: "device", ID: d.ID, System: d.System, Site: d.Site})
}

type moveInput struct {
	DeviceRef
	IfMatch string `header:"If-Match"`
	Body    struct {
		Reason string `json:"reason,omitempty" maxLength:"500" doc:"Why; it stays in the audit log."`
		DryRun bool   `json:"dryRun,omitempty" doc:"Only say what would happen."`
	}
}

func (s *Service) moveRoute(r *api.Router, m Move, need access.Permission, summary string) {
	doc := api.Doc{Tag: "Devices", Summary: summary, Text: "The device's live sessions end at once, on every protocol and node."}
	api.Post(r, "/devices/{ref}/"+string(m), need, api.Audits(moves[m].event), doc, func(ctx context.Context, in *moveInput) (*api.One[Moved], error) {
		if err := s.allowOn(ctx, need, in.Ref); err != nil {
			return nil, err
		}
		out, err := s.Move(ctx, in.Ref, m, Asked{Reason: in.Body.Reason, DryRun: in.Body.DryRun, IfMatch: in.IfMatch})
		return &api.One[Moved]{ETag: api.ETag(out.Device.Version), Body: out}, err
	})
}
