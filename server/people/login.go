package people

import (
	"context"
	"net/http"
	"time"

	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/api"
)

type loginInput struct {
	Client string `header:"X-Thingward-Client" maxLength:"32" doc:"console: answer with a cookie. cli: a session of the command line."`
	Body   struct {
		User     string `json:"user" maxLength:"256"`
		Password string `json:"password" maxLength:"1024"`
		Code     string `json:"code,omitempty" maxLength:"16" doc:"Six digits of the authenticator app, where one is enrolled."`
	}
}

type linkInput struct {
	Client string `header:"X-Thingward-Client" maxLength:"32"`
	Body   struct {
		Token string `json:"token" maxLength:"256" doc:"The link's secret."`
		Code  string `json:"code,omitempty" maxLength:"16"`
	}
}

// Session is the answer to a sign-in.
type Session struct {
	Token       string           `json:"token" doc:"For Authorization: Bearer. Empty for the console, which has its cookie."`
	Expires     time.Time        `json:"expires"`
	MFARequired bool             `json:"mfaRequired" doc:"Always false here: a missing code is a 401."`
	Principal   access.Principal `json:"principal"`
}

type sessionOutput struct {
	Cookie []string `header:"Set-Cookie"`
	Body   Session
}

func (s *Service) postLogin(ctx context.Context, in *loginInput) (*sessionOutput, error) {
	q := attempt(ctx, in.Client)
	q.User, q.Password, q.Code = in.Body.User, in.Body.Password, in.Body.Code
	g, err := s.access.Login(ctx, q)
	if err != nil {
		return nil, err
	}
	return granted(g, q.Surface), nil
}

func (s *Service) postLink(ctx context.Context, in *linkInput) (*sessionOutput, error) {
	q := attempt(ctx, in.Client)
	q.Code = in.Body.Code
	g, err := s.access.LoginByLink(ctx, in.Body.Token, q)
	if err != nil {
		return nil, err
	}
	return granted(g, q.Surface), nil
}

// granted gives the secret to the one place it is for: a console's script never sees it.
func granted(g access.Grant, surface string) *sessionOutput {
	out := &sessionOutput{Body: Session{Token: g.Token, Expires: g.Expires, Principal: g.Principal}}
	if surface == "console" {
		out.Body.Token = ""
		out.Cookie = []string{sessionCookie(g.Token, g.Expires)}
	}
	return out
}

// sessionCookie is bound to the host (__Host-), sent over HTTPS and from our own pages only, and unreadable to scripts.
func sessionCookie(secret string, expires time.Time) string {
	c := http.Cookie{Name: access.SessionCookie, Value: secret, Path: "/", Expires: expires, Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode}
	return c.String()
}

type logoutOutput struct {
	Cookie []string `header:"Set-Cookie"`
}

func (s *Service) postLogout(ctx context.Context, _ *struct{}) (*logoutOutput, error) {
	if err := s.access.Logout(ctx, caller(ctx)); err != nil {
		return nil, err
	}
	return &logoutOutput{Cookie: []string{sessionCookie("", time.Unix(1, 0))}}, nil
}

// Whoami is what somebody is and may do.
type Whoami struct {
	Principal   access.Principal    `json:"principal"`
	Permissions []access.Permission `json:"permissions" doc:"In one place only where the role is limited to a site."`
	PasswordAge int                 `json:"passwordAge" doc:"Days; 0 where there is no password."`
	MFAEnrolled bool                `json:"mfaEnrolled"`
	MustChange  bool                `json:"mustChange" doc:"The password must be changed before anything else."`
}

func (s *Service) getWhoami(ctx context.Context, _ *struct{}) (*api.One[Whoami], error) {
	p := caller(ctx)
	a, err := s.access.Account(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	out := Whoami{Principal: p, Permissions: s.access.Permissions(ctx, p), MFAEnrolled: a.MFA, MustChange: a.MustChange}
	if a.PasswordChanged != nil {
		out.PasswordAge = int(s.Clock.Now().Sub(*a.PasswordChanged).Hours() / 24)
	}
	return &api.One[Whoami]{Body: out}, nil
}
