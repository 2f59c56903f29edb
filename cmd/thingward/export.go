package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/thingward/thingward/server/export"
)

type exportCmd struct {
	Create exportCreateCmd `cmd:"" help:"Make an export pack, wait for it, and fetch it."`
	List   exportListCmd   `cmd:"" help:"List export packs, newest first."`
	Get    exportGetCmd    `cmd:"" help:"Show an export pack, its progress and its files."`
	Fetch  exportFetchCmd  `cmd:"" help:"Fetch a file of a pack."`
	Verify exportVerifyCmd `cmd:"" help:"Verify a pack.zip without the server."`
}

type exportCreateCmd struct {
	Format     []string `enum:"oscal,ocsf,xlsx,csv,pdf" default:"oscal,ocsf,xlsx,csv,pdf" help:"Formats, comma separated."`
	Domain     []string `help:"Only controls of these domains."`
	Control    []string `help:"Only these controls."`
	Framework  string   `help:"Only controls that this framework's items relate to."`
	System     string   `help:"Devices, findings, records and risks of this system."`
	At         string   `help:"A past moment (RFC 3339)."`
	Engagement string   `help:"The engagement that it is for."`
	To         string   `default:"pack.zip" help:"Where to write the pack; - only asks for it."`
}

// Run asks for a pack and, unless told otherwise, waits for it and fetches it.
func (c *exportCreateCmd) Run(t *terminal) error {
	cl, err := signedIn()
	if err != nil {
		return err
	}
	if _, err := os.Stat(c.To); err == nil {
		return fmt.Errorf("%s is there already: name another file", c.To)
	}
	body := object{"formats": c.Format, "scope": object{"domains": orNone(c.Domain), "controls": orNone(c.Control), "framework": c.Framework, "system": c.System}, "engagement": c.Engagement}
	if c.At != "" {
		body["at"] = c.At
	}
	var job object
	if err := cl.call(t.ctx, http.MethodPost, "/exports", body, &job); err != nil {
		return err
	}
	if c.To == "-" {
		return showExport(t, job)
	}
	id := cell(job, "id")
	if job, err = waitForExport(t, cl, id); err != nil {
		return err
	}
	if err := fetch(t, cl, id, "pack.zip", c.To); err != nil {
		return err
	}
	return showExport(t, job)
}

func orNone(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// waitForExport waits until the pack is made, telling how far it is.
func waitForExport(t *terminal, cl *client, id string) (object, error) {
	last := ""
	for {
		var job object
		if err := cl.call(t.ctx, http.MethodGet, "/exports/"+url.PathEscape(id), nil, &job); err != nil {
			return nil, err
		}
		switch cell(job, "state") {
		case "done":
			return job, nil
		case "failed":
			return nil, fmt.Errorf("the export failed: %s", cell(job, "reason"))
		}
		if step := cell(job, "progress.step"); step != last {
			t.note("%s", step)
			last = step
		}
		select {
		case <-t.ctx.Done():
			return nil, t.ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
	}
}

// fetch writes a file of a pack; a file that is there already is not replaced.
func fetch(t *terminal, cl *client, id, name, to string) (err error) {
	resp, err := cl.do(t.ctx, http.MethodGet, "/exports/"+url.PathEscape(id)+"/files/"+url.PathEscape(name), "", nil)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s is there already: name another file", to)
	}
	if err != nil {
		return err
	}
	_, err = io.Copy(f, resp.Body)
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(fmt.Errorf("%s was not fetched whole: %w", name, err), os.Remove(to))
	}
	t.note("%s written", to)
	return nil
}

func showExport(t *terminal, job object) error {
	if err := t.show(job, "id", "state", "progress.step", "progress.done", "progress.total", "order.formats", "order.at", "created", "by", "expires", "reason", "checkpoint.size"); err != nil || t.format != "table" {
		return err
	}
	items := objectsOf(job["files"])
	if len(items) == 0 {
		return nil
	}
	_, _ = fmt.Fprintln(t.out)
	return t.showList(items, "name", "size", "sha256")
}

type exportListCmd struct{ limitFlags }

// Run lists packs.
func (c *exportListCmd) Run(t *terminal) error {
	return getList(t, "/exports", nil, newest(c.Limit), "id", "state", "created", "by", "order.formats", "progress.step", "expires")
}

type exportGetCmd struct {
	ID string `arg:"" help:"The export's id."`
}

// Run shows a pack.
func (c *exportGetCmd) Run(t *terminal) error {
	job, err := ask(t, http.MethodGet, "/exports/"+url.PathEscape(c.ID), nil)
	if err != nil {
		return err
	}
	return showExport(t, job)
}

type exportFetchCmd struct {
	ID   string `arg:"" help:"The export's id."`
	File string `arg:"" default:"pack.zip" help:"One of its files."`
	To   string `help:"Where to write it; the file's own name unless given."`
}

// Run fetches a file.
func (c *exportFetchCmd) Run(t *terminal) error {
	cl, err := signedIn()
	if err != nil {
		return err
	}
	to := c.To
	if to == "" {
		to = filepath.Base(c.File)
	}
	return fetch(t, cl, c.ID, c.File, to)
}

type exportVerifyCmd struct {
	Pack string `arg:"" type:"existingfile" help:"The pack.zip."`
	Key  string `help:"The log's verifier key, or a file with it; without it the pack is only checked against itself."`
}

// Run verifies a pack. It needs no server and no sign-in.
func (c *exportVerifyCmd) Run(t *terminal) error {
	key := ""
	if c.Key != "" {
		var err error
		if key, err = verifierKey(c.Key); err != nil {
			return err
		}
	}
	v, err := export.Verify(c.Pack, key)
	if err != nil {
		return err
	}
	if len(v.Problems) > 0 {
		return fmt.Errorf("the pack does NOT verify:\n  %s", printable(strings.Join(v.Problems, "; ")))
	}
	if v.OwnKey {
		t.note("checked with the key in the pack itself: give --key with the one that the installation published, to know whose log it is")
	}
	return t.show(object{"product": v.Product, "files": v.Files, "logEntries": v.Size, "root": v.Root, "controlsProved": v.Proved, "entriesRead": v.Read, "verified": true},
		"product", "files", "logEntries", "root", "controlsProved", "entriesRead", "verified")
}
