package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

type findingCmd struct {
	List    findingListCmd    `cmd:"" help:"List findings, newest first."`
	Get     findingGetCmd     `cmd:"" aliases:"show" help:"Show a finding, its notes and what puts it right."`
	Summary findingSummaryCmd `cmd:"" help:"Show how many are open, overdue, excepted and unowned."`
	Assign  findingAssignCmd  `cmd:"" help:"Give findings an owner or another due date."`
	Note    findingNoteCmd    `cmd:"" help:"Add a note to a finding."`
}

// findingFlags are the filters of findings.
type findingFlags struct {
	Control  string `help:"Only of this control."`
	Domain   string `help:"Only of this domain, such as COM."`
	Check    string `help:"Only of this check."`
	Owner    string `help:"Only of this owner; - for those that nobody owns."`
	Severity string `help:"Only low, medium, high or critical ones."`
	Overdue  bool   `help:"Only open ones past their due date."`
	Subject  string `help:"Only about this subject, by id or name."`
}

type findingListCmd struct {
	listFlags
	findingFlags
	State string `default:"open" enum:"open,excepted,closed,all" help:"open, excepted, closed or all."`
	Sort  string `help:"-opened, due or control."`
	At    string `help:"As they stood at this past day or time."`
}

// Run lists findings.
func (c *findingListCmd) Run(t *terminal) error {
	q := query("q", c.Query, "state", c.State, "control", c.Control, "domain", c.Domain, "check", c.Check, "owner", c.Owner, "severity", c.Severity, "subject", c.Subject, "sort", c.Sort)
	if c.Overdue {
		q.Set("overdue", "true")
	}
	if err := setAt(q, c.At); err != nil {
		return err
	}
	return getList(t, "/findings", q, c.Limit, "id", "severity", "state", "check", "subject.name", "owner", "opened", "due", "reason")
}

type findingGetCmd struct {
	ID string `arg:""`
	At string `help:"As it stood at this past day or time."`
}

// Run shows a finding.
func (c *findingGetCmd) Run(t *terminal) error {
	q := url.Values{}
	if err := setAt(q, c.At); err != nil {
		return err
	}
	out, err := ask(t, http.MethodGet, "/findings/"+url.PathEscape(c.ID)+"?"+q.Encode(), nil)
	if err != nil {
		return err
	}
	if err := t.show(out, "id", "control", "check", "title", "subject", "severity", "state", "reason", "opened", "owner", "due", "overdue", "exception", "former", "closed", "closedBy", "closedReason", "remedy"); err != nil || t.format != "table" {
		return err
	}
	for _, n := range objectsOf(out["log"]) {
		_, _ = fmt.Fprintf(t.out, "note\t%s %s: %s\n", cell(n, "at"), cell(n, "by"), cell(n, "text"))
	}
	showAsOf(t, out)
	return nil
}

type findingSummaryCmd struct{}

// Run shows the counts.
func (*findingSummaryCmd) Run(t *terminal) error {
	return getOne(t, "/findings/summary", "open", "overdue", "excepted", "closed", "unowned", "severities", "owners", "domains")
}

type findingAssignCmd struct {
	IDs []string `arg:"" optional:"" name:"ids" help:"Findings; without any, --where flags choose them."`
	findingFlagsWhere
	To  string `help:"The new owner, an account's name."`
	Due string `help:"The new due day or time."`
}

// findingFlagsWhere are the filters of a bulk assignment.
type findingFlagsWhere struct {
	WhereControl  string `help:"All open findings of this control."`
	WhereDomain   string `help:"All open findings of this domain."`
	WhereCheck    string `help:"All open findings of this check."`
	WhereOwner    string `help:"All open findings of this owner; - for those that nobody owns."`
	WhereSeverity string `help:"All open findings of this severity."`
	WhereSubject  string `help:"All open findings about this subject."`
}

// Run assigns findings.
func (c *findingAssignCmd) Run(t *terminal) error {
	body := object{}
	if c.To != "" {
		body["owner"] = c.To
	}
	if c.Due != "" {
		body["due"] = moment(c.Due)
	}
	filter := object{}
	for key, value := range map[string]string{"control": c.WhereControl, "domain": c.WhereDomain, "check": c.WhereCheck, "owner": c.WhereOwner, "severity": c.WhereSeverity, "subject": c.WhereSubject} {
		if value != "" {
			filter[key] = value
		}
	}
	switch {
	case (len(c.IDs) == 0) == (len(filter) == 0):
		return wrongUsage("name findings, or choose them with --where-… flags")
	case len(c.IDs) > 0:
		body["ids"] = c.IDs
	default:
		body["filter"] = filter
	}
	return sendOne(t, http.MethodPost, "/findings/assign", body, "assigned")
}

type findingNoteCmd struct {
	ID   string `arg:""`
	Text string `arg:""`
}

// Run adds a note.
func (c *findingNoteCmd) Run(t *terminal) error {
	return sendOne(t, http.MethodPost, "/findings/"+url.PathEscape(c.ID)+"/notes", object{"text": c.Text}, "at", "by", "text")
}

// wrongUsage is a fault in how a command was written.
func wrongUsage(text string) error { return errors.New(text) }

// setAt asks for a past moment where one is given.
func setAt(q url.Values, at string) error {
	if at == "" {
		return nil
	}
	m, err := momentOf(at)
	if err == nil {
		q.Set("at", m.Format("2006-01-02T15:04:05.999999Z07:00"))
	}
	return err
}
