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
	"github.com/thingward/thingward/server/store"
)

// benchReview is an access review on a bench, by an administrator, over a person who has signed in and a device that has enrolled.
type benchReview struct {
	*benchFleet
	reviews *people.Reviews
	review  people.Review
	leaver  access.Account
	device  fleet.Device
	token   string
	as      context.Context
}

func (s *Server) benchReview(ctx context.Context, b *bench) (r benchReview, err error) {
	f, err := s.benchFleet(ctx, b)
	if err != nil {
		return r, err
	}
	r.benchFleet = f
	r.accounts.Trust(f.identity, f.identity)
	if r.reviews, err = people.NewReviews(ctx, people.ReviewConfig{DB: b.db, Audit: b.audit, Accounts: r.accounts, Devices: f.registry, Clock: b.clock}); err != nil {
		return r, err
	}
	admin, err := r.accounts.CreateFirstAdministrator(ctx, "self-test-reviewer", unguessable())
	if err != nil {
		return r, err
	}
	r.as = access.With(ctx, access.Principal{Kind: access.Person, ID: admin.ID, Name: admin.Name, Roles: admin.Roles, MFA: true})
	password, ends := unguessable(), b.clock.Now().Add(24*time.Hour)
	if r.leaver, err = r.accounts.CreateAccount(r.as, access.NewAccount{Name: "self-test-leaver", Kind: access.Person, Roles: []access.Role{access.Auditor}, Password: password, Expires: &ends}); err != nil {
		return r, err
	}
	signedIn, err := r.accounts.Login(ctx, access.LoginRequest{User: r.leaver.Name, Password: password, Address: "127.84.0.0", Surface: "api"})
	if err != nil {
		return r, err
	}
	r.token = signedIn.Token
	if r.device, err = f.device(ctx, "door-lock"); err != nil {
		return r, err
	}
	if err := b.db.Change(ctx, func(tx *store.Tx) error { return f.registry.Enrolled(tx, r.device.ID, fleet.Server("self-test")) }); err != nil {
		return r, err
	}
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
	lateDevice, err := r.registry.Create(ctx, fleet.Device{Name: "self-test-late-lock", Type: r.device.Type})
	if err != nil {
		return false, err
	}
	lines, _, err := r.reviews.Lines(r.as, r.review.ID, people.LineFilter{}, "", 100)
	if err != nil {
		return false, err
	}
	want := map[string]string{"self-test-reviewer": "person", r.leaver.Name: "person", late.Name: "service", r.device.Name: "device", lateDevice.Name: "device"}
	for name, kind := range want {
		if !slices.ContainsFunc(lines, func(l people.Line) bool { return l.Name == name && l.Kind == kind }) {
			return false, nil
		}
	}
	_, err = r.reviews.Close(r.as, r.review.ID)
	if err != nil && fleet.CodeOf(err) != fleet.CodeConflict {
		return false, err
	}
	return err != nil && len(lines) == len(want), nil
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
	if err != nil || now.State != access.Disabled || after {
		return false, err
	}
	if _, err := r.reviews.Decide(r.as, r.review.ID, r.device.ID, people.Rejects, "self-test"); err != nil {
		return false, err
	}
	device, err := r.registry.Device(ctx, r.device.ID)
	return device.State == fleet.Suspended && !device.State.MayConnect(), err
}
