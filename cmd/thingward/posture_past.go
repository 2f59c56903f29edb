package main

import (
	"fmt"
	"net/http"
	"net/url"
)

// showAsOf says what an answer about the past rests on, and cries out where what is stored was altered.
func showAsOf(t *terminal, out object) {
	if _, past := out["asOf"].(object); !past {
		return
	}
	_, _ = fmt.Fprintf(t.out, "as of %s, from %s entries of the audit log; checkpoint of %s entries\n", cell(out, "asOf.at"), cell(out, "asOf.entries"), cell(out, "asOf.checkpoint.size"))
	showDifferences(t, out, "asOf")
}

func showDifferences(t *terminal, out object, in string) {
	o := out
	if in != "" {
		o, _ = out[in].(object)
	}
	for _, d := range objectsOf(o["differences"]) {
		_, _ = fmt.Fprintf(t.out, "ALTERED %s %s: %s\n", cell(d, "at"), cell(d, "control"), cell(d, "what"))
	}
}

type postureProofCmd struct {
	At string `required:"" help:"A past day or time."`
}

// Run shows the entries of the log that say where each control stood. With -o json they come with their proofs of inclusion.
func (p *postureProofCmd) Run(t *terminal) error {
	q := url.Values{}
	if err := setAt(q, p.At); err != nil {
		return err
	}
	out, err := ask(t, http.MethodGet, "/posture/proof?"+q.Encode(), nil)
	if err != nil {
		return err
	}
	if t.format != "table" {
		return t.encode(out)
	}
	_, _ = fmt.Fprintf(t.out, "%s\n", cell(out, "checkpoint.note"))
	showDifferences(t, out, "")
	return t.showList(objectsOf(out["entries"]), "control", "status", "at", "index", "open", "bound", "leafHash")
}

type postureWhatIfCmd struct {
	Without []string `help:"Exceptions to leave out."`
	At      string   `help:"A later day or time."`
}

// Run shows what would change.
func (p *postureWhatIfCmd) Run(t *terminal) error {
	body := object{"without": p.Without}
	if p.At != "" {
		body["at"] = moment(p.At)
	}
	if p.Without == nil {
		delete(body, "without")
	}
	out, err := ask(t, http.MethodPost, "/posture/what-if", body)
	if err != nil {
		return err
	}
	if t.format != "table" {
		return t.encode(out)
	}
	_, _ = fmt.Fprintf(t.out, "%s\npassing %s -> %s of %s applicable; excepted %s -> %s\n\n", cell(out, "note"), cell(out, "before.score.passing"), cell(out, "after.score.passing"),
		cell(out, "after.score.applicable"), cell(out, "before.score.excepted"), cell(out, "after.score.excepted"))
	return t.showList(objectsOf(out["changed"]), "control", "before", "after", "title", "reason")
}

type postureExpiriesCmd struct {
	limitFlags
	Days int `default:"90" help:"How many days ahead."`
}

// Run lists what ends.
func (p *postureExpiriesCmd) Run(t *terminal) error {
	return getList(t, "/posture/expiries", query("days", fmt.Sprint(p.Days)), p.Limit, "at", "control", "title", "subject.kind", "subject.name", "what")
}
