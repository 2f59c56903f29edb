package posture

import (
	"context"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
)

func (s *Service) exceptionRoutes(r *api.Router) {
	const tag = "Exceptions"
	api.Get(r, "/exceptions", access.ControlRead, api.Doc{Tag: tag, Summary: "Exceptions, newest first"}, s.listExceptions)
	api.Post(r, "/exceptions", access.ExceptionRequest, "exception.requested", api.Doc{
		Tag: tag, Summary: "Ask for an exception", Status: 201,
		Text: "It needs a justification, a compensating control and an end within 365 days, and covers nothing until another person approves it.",
	}, s.postException)
	api.Get(r, "/exceptions/{id}", access.ControlRead, api.Doc{Tag: tag, Summary: "An exception and what it covers"}, s.getException)
	api.Post(r, "/exceptions/{id}/approve", access.ExceptionDecide, "exception.approved", api.Doc{
		Tag: tag, Summary: "Approve an exception, never one's own",
		Text: "What it covers goes on being tested and counts as excepted until the exception ends.",
	}, s.approveException)
	api.Post(r, "/exceptions/{id}/refuse", access.ExceptionDecide, "exception.refused", api.Doc{Tag: tag, Summary: "Refuse an exception, never one's own"}, s.refuseException)
	api.Post(r, "/exceptions/{id}/withdraw", access.ExceptionRequest, "exception.withdrawn", api.Doc{Tag: tag, Summary: "End an exception before its time, or take a request back"}, s.withdrawException)
}

type exceptionBody struct {
	Control       string      `json:"control" minLength:"1" maxLength:"32"`
	Check         string      `json:"check,omitempty" maxLength:"128" doc:"One check of the control; empty: all of them."`
	Subject       *subjectRef `json:"subject,omitempty"`
	Scope         *Scope      `json:"scope,omitempty"`
	Justification string      `json:"justification" maxLength:"4000"`
	Compensating  string      `json:"compensating" maxLength:"4000" doc:"What protects meanwhile."`
	Plan          string      `json:"plan,omitempty" maxLength:"4000" doc:"How it will be put right."`
	Ends          time.Time   `json:"ends" doc:"Within 365 days."`
}

type subjectRef struct {
	Kind Kind   `json:"kind" maxLength:"64" doc:"device, account, certificate … or setting."`
	ID   string `json:"id" minLength:"1" maxLength:"256" doc:"Id or name."`
}

func (s *Service) postException(ctx context.Context, in *struct{ Body exceptionBody }) (*api.One[Exception], error) {
	b := in.Body
	e := Exception{Control: b.Control, Check: b.Check, Scope: b.Scope, Justification: b.Justification, Compensating: b.Compensating, Plan: strings.TrimSpace(b.Plan), Ends: b.Ends}
	if b.Subject != nil {
		e.Subject = &Ref{Kind: b.Subject.Kind, ID: b.Subject.ID}
	}
	made, err := s.RequestException(ctx, e)
	if err != nil {
		return nil, err
	}
	return &api.One[Exception]{Body: made}, nil
}

type exceptionsInput struct {
	api.PageInput
	State   string `query:"state" enum:"requested,approved,refused,withdrawn,ended" doc:"Only exceptions in this state."`
	Control string `query:"control" maxLength:"32" doc:"Only exceptions from this control."`
	Query   string `query:"q" maxLength:"200" doc:"Only exceptions whose subject, people or words contain this."`
}

// Exceptions lists exceptions, newest first; empty arguments do not narrow.
func (s *Service) Exceptions(ctx context.Context, state ExceptionState, control, text string) ([]Exception, error) {
	where, args := "WHERE 1 = 1", []any{}
	if control != "" {
		where, args = where+" AND control = ?", append(args, strings.ToUpper(control))
	}
	list, err := s.exceptionsWhere(ctx, where, args...)
	if err != nil {
		return nil, err
	}
	var out []Exception
	text = strings.ToLower(text)
	for _, e := range list {
		s.asItIs(e)
		if (state == "" || e.State == state) && (text == "" || e.says(text)) {
			out = append(out, *e)
		}
	}
	return out, nil
}

// asItIs lets an exception whose end has come but is not written yet say that it ended.
func (s *Service) asItIs(e *Exception) {
	if e.State == ExceptionApproved && !e.in(s.Clock.Now()) {
		e.State, e.Finished = ExceptionEnded, &e.Ends
	}
}

func (e *Exception) says(text string) bool {
	words := []string{e.ID, e.Control, e.Check, e.Requester, e.Approver, e.Justification, e.Compensating, e.Plan, e.Reason}
	if e.Subject != nil {
		words = append(words, e.Subject.ID, e.Subject.Name)
	}
	if e.Scope != nil {
		words = append(words, e.Scope.Type, e.Scope.Site, e.Scope.System)
	}
	return strings.Contains(strings.ToLower(strings.Join(words, "\n")), text)
}

func (s *Service) listExceptions(ctx context.Context, in *exceptionsInput) (*api.List[Exception], error) {
	keys, from, err := api.ParseCursor(in.After, 1)
	if err != nil {
		return nil, err
	}
	list, err := s.Exceptions(ctx, ExceptionState(in.State), in.Control, in.Query)
	if err != nil {
		return nil, err
	}
	total := len(list)
	for from && len(list) > 0 && list[0].ID >= keys[0] {
		list = list[1:]
	}
	list = list[:min(len(list), in.Limit+1)]
	for i := range list {
		s.count(&list[i])
	}
	return api.NewList(list, in.Limit, &total, func(e Exception) string { return api.Cursor(e.ID) }), nil
}

type exceptionInput struct {
	ID string `path:"id" maxLength:"64" doc:"An exception's identifier."`
}

// Exception reads one exception with what it covers now.
func (s *Service) Exception(ctx context.Context, ref string) (Exception, error) {
	list, err := s.exceptionsWhere(ctx, "WHERE id = ?", ref)
	if err != nil {
		return Exception{}, err
	}
	if len(list) == 0 {
		return Exception{}, errNoException(ref)
	}
	s.asItIs(list[0])
	s.count(list[0])
	return *list[0], nil
}

func (s *Service) getException(ctx context.Context, in *exceptionInput) (*api.One[Exception], error) {
	e, err := s.Exception(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &api.One[Exception]{Body: e}, nil
}

type exceptionStep struct {
	ID   string `path:"id" maxLength:"64" doc:"An exception's identifier."`
	Body struct {
		Reason string `json:"reason,omitempty" maxLength:"2000"`
	}
}

func stepped(e Exception, err error) (*api.One[Exception], error) {
	if err != nil {
		return nil, err
	}
	return &api.One[Exception]{Body: e}, nil
}

func (s *Service) approveException(ctx context.Context, in *exceptionStep) (*api.One[Exception], error) {
	return stepped(s.ApproveException(ctx, in.ID, in.Body.Reason))
}

func (s *Service) refuseException(ctx context.Context, in *exceptionStep) (*api.One[Exception], error) {
	return stepped(s.RefuseException(ctx, in.ID, in.Body.Reason))
}

func (s *Service) withdrawException(ctx context.Context, in *exceptionStep) (*api.One[Exception], error) {
	return stepped(s.WithdrawException(ctx, in.ID, in.Body.Reason))
}

// ControlExceptions lists a control's exceptions that are requested or in force.
func (s *Service) ControlExceptions(ctx context.Context, control string) ([]Exception, error) {
	list, err := s.Exceptions(ctx, "", control, "")
	out := []Exception{}
	for _, e := range list {
		if e.State == ExceptionRequested || e.State == ExceptionApproved {
			s.count(&e)
			out = append(out, e)
		}
	}
	return out, err
}

// past refuses times that are none of the past.
func (s *Service) past(at time.Time) (time.Time, error) {
	if at = at.UTC(); at.After(s.Clock.Now()) {
		return at, fleet.Invalid("at", "lies in the future: what will be is asked of /posture/what-if")
	}
	return at, nil
}
