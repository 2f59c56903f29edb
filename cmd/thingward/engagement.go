package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

type engagementCmd struct {
	Open     engagementOpenCmd     `cmd:"" help:"Open an engagement (auditors)."`
	List     engagementListCmd     `cmd:"" help:"List engagements, newest first."`
	Get      engagementGetCmd      `cmd:"" help:"Show an engagement with its requests and conclusions."`
	Sample   engagementSampleCmd   `cmd:"" help:"Draw a sample of a control's objects (auditors)."`
	Ask      engagementAskCmd      `cmd:"" help:"Ask the audited for something (auditors)."`
	Answer   engagementAnswerCmd   `cmd:"" help:"Answer an auditor's request."`
	Accept   engagementAcceptCmd   `cmd:"" help:"Accept an answer (auditors)."`
	Return   engagementReturnCmd   `cmd:"" help:"Send an answer back (auditors)."`
	Conclude engagementConcludeCmd `cmd:"" help:"Conclude on a control (auditors)."`
	Sign     engagementSignCmd     `cmd:"" help:"Sign an engagement off: it never changes any more (auditors)."`
}

type engagementOpenCmd struct {
	Title     string   `arg:"" help:"Such as \"Annual audit 2026\"."`
	From      string   `required:"" help:"Begin of the period under audit (2026-01-01, or RFC 3339)."`
	To        string   `required:"" help:"Its end."`
	Ends      string   `required:"" help:"Until when the auditors work."`
	Auditor   []string `help:"Names of further auditors."`
	System    string   `help:"Only this system."`
	Domain    []string `help:"Only these domains."`
	Control   []string `help:"Only these controls."`
	Framework []string `help:"Only controls that these frameworks relate to."`
}

// Run opens an engagement.
func (c *engagementOpenCmd) Run(t *terminal) error {
	from := c.From
	if len(from) == len("2026-01-01") {
		from += "T00:00:00Z"
	}
	return showEngagement(t, http.MethodPost, "/engagements", object{
		"title": c.Title, "from": from, "to": moment(c.To), "ends": moment(c.Ends), "auditors": orNone(c.Auditor), "system": c.System,
		"scope": object{"domains": orNone(c.Domain), "controls": orNone(c.Control), "frameworks": orNone(c.Framework)},
	})
}

type engagementListCmd struct{ limitFlags }

// Run lists engagements.
func (c *engagementListCmd) Run(t *terminal) error {
	return getList(t, "/engagements", nil, newest(c.Limit), "id", "state", "title", "from", "to", "ends", "progress.concluded", "progress.controls", "progress.openRequests", "progress.overdueRequests")
}

type engagementGetCmd struct {
	ID string `arg:"" help:"The engagement's id."`
}

// Run shows an engagement.
func (c *engagementGetCmd) Run(t *terminal) error {
	return showEngagement(t, http.MethodGet, "/engagements/"+url.PathEscape(c.ID), nil)
}

func showEngagement(t *terminal, method, path string, body any) error {
	out, err := ask(t, method, path, body)
	if err != nil {
		return err
	}
	fields := []string{"id", "title", "state", "system", "from", "to", "ends", "controls", "progress.concluded", "progress.samples", "progress.openRequests", "progress.overdueRequests", "progress.answersToJudge", "signature.by", "signature.at", "signature.digest", "signature.intact"}
	return t.showWith(out, fields, true,
		part{"auditors", []string{"name", "active", "expires"}},
		part{"samples", []string{"n", "control", "size", "population", "seed", "drawn", "by"}},
		part{"requests", []string{"n", "state", "control", "due", "overdue", "text"}},
		part{"conclusions", []string{"control", "conclusion", "by", "at", "text"}})
}

// work posts to an engagement and shows the answer's fields.
func work(t *terminal, id, path string, body any, fields ...string) (object, error) {
	out, err := ask(t, http.MethodPost, "/engagements/"+url.PathEscape(id)+path, body)
	if err != nil {
		return nil, err
	}
	return out, t.show(out, fields...)
}

type engagementSampleCmd struct {
	ID      string `arg:"" help:"The engagement's id."`
	Control string `arg:"" help:"Such as COM-01."`
	Size    int    `required:"" help:"How many objects."`
	Check   string `help:"Only objects that this check is about."`
	Seed    string `help:"From a public draw, for instance; made at random unless given."`
}

// Run draws a sample.
func (c *engagementSampleCmd) Run(t *terminal) error {
	out, err := work(t, c.ID, "/samples", object{"control": c.Control, "size": c.Size, "check": c.Check, "seed": c.Seed}, "n", "control", "check", "seed", "size", "population", "populationDigest", "drawn")
	if err != nil || t.format != "table" {
		return err
	}
	_, _ = fmt.Fprintln(t.out)
	return t.showList(objectsOf(out["objects"]), "kind", "name", "id", "rank")
}

type engagementAskCmd struct {
	ID      string `arg:"" help:"The engagement's id."`
	Text    string `arg:"" help:"What is wanted."`
	Due     string `required:"" help:"By when (2026-12-31, or RFC 3339)."`
	Control string `help:"The control that it is about."`
}

// Run asks.
func (c *engagementAskCmd) Run(t *terminal) error {
	_, err := work(t, c.ID, "/requests", object{"text": c.Text, "due": moment(c.Due), "control": c.Control}, "n", "state", "control", "due", "text")
	return err
}

type requestRef struct {
	ID string `arg:"" help:"The engagement's id."`
	N  int    `arg:"" help:"Number of the request."`
}

func (r requestRef) path(step string) string { return "/requests/" + strconv.Itoa(r.N) + "/" + step }

type engagementAnswerCmd struct {
	requestRef
	Text   string   `arg:"" help:"The answer."`
	Record []string `help:"Ids of records that it points to."`
	Export string   `help:"Id of an export that it points to."`
}

// Run answers.
func (c *engagementAnswerCmd) Run(t *terminal) error {
	_, err := work(t, c.ID, c.path("answer"), object{"text": c.Text, "records": orNone(c.Record), "export": c.Export}, "n", "state", "text")
	return err
}

type engagementAcceptCmd struct{ requestRef }

// Run accepts an answer.
func (c *engagementAcceptCmd) Run(t *terminal) error {
	_, err := work(t, c.ID, c.path("judge"), object{"verdict": "accepted"}, "n", "state", "text")
	return err
}

type engagementReturnCmd struct {
	requestRef
	Text string `arg:"" help:"What is still wanted."`
}

// Run sends an answer back.
func (c *engagementReturnCmd) Run(t *terminal) error {
	_, err := work(t, c.ID, c.path("judge"), object{"verdict": "returned", "text": c.Text}, "n", "state", "text")
	return err
}

type engagementConcludeCmd struct {
	ID         string `arg:"" help:"The engagement's id."`
	Control    string `arg:"" help:"Such as COM-01."`
	Conclusion string `arg:"" enum:"met,partly,not-met,not-tested" help:"met, partly, not-met or not-tested."`
	Text       string `help:"Why; required unless met."`
}

// Run concludes.
func (c *engagementConcludeCmd) Run(t *terminal) error {
	_, err := work(t, c.ID, "/conclusions", object{"control": c.Control, "conclusion": c.Conclusion, "text": c.Text}, "control", "conclusion", "by", "at", "text")
	return err
}

type engagementSignCmd struct {
	ID        string `arg:"" help:"The engagement's id."`
	Statement string `required:"" help:"The auditor's statement."`
}

// Run signs.
func (c *engagementSignCmd) Run(t *terminal) error {
	_, err := work(t, c.ID, "/sign", object{"statement": c.Statement}, "id", "title", "state", "signature.by", "signature.at", "signature.digest", "signature.checkpoint")
	return err
}
