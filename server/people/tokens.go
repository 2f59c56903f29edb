package people

import (
	"context"

	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
)

// newToken is what a token is made from.
type newToken struct {
	Name string `json:"name" maxLength:"63" doc:"What it is for."`
	Days int    `json:"days" doc:"Until it ends; at most 90."`
}

// MadeToken is a token with its secret, which is shown this once.
type MadeToken struct {
	access.Token
	Secret string `json:"token"`
}

type ownTokenInput struct{ Body newToken }

type ownTokenRef struct {
	ID string `path:"id" maxLength:"64"`
}

type tokenInput struct {
	Ref  string `path:"ref" maxLength:"64"`
	Body newToken
}

type tokenRef struct {
	Ref string `path:"ref" maxLength:"64"`
	ID  string `path:"id" maxLength:"64"`
}

func (s *Service) getOwnTokens(ctx context.Context, _ *struct{}) (*api.List[access.Token], error) {
	return s.listTokens(ctx, caller(ctx).ID)
}

func (s *Service) postOwnToken(ctx context.Context, in *ownTokenInput) (*api.One[MadeToken], error) {
	return s.makeToken(ctx, caller(ctx).ID, in.Body)
}

func (s *Service) deleteOwnToken(ctx context.Context, in *ownTokenRef) (*api.Nothing, error) {
	return done(s.access.RevokeToken(ctx, caller(ctx).ID, in.ID))
}

func (s *Service) getTokens(ctx context.Context, in *accountRef) (*api.List[access.Token], error) {
	a, err := s.access.Account(ctx, in.Ref)
	if err != nil {
		return nil, err
	}
	return s.listTokens(ctx, a.ID)
}

func (s *Service) postToken(ctx context.Context, in *tokenInput) (*api.One[MadeToken], error) {
	return s.makeToken(ctx, in.Ref, in.Body)
}

func (s *Service) deleteToken(ctx context.Context, in *tokenRef) (*api.Nothing, error) {
	return done(s.access.RevokeToken(ctx, in.Ref, in.ID))
}

// listTokens gives all at once: an account has few.
func (s *Service) listTokens(ctx context.Context, accountID string) (*api.List[access.Token], error) {
	list, err := s.access.Tokens(ctx, accountID)
	if err != nil {
		return nil, err
	}
	total := len(list)
	return api.NewList(list, max(total, 1), &total, func(t access.Token) string { return t.ID }), nil
}

func (s *Service) makeToken(ctx context.Context, ref string, n newToken) (*api.One[MadeToken], error) {
	t, secret, err := s.access.CreateToken(ctx, caller(ctx), ref, n.Name, n.Days)
	return one(MadeToken{Token: t, Secret: secret}, err)
}
