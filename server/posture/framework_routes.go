package posture

import (
	"context"
	"time"

	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
	"github.com/thingward/thingward/server/posture/catalogue"
	"github.com/thingward/thingward/server/posture/upload"
)

const frameworkTag = "Frameworks"

// frameworkRoutes registers frameworks, operators' mappings and profiles.
func (s *Service) frameworkRoutes(r *api.Router) {
	doc := func(summary, text string) api.Doc {
		return api.Doc{Tag: frameworkTag, Summary: summary, Text: text}
	}
	api.Get(r, "/frameworks", access.ControlRead, doc("Frameworks that controls are mapped to", ""), s.listFrameworks)
	api.Get(r, "/frameworks/{id}", access.ControlRead, doc("A framework's items, rolled up from controls",
		"provenance says on whose word an item relates to controls: source is the framework's own mapping of whole domains, product is ours of single controls, operator is that of the people who run this installation. They are never mixed. An item that nobody mapped says so and is never met."), s.getFramework)
	api.Post(r, "/frameworks", access.FrameworkWrite, "framework.imported", api.Doc{
		Tag: frameworkTag, Summary: "Imports a framework", MaxBody: upload.MostBytes,
		Text: "The body is an OSCAL catalogue (JSON, OSCAL 1.1.x or 1.2.x) or a workbook (XLSX) whose first sheet has the columns id, title, text, controls and group. An import of the same id replaces the earlier edition; mappings of items that are still there stay.",
	}, s.postFramework)
	api.Delete(r, "/frameworks/{id}", access.FrameworkWrite, "framework.deleted", doc("Deletes an imported framework", "Its past stays readable with at."), s.deleteFramework)
	api.Put(r, "/frameworks/{id}/mappings", access.FrameworkWrite, "framework.mapped", doc("Maps an item to a control on the operators' word", ""), s.putMapping)
	api.Delete(r, "/frameworks/{id}/mappings/{item}/{control}", access.FrameworkWrite, "framework.mapped", doc("Removes an operator's mapping", ""), s.deleteMapping)
	api.Get(r, "/controls/{id}/mappings", access.ControlRead, doc("What a control means in every framework", "Of all provenances, each named."), s.listMappings)
	api.Get(r, "/profiles", access.ControlRead, doc("Industry profiles: what weighs more where, and why", ""), s.getProfiles)
	api.Put(r, "/posture/profile", access.FrameworkWrite, "profile.chosen", doc("Chooses the profile that weighs the controls", "An empty id makes every control weigh the same."), s.putProfile)
}

func (s *Service) listFrameworks(ctx context.Context, _ *struct{}) (*api.List[FrameworkSummary], error) {
	list, err := s.ListFrameworks(ctx)
	if err != nil {
		return nil, err
	}
	n := len(list)
	return api.NewList(list, n, &n, func(FrameworkSummary) string { return "" }), nil
}

// FrameworkID names a framework in a path.
type FrameworkID struct {
	ID string `path:"id" maxLength:"64" doc:"A framework, such as owasp-iot-2018."`
}

func (s *Service) getFramework(ctx context.Context, in *struct {
	FrameworkID
	Provenance catalogue.Provenance `query:"provenance" enum:"product,source,operator" doc:"Whose mapping counts; product, or operator for an imported framework, unless given."`
	At         time.Time            `query:"at" doc:"A past time; now unless given."`
},
) (*api.One[FrameworkView], error) {
	v, err := s.Framework(ctx, in.ID, in.Provenance, in.At)
	if err != nil {
		return nil, err
	}
	return &api.One[FrameworkView]{Body: v}, nil
}

func (s *Service) postFramework(ctx context.Context, in *struct {
	DryRun  bool   `query:"dryRun" doc:"Only say what would happen."`
	ID      string `query:"id" maxLength:"64" doc:"Identifier of the framework; made from its name unless given."`
	Name    string `query:"name" maxLength:"200" doc:"Its name; the file's title unless given."`
	Summary string `query:"summary" maxLength:"1000"`
	Source  string `query:"source" maxLength:"300" doc:"The document that the items are from."`
	Date    string `query:"date" maxLength:"10" doc:"Of that document."`
	RawBody []byte
},
) (*api.One[Imported], error) {
	out, err := s.ImportFramework(ctx, Import{Data: in.RawBody, ID: in.ID, Name: in.Name, Summary: in.Summary, Source: in.Source, Date: in.Date, DryRun: in.DryRun})
	if err != nil {
		return nil, err
	}
	return &api.One[Imported]{Body: out}, nil
}

func (s *Service) deleteFramework(ctx context.Context, in *struct{ FrameworkID }) (*api.Nothing, error) {
	return &api.Nothing{}, s.DeleteFramework(ctx, in.ID)
}

func (s *Service) putMapping(ctx context.Context, in *struct {
	FrameworkID
	Body Map
},
) (*api.One[MarkedMapping], error) {
	m, err := s.SetMapping(ctx, in.ID, in.Body)
	if err != nil {
		return nil, err
	}
	return &api.One[MarkedMapping]{Body: m}, nil
}

func (s *Service) deleteMapping(ctx context.Context, in *struct {
	FrameworkID
	Item    string `path:"item" maxLength:"64"`
	Control string `path:"control" maxLength:"32"`
},
) (*api.Nothing, error) {
	return &api.Nothing{}, s.RemoveMapping(ctx, in.ID, in.Item, in.Control)
}

func (s *Service) listMappings(ctx context.Context, in *controlInput) (*api.List[ControlMapping], error) {
	list, err := s.MappingsOf(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	n := len(list)
	return api.NewList(list, max(n, 1), &n, func(ControlMapping) string { return "" }), nil
}

func (s *Service) getProfiles(context.Context, *struct{}) (*api.List[ProfileView], error) {
	list := s.ListProfiles()
	n := len(list)
	return api.NewList(list, n, &n, func(ProfileView) string { return "" }), nil
}

func (s *Service) putProfile(ctx context.Context, in *struct {
	Body struct {
		ID     string `json:"id" maxLength:"64" doc:"A profile; empty: none."`
		Reason string `json:"reason" doc:"Why it fits."`
	}
},
) (*api.List[ProfileView], error) {
	if err := s.ChooseProfile(ctx, in.Body.ID, in.Body.Reason); err != nil {
		return nil, err
	}
	return s.getProfiles(ctx, nil)
}
