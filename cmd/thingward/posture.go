package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

type postureCmd struct {
	Show     postureShowCmd     `cmd:"" default:"withargs" help:"Show the score and each domain."`
	Proof    postureProofCmd    `cmd:"" help:"Prove where each control stood at a past moment."`
	WhatIf   postureWhatIfCmd   `cmd:"" help:"Ask where the controls would stand without exceptions, or at a later date."`
	Expiries postureExpiriesCmd `cmd:"" help:"List what a date ends soon, if nobody does anything."`
}

type postureShowCmd struct {
	At string `help:"As it stood at this past day or time."`
}

// Run shows the score, never alone, and each domain.
func (p *postureShowCmd) Run(t *terminal) error {
	q := url.Values{}
	if err := setAt(q, p.At); err != nil {
		return err
	}
	out, err := ask(t, http.MethodGet, "/posture?"+q.Encode(), nil)
	if err != nil {
		return err
	}
	if t.format != "table" {
		return t.encode(out)
	}
	if pass := cell(out, "score.passPercent"); pass == "" {
		_, _ = fmt.Fprintln(t.out, "insufficient data: nothing is measured yet")
	} else {
		_, _ = fmt.Fprintf(t.out, "%s of %s applicable controls pass (%s %%; weighted %s %%); %s measured (coverage %s %%, fresh %s %%)\n", cell(out, "score.passing"), cell(out, "score.applicable"), pass, cell(out, "score.weightedPercent"),
			cell(out, "score.measured"), cell(out, "score.coveragePercent"), cell(out, "score.freshPercent"))
	}
	_, _ = fmt.Fprintf(t.out, "%s excepted; with exceptions %s %%\n", cell(out, "score.excepted"), cell(out, "score.withExceptionsPercent"))
	showAsOf(t, out)
	_, _ = fmt.Fprintln(t.out)
	return t.showList(objectsOf(out["domains"]), "id", "name", "passing", "applicable", "worst")
}

type controlCmd struct {
	List    controlListCmd    `cmd:"" help:"List the 160 controls."`
	Get     controlGetCmd     `cmd:"" help:"Show why a control stands where it stands."`
	History controlHistoryCmd `cmd:"" help:"List a control's changes, or how one of its checks stood over time, newest first."`
	Run     controlRunCmd     `cmd:"" help:"Run a control's checks now."`
}

type controlListCmd struct {
	listFlags
	Domain string `help:"Only this domain."`
	Status string `help:"Only this status."`
	At     string `help:"As they stood at this past day or time."`
}

// Run lists controls.
func (c *controlListCmd) Run(t *terminal) error {
	q := query("q", c.Query, "domain", c.Domain, "status", c.Status)
	if err := setAt(q, c.At); err != nil {
		return err
	}
	return getList(t, "/controls", q, c.Limit, "id", "status", "title", "since")
}

type controlGetCmd struct {
	ID string `arg:"" help:"Such as COM-01."`
	At string `help:"As it stood at this past day or time."`
}

// Run shows a control, its reason and each of its checks.
func (c *controlGetCmd) Run(t *terminal) error {
	q := url.Values{}
	if err := setAt(q, c.At); err != nil {
		return err
	}
	return showControl(t, http.MethodGet, "/controls/"+url.PathEscape(c.ID)+"?"+q.Encode())
}

type controlHistoryCmd struct {
	limitFlags
	ID    string `arg:"" help:"Such as COM-01."`
	Check string `help:"The timeline of this check: how many subjects stood where."`
	Days  int    `help:"Only the last so many days."`
}

// Run lists changes.
func (c *controlHistoryCmd) Run(t *terminal) error {
	q := query("check", c.Check)
	if c.Days != 0 {
		q.Set("days", strconv.Itoa(c.Days))
	}
	columns := []string{"at", "before", "status", "reason"}
	if c.Check != "" {
		columns = []string{"at", "status", "counts.pass", "counts.fail", "counts.excepted", "counts.unknown", "counts.stale", "counts.notAssessed", "counts.notApplicable"}
	}
	return getList(t, "/controls/"+url.PathEscape(c.ID)+"/history", q, c.Limit, columns...)
}

type controlRunCmd struct {
	ID string `arg:"" help:"Such as COM-01."`
}

// Run runs a control's checks.
func (c *controlRunCmd) Run(t *terminal) error {
	return showControl(t, http.MethodPost, "/controls/"+url.PathEscape(c.ID)+"/run")
}

func showControl(t *terminal, method, path string) error {
	out, err := ask(t, method, path, nil)
	if err != nil {
		return err
	}
	if err := t.show(out, "id", "title", "status", "since", "reason", "missing", "failsWhen", "clearsWhen"); err != nil || t.format != "table" {
		return err
	}
	showAsOf(t, out)
	_, _ = fmt.Fprintln(t.out)
	return t.showList(objectsOf(out["checks"]), "status", "title", "counts.pass", "counts.fail", "counts.excepted", "counts.unknown", "observed", "validUntil")
}
