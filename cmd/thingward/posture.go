package main

import (
	"fmt"
	"net/http"
	"net/url"
)

type postureCmd struct{}

// Run shows the score, never alone, and each domain.
func (*postureCmd) Run(t *terminal) error {
	c, err := signedIn()
	if err != nil {
		return err
	}
	var out object
	if err := c.call(t.ctx, http.MethodGet, "/posture", nil, &out); err != nil {
		return err
	}
	if t.format != "table" {
		return t.encode(out)
	}
	_, _ = fmt.Fprintf(t.out, "%s of %s applicable controls pass (%s %%); %s measured (coverage %s %%)\n\n", cell(out, "score.passing"), cell(out, "score.applicable"), cell(out, "score.passPercent"), cell(out, "score.measured"), cell(out, "score.coveragePercent"))
	domains, _ := out["domains"].([]any)
	items := make([]object, 0, len(domains))
	for _, d := range domains {
		if o, ok := d.(object); ok {
			items = append(items, o)
		}
	}
	return t.showList(items, "id", "name", "passing", "applicable", "worst")
}

type controlCmd struct {
	List controlListCmd `cmd:"" help:"List the 160 controls."`
	Get  controlGetCmd  `cmd:"" help:"Show why a control stands where it stands."`
	Run  controlRunCmd  `cmd:"" help:"Run a control's checks now."`
}

type controlListCmd struct {
	listFlags
	Domain string `help:"Only this domain."`
	Status string `help:"Only this status."`
}

// Run lists controls.
func (c *controlListCmd) Run(t *terminal) error {
	return getList(t, "/controls", query("q", c.Query, "domain", c.Domain, "status", c.Status), c.Limit, "id", "status", "title", "since")
}

type controlGetCmd struct {
	ID string `arg:"" help:"Such as COM-01."`
}

// Run shows a control, its reason and each of its checks.
func (c *controlGetCmd) Run(t *terminal) error {
	return showControl(t, http.MethodGet, "/controls/"+url.PathEscape(c.ID))
}

type controlRunCmd struct {
	ID string `arg:"" help:"Such as COM-01."`
}

// Run runs a control's checks.
func (c *controlRunCmd) Run(t *terminal) error {
	return showControl(t, http.MethodPost, "/controls/"+url.PathEscape(c.ID)+"/run")
}

func showControl(t *terminal, method, path string) error {
	c, err := signedIn()
	if err != nil {
		return err
	}
	var out object
	if err := c.call(t.ctx, method, path, nil, &out); err != nil {
		return err
	}
	if err := t.show(out, "id", "title", "status", "since", "reason", "missing", "failsWhen", "clearsWhen"); err != nil || t.format != "table" {
		return err
	}
	checks, _ := out["checks"].([]any)
	items := make([]object, 0, len(checks))
	for _, ch := range checks {
		if o, ok := ch.(object); ok {
			items = append(items, o)
		}
	}
	_, _ = fmt.Fprintln(t.out)
	return t.showList(items, "status", "title", "counts.pass", "counts.fail", "counts.unknown", "observed", "validUntil")
}
