package main

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"time"

	"go.yaml.in/yaml/v4"
)

type recordCmd struct {
	Kinds    recordKindsCmd    `cmd:"" help:"List the kinds of record."`
	Form     recordFormCmd     `cmd:"" help:"Print a filled form of a kind, as YAML to begin with."`
	List     recordListCmd     `cmd:"" help:"List records."`
	Get      recordGetCmd      `cmd:"" help:"Show a record; of a draft what it still lacks."`
	Create   recordCreateCmd   `cmd:"" help:"Begin a draft and show it."`
	Edit     recordEditCmd     `cmd:"" help:"Replace the form or owner of a draft."`
	Submit   recordStepCmd     `cmd:"" help:"Hand a draft over for approval."`
	Approve  recordStepCmd     `cmd:"" help:"Approve a record that others wrote."`
	Reject   recordReasonCmd   `cmd:"" help:"Send a submitted record back."`
	Withdraw recordReasonCmd   `cmd:"" help:"End a record or draft that shall not count."`
	Ack      recordAckCmd      `cmd:"" help:"Note that you have read a record in force."`
	Evidence recordEvidenceCmd `cmd:"" help:"Files and links that show what a record says."`
	Duties   recordDutiesCmd   `cmd:"" help:"What each object owes, and how it stands."`
	Calendar recordCalendarCmd `cmd:"" help:"What ends or is due, soonest first."`
	Import   recordImportCmd   `cmd:"" help:"Make drafts of an exported file, all or none."`
	Export   recordExportCmd   `cmd:"" help:"Write records with their hashes as JSON."`
}

var recordFields = []string{"id", "kind", "object.name", "version", "state", "owner", "author", "approver", "performed", "effective", "expires", "reason", "digest", "altered"}

type recordKindsCmd struct{ limitFlags }

// Run lists the kinds.
func (c *recordKindsCmd) Run(t *terminal) error {
	return getList(t, "/record-kinds", nil, c.Limit, "name", "about", "lifeDays", "files.least", "title")
}

type recordFormCmd struct {
	Kind   string `arg:"" help:"Name of a kind."`
	Schema bool   `help:"Print the JSON Schema of the form instead."`
}

// Run prints an example to begin with.
func (c *recordFormCmd) Run(t *terminal) error {
	kind, err := ask(t, http.MethodGet, "/record-kinds/"+url.PathEscape(c.Kind), nil)
	if err != nil {
		return err
	}
	if t.format == "table" { // a form is for a file
		t.format = "yaml"
	}
	if c.Schema {
		t.format = "json"
		return t.encode(kind["schema"])
	}
	return t.encode(kind["example"])
}

type recordListCmd struct {
	listFlags
	Kind     string `help:"Only this kind."`
	State    string `help:"Only this state: draft, submitted, approved, rejected, superseded or withdrawn."`
	Object   string `help:"Only about this object, by id or name."`
	System   string `help:"Only of this system."`
	Site     string `help:"Only of this site."`
	Owner    string `help:"Only of this owner."`
	Expiring string `help:"Only those in force that end within so many days, or have ended."`
	Sort     string `help:"Sort by changed, created or expires; a leading - turns it round."`
}

// Run lists records.
func (c *recordListCmd) Run(t *terminal) error {
	q := query("q", c.Query, "kind", c.Kind, "state", c.State, "object", c.Object, "system", c.System, "site", c.Site, "owner", c.Owner, "expiring", c.Expiring, "sort", c.Sort)
	return getList(t, "/records", q, c.Limit, "id", "kind", "object.name", "version", "state", "owner", "expires", "altered")
}

type recordGetCmd struct {
	ID string `arg:""`
}

// Run shows a record, and of an open one what keeps it from counting.
func (c *recordGetCmd) Run(t *terminal) error {
	out, err := ask(t, http.MethodGet, "/records/"+url.PathEscape(c.ID), nil)
	if err != nil {
		return err
	}
	return t.showWith(out, recordFields, false,
		part{"evidence", []string{"id", "name", "size", "sha256", "link"}},
		part{"acks", []string{"account", "at"}},
		part{"items", []string{"id", "title", "owner", "due", "closed"}},
		part{"faults", []string{"path", "message"}})
}

type recordCreateCmd struct {
	Kind   string `required:"" help:"Name of a kind."`
	Object string `help:"Id or name of what it is about; nothing for the organisation."`
	Owner  string `help:"Account name of who must renew it."`
	Body   string `type:"existingfile" help:"The form, YAML or JSON."`
	From   string `help:"Id of an earlier record to copy the form from."`
}

// Run begins a draft.
func (c *recordCreateCmd) Run(t *terminal) error {
	in := object{"kind": c.Kind}
	for k, v := range map[string]string{"object": c.Object, "owner": c.Owner, "from": c.From} {
		if v != "" {
			in[k] = v
		}
	}
	if err := addForm(in, "body", c.Body); err != nil {
		return err
	}
	return sendOne(t, http.MethodPost, "/records", in, recordFields...)
}

// addForm reads a filled form from a file, if there is one.
func addForm(in object, name, path string) error {
	if path == "" {
		return nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var form object
	if err := yaml.Unmarshal(raw, &form); err != nil {
		return fmt.Errorf("%s is no form: want YAML or JSON with a value for each field: %w", path, err)
	}
	in[name] = daysAsText(form)
	return nil
}

// daysAsText writes the days that YAML took for times as a form has them.
func daysAsText(v any) any {
	switch v := v.(type) {
	case time.Time:
		return v.Format(time.DateOnly)
	case object:
		for k, e := range v {
			v[k] = daysAsText(e)
		}
	case []any:
		for i, e := range v {
			v[i] = daysAsText(e)
		}
	}
	return v
}

type recordEditCmd struct {
	ID    string `arg:""`
	Owner string `help:"Account name of who must renew it; stays unless given."`
	Body  string `required:"" type:"existingfile" help:"The whole form, YAML or JSON."`
}

// Run replaces the form of a draft.
func (c *recordEditCmd) Run(t *terminal) error {
	in := object{}
	if c.Owner != "" {
		in["owner"] = c.Owner
	}
	if err := addForm(in, "body", c.Body); err != nil {
		return err
	}
	return sendOne(t, http.MethodPut, "/records/"+url.PathEscape(c.ID), in, recordFields...)
}

type recordStepCmd struct {
	ID     string `arg:""`
	DryRun bool   `help:"Say what would happen, change nothing."`
}

// Run takes a step whose name is the command's own.
func (c *recordStepCmd) Run(t *terminal) error {
	return sendOne(t, http.MethodPost, "/records/"+url.PathEscape(c.ID)+"/"+t.command, object{"dryRun": c.DryRun}, recordFields...)
}

type recordReasonCmd struct {
	recordStepCmd
	Reason string `required:"" help:"Why; kept with the record and in the audit log."`
}

// Run takes a step that needs a reason.
func (c *recordReasonCmd) Run(t *terminal) error {
	return sendOne(t, http.MethodPost, "/records/"+url.PathEscape(c.ID)+"/"+t.command, object{"dryRun": c.DryRun, "reason": c.Reason}, recordFields...)
}

type recordAckCmd struct {
	ID string `arg:""`
}

// Run acknowledges a record.
func (c *recordAckCmd) Run(t *terminal) error {
	return sendOne(t, http.MethodPost, "/records/"+url.PathEscape(c.ID)+"/acknowledge", object{}, "id", "kind", "object.name", "version")
}

type recordDutiesCmd struct {
	listFlags
	Kind    string `help:"Only this kind."`
	About   string `help:"Only about this kind of object."`
	State   string `help:"Only this state: current, expiring, expired, missing, waiting, altered or not-owed."`
	System  string `help:"Only of this system."`
	Site    string `help:"Only of this site."`
	Owner   string `help:"Only of this owner."`
	Summary bool   `help:"Count them by kind."`
}

// Run lists duties, or counts them.
func (c *recordDutiesCmd) Run(t *terminal) error {
	if !c.Summary {
		q := query("q", c.Query, "kind", c.Kind, "about", c.About, "state", c.State, "system", c.System, "site", c.Site, "owner", c.Owner)
		return getList(t, "/duties", q, c.Limit, "state", "kind", "object.kind", "object.name", "owner", "record.expires", "controls")
	}
	out, err := ask(t, http.MethodGet, "/duties/summary", nil)
	if err != nil {
		return err
	}
	if t.format != "table" {
		return t.encode(out)
	}
	return t.showList(objectsOf(out["kinds"]), "kind", "counts.current", "counts.expiring", "counts.expired", "counts.missing", "counts.waiting", "counts.altered", "next")
}

type recordCalendarCmd struct {
	From string `help:"RFC 3339 time; now unless given."`
	To   string `help:"RFC 3339 time; 90 days later unless given."`
	limitFlags
}

// Run lists what ends or is due.
func (c *recordCalendarCmd) Run(t *terminal) error {
	return getList(t, "/duties/calendar", query("from", c.From, "to", c.To), c.Limit, "at", "what", "state", "kind", "object.name", "owner", "title", "id")
}
