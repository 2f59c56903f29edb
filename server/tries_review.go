package server

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"slices"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/people"
)

// benchReview is an access review on a bench, by an administrator, over a person who has signed in.
type benchReview struct {
	accounts *access.Service
	reviews  *people.Reviews
	review   people.Review
	leaver   access.Account
	token    string
	as       context.Context
}

func (s *Server) benchReview(ctx context.Context, b *bench) (r benchReview, err error) {
	f, err := s.benchFleet(ctx, b)
	if err != nil {
		return r, err
	}
	r.accounts = f.accounts
	r.accounts.Trust(f.identity, f.identity)
	if r.reviews, err = people.NewReviews(ctx, people.ReviewConfig{DB: b.db, Audit: b.audit, Accounts: r.accounts, Clock: b.clock}); err != nil {
		return r, err
	}
	admin, err := r.accounts.CreateFirstAdministrator(ctx, "self-test-reviewer", unguessable())
	if err != nil {
		return r, err
	}
	r.as = access.With(ctx, access.Principal{Kind: access.Person, ID: admin.ID, Name: admin.Name, Roles: admin.Roles, MFA: true})
	password := unguessable()
	if r.leaver, err = r.accounts.CreateAccount(r.as, access.NewAccount{Name: "self-test-leaver", Kind: access.Person, Roles: []access.Role{access.Auditor}, Password: password}); err != nil {
		return r, err
	}
	signedIn, err := r.accounts.Login(ctx, access.LoginRequest{User: r.leaver.Name, Password: password, Address: "127.84.0.0", Surface: "api"})
	if err != nil {
		return r, err
	}
	r.token = signedIn.Token
	r.review, err = r.reviews.Open(r.as, "self-test", b.clock.Now().Add(24*time.Hour))
	return r, err
}

// unguessable is a password that meets any rules.
func unguessable() string {
	var b [24]byte
	_, _ = rand.Read(b[:]) // never fails: it would end the process
	return "aB3$" + base64.RawURLEncoding.EncodeToString(b[:])
}

// signedIn tells whether the leaver's session still counts.
func (r benchReview) signedIn(ctx context.Context) (bool, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://localhost/", nil)
	if err != nil {
		return false, err
	}
	req.RemoteAddr = "127.84.0.0:1"
	req.Header.Set("Authorization", "Bearer "+r.token)
	_, err = r.accounts.Authenticate(req)
	if fleet.CodeOf(err) == fleet.CodeUnauthenticated {
		return false, nil
	}
	return err == nil, err
}

func (s *Server) reviewsEveryAccount(ctx context.Context, b *bench) (bool, error) {
	r, err := s.benchReview(ctx, b)
	if err != nil {
		return false, err
	}
	late, err := r.accounts.CreateAccount(r.as, access.NewAccount{Name: "self-test-late", Kind: access.ServiceAccount, Roles: []access.Role{access.Application}})
	if err != nil {
		return false, err
	}
	now, err := r.reviews.Review(r.as, r.review.ID)
	if err != nil {
		return false, err
	}
	for _, name := range []string{"self-test-reviewer", r.leaver.Name, late.Name} {
		if !slices.ContainsFunc(now.Lines, func(l people.Line) bool { return l.Name == name }) {
			return false, nil
		}
	}
	_, err = r.reviews.Close(r.as, r.review.ID)
	if err != nil && fleet.CodeOf(err) != fleet.CodeConflict {
		return false, err
	}
	return err != nil && len(now.Lines) == 3, nil
}

func (s *Server) rejectedDisabled(ctx context.Context, b *bench) (bool, error) {
	r, err := s.benchReview(ctx, b)
	if err != nil {
		return false, err
	}
	if before, err := r.signedIn(ctx); err != nil || !before {
		return false, err
	}
	if _, err := r.reviews.Decide(r.as, r.review.ID, r.leaver.ID, people.Rejects, "self-test"); err != nil {
		return false, err
	}
	now, err := r.accounts.Account(ctx, r.leaver.ID)
	if err != nil {
		return false, err
	}
	after, err := r.signedIn(ctx)
	return now.State == access.Disabled && !after, err
}
