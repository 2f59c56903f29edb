package registry

import (
	"context"

	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
)

func (s *Service) twinRoutes(r *api.Router) {
	api.Get(r, "/devices/{ref}/twin", access.DeviceRead, api.Doc{Tag: "Twins", Summary: "What a device should be set to, and what it says it is", Scoped: true}, s.getTwin)
	api.Put(r, "/devices/{ref}/twin/desired", access.DeviceWrite, "twin.desired-changed", api.Doc{
		Tag: "Twins", Summary: "Sets what a device should be set to",
		Text: "The body holds the whole set. The device gets it as a retained message, at once or when it connects.",
	}, s.putDesired)
	api.Post(r, "/devices/{ref}/commands/{name}", access.DeviceCommand, "command.sent", api.Doc{
		Tag: "Twins", Summary: "Sends a command to a device", Status: 202,
		Text: "The body is the command's input, checked against the device type. It may be empty where the command takes none.",
	}, s.postCommand)
}

func (s *Service) getTwin(ctx context.Context, in *DeviceRef) (*api.One[Twin], error) {
	if err := s.allowOn(ctx, access.DeviceRead, in.Ref); err != nil {
		return nil, err
	}
	t, err := s.Twin(ctx, in.Ref)
	return &api.One[Twin]{ETag: api.ETag(t.DesiredVersion), Body: t}, err
}

type putDesiredInput struct {
	DeviceRef
	Body struct {
		Properties map[string]any `json:"properties"`
		Version    *int64         `json:"version,omitempty" doc:"The desired version that was read; 409 when it has changed since."`
	}
}

func (s *Service) putDesired(ctx context.Context, in *putDesiredInput) (*api.One[Twin], error) {
	if err := s.allowOn(ctx, access.DeviceWrite, in.Ref); err != nil {
		return nil, err
	}
	t, err := s.Desire(ctx, in.Ref, in.Body.Properties, in.Body.Version)
	return &api.One[Twin]{ETag: api.ETag(t.DesiredVersion), Body: t}, err
}

type postCommandInput struct {
	DeviceRef
	Name string          `path:"name" maxLength:"64"`
	Body *map[string]any `doc:"The command's input."`
}

func (s *Service) postCommand(ctx context.Context, in *postCommandInput) (*api.One[Queued], error) {
	if err := s.allowOn(ctx, access.DeviceCommand, in.Ref); err != nil {
		return nil, err
	}
	var input map[string]any
	if in.Body != nil {
		input = *in.Body
	}
	q, err := s.Command(ctx, in.Ref, in.Name, input)
	return &api.One[Queued]{Body: q}, err
}
