package main

import (
	"net/http"
	"net/url"
	"strconv"
)

type grantCmd struct {
	Add    grantAddCmd    `cmd:"" help:"Let a service account receive messages."`
	List   grantListCmd   `cmd:"" help:"List grants and when they were last used."`
	Revoke grantRevokeCmd `cmd:"" help:"End a grant: live sessions lose at once what it alone allowed."`
}

type grantAddCmd struct {
	Account string   `arg:"" help:"Name or id of a service account."`
	Name    string   `arg:"" help:"Tells the account's grants apart."`
	Kind    []string `required:"" help:"Of telemetry, event, reported and desired, comma separated."`
	Purpose string   `required:"" help:"What the account needs it for."`
	Stream  string   `help:"Only this telemetry stream."`
	Type    string   `help:"Only devices of this type."`
	Site    string   `help:"Only devices at this site."`
	Class   []string `help:"Data classes beyond public and internal: confidential, restricted."`
	Ends    string   `help:"Its last day (2027-03-31) or moment (RFC 3339)."`
}

var grantFields = []string{"id", "accountName", "name", "kinds", "stream", "type", "site", "classes", "purpose", "origin", "broad", "created", "createdBy", "ends", "lastUsed"}

// Run makes a grant.
func (c *grantAddCmd) Run(t *terminal) error {
	body := object{"account": c.Account, "name": c.Name, "kinds": c.Kind, "purpose": c.Purpose, "stream": c.Stream, "type": c.Type, "site": c.Site, "classes": orNone(c.Class)}
	if c.Ends != "" {
		body["ends"] = moment(c.Ends)
	}
	out, err := ask(t, http.MethodPost, "/grants", body)
	if err != nil {
		return err
	}
	return t.show(out, grantFields...)
}

type grantListCmd struct {
	limitFlags
	Account string `help:"Only grants of this account, by name or id."`
	Unused  int    `help:"Only grants that were not used for so many days, and are at least as old."`
	Broad   bool   `help:"Only grants that nothing narrows."`
}

// Run lists grants.
func (c *grantListCmd) Run(t *terminal) error {
	q := url.Values{}
	if c.Account != "" {
		a, err := ask(t, http.MethodGet, "/accounts/"+url.PathEscape(c.Account), nil)
		if err != nil {
			return err
		}
		q.Set("account", cell(a, "id"))
	}
	if c.Unused > 0 {
		q.Set("unused", strconv.Itoa(c.Unused))
	}
	if c.Broad {
		q.Set("broad", "true")
	}
	return getList(t, "/grants", q, c.Limit, "id", "accountName", "name", "kinds", "stream", "type", "site", "classes", "broad", "ends", "lastUsed")
}

type grantRevokeCmd struct {
	ID string `arg:"" help:"The grant's id."`
}

// Run ends a grant.
func (c *grantRevokeCmd) Run(t *terminal) error {
	out, err := ask(t, http.MethodDelete, "/grants/"+url.PathEscape(c.ID), nil)
	if err != nil {
		return err
	}
	return t.show(out, "id", "accountName", "name", "purpose", "lastUsed")
}
