package registry

import (
	"context"
	"encoding/json"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
	"github.com/thingward/thingward/server/registry/manifest"
)

func (s *Service) typeRoutes(r *api.Router) {
	api.Get(r, "/types", access.TypeRead, api.Doc{Tag: "Device types", Summary: "Lists device types", Text: "Counted are the devices that the caller may see."}, s.listTypes)
	api.Get(r, "/types/{name}", access.TypeRead, api.Doc{Tag: "Device types", Summary: "One device type"}, s.getType)
	api.Get(r, "/types/{name}/manifest", access.TypeRead, api.Doc{Tag: "Device types", Summary: "A type's manifest, as it was applied"}, s.getManifest)
	api.Put(r, "/types", access.TypeWrite, "type.applied", api.Doc{
		Tag: "Device types", Summary: "Applies a manifest", MaxBody: manifest.MaxBytes,
		Text: "The body is a WoT Thing Model with a tw: section, in YAML or JSON. A manifest that says the same as the present one changes nothing; one that differs needs a higher version.model.",
	}, s.putType)
}

func (s *Service) listTypes(ctx context.Context, in *api.PageInput) (*api.List[fleet.DeviceType], error) {
	keys, ok, err := api.ParseCursor(in.After, 1)
	if err != nil {
		return nil, err
	}
	all, err := s.typesSeen(ctx, s.seen(ctx, devicesOfSite, 1))
	if err != nil {
		return nil, err
	}
	total := len(all)
	for ok && len(all) > 0 && all[0].Name <= keys[0] {
		all = all[1:]
	}
	return api.NewList(all, in.Limit, &total, func(t fleet.DeviceType) string { return api.Cursor(t.Name) }), nil
}

// TypeName names a device type in a path.
type TypeName struct {
	Name string `path:"name" maxLength:"63"`
}

func (s *Service) getType(ctx context.Context, in *TypeName) (*api.One[fleet.DeviceType], error) {
	t, err := s.Type(ctx, in.Name)
	if err != nil {
		return nil, err
	}
	return &api.One[fleet.DeviceType]{Body: s.asListed(ctx, *t)}, nil
}

type manifestOutput struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

func (s *Service) getManifest(ctx context.Context, in *struct {
	TypeName
	Version string `query:"version" pattern:"^[0-9A-Za-z.+-]{0,64}$" doc:"An older version; the present one unless given."`
},
) (*manifestOutput, error) {
	t, err := s.Type(ctx, in.Name)
	if err != nil {
		return nil, err
	}
	version := t.Version
	if in.Version != "" {
		version = in.Version
	}
	raw, err := s.storedManifest(ctx, t.Name, version)
	out := &manifestOutput{ContentType: "application/yaml", Body: raw}
	if json.Valid(raw) {
		out.ContentType = "application/json"
	}
	return out, err
}

func (s *Service) putType(ctx context.Context, in *struct {
	DryRun  bool   `query:"dryRun" doc:"Only check the manifest and say what would happen."`
	RawBody []byte `contentType:"application/yaml"`
},
) (*api.One[Applied], error) {
	out, err := s.Apply(ctx, in.RawBody, in.DryRun)
	return &api.One[Applied]{Body: out}, err
}
