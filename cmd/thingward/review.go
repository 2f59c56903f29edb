package main

import (
	"fmt"
	"net/http"
	"net/url"
)

type reviewCmd struct {
	Open   reviewOpenCmd   `cmd:"" help:"Open an access review over every account."`
	List   reviewListCmd   `cmd:"" help:"List access reviews, newest first."`
	Get    reviewGetCmd    `cmd:"" help:"Show a review and its accounts."`
	Keep   reviewKeepCmd   `cmd:"" help:"Keep an account."`
	Reject reviewRejectCmd `cmd:"" help:"Reject an account: it is disabled at once."`
	Close  reviewCloseCmd  `cmd:"" help:"Close a review in which every account is decided."`
}

type reviewOpenCmd struct {
	Title string `arg:"" help:"Such as \"Access review 2026\"."`
	Due   string `required:"" help:"By when every account must be decided (2026-12-31, or RFC 3339)."`
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
	return getList(t, "/reviews", nil, newest(c.Limit), "id", "state", "title", "due", "overdue", "counts.accounts", "counts.undecided", "counts.rejected")
}

type reviewGetCmd struct {
	ID string `arg:"" help:"The review's id."`
}

// Run shows a review.
func (c *reviewGetCmd) Run(t *terminal) error {
	return showReview(t, http.MethodGet, "/reviews/"+url.PathEscape(c.ID), nil)
}

func showReview(t *terminal, method, path string, body any) error {
	c, err := signedIn()
	if err != nil {
		return err
	}
	var out object
	if err := c.call(t.ctx, method, path, body, &out); err != nil {
		return err
	}
	if err := t.show(out, "id", "title", "state", "due", "overdue", "opened", "openedBy", "counts.accounts", "counts.undecided", "counts.kept", "counts.rejected", "counts.disabled"); err != nil || t.format != "table" {
		return err
	}
	_, _ = fmt.Fprintln(t.out)
	return t.showList(objectsOf(out["lines"]), "name", "kind", "roles", "state", "lastLogin", "reviewed", "decision", "by", "reason")
}

type decideFlags struct {
	ID      string `arg:"" help:"The review's id."`
	Account string `arg:"" help:"Id or name of the account."`
	Reason  string `required:"" help:"Why."`
}

func (f decideFlags) decide(t *terminal, decision string) error {
	c, err := signedIn()
	if err != nil {
		return err
	}
	var out object
	if err := c.call(t.ctx, http.MethodPost, "/reviews/"+url.PathEscape(f.ID)+"/decide", object{"account": f.Account, "decision": decision, "reason": f.Reason}, &out); err != nil {
		return err
	}
	return t.show(out, "name", "kind", "decision", "state", "by", "at", "reason")
}

type reviewKeepCmd struct{ decideFlags }

// Run keeps an account.
func (c *reviewKeepCmd) Run(t *terminal) error { return c.decide(t, "keep") }

type reviewRejectCmd struct{ decideFlags }

// Run rejects an account.
func (c *reviewRejectCmd) Run(t *terminal) error { return c.decide(t, "reject") }

type reviewCloseCmd struct {
	ID string `arg:"" help:"The review's id."`
}

// Run closes a review.
func (c *reviewCloseCmd) Run(t *terminal) error {
	return showReview(t, http.MethodPost, "/reviews/"+url.PathEscape(c.ID)+"/close", nil)
}
