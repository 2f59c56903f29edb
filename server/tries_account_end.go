package server

import (
	"context"
	"net/http"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/kit/sealed"
	"github.com/thingward/thingward/server/access"
)

// accountEnds makes an account that ends in an hour, signs in and uses the session, and tries both again after the end.
func (s *Server) accountEnds(ctx context.Context, b *bench) (bool, error) {
	accounts, err := s.benchAccounts(ctx, b, sealed.NewKey())
	if err != nil {
		return false, err
	}
	defer accounts.Close()
	end, password := b.clock.Now().Add(time.Hour), id.New()+"-"+id.New()
	made, err := accounts.CreateAccount(ctx, access.NewAccount{Name: "self-test-guest", Kind: access.Person, Roles: []access.Role{access.LocalUser}, Site: "self-test", Password: password, Expires: &end})
	if err != nil {
		return false, err
	}
	ask := access.LoginRequest{User: made.Name, Password: password, Address: "127.84.0.0", Surface: "api"}
	grant, err := accounts.Login(ctx, ask)
	if err != nil || uses(ctx, accounts, grant.Token) != nil {
		return false, err
	}
	b.clock.Advance(2 * time.Hour)
	_, err = accounts.Login(ctx, ask)
	return fleet.CodeOf(err) == fleet.CodeUnauthenticated && fleet.CodeOf(uses(ctx, accounts, grant.Token)) == fleet.CodeUnauthenticated, nil
}

// uses makes a request with a session and says why it was refused.
func uses(ctx context.Context, accounts *access.Service, token string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://localhost/api/v1/whoami", nil)
	if err != nil {
		return err
	}
	r.RemoteAddr = "127.84.0.0:1"
	r.Header.Set("Authorization", "Bearer "+token)
	_, err = accounts.Authenticate(r)
	return err
}
