package risk

import (
	"context"
	"time"

	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
)

const tag = "Risks"

// Routes registers the register's part of the API.
func (s *Service) Routes(r *api.Router) {
	s.live = r.Live
	doc := func(summary string) api.Doc { return api.Doc{Tag: tag, Summary: summary} }
	api.Get(r, "/risks", access.RiskRead, doc("Lists risks, now or as they were at a past time"), s.listRisks)
	api.Post(r, "/risks", access.RiskWrite, "risk.created", api.Doc{Tag: tag, Summary: "Enters a risk", Status: 201}, s.postRisk)
	api.Get(r, "/risks/matrix", access.RiskRead, doc("Open risks by likelihood and impact, now or at a past time"), s.getMatrix)
	api.Get(r, "/risks/trend", access.RiskRead, doc("The register once a day"), s.getTrend)
	api.Get(r, "/risks/scales", access.RiskRead, doc("The scales of NIST SP 800-30 in our words, the matrix and the required scopes"), s.getScales)
	api.Get(r, "/risks/coverage", access.RiskRead, doc("Risks by required scope of an assessment"), s.getCoverage)
	api.Get(r, "/risks/{id}", access.RiskRead, doc("One risk with its history, now or as it was at a past time"), s.getRisk)
	api.Put(r, "/risks/{id}", access.RiskWrite, "risk.changed", api.Doc{
		Tag: tag, Summary: "Changes a risk",
		Text: "A change of more than title, source or owner undoes the decision.",
	}, s.putRisk)
	api.Post(r, "/risks/{id}/decide", access.RiskDecide, "risk.decided", api.Doc{
		Tag: tag, Summary: "Decides a risk: mitigate, defer or accept",
		Text: "Refused to whoever entered, rated or owns the risk.",
	}, s.decideRisk)
	api.Post(r, "/risks/{id}/close", access.RiskDecide, "risk.closed", doc("Closes a risk for good"), s.closeRisk)
	api.Post(r, "/risks/{id}/mitigations", access.RiskWrite, "risk.changed", doc("Adds a mitigation"), s.postMitigation)
	api.Post(r, "/risks/{id}/mitigations/{number}/finish", access.RiskWrite, "risk.mitigated", doc("Finishes a mitigation"), s.finishMitigation)
	api.Post(r, "/risks/{id}/mitigations/{number}/move", access.RiskDecide, "risk.changed", doc("Gives a mitigation another due date"), s.moveMitigation)
	api.Post(r, "/risks/{id}/links", access.RiskWrite, "risk.changed", doc("Links a risk to a finding, record, control or device"), s.postLink)
	api.Delete(r, "/risks/{id}/links/{kind}/{target}", access.RiskWrite, "risk.changed", doc("Removes a link"), s.deleteLink)
}

// Ref names a risk in a path, and the version that was read.
type Ref struct {
	ID      string `path:"id" maxLength:"40" doc:"Id of a risk."`
	IfMatch string `header:"If-Match" doc:"The ETag of the version that was read; 412 when it has changed since."`
}

type listInput struct {
	api.PageInput
	State      string    `query:"state" enum:"open,closed,all" default:"open"`
	Decision   string    `query:"decision" enum:"mitigate,defer,accept,undecided" doc:"The decision that counts; undecided also where one has ended."`
	Level      string    `query:"level" doc:"very-low, low, moderate, high, very-high, or 1 to 5."`
	Likelihood int       `query:"likelihood" minimum:"1" maximum:"5" doc:"Only of this row of the matrix."`
	Impact     int       `query:"impact" minimum:"1" maximum:"5" doc:"Only of this column of the matrix."`
	Residual   bool      `query:"residual" doc:"Row and column are those of what remains, not those of the rating."`
	System     string    `query:"system"`
	Site       string    `query:"site"`
	Owner      string    `query:"owner"`
	Scope      string    `query:"scope"`
	Overdue    bool      `query:"overdue" doc:"Only risks with a mitigation past its due date."`
	Safety     bool      `query:"safety" doc:"Only risks to safety."`
	Query      string    `query:"q" maxLength:"200" doc:"A part of title, asset, threat, source or vulnerability."`
	At         time.Time `query:"at" doc:"A past time; now unless given."`
	Sort       string    `query:"sort" default:"-level" doc:"level, created, changed, ends, due, title, owner or system; a leading - turns it round."`
}

// listed is a page of risks; of a past moment it says which.
type listed struct {
	Body struct {
		api.Page[View]
		AsOf *AsOf `json:"asOf,omitempty" doc:"Of a past moment: which."`
	}
}

func (s *Service) listRisks(ctx context.Context, in *listInput) (*listed, error) {
	page, err := s.List(ctx, Filter{
		State: in.State, Decision: in.Decision, Level: in.Level, Likelihood: in.Likelihood, Impact: in.Impact, Residual: in.Residual, System: in.System,
		Site: in.Site, Owner: in.Owner, Scope: in.Scope, Overdue: in.Overdue, Safety: in.Safety, Query: in.Query, At: in.At, Sort: in.Sort, Limit: in.Limit, After: in.After,
	})
	out := &listed{}
	out.Body.Page, out.Body.AsOf = page, asOfTime(in.At)
	return out, err
}

// answer is a risk with its version as ETag.
func (s *Service) answer(r Risk, err error) (*api.One[View], error) {
	if err != nil {
		return nil, err
	}
	return &api.One[View]{ETag: api.ETag(r.Version), Body: s.view(r)}, nil
}

func (s *Service) postRisk(ctx context.Context, in *struct{ Body Text }) (*api.One[View], error) {
	return s.answer(s.Enter(ctx, in.Body))
}

// Detail is a risk with its newest versions, newest first.
type Detail struct {
	View
	History []Past `json:"history"`
	AsOf    *AsOf  `json:"asOf,omitempty" doc:"Of a past moment: which."`
}

func (s *Service) getRisk(ctx context.Context, in *struct {
	ID string    `path:"id" maxLength:"40" doc:"Id of a risk."`
	At time.Time `query:"at" doc:"A past time; now unless given."`
},
) (*api.One[Detail], error) {
	r, err := s.OneAt(ctx, in.ID, in.At)
	if err != nil {
		return nil, err
	}
	past, err := s.history(ctx, r.ID, r.Version)
	out := &api.One[Detail]{Body: Detail{s.view(r), past, asOfTime(in.At)}}
	if in.At.IsZero() {
		out.ETag = api.ETag(r.Version)
	} else {
		out.Body.View = viewAt(r, in.At)
	}
	return out, err
}

func (s *Service) putRisk(ctx context.Context, in *struct {
	Ref
	Body Text
},
) (*api.One[View], error) {
	return s.answer(s.Change(ctx, in.ID, in.IfMatch, in.Body))
}

func (s *Service) decideRisk(ctx context.Context, in *struct {
	Ref
	Body Verdict
},
) (*api.One[View], error) {
	return s.answer(s.Decide(ctx, in.ID, in.IfMatch, in.Body))
}

func (s *Service) closeRisk(ctx context.Context, in *struct {
	Ref
	Body struct {
		Reason string `json:"reason" doc:"Why nothing is left of it."`
	}
},
) (*api.One[View], error) {
	return s.answer(s.Close(ctx, in.ID, in.IfMatch, in.Body.Reason))
}

func (s *Service) postMitigation(ctx context.Context, in *struct {
	Ref
	Body Task
},
) (*api.One[View], error) {
	return s.answer(s.AddMitigation(ctx, in.ID, in.IfMatch, in.Body))
}

func (s *Service) finishMitigation(ctx context.Context, in *struct {
	Ref
	Number int `path:"number" minimum:"1" maximum:"1000"`
	Body   struct {
		Outcome string `json:"outcome" doc:"What was done and what it changed."`
	}
},
) (*api.One[View], error) {
	return s.answer(s.FinishMitigation(ctx, in.ID, in.IfMatch, in.Number, in.Body.Outcome))
}

func (s *Service) moveMitigation(ctx context.Context, in *struct {
	Ref
	Number int `path:"number" minimum:"1" maximum:"1000"`
	Body   struct {
		Due    time.Time `json:"due"`
		Reason string    `json:"reason"`
	}
},
) (*api.One[View], error) {
	return s.answer(s.MoveMitigation(ctx, in.ID, in.IfMatch, in.Number, in.Body.Due, in.Body.Reason))
}

func (s *Service) postLink(ctx context.Context, in *struct {
	Ref
	Body struct {
		Kind string `json:"kind" enum:"finding,record,control,device"`
		ID   string `json:"id"`
	}
},
) (*api.One[View], error) {
	return s.answer(s.AddLink(ctx, in.ID, in.IfMatch, in.Body.Kind, in.Body.ID))
}

func (s *Service) deleteLink(ctx context.Context, in *struct {
	Ref
	Kind   string `path:"kind" maxLength:"16"`
	Target string `path:"target" maxLength:"120" doc:"The id that the link names."`
},
) (*api.One[View], error) {
	return s.answer(s.RemoveLink(ctx, in.ID, in.IfMatch, in.Kind, in.Target))
}

func (s *Service) getMatrix(ctx context.Context, in *struct {
	At     time.Time `query:"at" doc:"A past time; now unless given."`
	System string    `query:"system" maxLength:"120"`
},
) (*api.One[Matrix], error) {
	m, err := s.Matrix(ctx, in.System, in.At)
	return &api.One[Matrix]{Body: m}, err
}

func (s *Service) getTrend(ctx context.Context, in *struct {
	Days int `query:"days" minimum:"1" maximum:"730" default:"90"`
},
) (*api.List[Point], error) {
	points, err := s.Trend(ctx, in.Days)
	n := len(points)
	return api.NewList(points, n, &n, func(Point) string { return "" }), err
}

func (s *Service) getScales(context.Context, *struct{}) (*api.One[Scales], error) {
	return &api.One[Scales]{Body: TheScales()}, nil
}

func (s *Service) getCoverage(ctx context.Context, in *struct {
	System string `query:"system" maxLength:"120" doc:"Only this system; risks of the whole organisation count too."`
},
) (*api.One[Coverage], error) {
	c, err := s.Coverage(ctx, in.System)
	return &api.One[Coverage]{Body: c}, err
}
