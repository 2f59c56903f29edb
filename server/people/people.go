// Package people is the HTTP side of package access: signing in and out, one's own settings, accounts, and the policies
// for everybody to read.
package people

import (
	"context"
	"log/slog"
	"time"

	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
)

// Claims makes the one-time claim with which a service account enrols its certificate (EST, RFC 7030).
type Claims interface {
	AccountClaim(ctx context.Context, accountID string) (secret string, expires time.Time, err error)
}

// Sites knows the places that a role can be limited to.
type Sites interface {
	// SiteName is the name of a site, given by id or name; CodeInvalid when there is none.
	SiteName(ctx context.Context, ref string) (string, error)
}

// Config is what a Service needs. Claims may be nil: service accounts then get theirs from POST /claims.
type Config struct {
	Access *access.Service
	Claims Claims
	Sites  Sites
	Clock  clock.Clock  // the machine's unless set
	Log    *slog.Logger // slog's default unless set
}

// Service answers the routes.
type Service struct {
	Config
	access *access.Service
}

// New makes a Service.
func New(c Config) *Service {
	if c.Clock == nil {
		c.Clock = clock.Real{}
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return &Service{Config: c, access: c.Access}
}

// caller is who called a protected route.
func caller(ctx context.Context) access.Principal {
	p, _ := access.From(ctx) // the router lets nobody else in
	return p
}

// surface is where a sign-in comes from, by what the client says of itself.
func surface(client string) string {
	switch client {
	case "console", "cli":
		return client
	}
	return "api"
}

// attempt is a sign-in as package access takes it.
func attempt(ctx context.Context, client string) access.LoginRequest {
	return access.LoginRequest{Address: api.AddressOf(ctx), Surface: surface(client)}
}
