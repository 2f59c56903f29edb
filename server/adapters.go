package server

import (
	"context"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/broker"
	"github.com/thingward/thingward/server/identity"
	"github.com/thingward/thingward/server/registry"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/traffic"
)

// directory shows the certificate authority its subjects: devices from the registry, service accounts from access.
type directory struct {
	devices  *registry.Service
	accounts *access.Service
}

// Lookup finds a subject by id or name.
func (d directory) Lookup(ctx context.Context, kind protocol.SubjectKind, ref string) (identity.Subject, error) {
	if kind == protocol.SubjectAccount {
		a, err := d.accounts.Account(ctx, ref)
		if err != nil {
			return identity.Subject{}, err
		}
		return accountSubject(a), nil
	}
	e, err := d.devices.Lookup(ctx, ref)
	return deviceSubject(e), err
}

func accountSubject(a access.Account) identity.Subject {
	s := identity.Subject{Kind: protocol.SubjectAccount, ID: a.ID, Name: a.Name}
	switch {
	case a.Kind != access.ServiceAccount:
		s.MayEnrol = fleet.Errorf(fleet.CodeForbidden, "%s is a person: certificates are for devices and service accounts", a.Name)
	case a.State != access.Active:
		s.MayEnrol = fleet.Errorf(fleet.CodeForbidden, "%s is %s: enable it before it enrols", a.Name, a.State)
	}
	return s
}

func deviceSubject(e registry.Enrolment) identity.Subject {
	return identity.Subject{Kind: protocol.SubjectDevice, ID: e.Device.ID, Name: e.Device.Name, MayEnrol: e.MayEnrol, Type: e.Type}
}

// Enrolled tells the registry that a device has its certificate.
func (d directory) Enrolled(tx *store.Tx, s identity.Subject, by fleet.Party) error {
	if s.Kind != protocol.SubjectDevice {
		return nil
	}
	return d.devices.Enrolled(tx, s.ID, by)
}

// Admit makes the device of a manufacturer certificate.
func (d directory) Admit(ctx context.Context, tx *store.Tx, a identity.Admission) (identity.Subject, error) {
	e, err := d.devices.Admit(ctx, tx, registry.Admission(a))
	return deviceSubject(e), err
}

// claims makes a new service account's enrolment claim.
type claims struct{ *identity.Service }

// AccountClaim makes the claim; its secret is shown once.
func (c claims) AccountClaim(ctx context.Context, accountID string) (string, time.Time, error) {
	made, err := c.NewClaim(ctx, protocol.SubjectAccount, accountID, identity.ClaimLifetime)
	return made.Secret, made.Expires, err
}

// clients shows the broker who connects.
type clients struct {
	devices  *registry.Service
	accounts *access.Service
	grants   *traffic.Service
}

// Client looks a device or account up.
func (c clients) Client(ctx context.Context, kind, id string) (broker.Client, error) {
	if kind == string(protocol.SubjectAccount) {
		a, err := c.accounts.Account(ctx, id)
		if err != nil {
			return broker.Client{}, err
		}
		grants, err := c.grants.Of(ctx, a.ID)
		return broker.Client{Kind: kind, ID: a.ID, Name: a.Name, Roles: a.Roles, Grants: grants, Disabled: a.State != access.Active}, err
	}
	d, typ, err := c.devices.Find(ctx, id)
	return broker.Client{Kind: kind, ID: d.ID, Name: d.Name, State: d.State, Type: typ, Site: d.Site}, err
}

// ingest runs a reader of device messages for as long as the server runs.
func (s *Server) ingest(name string, fn func(context.Context, []fleet.Message) error) func(context.Context) error {
	return func(ctx context.Context) error { return s.broker.Ingest(ctx, name, fn) }
}
