package people

import (
	"context"
	"time"

	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
)

// Routes registers the routes of access reviews.
func (s *Reviews) Routes(r *api.Router) {
	const tag = "Access reviews"
	api.Get(r, "/reviews", access.AccountRead, api.Doc{Tag: tag, Summary: "List access reviews, newest first"}, s.getReviews)
	api.Post(r, "/reviews", access.ReviewWrite, "review.opened", api.Doc{Tag: tag, Summary: "Open an access review over every account", Text: "The platform makes the list: every person and every service account, and those made while the review is open.", MaxBody: bodyMost}, s.postReview)
	api.Get(r, "/reviews/{id}", access.AccountRead, api.Doc{Tag: tag, Summary: "Show an access review and its lines"}, s.getReview)
	api.Post(r, "/reviews/{id}/decide", access.ReviewWrite, "review.decided", api.Doc{Tag: tag, Summary: "Keep or reject an account", Text: "A rejected account is disabled at once: its sessions, tokens and certificates die in the same transaction. Nobody decides on their own account.", MaxBody: bodyMost}, s.postDecision)
	api.Post(r, "/reviews/{id}/close", access.ReviewWrite, "review.closed", api.Doc{Tag: tag, Summary: "Close a review in which every account is decided"}, s.postClose)
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
		Due   time.Time `json:"due" doc:"By when every account must be decided."`
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

type decisionInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Account  string   `json:"account" maxLength:"128" doc:"Id or name."`
		Decision Decision `json:"decision" enum:"keep,reject"`
		Reason   string   `json:"reason" maxLength:"500"`
	}
}

func (s *Reviews) postDecision(ctx context.Context, in *decisionInput) (*api.One[Line], error) {
	return one(s.Decide(ctx, in.ID, in.Body.Account, in.Body.Decision, in.Body.Reason))
}

func (s *Reviews) postClose(ctx context.Context, in *reviewRef) (*api.One[Review], error) {
	return one(s.Close(ctx, in.ID))
}
