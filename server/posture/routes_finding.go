package posture

import (
	"context"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
)

func (s *Service) findingRoutes(r *api.Router) {
	const tag = "Findings"
	api.Get(r, "/findings", access.ControlRead, api.Doc{
		Tag: tag, Summary: "Findings: what fails, about what, whose it is and when it is due",
		Text: "total is left out where a subject or a text is asked for, unless with at. With at, everything is as it was then: state, owner, due date, notes and exception.",
	}, s.listFindings)
	api.Get(r, "/findings/summary", access.ControlRead, api.Doc{Tag: tag, Summary: "How many findings are open, overdue, excepted and unowned"}, s.getFindingSummary)
	api.Get(r, "/findings/{id}", access.ControlRead, api.Doc{
		Tag: tag, Summary: "A finding with its notes and what puts it right",
		Text: "With at, everything is as it was then: state, owner, due date, notes and exception. Owner, due date and notes are compared with the audit log. Before it was opened there is none: 404.",
	}, s.getFinding)
	api.Put(r, "/findings/{id}", access.FindingWrite, "finding.assigned", api.Doc{
		Tag: tag, Summary: "Give a finding an owner or another due date",
		Text: "A finding closes by measurement only; nobody can close it.",
	}, s.putFinding)
	api.Post(r, "/findings/{id}/notes", access.FindingWrite, "finding.noted", api.Doc{Tag: tag, Summary: "Add a note to a finding", Status: 201}, s.postNote)
	api.Post(r, "/findings/assign", access.FindingWrite, "finding.assigned", api.Doc{Tag: tag, Summary: "Assign many findings, by id or by filter"}, s.postAssign)
}

type findingsInput struct {
	api.PageInput
	State    string    `query:"state" enum:"open,excepted,closed,all" default:"open"`
	Control  string    `query:"control" maxLength:"32"`
	Domain   string    `query:"domain" maxLength:"16"`
	Check    string    `query:"check" maxLength:"128"`
	Owner    string    `query:"owner" maxLength:"128" doc:"An account's name; - for those that nobody owns."`
	Severity string    `query:"severity" enum:"low,medium,high,critical"`
	Overdue  bool      `query:"overdue" doc:"Only open ones past their due date."`
	Subject  string    `query:"subject" maxLength:"256" doc:"A subject's id or name."`
	Query    string    `query:"q" maxLength:"200" doc:"Part of a subject's or check's name."`
	At       time.Time `query:"at" doc:"As they stood at this past moment."`
	Sort     string    `query:"sort" enum:"-opened,due,control" default:"-opened"`
}

func (in *findingsInput) filter() FindingFilter {
	return FindingFilter{
		State: in.State, Control: in.Control, Domain: in.Domain, Check: in.Check, Owner: in.Owner, Severity: fleet.Severity(in.Severity), Overdue: in.Overdue,
		Subject: in.Subject, Query: in.Query, At: in.At, Sort: in.Sort, After: in.After, Limit: in.Limit, Total: true,
	}
}

func (s *Service) listFindings(ctx context.Context, in *findingsInput) (*api.List[Finding], error) {
	if _, err := s.past(in.At); err != nil {
		return nil, err
	}
	list, next, total, err := s.Findings(ctx, in.filter())
	if err != nil {
		return nil, err
	}
	return &api.List[Finding]{Body: api.Page[Finding]{Items: append([]Finding{}, list...), Next: next, Total: total}}, nil
}

func (s *Service) getFindingSummary(context.Context, *struct{}) (*api.One[FindingSummary], error) {
	return &api.One[FindingSummary]{Body: s.FindingSummary()}, nil
}

// findingAtInput names a finding, and perhaps a past moment.
type findingAtInput struct {
	ID string `path:"id" maxLength:"64" doc:"A finding's identifier."`
	AtInput
}

func (s *Service) getFinding(ctx context.Context, in *findingAtInput) (*api.One[FindingDetail], error) {
	d, err := s.findingAt(ctx, in.ID, in.At)
	if err != nil {
		return nil, err
	}
	return &api.One[FindingDetail]{Body: d}, nil
}

func (s *Service) findingAt(ctx context.Context, ref string, then time.Time) (FindingDetail, error) {
	if then.IsZero() {
		return s.Finding(ctx, ref)
	}
	return s.FindingAt(ctx, ref, then)
}

type assignmentBody struct {
	Owner *string    `json:"owner,omitempty" maxLength:"128" doc:"An account's name; empty takes the owner away; left out leaves it."`
	Due   *time.Time `json:"due,omitempty" doc:"Left out leaves it."`
}

func (s *Service) putFinding(ctx context.Context, in *struct {
	ID   string `path:"id" maxLength:"64" doc:"A finding's identifier."`
	Body assignmentBody
},
) (*api.One[FindingDetail], error) {
	if err := s.Assign(ctx, []string{in.ID}, Assignment{in.Body.Owner, in.Body.Due}); err != nil {
		return nil, err
	}
	return s.getFinding(ctx, &findingAtInput{ID: in.ID})
}

func (s *Service) postNote(ctx context.Context, in *struct {
	ID   string `path:"id" maxLength:"64" doc:"A finding's identifier."`
	Body struct {
		Text string `json:"text" minLength:"1" maxLength:"10000"`
	}
},
) (*api.One[Note], error) {
	n, err := s.Note(ctx, in.ID, in.Body.Text)
	if err != nil {
		return nil, err
	}
	return &api.One[Note]{Body: n}, nil
}

// filterBody is the filter of a list in a body.
type filterBody struct {
	State    string `json:"state,omitempty" enum:"open,excepted"`
	Control  string `json:"control,omitempty" maxLength:"32"`
	Domain   string `json:"domain,omitempty" maxLength:"16"`
	Check    string `json:"check,omitempty" maxLength:"128"`
	Owner    string `json:"owner,omitempty" maxLength:"128"`
	Severity string `json:"severity,omitempty" enum:"low,medium,high,critical"`
	Overdue  bool   `json:"overdue,omitempty"`
	Subject  string `json:"subject,omitempty" maxLength:"256"`
	Query    string `json:"q,omitempty" maxLength:"200"`
}

type assigned struct {
	Assigned int `json:"assigned"`
}

func (s *Service) postAssign(ctx context.Context, in *struct {
	Body struct {
		IDs    []string    `json:"ids,omitempty" maxItems:"1000"`
		Filter *filterBody `json:"filter,omitempty"`
		Owner  *string     `json:"owner,omitempty" maxLength:"128"`
		Due    *time.Time  `json:"due,omitempty"`
	}
},
) (*api.One[assigned], error) {
	a, b := Assignment{in.Body.Owner, in.Body.Due}, in.Body
	switch {
	case (len(b.IDs) == 0) == (b.Filter == nil):
		return nil, fleet.Invalid("ids", "give ids or a filter")
	case b.Filter == nil:
		if err := s.Assign(ctx, b.IDs, a); err != nil {
			return nil, err
		}
		return &api.One[assigned]{Body: assigned{len(b.IDs)}}, nil
	}
	f := b.Filter
	n, err := s.AssignWhere(ctx, FindingFilter{
		State: f.State, Control: f.Control, Domain: f.Domain, Check: f.Check, Owner: f.Owner, Severity: fleet.Severity(f.Severity), Overdue: f.Overdue,
		Subject: f.Subject, Query: f.Query,
	}, a)
	if err != nil {
		return nil, err
	}
	return &api.One[assigned]{Body: assigned{n}}, nil
}
