package main

import (
	"net/http"
	"os"
	"time"
)

type loginCmd struct {
	Server       string `required:"" help:"Address of the server, https://HOST:8443."`
	CA           string `required:"" name:"ca" type:"existingfile" help:"The server's root certificate, DIR/ca/root.pem."`
	User         string `required:"" help:"Account name."`
	PasswordFile string `type:"existingfile" help:"File with the password on its first line; asked for when absent."`
	Code         string `help:"One-time code of your second factor, where you have one."`
}

// Run signs in and keeps the session.
func (c *loginCmd) Run(t *terminal) error {
	password, err := readPassword(t, c.PasswordFile)
	if err != nil {
		return err
	}
	pem, err := os.ReadFile(c.CA)
	if err != nil {
		return err
	}
	p := &profile{Server: c.Server, CA: string(pem), User: c.User}
	cl, err := newClient(p)
	if err != nil {
		return err
	}
	var out struct {
		Token   string    `json:"token"`
		Expires time.Time `json:"expires"`
	}
	in := object{"user": c.User, "password": password}
	if c.Code != "" {
		in["code"] = c.Code
	}
	if err := cl.call(t.ctx, http.MethodPost, "/login", in, &out); err != nil {
		return err
	}
	p.Token, p.Expires = out.Token, out.Expires
	if err := p.save(); err != nil {
		return err
	}
	return t.show(object{"user": c.User, "server": c.Server, "expires": out.Expires.Format(time.RFC3339)}, "user", "server", "expires")
}

type logoutCmd struct{}

// Run ends the session on the server and forgets it.
func (*logoutCmd) Run(t *terminal) error {
	c, err := signedIn()
	if err != nil {
		return err
	}
	if err := c.call(t.ctx, http.MethodPost, "/logout", nil, nil); err != nil {
		t.note("the server did not end the session: %v", err)
	}
	path, err := profilePath()
	if err != nil {
		return err
	}
	return os.Remove(path)
}

type whoamiCmd struct{}

// Run shows the caller.
func (*whoamiCmd) Run(t *terminal) error {
	return getOne(t, "/whoami", "principal.name", "principal.kind", "principal.roles", "principal.site", "principal.method", "principal.mfa", "permissions")
}

func getOne(t *terminal, path string, fields ...string) error {
	out, err := ask(t, http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	return t.show(out, fields...)
}

func sendOne(t *terminal, method, path string, in any, fields ...string) error {
	out, err := ask(t, method, path, in)
	if err != nil {
		return err
	}
	if out == nil {
		out = object{"done": true}
		fields = []string{"done"}
	}
	return t.show(out, fields...)
}
