package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"time"
)

type frameworkCmd struct {
	List   frameworkListCmd   `cmd:"" help:"List frameworks and who mapped them."`
	Get    frameworkGetCmd    `cmd:"" help:"Roll a framework's items up from controls."`
	Import frameworkImportCmd `cmd:"" help:"Import an OSCAL catalogue (JSON) or a workbook (XLSX) with the columns id, title, text, controls."`
	Delete frameworkDeleteCmd `cmd:"" help:"Delete an imported framework."`
	Map    frameworkMapCmd    `cmd:"" help:"Map an item to a control on your own word."`
	Unmap  frameworkUnmapCmd  `cmd:"" help:"Remove a mapping of your own."`
}

type frameworkListCmd struct{}

// Run lists frameworks.
func (*frameworkListCmd) Run(t *terminal) error {
	return getList(t, "/frameworks", nil, 0, "id", "name", "items", "provenances", "imported", "date")
}

type frameworkGetCmd struct {
	ID         string `arg:"" help:"Such as owasp-iot-2018."`
	Provenance string `help:"Whose mapping counts: product, source or operator."`
	At         string `help:"A past day or time; now unless given."`
}

// Run shows a framework's items.
func (c *frameworkGetCmd) Run(t *terminal) error {
	in := object{}
	if err := addDay(in, "at", c.At); err != nil {
		return err
	}
	q := query("provenance", c.Provenance, "at", timeText(in["at"]))
	out, err := ask(t, http.MethodGet, "/frameworks/"+url.PathEscape(c.ID)+"?"+q.Encode(), nil)
	if err != nil {
		return err
	}
	if t.format != "table" {
		return t.encode(out)
	}
	_, _ = fmt.Fprintf(t.out, "%s, mapping by %s: %s items mapped, %s met; %s not mapped\n\n", cell(out, "name"), cell(out, "provenance"), cell(out, "mapped"), cell(out, "met"), cell(out, "unmapped"))
	items := objectsOf(out["items"])
	for _, item := range items {
		if item["mapped"] != true {
			item["worst"] = "not mapped"
		}
	}
	return t.showList(items, "id", "name", "passing", "applicable", "worst")
}

// timeText writes a time for a query; empty for none.
func timeText(v any) string {
	if at, ok := v.(time.Time); ok {
		return at.UTC().Format(time.RFC3339)
	}
	return ""
}

type frameworkImportCmd struct {
	File    string `arg:"" type:"existingfile"`
	ID      string `help:"Identifier; made from the name unless given."`
	Name    string `help:"Name; the file's title unless given."`
	Summary string `help:"One sentence about it."`
	Source  string `help:"The document that the items are from."`
	Date    string `help:"Date of that document."`
	DryRun  bool   `help:"Say what would happen, change nothing."`
}

// Run imports a framework.
func (c *frameworkImportCmd) Run(t *terminal) error {
	raw, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	cl, err := signedIn()
	if err != nil {
		return err
	}
	q := query("id", c.ID, "name", c.Name, "summary", c.Summary, "source", c.Source, "date", c.Date)
	if c.DryRun {
		q.Set("dryRun", "true")
	}
	resp, err := cl.do(t.ctx, http.MethodPost, "/frameworks?"+q.Encode(), "application/octet-stream", bytes.NewReader(raw))
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	var out object
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		return fmt.Errorf("the server's answer cannot be read: %w", err)
	}
	return t.show(out, "id", "name", "source", "date", "items", "created", "changed", "added", "removed", "mappings", "ended", "dryRun")
}

type frameworkDeleteCmd struct {
	ID string `arg:""`
}

// Run deletes an imported framework.
func (c *frameworkDeleteCmd) Run(t *terminal) error {
	return sendOne(t, http.MethodDelete, "/frameworks/"+url.PathEscape(c.ID), nil)
}

type frameworkMapCmd struct {
	ID       string `arg:"" help:"Framework."`
	Item     string `arg:""`
	Control  string `arg:"" help:"Such as COM-01."`
	Why      string `required:"" help:"In a few words, why they belong together."`
	Relation string `help:"equal, subset or intersects; nothing claims no more than bearing on the item."`
}

// Run maps an item.
func (c *frameworkMapCmd) Run(t *terminal) error {
	in := object{"item": c.Item, "control": c.Control, "why": c.Why}
	if c.Relation != "" {
		in["relation"] = c.Relation
	}
	return sendOne(t, http.MethodPut, "/frameworks/"+url.PathEscape(c.ID)+"/mappings", in, "id", "title", "status", "relation", "why", "by")
}

type frameworkUnmapCmd struct {
	ID      string `arg:"" help:"Framework."`
	Item    string `arg:""`
	Control string `arg:"" help:"Such as COM-01."`
}

// Run removes a mapping.
func (c *frameworkUnmapCmd) Run(t *terminal) error {
	return sendOne(t, http.MethodDelete, "/frameworks/"+url.PathEscape(c.ID)+"/mappings/"+url.PathEscape(c.Item)+"/"+url.PathEscape(c.Control), nil)
}
