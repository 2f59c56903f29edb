package people

import (
	"context"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
)

type accountsInput struct {
	api.PageInput
	Kind string `query:"kind" enum:"person,service" doc:"Only these."`
	Q    string `query:"q" maxLength:"128" doc:"Part of the name."`
}

func (s *Service) getAccounts(ctx context.Context, in *accountsInput) (*api.List[access.Account], error) {
	f := access.Filter{Kind: access.Kind(in.Kind), Query: in.Q, Limit: in.Limit + 1}
	if keys, ok, err := api.ParseCursor(in.After, 1); err != nil {
		return nil, err
	} else if ok {
		f.After = keys[0]
	}
	list, err := s.access.Accounts(ctx, f)
	if err != nil {
		return nil, err
	}
	return api.NewList(list, in.Limit, nil, func(a access.Account) string { return api.Cursor(a.Name) }), nil
}

type accountInput struct {
	Body struct {
		Name       string        `json:"name" maxLength:"128"`
		Kind       access.Kind   `json:"kind" enum:"person,service"`
		Roles      []access.Role `json:"roles" maxItems:"16"`
		Site       string        `json:"site,omitempty" maxLength:"128" doc:"The one place of a local user or gateway: id or name of a site."`
		Password   string        `json:"password,omitempty" maxLength:"1024" doc:"Of a person; without it, a one-time sign-in link is made."`
		MustChange bool          `json:"mustChange,omitempty" doc:"The person must change the password before anything else."`
		Expires    *time.Time    `json:"expires,omitempty" doc:"When the account ends by itself. Required with the role auditor, at most 366 days ahead."`
	}
}

// MadeAccount is a new account with what it begins with. Claim and link are shown this once.
type MadeAccount struct {
	access.Account
	Claim        string     `json:"claim,omitempty" doc:"The password of a service account's EST enrolment; the user is its id."`
	ClaimExpires *time.Time `json:"claimExpires,omitempty"`
	Link         string     `json:"link,omitempty" doc:"The secret of a person's one-time sign-in link, good for a day."`
}

func (s *Service) postAccount(ctx context.Context, in *accountInput) (*api.One[MadeAccount], error) {
	b := in.Body
	var err error
	if b.Site, err = s.site(ctx, b.Site); err != nil {
		return nil, err
	}
	a, err := s.access.CreateAccount(ctx, access.NewAccount{Name: b.Name, Kind: b.Kind, Roles: b.Roles, Site: b.Site, Password: b.Password, MustChange: b.MustChange, Expires: b.Expires})
	if err != nil {
		return nil, err
	}
	out := MadeAccount{Account: a}
	// The account stands; what it begins with can be made again when this fails, so the answer is the account all the same.
	switch {
	case a.Kind == access.ServiceAccount && s.Claims != nil:
		secret, expires, err := s.Claims.AccountClaim(ctx, a.ID)
		if err != nil {
			s.Log.Warn("service account made without a claim", "account", a.Name, "error", err)
			break
		}
		out.Claim, out.ClaimExpires = secret, &expires
	case a.Kind == access.Person && b.Password == "":
		if out.Link, err = s.access.CreateLink(ctx, a.ID, s.access.Rules.LinkLife); err != nil {
			s.Log.Warn("person's account made without a link", "account", a.Name, "error", err)
		}
	}
	return &api.One[MadeAccount]{Body: out}, nil
}

// site is the name of the site given by id or name: by names devices and policies refer to places, so an account of a
// misspelt one would see nothing.
func (s *Service) site(ctx context.Context, ref string) (string, error) {
	if ref == "" {
		return "", nil
	}
	return s.Sites.SiteName(ctx, ref)
}

type accountRef struct {
	Ref string `path:"ref" maxLength:"64" doc:"Id or name."`
}

func (s *Service) getAccount(ctx context.Context, in *accountRef) (*api.One[access.Account], error) {
	return one(s.access.Account(ctx, in.Ref))
}

type rolesInput struct {
	Ref  string `path:"ref" maxLength:"64"`
	Body struct {
		Roles []access.Role `json:"roles" maxItems:"16"`
		Site  *string       `json:"site,omitempty" maxLength:"128" doc:"Id or name of a site, for the roles local-user and gateway, with which it stays when left out."`
	}
}

func (s *Service) putRoles(ctx context.Context, in *rolesInput) (*api.One[access.Account], error) {
	if in.Body.Site != nil {
		name, err := s.site(ctx, *in.Body.Site)
		if err != nil {
			return nil, err
		}
		in.Body.Site = &name
	}
	return one(s.access.SetRoles(ctx, in.Ref, in.Body.Roles, in.Body.Site))
}

type expiryInput struct {
	Ref  string `path:"ref" maxLength:"64"`
	Body struct {
		Expires *time.Time `json:"expires" doc:"null takes the end away, but from an auditor's account."`
	}
}

func (s *Service) putExpiry(ctx context.Context, in *expiryInput) (*api.One[access.Account], error) {
	return one(s.access.SetExpiry(ctx, in.Ref, in.Body.Expires))
}

type reasonInput struct {
	Ref  string `path:"ref" maxLength:"64"`
	Body struct {
		Reason string `json:"reason" maxLength:"500"`
	}
}

func (s *Service) postDisable(ctx context.Context, in *reasonInput) (*api.One[access.Account], error) {
	return one(s.access.Disable(ctx, in.Ref, in.Body.Reason))
}

func (s *Service) postEnable(ctx context.Context, in *accountRef) (*api.One[access.Account], error) {
	return one(s.access.Enable(ctx, in.Ref))
}

func (s *Service) postUnlock(ctx context.Context, in *accountRef) (*api.One[access.Account], error) {
	return one(s.access.Unlock(ctx, in.Ref))
}

type resetInput struct {
	Ref  string `path:"ref" maxLength:"64"`
	Body struct {
		Password string `json:"password" maxLength:"1024"`
	}
}

func (s *Service) putPassword(ctx context.Context, in *resetInput) (*api.One[access.Account], error) {
	return one(s.access.ResetPassword(ctx, in.Ref, in.Body.Password))
}

func (s *Service) deleteAccountFactor(ctx context.Context, in *accountRef) (*api.One[access.Account], error) {
	return one(s.access.ResetFactor(ctx, in.Ref))
}

type accountLinkInput struct {
	Ref  string `path:"ref" maxLength:"64"`
	Body struct {
		Hours float64 `json:"hours,omitempty" minimum:"0" maximum:"24" doc:"How long it is good for; 24 unless said."`
	}
}

// Link is a one-time sign-in link.
type Link struct {
	Link    string    `json:"link" doc:"The secret, shown this once."`
	Expires time.Time `json:"expires"`
}

func (s *Service) postAccountLink(ctx context.Context, in *accountLinkInput) (*api.One[Link], error) {
	ttl := s.access.Rules.LinkLife
	if in.Body.Hours > 0 {
		ttl = time.Duration(in.Body.Hours * float64(time.Hour))
	}
	a, err := s.access.Account(ctx, in.Ref)
	if err != nil {
		return nil, err
	}
	if a.PasswordChanged != nil {
		// A link would let an administrator act as somebody who never notices; a reset is noticed.
		return nil, fleet.Errorf(fleet.CodeConflict, "%s has a password: reset it instead", a.Name)
	}
	expires := s.Clock.Now().Add(ttl)
	secret, err := s.access.CreateLink(ctx, in.Ref, ttl)
	return one(Link{Link: secret, Expires: expires}, err)
}

func (s *Service) getPolicies(context.Context, *struct{}) (*api.List[access.Policy], error) {
	list := s.access.Policies()
	total := len(list)
	return api.NewList(list, total, &total, func(p access.Policy) string { return p.ID }), nil
}
