package engagement

import (
	"context"

	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
)

const (
	tag      = "Engagements"
	bodyMost = 128 << 10 // bytes
)

// Routes registers the auditor's workflow.
func (s *Service) Routes(r *api.Router) {
	api.Get(r, "/engagements", access.EngagementRead, api.Doc{Tag: tag, Summary: "List engagements, newest first"}, s.getEngagements)
	api.Post(r, "/engagements", access.EngagementWrite, "engagement.opened", api.Doc{Tag: tag, Summary: "Open an engagement", Text: "Auditors open them; each auditor's account holds the role auditor and no other.", MaxBody: bodyMost}, s.postEngagement)
	api.Get(r, "/engagements/{id}", access.EngagementRead, api.Doc{Tag: tag, Summary: "Show an engagement with samples, requests and conclusions"}, s.getEngagement)
	api.Put(r, "/engagements/{id}", access.EngagementWrite, "engagement.changed", api.Doc{Tag: tag, Summary: "Change title, period, scope, auditors or end", MaxBody: bodyMost}, s.putEngagement)
	api.Post(r, "/engagements/{id}/samples", access.EngagementWrite, "engagement.sampled", api.Doc{
		Tag: tag, Summary: "Draw a sample of a control's objects", MaxBody: bodyMost,
		Text: "An object's rank is SHA-256(seed, newline, kind/id); those with the lowest ranks are taken. The seed stands in the audit log, so anybody can draw again.",
	}, s.postSample)
	api.Post(r, "/engagements/{id}/requests", access.EngagementWrite, "engagement.asked", api.Doc{Tag: tag, Summary: "Ask the audited for something", MaxBody: bodyMost}, s.postRequest)
	api.Post(r, "/engagements/{id}/requests/{n}/answer", access.EngagementAnswer, "engagement.answered", api.Doc{Tag: tag, Summary: "Answer a request", MaxBody: bodyMost}, s.postAnswer)
	api.Post(r, "/engagements/{id}/requests/{n}/judge", access.EngagementWrite, "engagement.judged", api.Doc{Tag: tag, Summary: "Accept an answer or send it back", MaxBody: bodyMost}, s.postVerdict)
	api.Post(r, "/engagements/{id}/conclusions", access.EngagementWrite, "engagement.concluded", api.Doc{Tag: tag, Summary: "Conclude on a control", MaxBody: bodyMost}, s.postConclusion)
	api.Post(r, "/engagements/{id}/sign", access.EngagementWrite, "engagement.signed", api.Doc{Tag: tag, Summary: "Sign an engagement off", Text: "Its digest and the log's checkpoint are bound in the audit log; nothing about it changes any more.", MaxBody: bodyMost}, s.postSignature)
}

func (s *Service) getEngagements(ctx context.Context, in *api.PageInput) (*api.List[Engagement], error) {
	before := ""
	if keys, ok, err := api.ParseCursor(in.After, 1); err != nil {
		return nil, err
	} else if ok {
		before = keys[0]
	}
	ids, err := s.heads(ctx, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	var out []Engagement
	for _, id := range ids {
		e, err := s.Engagement(ctx, id)
		if err != nil {
			return nil, err
		}
		e.Samples, e.Requests, e.Conclusion = nil, nil, nil
		out = append(out, e)
	}
	return api.NewList(out, in.Limit, nil, func(e Engagement) string { return api.Cursor(e.ID) }), nil
}

type draftInput struct{ Body Draft }

func (s *Service) postEngagement(ctx context.Context, in *draftInput) (*api.One[Engagement], error) {
	return one(s.Open(ctx, in.Body))
}

type engagementRef struct {
	ID string `path:"id" maxLength:"64"`
}

func (s *Service) getEngagement(ctx context.Context, in *engagementRef) (*api.One[Engagement], error) {
	return one(s.Engagement(ctx, in.ID))
}

type changeInput struct {
	ID      string `path:"id" maxLength:"64"`
	IfMatch string `header:"If-Match" maxLength:"64"`
	Body    Draft
}

func (s *Service) putEngagement(ctx context.Context, in *changeInput) (*api.One[Engagement], error) {
	return one(s.Change(ctx, in.ID, in.IfMatch, in.Body))
}

type sampleInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body SampleRequest
}

func (s *Service) postSample(ctx context.Context, in *sampleInput) (*api.One[Sample], error) {
	return same(s.Draw(ctx, in.ID, in.Body))
}

type requestInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body Ask
}

func (s *Service) postRequest(ctx context.Context, in *requestInput) (*api.One[Request], error) {
	return same(s.Request(ctx, in.ID, in.Body))
}

type answerInput struct {
	ID   string `path:"id" maxLength:"64"`
	N    int    `path:"n"`
	Body Answer
}

func (s *Service) postAnswer(ctx context.Context, in *answerInput) (*api.One[Request], error) {
	return same(s.Answer(ctx, in.ID, in.N, in.Body))
}

type verdictInput struct {
	ID   string `path:"id" maxLength:"64"`
	N    int    `path:"n"`
	Body struct {
		Verdict string `json:"verdict" enum:"accepted,returned"`
		Text    string `json:"text,omitempty" maxLength:"8000" doc:"What is still wanted, where it goes back."`
	}
}

func (s *Service) postVerdict(ctx context.Context, in *verdictInput) (*api.One[Request], error) {
	return same(s.Judge(ctx, in.ID, in.N, in.Body.Verdict, in.Body.Text))
}

type conclusionInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Control    string `json:"control" maxLength:"32"`
		Conclusion string `json:"conclusion" enum:"met,partly,not-met,not-tested"`
		Text       string `json:"text,omitempty" maxLength:"8000" doc:"Why; required unless met."`
	}
}

func (s *Service) postConclusion(ctx context.Context, in *conclusionInput) (*api.One[Conclusion], error) {
	return same(s.Conclude(ctx, in.ID, Conclusion{Control: in.Body.Control, Conclusion: in.Body.Conclusion, Text: in.Body.Text}))
}

type signInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Statement string `json:"statement" maxLength:"8000" doc:"The auditor's statement."`
	}
}

func (s *Service) postSignature(ctx context.Context, in *signInput) (*api.One[Engagement], error) {
	return one(s.Sign(ctx, in.ID, in.Body.Statement))
}

func one(e Engagement, err error) (*api.One[Engagement], error) {
	if err != nil {
		return nil, err
	}
	return &api.One[Engagement]{ETag: api.ETag(e.version), Body: e}, nil
}

func same[T any](v T, err error) (*api.One[T], error) {
	if err != nil {
		return nil, err
	}
	return &api.One[T]{Body: v}, nil
}
