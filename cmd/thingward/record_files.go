package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/thingward/thingward/kit/durable"
)

type recordEvidenceCmd struct {
	Add    evidenceAddCmd    `cmd:"" help:"Add a file or a link to a draft."`
	List   evidenceListCmd   `cmd:"" help:"List a record's evidence."`
	Get    evidenceGetCmd    `cmd:"" help:"Read an evidence file, checked against its hash."`
	Remove evidenceRemoveCmd `cmd:"" help:"Remove evidence from a draft."`
}

type evidenceAddCmd struct {
	ID     string `arg:"" help:"Id of the record."`
	File   string `arg:"" optional:"" type:"existingfile" help:"The file, at most 25 MB."`
	Name   string `help:"Name to keep it under; the file's own unless given."`
	Media  string `help:"Media type; by the file's ending unless given."`
	Link   string `help:"https address instead of a file; the server never opens it."`
	SHA256 string `name:"sha256" help:"SHA-256 of what is behind the link."`
}

// Run adds evidence.
func (c *evidenceAddCmd) Run(t *terminal) error {
	path := "/records/" + url.PathEscape(c.ID) + "/evidence"
	fields := []string{"id", "name", "media", "size", "sha256", "link"}
	if (c.Link == "") == (c.File == "") {
		return errors.New("give either a file or --link")
	}
	if c.Link != "" {
		return sendOne(t, http.MethodPost, path, object{"link": c.Link, "name": c.Name, "sha256": c.SHA256}, fields...)
	}
	content, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	if c.Name == "" {
		c.Name = filepath.Base(c.File)
	}
	if c.Media == "" && strings.HasSuffix(strings.ToLower(c.File), ".sarif") {
		c.Media = "application/sarif+json" // known to few computers
	} else if c.Media == "" {
		c.Media, _, _ = mime.ParseMediaType(mime.TypeByExtension(filepath.Ext(c.File)))
	}
	var out object
	if err := sendRaw(t, path+"?"+query("name", c.Name, "media", c.Media).Encode(), content, &out); err != nil {
		return err
	}
	if err := t.show(out, fields...); err != nil {
		return err
	}
	return showRead(t, []object{out})
}

// showRead lists what the files say themselves, where the kind reads them; in JSON and YAML it stands in the evidence.
func showRead(t *terminal, evidence []object) error {
	var all []object
	for _, e := range evidence {
		for _, f := range objectsOf(e["read"]) {
			all = append(all, object{"file": e["name"], "says": f["label"], "value": f["value"]})
		}
	}
	if len(all) == 0 || t.format != "table" {
		return nil
	}
	_, _ = fmt.Fprintln(t.out)
	return t.showList(all, "file", "says", "value")
}

// sendRaw posts bytes as they are.
func sendRaw(t *terminal, path string, content []byte, out any) error {
	cl, err := signedIn()
	if err != nil {
		return err
	}
	resp, err := cl.do(t.ctx, http.MethodPost, path, "application/octet-stream", bytes.NewReader(content))
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	return json.NewDecoder(resp.Body).Decode(out)
}

type evidenceListCmd struct {
	ID string `arg:"" help:"Id of the record."`
}

// Run lists evidence.
func (c *evidenceListCmd) Run(t *terminal) error {
	out, err := ask(t, http.MethodGet, "/records/"+url.PathEscape(c.ID), nil)
	if err != nil {
		return err
	}
	if err := t.showList(objectsOf(out["evidence"]), "id", "name", "media", "size", "sha256", "link", "added", "by"); err != nil {
		return err
	}
	return showRead(t, objectsOf(out["evidence"]))
}

type evidenceGetCmd struct {
	ID       string `arg:"" help:"Id of the record."`
	Evidence string `arg:"" help:"Id of the evidence."`
	Out      string `help:"File to write; standard output unless given."`
}

// Run reads a file, and compares it with the hash that the record has.
func (c *evidenceGetCmd) Run(t *terminal) error {
	cl, err := signedIn()
	if err != nil {
		return err
	}
	var record object
	if err := cl.call(t.ctx, http.MethodGet, "/records/"+url.PathEscape(c.ID), nil, &record); err != nil {
		return err
	}
	resp, err := cl.do(t.ctx, http.MethodGet, "/records/"+url.PathEscape(c.ID)+"/evidence/"+url.PathEscape(c.Evidence), "", nil)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(content)
	for _, e := range objectsOf(record["evidence"]) {
		if cell(e, "id") == c.Evidence && cell(e, "sha256") != hex.EncodeToString(sum[:]) {
			return fmt.Errorf("what the server sent is not what was attached: the record has SHA-256 %s", cell(e, "sha256"))
		}
	}
	if c.Out != "" {
		return durable.WriteFile(c.Out, content, 0o600)
	}
	_, err = t.out.Write(content)
	return err
}

type evidenceRemoveCmd struct {
	ID       string `arg:"" help:"Id of the record."`
	Evidence string `arg:"" help:"Id of the evidence."`
}

// Run removes evidence.
func (c *evidenceRemoveCmd) Run(t *terminal) error {
	return sendOne(t, http.MethodDelete, "/records/"+url.PathEscape(c.ID)+"/evidence/"+url.PathEscape(c.Evidence), nil)
}

type recordImportCmd struct {
	File   string `arg:"" type:"existingfile" help:"JSON of thingward record export, at most 5 MB."`
	DryRun bool   `help:"Check only."`
}

// Run imports drafts; every fault comes back with its place.
func (c *recordImportCmd) Run(t *terminal) error {
	raw, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	path := "/records/import"
	if c.DryRun {
		path += "?dryRun=true"
	}
	var out object
	if err := sendRaw(t, path, raw, &out); err != nil {
		return err
	}
	if t.format != "table" {
		return t.encode(out)
	}
	for _, n := range out["notes"].([]any) {
		t.note("%s", plain(n))
	}
	return t.showList(objectsOf(out["records"]), "id", "kind", "object.name", "version", "state")
}

type recordExportCmd struct {
	Kind string `help:"Only this kind."`
	Out  string `help:"File to write; standard output unless given."`
}

// Run exports records. What broke off on the way is no JSON, and is not written.
func (c *recordExportCmd) Run(t *terminal) error {
	cl, err := signedIn()
	if err != nil {
		return err
	}
	resp, err := cl.do(t.ctx, http.MethodGet, "/records/export?"+query("kind", c.Kind).Encode(), "", nil)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if !json.Valid(raw) {
		return errors.New("the export broke off: the server's log has the reason")
	}
	if c.Out != "" {
		return durable.WriteFile(c.Out, raw, 0o600)
	}
	_, err = t.out.Write(raw)
	return err
}
