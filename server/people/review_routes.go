package people

import (
	"context"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
)

// Routes registers the routes of access reviews.
func (s *Reviews) Routes(r *api.Router) {
	const tag = "Access reviews"
	s.live = r.Live
	api.Get(r, "/reviews", access.AccountRead, api.Doc{Tag: tag, Summary: "List access reviews, newest first"}, s.getReviews)
	api.Post(r, "/reviews", access.ReviewWrite, "review.opened", api.Doc{Tag: tag, Summary: "Open an access review over every account and device", Text: "The platform makes the list: every person, every service account and every device that is not retired, and those made while the review is open.", MaxBody: bodyMost}, s.postReview)
	api.Get(r, "/reviews/{id}", access.AccountRead, api.Doc{Tag: tag, Summary: "Show an access review and the lines of its accounts"}, s.getReview)
	api.Get(r, "/reviews/{id}/lines", access.AccountRead, api.Doc{Tag: tag, Summary: "List the lines of an access review by name, devices too"}, s.getLines)
	api.Post(r, "/reviews/{id}/decide", access.ReviewWrite, "review.decided", api.Doc{Tag: tag, Summary: "Keep or reject an account or a device, or keep devices by a filter", Text: "A rejected account is disabled at once: its sessions, tokens and certificates die in the same transaction. A rejected device is suspended at once. Nobody decides on their own account. With a filter, every undecided device it chooses is kept; rejecting is one by one.", MaxBody: bodyMost}, s.postDecision)
	api.Post(r, "/reviews/{id}/close", access.ReviewWrite, "review.closed", api.Doc{Tag: tag, Summary: "Close a review in which every account and device is decided"}, s.postClose)
}

func (s *Reviews) getReviews(ctx context.Context, in *api.PageInput) (*api.List[Review], error) {
	before := ""
	if keys, ok, err := api.ParseCursor(in.After, 1); err != nil {
		return nil, err
	} else if ok {
		before = keys[0]
	}
	list, err := s.listReviews(ctx, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	for i := range list[:min(len(list), in.Limit)] {
		full, err := s.Review(ctx, list[i].ID)
		if err != nil {
			return nil, err
		}
		full.Lines = nil
		list[i] = full
	}
	return api.NewList(list, in.Limit, nil, func(r Review) string { return api.Cursor(r.ID) }), nil
}

type reviewInput struct {
	Body struct {
		Title string    `json:"title" maxLength:"200"`
		Due   time.Time `json:"due" doc:"By when every account and device must be decided."`
	}
}

func (s *Reviews) postReview(ctx context.Context, in *reviewInput) (*api.One[Review], error) {
	return one(s.Open(ctx, in.Body.Title, in.Body.Due))
}

type reviewRef struct {
	ID string `path:"id" maxLength:"64"`
}

func (s *Reviews) getReview(ctx context.Context, in *reviewRef) (*api.One[Review], error) {
	return one(s.Review(ctx, in.ID))
}

type linesInput struct {
	ID string `path:"id" maxLength:"64"`
	api.PageInput
	Kind    string `query:"kind" enum:"person,service,device"`
	Decided string `query:"decided" enum:"none,keep,reject,disabled"`
	Type    string `query:"type" maxLength:"128" doc:"Devices of this type."`
	Site    string `query:"site" maxLength:"128" doc:"Devices at this site, by its name."`
	Query   string `query:"q" maxLength:"200" doc:"A part of the name."`
}

func (s *Reviews) getLines(ctx context.Context, in *linesInput) (*api.List[Line], error) {
	lines, total, err := s.Lines(ctx, in.ID, LineFilter{in.Kind, in.Decided, in.Type, in.Site, in.Query}, in.After, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return api.NewList(lines, in.Limit, total, func(l Line) string { return api.Cursor(l.Name, l.Account) }), nil
}

// devicesBody chooses devices in a body.
type devicesBody struct {
	Kind string `json:"kind" enum:"device"`
	Type string `json:"type,omitempty" maxLength:"128"`
	Site string `json:"site,omitempty" maxLength:"128" doc:"By name."`
}

type decisionInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Account  string       `json:"account,omitempty" maxLength:"128" doc:"Id or name of an account or a device; or give a filter."`
		Filter   *devicesBody `json:"filter,omitempty" doc:"Keep every undecided device that it chooses."`
		Decision Decision     `json:"decision" enum:"keep,reject"`
		Reason   string       `json:"reason" maxLength:"500"`
	}
}

// decided is the line that was decided, or how many devices a filter kept.
type decided struct {
	*Line
	Devices int `json:"devices,omitempty" doc:"How many the filter kept."`
}

func (s *Reviews) postDecision(ctx context.Context, in *decisionInput) (*api.One[decided], error) {
	b := in.Body
	switch {
	case (b.Account == "") == (b.Filter == nil):
		return nil, fleet.Invalid("account", "give an account or a filter")
	case b.Filter == nil:
		l, err := s.Decide(ctx, in.ID, b.Account, b.Decision, b.Reason)
		return one(decided{Line: &l}, err)
	case b.Decision != Keep:
		return nil, fleet.Invalid("decision", "want keep: devices are rejected one by one, give the device as account")
	}
	n, err := s.KeepDevices(ctx, in.ID, DeviceFilter{b.Filter.Type, b.Filter.Site}, b.Reason)
	return one(decided{Devices: n}, err)
}

func (s *Reviews) postClose(ctx context.Context, in *reviewRef) (*api.One[Review], error) {
	return one(s.Close(ctx, in.ID))
}
