package access

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/store"
)

// State is whether an account can sign in.
type State string

// The states of an account. Locked is a matter of time: it ends by itself, or when an administrator unlocks it.
const (
	Active   State = "active"
	Disabled State = "disabled"
	Locked   State = "locked"
)

// Account is one person or one service; nothing is shared (CLS-09, CLS-10).
type Account struct {
	ID              string     `json:"id"`
	Name            string     `json:"name"`
	Kind            Kind       `json:"kind"`
	Roles           []Role     `json:"roles"`
	Site            string     `json:"site,omitempty" doc:"The one place of a local user or gateway."`
	State           State      `json:"state" enum:"active,disabled,locked"`
	Reason          string     `json:"reason,omitempty" doc:"Why it is disabled."`
	Created         time.Time  `json:"created"`
	Changed         time.Time  `json:"changed" doc:"When state, roles or password last changed."`
	LastLogin       *time.Time `json:"lastLogin,omitempty"`
	PasswordChanged *time.Time `json:"passwordChanged,omitempty"`
	MustChange      bool       `json:"mustChange,omitempty" doc:"The password is past its age or was set by somebody else."`
	MFA             bool       `json:"mfa"`
	LockedUntil     *time.Time `json:"lockedUntil,omitempty"`
	Expires         *time.Time `json:"expires,omitempty" doc:"When it ends by itself: from then on it is disabled."`
	Reviewed        *time.Time `json:"reviewed,omitempty" doc:"When an access review last kept it."`
}

// Party is the account as an event names it.
func (a Account) Party() fleet.Party {
	return fleet.Party{Kind: string(a.Kind), ID: a.ID, Name: a.Name}
}

// rolesOf says which roles each kind of account may hold. Nothing automatic administers accounts or keys.
var rolesOf = map[Kind][]Role{
	Person:         {SystemAdministrator, SystemOperator, Auditor, KeyManager, LocalUser, RiskManager},
	ServiceAccount: {SystemOperator, Auditor, Application, GatewayRole},
}

// NewAccount is what an account begins with.
type NewAccount struct {
	Name     string
	Kind     Kind
	Roles    []Role
	Site     string
	Password string // of a person
	// MustChange makes the person change the password before anything else; without a password it is always so.
	MustChange bool
	// Expires ends the account by itself; nil: never, which an auditor's may not.
	Expires *time.Time
}

func (n NewAccount) check(r Rules) error {
	if err := fleet.CheckName("name", n.Name); err != nil {
		return err
	}
	if n.Kind == ServiceAccount && n.Password != "" {
		return fleet.Invalid("password", "a service account has none: give it a certificate or an API token")
	}
	if err := checkRoles(n.Kind, n.Roles, n.Site); err != nil {
		return err
	}
	if n.Password != "" {
		return r.checkPassword("password", n.Name, n.Password)
	}
	return nil
}

func checkRoles(kind Kind, roles []Role, site string) error {
	allowed, ok := rolesOf[kind]
	if !ok {
		return fleet.Invalid("kind", "want person or service")
	}
	if len(roles) == 0 {
		return fleet.Invalid("roles", fmt.Sprintf("want at least one of %v", allowed))
	}
	if site != "" && !slices.ContainsFunc(roles, ofOneSite) {
		return fleet.Invalid("site", fmt.Sprintf("limits the roles %s and %s only: leave it out, or give one of them", LocalUser, GatewayRole))
	}
	for i, r := range roles {
		if !slices.Contains(allowed, r) {
			return fleet.Invalid(fmt.Sprintf("roles[%d]", i), fmt.Sprintf("a %s cannot hold this role: want one of %v", kind, allowed))
		}
		if ofOneSite(r) && site == "" {
			return fleet.Invalid("site", fmt.Sprintf("is required with the role %s, which reaches one site only: name it (thingward site list shows them all)", r))
		}
	}
	return nil
}

// ofOneSite tells whether policy limits a role to the account's site.
func ofOneSite(r Role) bool { return r == LocalUser || r == GatewayRole }

// inOrder gives roles once each, in the order of Roles.
func inOrder(roles []Role) []Role {
	out := []Role{}
	for _, r := range Roles {
		if slices.Contains(roles, r) {
			out = append(out, r)
		}
	}
	return out
}

// CreateAccount makes an account. A person without a password signs in with a one-time link first. Errors: CodeInvalid,
// and CodeConflict when the name is taken.
func (s *Service) CreateAccount(ctx context.Context, n NewAccount) (Account, error) {
	if err := n.check(s.Rules); err != nil {
		return Account{}, err
	}
	if err := s.checkExpiry(n.Expires); err != nil {
		return Account{}, err
	}
	if err := s.auditorEnds(n.Roles, n.Expires); err != nil {
		return Account{}, err
	}
	n.MustChange = n.MustChange || n.Password == ""
	return s.insertAccount(ctx, n, nil)
}

// CreateFirstAdministrator makes the person that setup names: system administrator and key manager, never auditor. It is
// refused (CodeConflict) when any person exists.
func (s *Service) CreateFirstAdministrator(ctx context.Context, name, password string) (Account, error) {
	n := NewAccount{Name: name, Kind: Person, Roles: []Role{SystemAdministrator, KeyManager}, Password: password}
	if password == "" {
		return Account{}, fleet.Invalid("password", "is required for the first administrator")
	}
	if err := n.check(s.Rules); err != nil {
		return Account{}, err
	}
	return s.insertAccount(ctx, n, func(tx *store.Tx) error {
		people, err := countPeople(tx)
		if err == nil && people > 0 {
			return fleet.Errorf(fleet.CodeConflict, "there is an administrator already: sign in and use thingward account create")
		}
		return err
	})
}

func (s *Service) insertAccount(ctx context.Context, n NewAccount, allowed func(*store.Tx) error) (Account, error) {
	row := account{
		Account: Account{ID: id.New(), Name: n.Name, Kind: n.Kind, Roles: inOrder(n.Roles), Site: n.Site, State: Active, Created: s.Clock.Now().Truncate(time.Microsecond)},
		nameKey: s.nameKey(n.Name),
	}
	row.Changed, row.Expires = row.Created, n.Expires
	if n.Kind == Person {
		row.MustChange = n.MustChange
	}
	if n.Password != "" {
		hash, err := s.hashing.hash(ctx, n.Password)
		if err != nil {
			return Account{}, err
		}
		row.hash, row.PasswordChanged = hash, &row.Created
	}
	err := s.DB.Change(ctx, func(tx *store.Tx) error {
		if err := guard(tx); err != nil {
			return err
		}
		if allowed != nil {
			if err := allowed(tx); err != nil {
				return err
			}
		}
		if err := insertAccount(tx, row); err != nil {
			return err
		}
		data := map[string]any{"account": row.Name, "kind": row.Kind, "roles": row.Roles, "site": row.Site}
		if row.Expires != nil {
			data["expires"] = *row.Expires
		}
		tx.OnCommit(func() { s.changed(row.ID); s.wakeUp() })
		return s.record(ctx, tx, "account.created", row.Account, data)
	})
	if store.IsUnique(err) {
		return Account{}, fleet.Errorf(fleet.CodeConflict, "the name %s is taken: choose another one; every person and service has an account of its own", n.Name)
	}
	return row.Account, err
}

// record writes the audit entry of a change to an account.
func (s *Service) record(ctx context.Context, tx *store.Tx, typ string, on Account, data map[string]any) error {
	by := PartyOf(ctx)
	return s.Audit.Record(tx, fleet.NewEvent(typ, s.Clock.Now(), by, on.Party(), data))
}

// changed drops what this node remembers of an account and tells the others.
func (s *Service) changed(accountID string) {
	s.sessions.dropAccount(accountID)
	s.announce(bus.TopicChanged, bus.Changed{Kind: "account", ID: accountID})
}

// cut ends everything an account has open, on every protocol and node.
func (s *Service) cut(accountID, reason string) {
	s.sessions.dropAccount(accountID)
	s.announce(bus.TopicCut, bus.Cut{SubjectKind: "account", SubjectID: accountID, Reason: reason})
	s.announce(bus.TopicChanged, bus.Changed{Kind: "account", ID: accountID})
}

func (s *Service) announce(topic string, v any) {
	if s.Bus == nil {
		return
	}
	if err := s.Bus.Announce(topic, v); err != nil {
		s.Log.Error("other nodes not told", "topic", topic, "error", err)
	}
}

// Account finds an account by id or name; CodeNotFound when there is none.
func (s *Service) Account(ctx context.Context, ref string) (Account, error) {
	row, err := s.findAccount(ctx, s.DB.QueryRow, ref)
	return row.Account, err
}

// Filter chooses accounts. After is the name that the page before ended with.
type Filter struct {
	Kind  Kind
	Query string // part of the name
	After string
	Limit int
}

// Accounts lists accounts by name.
func (s *Service) Accounts(ctx context.Context, f Filter) ([]Account, error) {
	return s.listAccounts(ctx, f)
}
