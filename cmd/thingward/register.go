package main

import (
	"net/http"
	"net/url"
)

type registerCmd struct {
	Kinds  registerKindsCmd  `cmd:"" help:"List what the register holds."`
	List   registerListCmd   `cmd:"" help:"List suppliers, providers, links and other entries."`
	Get    registerGetCmd    `cmd:"" help:"Show one entry."`
	Create registerCreateCmd `cmd:"" help:"Add an entry and show it."`
	Edit   registerEditCmd   `cmd:"" help:"Replace what is said of an entry."`
	Retire registerRetireCmd `cmd:"" help:"Retire an entry: it owes nothing any more."`
}

var entryFields = []string{"id", "kind", "name", "system", "site", "owner", "facts", "created", "retired", "reason"}

type registerKindsCmd struct{ limitFlags }

// Run lists the kinds of entry.
func (c *registerKindsCmd) Run(t *terminal) error {
	return getList(t, "/register-kinds", nil, c.Limit, "kind", "title", "purpose")
}

type registerListCmd struct {
	listFlags
	Kind    string `help:"Only this kind."`
	System  string `help:"Only of this system."`
	Site    string `help:"Only of this site."`
	Owner   string `help:"Only of this owner."`
	Retired bool   `help:"Retired ones too."`
}

// Run lists entries.
func (c *registerListCmd) Run(t *terminal) error {
	q := query("q", c.Query, "kind", c.Kind, "system", c.System, "site", c.Site, "owner", c.Owner)
	if c.Retired {
		q.Set("retired", "true")
	}
	return getList(t, "/register", q, c.Limit, "id", "kind", "name", "system", "site", "owner", "facts", "retired")
}

type registerGetCmd struct {
	ID string `arg:""`
}

// Run shows an entry.
func (c *registerGetCmd) Run(t *terminal) error {
	return getOne(t, "/register/"+url.PathEscape(c.ID), entryFields...)
}

// entryFlags are what may be said of an entry.
type entryFlags struct {
	Name   string `required:"" help:"Name."`
	System string `help:"System it belongs to."`
	Site   string `help:"Site where it is."`
	Owner  string `help:"Account name of who answers for it."`
	Facts  string `type:"existingfile" help:"What the kind's form asks, YAML or JSON."`
}

func (f entryFlags) object() (object, error) {
	in := object{"name": f.Name}
	for k, v := range map[string]string{"system": f.System, "site": f.Site, "owner": f.Owner} {
		if v != "" {
			in[k] = v
		}
	}
	return in, addForm(in, "facts", f.Facts)
}

type registerCreateCmd struct {
	Kind string `required:"" help:"Such as supplier; see thingward register kinds."`
	entryFlags
}

// Run adds an entry.
func (c *registerCreateCmd) Run(t *terminal) error {
	in, err := c.object()
	if err != nil {
		return err
	}
	in["kind"] = c.Kind
	return sendOne(t, http.MethodPost, "/register", in, entryFields...)
}

type registerEditCmd struct {
	ID string `arg:""`
	entryFlags
}

// Run replaces what is said of an entry.
func (c *registerEditCmd) Run(t *terminal) error {
	in, err := c.object()
	if err != nil {
		return err
	}
	return sendOne(t, http.MethodPut, "/register/"+url.PathEscape(c.ID), in, entryFields...)
}

type registerRetireCmd struct {
	ID     string `arg:""`
	Reason string `required:"" help:"Why; kept in the audit log."`
}

// Run retires an entry.
func (c *registerRetireCmd) Run(t *terminal) error {
	return sendOne(t, http.MethodPost, "/register/"+url.PathEscape(c.ID)+"/retire", object{"reason": c.Reason}, entryFields...)
}
