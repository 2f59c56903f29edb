package main

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

type exceptionCmd struct {
	Request  exceptionRequestCmd `cmd:"" help:"Ask for an exception; another person has to approve it."`
	List     exceptionListCmd    `cmd:"" help:"List exceptions, newest first."`
	Get      exceptionGetCmd     `cmd:"" help:"Show an exception and what it covers."`
	Approve  exceptionApproveCmd `cmd:"" help:"Approve an exception, never your own."`
	Refuse   exceptionEndCmd     `cmd:"" help:"Refuse an exception, never your own."`
	Withdraw exceptionEndCmd     `cmd:"" help:"End an exception before its time, or take a request back."`
}

type exceptionRequestCmd struct {
	Control       string `arg:"" help:"Such as COM-10."`
	Check         string `help:"Only this check of the control."`
	Subject       string `help:"One subject, as KIND:ID, such as device:hall-thermostat or setting:min_tls."`
	Type          string `help:"Devices of this type."`
	Site          string `help:"What is at this site."`
	System        string `help:"What belongs to this system."`
	Justification string `required:"" help:"Why it cannot be put right now."`
	Compensating  string `required:"" help:"What protects meanwhile."`
	Plan          string `help:"How it will be put right."`
	Ends          string `required:"" help:"Its last day (2027-03-31) or moment (2027-03-31T18:00:00Z), at most 365 days away."`
}

// Run asks for an exception.
func (c *exceptionRequestCmd) Run(t *terminal) error {
	body := object{"control": c.Control, "check": c.Check, "justification": c.Justification, "compensating": c.Compensating, "plan": c.Plan, "ends": moment(c.Ends)}
	if kind, id, ok := strings.Cut(c.Subject, ":"); ok {
		body["subject"] = object{"kind": kind, "id": id}
	} else if c.Subject != "" {
		return wrongUsage("--subject wants KIND:ID, such as device:hall-thermostat")
	}
	if c.Type+c.Site+c.System != "" {
		body["scope"] = object{"type": c.Type, "site": c.Site, "system": c.System}
	}
	return showException(t, http.MethodPost, "/exceptions", body)
}

type exceptionListCmd struct {
	listFlags
	State   string `help:"Only requested, approved, refused, withdrawn or ended ones."`
	Control string `help:"Only from this control."`
}

// Run lists exceptions.
func (c *exceptionListCmd) Run(t *terminal) error {
	return getList(t, "/exceptions", query("q", c.Query, "state", c.State, "control", c.Control), c.Limit, "id", "state", "control", "subject.name", "requester", "approver", "ends", "stillFailing")
}

type exceptionGetCmd struct {
	ID string `arg:""`
}

// Run shows an exception.
func (c *exceptionGetCmd) Run(t *terminal) error {
	return showException(t, http.MethodGet, "/exceptions/"+url.PathEscape(c.ID), nil)
}

type exceptionApproveCmd struct {
	ID     string `arg:""`
	Reason string `help:"Kept with the decision."`
}

// Run approves an exception.
func (c *exceptionApproveCmd) Run(t *terminal) error {
	return exceptionStep(t, c.ID, "approve", c.Reason)
}

type exceptionEndCmd struct {
	ID     string `arg:""`
	Reason string `required:"" help:"Kept with the decision."`
}

// Run refuses or withdraws an exception: the step is named as the command.
func (c *exceptionEndCmd) Run(t *terminal) error {
	return exceptionStep(t, c.ID, t.command, c.Reason)
}

func exceptionStep(t *terminal, id, step, reason string) error {
	return showException(t, http.MethodPost, "/exceptions/"+url.PathEscape(id)+"/"+step, object{"reason": reason})
}

func showException(t *terminal, method, path string, body any) error {
	return sendOne(t, method, path, body, "id", "state", "control", "check", "subject", "scope", "requester", "approver", "justification", "compensating", "plan", "requested", "decided", "finished", "ends", "reason", "covers", "stillFailing")
}

// momentOf reads a time, or a day as its beginning in UTC.
func momentOf(s string) (time.Time, error) {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t, nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return t, wrongUsage("want a day such as 2027-03-31 or a time such as 2027-03-31T18:00:00Z, not " + s)
	}
	return t, nil
}
