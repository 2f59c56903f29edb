package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

type reviewCmd struct {
	Open   reviewOpenCmd   `cmd:"" help:"Open an access review over every account and device."`
	List   reviewListCmd   `cmd:"" help:"List access reviews, newest first."`
	Get    reviewGetCmd    `cmd:"" help:"Show a review and its accounts."`
	Lines  reviewLinesCmd  `cmd:"" help:"List what is under review, devices too."`
	Keep   reviewKeepCmd   `cmd:"" help:"Keep an account or a device, or every undecided device of a type or site."`
	Reject reviewRejectCmd `cmd:"" help:"Reject an account or a device: the account is disabled, the device suspended at once."`
	Close  reviewCloseCmd  `cmd:"" help:"Close a review in which every account and device is decided."`
}

type reviewOpenCmd struct {
	Title string `arg:"" help:"Such as \"Access review 2026\"."`
	Due   string `required:"" help:"By when everything must be decided (2026-12-31, or RFC 3339)."`
}

// Run opens a review.
func (c *reviewOpenCmd) Run(t *terminal) error {
	return showReview(t, http.MethodPost, "/reviews", object{"title": c.Title, "due": moment(c.Due)})
}

// moment lets a person give a day where the API wants a time: its end, in UTC.
func moment(s string) string {
	if len(s) == len("2026-12-31") {
		return s + "T23:59:59Z"
	}
	return s
}

type reviewListCmd struct{ limitFlags }

// Run lists reviews.
func (c *reviewListCmd) Run(t *terminal) error {
	return getList(t, "/reviews", nil, newest(c.Limit), "id", "state", "title", "due", "overdue", "counts.accounts", "counts.devices", "counts.undecided", "counts.rejected")
}

type reviewGetCmd struct {
	ID string `arg:"" help:"The review's id."`
}

// Run shows a review.
func (c *reviewGetCmd) Run(t *terminal) error {
	return showReview(t, http.MethodGet, "/reviews/"+url.PathEscape(c.ID), nil)
}

func showReview(t *terminal, method, path string, body any) error {
	out, err := ask(t, method, path, body)
	if err != nil {
		return err
	}
	if err := t.show(out, "id", "title", "state", "due", "overdue", "opened", "openedBy", "counts.accounts", "counts.devices", "counts.undecided", "counts.kept", "counts.rejected", "counts.disabled"); err != nil || t.format != "table" {
		return err
	}
	_, _ = fmt.Fprintln(t.out)
	return t.showList(objectsOf(out["lines"]), "name", "kind", "roles", "state", "lastLogin", "reviewed", "decision", "by", "reason")
}

type reviewLinesCmd struct {
	ID      string `arg:"" help:"The review's id."`
	Kind    string `enum:",person,service,device" default:"" help:"Only this kind: person, service or device."`
	Decided string `enum:",none,keep,reject,disabled" default:"" help:"Only what is decided so: none (owed), keep, reject or disabled."`
	Type    string `help:"Only devices of this type."`
	Site    string `help:"Only devices at this site."`
	listFlags
}

// Run lists a review's lines.
func (c *reviewLinesCmd) Run(t *terminal) error {
	q := query("kind", c.Kind, "decided", c.Decided, "type", c.Type, "site", c.Site, "q", c.Query)
	return getList(t, "/reviews/"+url.PathEscape(c.ID)+"/lines", q, c.Limit, "name", "kind", "type", "site", "roles", "state", "lastLogin", "decision", "by", "reason")
}

func decide(t *terminal, review string, body object, columns ...string) error {
	return sendOne(t, http.MethodPost, "/reviews/"+url.PathEscape(review)+"/decide", body, columns...)
}

func decideOne(t *terminal, review, account, decision, reason string) error {
	return decide(t, review, object{"account": account, "decision": decision, "reason": reason}, "name", "kind", "decision", "state", "by", "at", "reason")
}

type reviewKeepCmd struct {
	ID      string `arg:"" help:"The review's id."`
	Account string `arg:"" optional:"" help:"Id or name of the account or device."`
	Devices bool   `help:"Every undecided device instead, or those that --type and --site choose."`
	Type    string `help:"With --devices: of this type."`
	Site    string `help:"With --devices: at this site."`
	Reason  string `required:"" help:"Why."`
}

// Run keeps an account, a device, or many devices.
func (c *reviewKeepCmd) Run(t *terminal) error {
	switch {
	case c.Devices == (c.Account != ""):
		return errors.New("give an account or device, or --devices")
	case !c.Devices && c.Type+c.Site != "":
		return errors.New("--type and --site go with --devices")
	case !c.Devices:
		return decideOne(t, c.ID, c.Account, "keep", c.Reason)
	}
	filter := object{"kind": "device", "type": c.Type, "site": c.Site}
	return decide(t, c.ID, object{"filter": filter, "decision": "keep", "reason": c.Reason}, "devices")
}

type reviewRejectCmd struct {
	ID      string `arg:"" help:"The review's id."`
	Account string `arg:"" help:"Id or name of the account or device."`
	Reason  string `required:"" help:"Why."`
}

// Run rejects an account or a device.
func (c *reviewRejectCmd) Run(t *terminal) error {
	return decideOne(t, c.ID, c.Account, "reject", c.Reason)
}

type reviewCloseCmd struct {
	ID string `arg:"" help:"The review's id."`
}

// Run closes a review.
func (c *reviewCloseCmd) Run(t *terminal) error {
	return showReview(t, http.MethodPost, "/reviews/"+url.PathEscape(c.ID)+"/close", nil)
}
