package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

type riskCmd struct {
	List     riskListCmd     `cmd:"" help:"List risks, the highest first."`
	Get      riskGetCmd      `cmd:"" aliases:"show" help:"Show a risk with its mitigations, links and history."`
	Enter    riskEnterCmd    `cmd:"" help:"Enter a risk and show it."`
	Change   riskChangeCmd   `cmd:"" help:"Change a risk; what is not given stays. Another rating undoes the decision."`
	Decide   riskDecideCmd   `cmd:"" help:"Decide a risk that others entered: mitigate, defer or accept."`
	Close    riskCloseCmd    `cmd:"" help:"Close a risk of which nothing is left."`
	Mitigate riskMitigateCmd `cmd:"" help:"Add, finish or put off what is done about a risk."`
	Link     riskLinkCmd     `cmd:"" help:"Tie a risk to a finding, record, control or device."`
	Unlink   riskLinkCmd     `cmd:"" help:"Untie it."`
	Matrix   riskMatrixCmd   `cmd:"" help:"Open risks by likelihood and impact, now or at a past time."`
	Trend    riskTrendCmd    `cmd:"" help:"The register once a day."`
	Scales   riskScalesCmd   `cmd:"" help:"Explain the levels and the scopes."`
	Coverage riskCoverageCmd `cmd:"" help:"Risks by the scopes that an assessment must look at."`
}

var riskFields = []string{
	"id", "title", "state", "asset", "system", "site", "scopes", "threat", "source", "vulnerability", "likelihood", "impact", "levelName", "safety", "owner",
	"decision.decision", "decision.decider.name", "decision.ends", "decision.reason", "remaining.levelName", "undecided", "overdue", "due", "asOf.at",
}

type riskListCmd struct {
	listFlags
	State    string `help:"open (unless given), closed or all."`
	Decision string `help:"mitigate, defer, accept or undecided."`
	Level    string `help:"very-low, low, moderate, high or very-high."`
	System   string `help:"Only of this system."`
	Site     string `help:"Only of this site."`
	Owner    string `help:"Only of this owner."`
	Scope    string `help:"Only in this scope."`
	Overdue  bool   `help:"Only with a mitigation past its due date."`
	Safety   bool   `help:"Only risks to safety."`
	Cell     string `placeholder:"LxI" help:"Only of this cell of the matrix, likelihood x impact, such as 4x5."`
	Residual bool   `help:"With --cell: by what remains, not by the rating."`
	At       string `help:"As the register was at this past day or time."`
	Sort     string `help:"level, created, changed, ends, due, title, owner or system; a leading - turns it round."`
}

// Run lists risks.
func (c *riskListCmd) Run(t *terminal) error {
	q := query("q", c.Query, "state", c.State, "decision", c.Decision, "level", c.Level, "system", c.System, "site", c.Site, "owner", c.Owner, "scope", c.Scope, "sort", c.Sort)
	for name, on := range map[string]bool{"overdue": c.Overdue, "safety": c.Safety, "residual": c.Residual} {
		if on {
			q.Set(name, "true")
		}
	}
	if err := setCell(q, c.Cell); err != nil {
		return err
	}
	if err := setAt(q, c.At); err != nil {
		return err
	}
	return getList(t, "/risks", q, c.Limit, "id", "levelName", "title", "owner", "decision.decision", "decision.ends", "due", "overdue")
}

// setCell asks for one cell of the matrix where one is given.
func setCell(q url.Values, cell string) error {
	if cell == "" {
		return nil
	}
	likelihood, impact, ok := strings.Cut(strings.ToLower(cell), "x")
	for name, text := range map[string]string{"likelihood": likelihood, "impact": impact} {
		n, err := strconv.Atoi(text)
		if !ok || err != nil || n < 1 || n > 5 {
			return wrongUsage("--cell " + cell + " is no cell of the matrix: want likelihood and impact from 1 to 5, such as 4x5")
		}
		q.Set(name, strconv.Itoa(n))
	}
	return nil
}

type riskGetCmd struct {
	ID string `arg:""`
	At string `help:"As it was at this past day or time."`
}

// Run shows a risk.
func (c *riskGetCmd) Run(t *terminal) error {
	q := url.Values{}
	if err := setAt(q, c.At); err != nil {
		return err
	}
	out, err := ask(t, http.MethodGet, riskPath(c.ID)+"?"+q.Encode(), nil)
	if err != nil {
		return err
	}
	return t.showWith(out, riskFields, false,
		part{"mitigations", []string{"number", "title", "owner", "due", "finished", "outcome"}},
		part{"links", []string{"kind", "id", "name"}},
		part{"history", []string{"version", "at", "who", "what"}})
}

func riskPath(id string, more ...string) string {
	path := "/risks/" + url.PathEscape(id)
	for _, m := range more {
		path += "/" + url.PathEscape(m)
	}
	return path
}

// riskText is what can be said about a risk.
type riskText struct {
	Title         string `help:"What may happen, in short."`
	Asset         string `help:"What would be harmed."`
	System        string `help:"System it belongs to; none: the whole organisation."`
	Site          string `help:"Site it belongs to."`
	Scope         string `help:"Scopes it belongs to, with commas between; thingward risk scales lists them."`
	Threat        string `help:"What may happen."`
	Source        string `help:"Who or what the threat comes from."`
	Vulnerability string `help:"What the threat makes use of."`
	Likelihood    int    `help:"1 (very low) to 5 (very high)."`
	Impact        int    `help:"1 (very low) to 5 (very high)."`
	Safety        bool   `help:"People or surroundings may come to harm."`
	Owner         string `help:"Account name of who answers for it."`
}

// over writes what was given over a risk.
func (r *riskText) over(in object) object {
	for k, v := range map[string]string{
		"title": r.Title, "asset": r.Asset, "system": r.System, "site": r.Site, "threat": r.Threat, "source": r.Source, "vulnerability": r.Vulnerability, "owner": r.Owner,
	} {
		if v != "" {
			in[k] = v
		}
	}
	for k, v := range map[string]int{"likelihood": r.Likelihood, "impact": r.Impact} {
		if v != 0 {
			in[k] = v
		}
	}
	if r.Scope != "" {
		in["scopes"] = strings.FieldsFunc(r.Scope, func(c rune) bool { return c == ',' || c == ' ' })
	}
	if r.Safety {
		in["safety"] = true
	}
	return in
}

type riskEnterCmd struct{ riskText }

// Run enters a risk.
func (c *riskEnterCmd) Run(t *terminal) error {
	return sendOne(t, http.MethodPost, "/risks", c.over(object{"title": "", "asset": "", "threat": "", "likelihood": 0, "impact": 0, "owner": ""}), riskFields...)
}

type riskChangeCmd struct {
	ID string `arg:""`
	riskText
}

// Run changes a risk.
func (c *riskChangeCmd) Run(t *terminal) error {
	now, err := ask(t, http.MethodGet, riskPath(c.ID), nil)
	if err != nil {
		return err
	}
	in := object{}
	for _, k := range []string{"title", "asset", "system", "site", "scopes", "threat", "source", "vulnerability", "likelihood", "impact", "safety", "owner"} {
		if v, ok := now[k]; ok {
			in[k] = v
		}
	}
	return sendOne(t, http.MethodPut, riskPath(c.ID), c.over(in), riskFields...)
}

type riskDecideCmd struct {
	ID                 string `arg:""`
	Decision           string `arg:"" enum:"mitigate,defer,accept" help:"mitigate, defer or accept."`
	Reason             string `required:"" help:"Why."`
	Ends               string `help:"Day on which it no longer counts, such as 2027-06-30; within a year. Only mitigate may be without."`
	ResidualLikelihood int    `help:"What will remain once all mitigations are finished."`
	ResidualImpact     int    `help:"What will remain once all mitigations are finished."`
}

// Run decides a risk.
func (c *riskDecideCmd) Run(t *terminal) error {
	in := object{"decision": c.Decision, "reason": c.Reason}
	if err := addDay(in, "ends", c.Ends); err != nil {
		return err
	}
	for k, v := range map[string]int{"residualLikelihood": c.ResidualLikelihood, "residualImpact": c.ResidualImpact} {
		if v != 0 {
			in[k] = v
		}
	}
	return sendOne(t, http.MethodPost, riskPath(c.ID, "decide"), in, riskFields...)
}

// addDay puts a day or time into a request.
func addDay(in object, name, text string) error {
	if text == "" {
		return nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(layout, text); err == nil {
			in[name] = at
			return nil
		}
	}
	return fmt.Errorf("--%s %q is no day: write it as 2027-06-30", name, text)
}

type riskCloseCmd struct {
	ID     string `arg:""`
	Reason string `required:"" help:"Why nothing is left of it."`
}

// Run closes a risk.
func (c *riskCloseCmd) Run(t *terminal) error {
	return sendOne(t, http.MethodPost, riskPath(c.ID, "close"), object{"reason": c.Reason}, riskFields...)
}

type riskMitigateCmd struct {
	Add    riskMitigateAddCmd    `cmd:"" help:"Add something to be done."`
	Finish riskMitigateFinishCmd `cmd:"" help:"Say that it is done, and with what outcome."`
	Move   riskMitigateMoveCmd   `cmd:"" help:"Put it off to another day; not for whoever owes it."`
}

type riskMitigateAddCmd struct {
	ID    string `arg:""`
	Title string `arg:""`
	Owner string `required:"" help:"Account name of who does it."`
	Due   string `required:"" help:"Day by which it is done."`
}

// Run adds a mitigation.
func (c *riskMitigateAddCmd) Run(t *terminal) error {
	in := object{"title": c.Title, "owner": c.Owner}
	if err := addDay(in, "due", c.Due); err != nil {
		return err
	}
	return sendOne(t, http.MethodPost, riskPath(c.ID, "mitigations"), in, riskFields...)
}

type riskMitigateFinishCmd struct {
	ID      string `arg:""`
	Number  int    `arg:""`
	Outcome string `required:"" help:"What was done and what it changed."`
}

// Run finishes a mitigation.
func (c *riskMitigateFinishCmd) Run(t *terminal) error {
	return sendOne(t, http.MethodPost, riskPath(c.ID, "mitigations", strconv.Itoa(c.Number), "finish"), object{"outcome": c.Outcome}, riskFields...)
}

type riskMitigateMoveCmd struct {
	ID     string `arg:""`
	Number int    `arg:""`
	Due    string `required:"" help:"The new day."`
	Reason string `required:"" help:"Why it may wait."`
}

// Run moves a mitigation.
func (c *riskMitigateMoveCmd) Run(t *terminal) error {
	in := object{"reason": c.Reason}
	if err := addDay(in, "due", c.Due); err != nil {
		return err
	}
	return sendOne(t, http.MethodPost, riskPath(c.ID, "mitigations", strconv.Itoa(c.Number), "move"), in, riskFields...)
}

type riskLinkCmd struct {
	ID     string `arg:""`
	Kind   string `arg:"" enum:"finding,record,control,device" help:"finding, record, control or device."`
	Target string `arg:"" help:"Its id or name."`
}

// Run ties or unties.
func (c *riskLinkCmd) Run(t *terminal) error {
	if t.command == "unlink" {
		return sendOne(t, http.MethodDelete, riskPath(c.ID, "links", c.Kind, c.Target), nil, riskFields...)
	}
	return sendOne(t, http.MethodPost, riskPath(c.ID, "links"), object{"kind": c.Kind, "id": c.Target}, riskFields...)
}
