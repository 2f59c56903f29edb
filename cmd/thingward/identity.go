package main

import (
	"net/http"
	"net/url"
	"strings"
)

type claimCmd struct {
	Create claimCreateCmd `cmd:"" help:"Make a one-time enrolment claim for a device, or for a service account (account:NAME)."`
}

type claimCreateCmd struct {
	Subject string `arg:"" help:"Device id or name, or account:NAME."`
	Hours   int    `default:"24" help:"Hours until it expires."`
}

// Run makes a claim; the claim is shown this once.
func (c *claimCreateCmd) Run(t *terminal) error {
	in := object{"hours": c.Hours}
	if account, ok := strings.CutPrefix(c.Subject, "account:"); ok {
		in["account"] = account
	} else {
		in["device"] = c.Subject
	}
	return sendOne(t, http.MethodPost, "/claims", in, "user", "claim", "expires")
}

type certCmd struct {
	List   certListCmd   `cmd:"" help:"List certificates."`
	Get    certGetCmd    `cmd:"" help:"Show one certificate."`
	Revoke certRevokeCmd `cmd:"" help:"Revoke a certificate: CRL, OCSP, broker and API refuse it at once."`
}

type certListCmd struct {
	listFlags
	Subject  string `help:"Only this device or account (id or name)."`
	State    string `help:"active, superseded or revoked."`
	Expiring int    `help:"Only those that end within this many days."`
}

// Run lists certificates.
func (c *certListCmd) Run(t *terminal) error {
	q := query("q", c.Query, "subject", c.Subject, "state", c.State)
	if c.Expiring > 0 {
		q.Set("expiring", cell(object{"n": float64(c.Expiring)}, "n"))
	}
	return getList(t, "/certificates", q, c.Limit, "serial", "subjectKind", "subjectName", "subjectId", "state", "enrolledBy", "notAfter")
}

type certGetCmd struct {
	Serial string `arg:""`
}

// Run shows a certificate.
func (c *certGetCmd) Run(t *terminal) error {
	return getOne(t, "/certificates/"+url.PathEscape(c.Serial), "serial", "subjectKind", "subjectId", "subjectName", "issuer", "algorithm", "state", "notBefore", "notAfter", "enrolledBy", "revoked", "reason")
}

type certRevokeCmd struct {
	Serial string `arg:""`
	Reason string `required:"" help:"Why; kept in the audit log."`
	DryRun bool   `help:"Say what would happen, change nothing."`
}

// Run revokes a certificate.
func (c *certRevokeCmd) Run(t *terminal) error {
	return sendOne(t, http.MethodPost, "/certificates/"+url.PathEscape(c.Serial)+"/revoke", object{"reason": c.Reason, "dryRun": c.DryRun}, "certificate.serial", "certificate.subjectId", "certificate.state", "certificate.revoked", "effects")
}

type accountCmd struct {
	Create  accountCreateCmd  `cmd:"" help:"Make a person or service account."`
	List    accountListCmd    `cmd:"" help:"List accounts."`
	Disable accountDisableCmd `cmd:"" help:"Disable an account: its sessions, tokens and certificates are dead at once."`
	Enable  accountDoCmd      `cmd:"" help:"Enable a disabled account."`
	Unlock  accountDoCmd      `cmd:"" help:"End a lock-out before its time."`
	Roles   accountRolesCmd   `cmd:"" help:"Set an account's roles."`
	Expire  accountExpireCmd  `cmd:"" help:"Give an account an end, or take it away."`
}

type accountCreateCmd struct {
	Name         string   `arg:"" help:"Account name."`
	Kind         string   `enum:"person,service" default:"person" help:"person or service."`
	Role         []string `required:"" help:"Roles, comma separated: system-administrator, system-operator, auditor, key-manager, risk-manager, local-user, application, gateway."`
	PasswordFile string   `type:"existingfile" help:"File with the first password (people); asked for when absent."`
	Site         string   `help:"Id or name of the one site of a local-user or gateway."`
	MustChange   bool     `default:"true" negatable:"" help:"The person must change the first password before anything else."`
	Expires      string   `help:"When it ends by itself (2026-12-31, or RFC 3339); required with the role auditor, at most 366 days ahead."`
}

// Run makes an account.
func (c *accountCreateCmd) Run(t *terminal) error {
	in := object{"name": c.Name, "kind": c.Kind, "roles": c.Role}
	if c.Kind == "person" {
		password, err := readPassword(t, c.PasswordFile)
		if err != nil {
			return err
		}
		in["password"], in["mustChange"] = password, c.MustChange
	}
	if c.Site != "" {
		in["site"] = c.Site
	}
	if c.Expires != "" {
		in["expires"] = moment(c.Expires)
	}
	return sendOne(t, http.MethodPost, "/accounts", in, "id", "name", "kind", "roles", "site", "expires", "mustChange", "claim")
}

type accountListCmd struct {
	listFlags
	Kind string `help:"person or service."`
}

// Run lists accounts.
func (c *accountListCmd) Run(t *terminal) error {
	return getList(t, "/accounts", query("q", c.Query, "kind", c.Kind), c.Limit, "id", "name", "kind", "roles", "site", "state", "mfa", "lastLogin")
}

type accountDisableCmd struct {
	Account string `arg:"" help:"Id or name."`
	Reason  string `required:"" help:"Why; kept in the audit log."`
}

// Run disables an account.
func (c *accountDisableCmd) Run(t *terminal) error {
	return sendOne(t, http.MethodPost, "/accounts/"+url.PathEscape(c.Account)+"/disable", object{"reason": c.Reason}, "id", "name", "state")
}

type accountDoCmd struct {
	Account string `arg:"" help:"Id or name."`
}

// Run enables or unlocks, by the command's own name.
func (c *accountDoCmd) Run(t *terminal) error {
	return sendOne(t, http.MethodPost, "/accounts/"+url.PathEscape(c.Account)+"/"+t.command, nil, "id", "name", "state")
}

type accountExpireCmd struct {
	Account string `arg:"" help:"Id or name."`
	At      string `arg:"" help:"When it ends by itself (2026-12-31, or RFC 3339); never takes the end away."`
}

// Run gives an account an end.
func (c *accountExpireCmd) Run(t *terminal) error {
	body := object{"expires": nil}
	if c.At != "never" {
		body["expires"] = moment(c.At)
	}
	return sendOne(t, http.MethodPut, "/accounts/"+url.PathEscape(c.Account)+"/expiry", body, "id", "name", "state", "expires")
}

type accountRolesCmd struct {
	Account string   `arg:"" help:"Id or name."`
	Role    []string `required:"" help:"The new roles, comma separated."`
	Site    string   `help:"Id or name of the one site of a local-user or gateway; the present one unless given."`
}

// Run replaces an account's roles.
func (c *accountRolesCmd) Run(t *terminal) error {
	in := object{"roles": c.Role}
	if c.Site != "" {
		in["site"] = c.Site
	}
	return sendOne(t, http.MethodPut, "/accounts/"+url.PathEscape(c.Account)+"/roles", in, "id", "name", "roles", "site")
}

type tokenCmd struct {
	Create tokenCreateCmd `cmd:"" help:"Make an API token of your own account."`
	List   tokenListCmd   `cmd:"" help:"List your tokens."`
	Revoke tokenRevokeCmd `cmd:"" help:"End one of your tokens."`
}

type tokenCreateCmd struct {
	Name string `arg:""`
	Days int    `default:"30" help:"Days until it expires, 90 at most."`
}

// Run makes a token; it is shown this once.
func (c *tokenCreateCmd) Run(t *terminal) error {
	return sendOne(t, http.MethodPost, "/me/tokens", object{"name": c.Name, "days": c.Days}, "id", "name", "token", "expires")
}

type tokenListCmd struct{ limitFlags }

// Run lists tokens.
func (c *tokenListCmd) Run(t *terminal) error {
	return getList(t, "/me/tokens", nil, c.Limit, "id", "name", "created", "expires", "lastUsed")
}

type tokenRevokeCmd struct {
	ID string `arg:""`
}

// Run ends a token.
func (c *tokenRevokeCmd) Run(t *terminal) error {
	return sendOne(t, http.MethodDelete, "/me/tokens/"+url.PathEscape(c.ID), nil)
}
