package traffic

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/store"
)

// Draft is a grant to be made.
type Draft struct {
	Name      string     `json:"name" maxLength:"128" doc:"Tells the account's grants apart."`
	Account   string     `json:"account" maxLength:"128" doc:"Name or id of a service account."`
	Direction string     `json:"direction,omitempty" maxLength:"16" doc:"subscribe, which is also meant when absent. Accounts publish nothing: commands go through the API."`
	Kinds     []string   `json:"kinds" maxItems:"4" doc:"Of telemetry, event, reported and desired."`
	Stream    string     `json:"stream,omitempty" maxLength:"64" doc:"Only this telemetry stream."`
	Type      string     `json:"type,omitempty" maxLength:"64" doc:"Only devices of this type."`
	Site      string     `json:"site,omitempty" maxLength:"128" doc:"Only devices at this site."`
	Classes   []string   `json:"classes,omitempty" maxItems:"2" doc:"Data classes beyond public and internal: confidential, restricted."`
	Purpose   string     `json:"purpose" maxLength:"500" doc:"What the account needs it for."`
	Ends      *time.Time `json:"ends,omitempty" doc:"When it ends by itself."`
}

func (d Draft) check(now time.Time) error {
	if err := fleet.CheckName("name", d.Name); err != nil {
		return err
	}
	switch {
	case d.Direction != "" && d.Direction != "subscribe":
		return fleet.Invalid("direction", "want subscribe: an account publishes nothing over MQTT; send commands with POST /devices/REF/commands/NAME, where bounds are checked")
	case len(d.Kinds) == 0:
		return fleet.Invalid("kinds", fmt.Sprintf("name at least one of %v", fleet.GrantKinds))
	case d.Purpose == "":
		return fleet.Invalid("purpose", "say what the account needs it for: whoever reviews the grant will ask")
	case d.Stream != "" && !slices.Equal(d.Kinds, []string{"telemetry"}):
		return fleet.Invalid("stream", "narrows telemetry only: make a grant of its own for the other kinds")
	case d.Ends != nil && !d.Ends.After(now):
		return fleet.Invalid("ends", "is past: want a moment ahead")
	}
	for i, k := range d.Kinds {
		if !slices.Contains(fleet.GrantKinds, k) || slices.Contains(d.Kinds[:i], k) {
			return fleet.Invalid(fmt.Sprintf("kinds[%d]", i), fmt.Sprintf("want each at most once of %v", fleet.GrantKinds))
		}
	}
	for i, c := range d.Classes {
		if (c != "confidential" && c != "restricted") || slices.Contains(d.Classes[:i], c) {
			return fleet.Invalid(fmt.Sprintf("classes[%d]", i), "want confidential or restricted, each at most once: public and internal are always open")
		}
	}
	return nil
}

// mqttRoles are the roles of service accounts that use MQTT.
var mqttRoles = []access.Role{access.Application, access.SystemOperator}

func usesMQTT(a access.Account) bool {
	return a.Kind == access.ServiceAccount && slices.ContainsFunc(a.Roles, func(r access.Role) bool { return slices.Contains(mqttRoles, r) })
}

// Create makes a grant. Live sessions of the account have it at once.
func (s *Service) Create(ctx context.Context, d Draft) (fleet.Grant, error) {
	if err := d.check(s.Clock.Now()); err != nil {
		return fleet.Grant{}, err
	}
	a, err := s.Accounts.Account(ctx, d.Account)
	if err != nil {
		return fleet.Grant{}, err
	}
	if !usesMQTT(a) {
		return fleet.Grant{}, fleet.Invalid("account", fmt.Sprintf("%s does not use MQTT: want a service account with the role %s or %s", a.Name, access.Application, access.SystemOperator))
	}
	if d.Type != "" {
		if _, err := s.Fleet.Type(ctx, d.Type); err != nil {
			return fleet.Grant{}, err
		}
	}
	if d.Site != "" {
		if d.Site, err = s.Fleet.SiteName(ctx, d.Site); err != nil {
			return fleet.Grant{}, err
		}
	}
	by := access.PartyOf(ctx)
	g := s.grant(a, d, "person", by.Name)
	err = s.DB.Change(ctx, func(tx *store.Tx) error {
		tx.OnCommit(func() { s.tell(a.ID) })
		if err := insertGrant(tx, g); err != nil {
			return err
		}
		return s.record(tx, "grant.created", by, g, "")
	})
	if store.IsUnique(err) {
		return g, fleet.Errorf(fleet.CodeConflict, "%s has a grant %s already: choose another name, or delete that one first", a.Name, d.Name)
	}
	return g, err
}

func (s *Service) grant(a access.Account, d Draft, origin, by string) fleet.Grant {
	g := fleet.Grant{
		ID: id.New(), Name: d.Name, Account: a.ID, AccountName: a.Name, Direction: "subscribe", Kinds: d.Kinds, Stream: d.Stream, Type: d.Type, Site: d.Site,
		Classes: append([]string{}, d.Classes...), Purpose: d.Purpose, Origin: origin, Created: s.Clock.Now().UTC(), CreatedBy: by, Ends: d.Ends,
	}
	g.Broad = g.IsBroad()
	return g
}

// Revoke ends a grant. Live sessions lose at once what it alone allowed.
func (s *Service) Revoke(ctx context.Context, ref string) (g fleet.Grant, err error) {
	err = s.DB.Change(ctx, func(tx *store.Tx) error {
		if g, err = takeGrant(tx, ref); err != nil {
			return err
		}
		tx.OnCommit(func() { s.tell(g.Account) })
		return s.record(tx, "grant.revoked", access.PartyOf(ctx), g, "revoked")
	})
	return g, err
}

// endDue ends the grants whose time is up.
func (s *Service) endDue(ctx context.Context) error {
	due, err := s.readGrants(ctx, "ends > 0 AND ends <= ?", store.Time(s.Clock.Now()))
	for _, g := range due {
		err := s.DB.Change(ctx, func(tx *store.Tx) error {
			if _, err := takeGrant(tx, g.ID); err != nil {
				return err
			}
			tx.OnCommit(func() { s.tell(g.Account) })
			return s.record(tx, "grant.revoked", fleet.Server("traffic"), g, "its time is up")
		})
		if err != nil && fleet.CodeOf(err) != fleet.CodeNotFound { // another node was quicker
			return err
		}
	}
	return err
}

// Of lists the grants in force of an account.
func (s *Service) Of(ctx context.Context, account string) ([]fleet.Grant, error) {
	return s.readGrants(ctx, "account = ? AND (ends = 0 OR ends > ?)", account, store.Time(s.Clock.Now()))
}

// Used notes that grants let something through.
func (s *Service) Used(ctx context.Context, ids []string, at time.Time) error {
	return s.DB.Keep(ctx, func(tx *store.Tx) error { return markUsed(tx, ids, at) })
}

// upgrade gives every account that could receive messages by its role alone a grant of the same reach, once. From then on a
// role alone opens nothing.
func (s *Service) upgrade(ctx context.Context) error {
	const what = "grants-for-roles"
	if done, err := s.done(ctx, what); done || err != nil {
		return err
	}
	const most = 1_000_000
	accounts, err := s.Accounts.Accounts(ctx, access.Filter{Kind: access.ServiceAccount, Limit: most})
	if err != nil {
		return err
	}
	accounts = slices.DeleteFunc(accounts, func(a access.Account) bool { return !usesMQTT(a) || a.Name == s.Own })
	write := s.DB.Keep
	if len(accounts) > 0 {
		write = s.DB.Change
	}
	return write(ctx, func(tx *store.Tx) error {
		for _, a := range accounts {
			g := s.grant(a, wholeFleet(a.Roles), "upgrade", "upgrade")
			if err := insertGrant(tx, g); err != nil {
				return err
			}
			if err := s.record(tx, "grant.created", fleet.Server("traffic"), g, "the account could receive this by its role before"); err != nil {
				return err
			}
		}
		return setDone(tx, what, s.Clock.Now())
	})
}

// wholeFleet is what a role opened before there were grants.
func wholeFleet(roles []access.Role) Draft {
	d := Draft{Name: "whole-fleet", Kinds: []string{"telemetry", "event", "reported"}, Classes: []string{"confidential", "restricted"}, Purpose: "What the role allowed before grants. Narrow it: give grants for what is needed, then revoke this one."}
	if slices.Contains(roles, access.SystemOperator) {
		d.Kinds = slices.Clone(fleet.GrantKinds)
	}
	return d
}
