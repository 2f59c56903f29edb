package main

import (
	"fmt"
	"net/http"
	"net/url"
	"time"
)

type itemCmd struct {
	List  itemListCmd  `cmd:"" help:"List what records say must be done."`
	Edit  itemEditCmd  `cmd:"" help:"Give an open item another owner or due date."`
	Close itemCloseCmd `cmd:"" help:"Close an item with what was done."`
}

var itemFields = []string{"id", "title", "owner", "due", "kind", "object.name", "record", "closed", "closedBy", "outcome"}

type itemListCmd struct {
	State   string `help:"Only open or closed ones."`
	Overdue bool   `help:"Only those that are overdue."`
	Owner   string `help:"Only of this owner."`
	Kind    string `help:"Only of this kind of record."`
	limitFlags
}

// Run lists items.
func (c *itemListCmd) Run(t *terminal) error {
	q := query("state", c.State, "owner", c.Owner, "kind", c.Kind)
	if c.Overdue {
		q.Set("overdue", "true")
	}
	return getList(t, "/items", q, c.Limit, "id", "due", "owner", "title", "kind", "object.name", "closed")
}

type itemEditCmd struct {
	ID    string `arg:""`
	Owner string `help:"Account name; stays unless given."`
	Due   string `help:"Last day, such as 2026-12-31; stays unless given."`
}

// Run changes an item.
func (c *itemEditCmd) Run(t *terminal) error {
	in := object{}
	if c.Owner != "" {
		in["owner"] = c.Owner
	}
	if c.Due != "" {
		day, err := time.Parse(time.DateOnly, c.Due)
		if err != nil {
			return fmt.Errorf("--due %q is no day: want such as 2026-12-31", c.Due)
		}
		in["due"] = day.AddDate(0, 0, 1) // the day itself still counts
	}
	return sendOne(t, http.MethodPut, "/items/"+url.PathEscape(c.ID), in, itemFields...)
}

type itemCloseCmd struct {
	ID      string `arg:""`
	Outcome string `required:"" help:"What was done."`
}

// Run closes an item.
func (c *itemCloseCmd) Run(t *terminal) error {
	return sendOne(t, http.MethodPost, "/items/"+url.PathEscape(c.ID)+"/close", object{"outcome": c.Outcome}, itemFields...)
}
