package people

import (
	"context"

	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
)

type passwordInput struct {
	Body struct {
		Current string `json:"current" maxLength:"1024" doc:"Empty where the account has no password yet."`
		New     string `json:"new" maxLength:"1024"`
	}
}

func (s *Service) postPassword(ctx context.Context, in *passwordInput) (*api.Nothing, error) {
	return done(s.access.ChangePassword(ctx, caller(ctx), in.Body.Current, in.Body.New))
}

type codeInput struct {
	Body struct {
		Code string `json:"code" maxLength:"16" doc:"Six digits of the authenticator app."`
	}
}

func (s *Service) postFactor(ctx context.Context, _ *struct{}) (*api.One[access.Enrolment], error) {
	e, err := s.access.BeginFactor(ctx, caller(ctx))
	return one(e, err)
}

func (s *Service) putFactor(ctx context.Context, in *codeInput) (*api.Nothing, error) {
	return done(s.access.ConfirmFactor(ctx, caller(ctx), in.Body.Code))
}

func (s *Service) deleteFactor(ctx context.Context, in *codeInput) (*api.Nothing, error) {
	return done(s.access.RemoveFactor(ctx, caller(ctx), in.Body.Code))
}

func done(err error) (*api.Nothing, error) {
	if err != nil {
		return nil, err
	}
	return &api.Nothing{}, nil
}

func one[T any](v T, err error) (*api.One[T], error) {
	if err != nil {
		return nil, err
	}
	return &api.One[T]{Body: v}, nil
}
