package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/thingward/thingward/kit/provable"
)

type auditCmd struct {
	List   auditListCmd   `cmd:"" help:"List entries, newest first (auditors)."`
	Proof  auditProofCmd  `cmd:"" help:"Prove that an entry is in the log, checking the proof here."`
	Verify auditVerifyCmd `cmd:"" help:"Verify the whole log on the server, or an exported file offline (--file, --key)."`
	Export auditExportCmd `cmd:"" help:"Export entries with their proofs (auditors)."`
}

type auditListCmd struct {
	limitFlags
	Type   string `help:"Only this event type, or a prefix such as device."`
	Actor  string `help:"Only what this id or name did."`
	Object string `help:"Only what was done to this id or name."`
	From   string `help:"Not before this time (RFC 3339)."`
	To     string `help:"Not after this time (RFC 3339)."`
}

// Run lists entries; without --limit the newest 100.
func (c *auditListCmd) Run(t *terminal) error {
	q := query("type", c.Type, "actor", c.Actor, "object", c.Object, "from", c.From, "to", c.To)
	return getList(t, "/audit", q, newest(c.Limit), "index", "event.time", "event.initiator.name", "event.type", "event.receiver.name", "event.severity", "sealed")
}

type auditProofCmd struct {
	Index int64  `arg:"" help:"Index of the entry."`
	Key   string `help:"The log's verifier key, or a file with it; the server's own answer when absent."`
}

// proofAnswer is what GET /audit/proof gives.
type proofAnswer struct {
	Index      int64    `json:"index"`
	Size       int64    `json:"size"`
	LeafHash   string   `json:"leafHash"`
	Hashes     []string `json:"hashes"`
	Checkpoint string   `json:"checkpoint"`
}

// Run fetches a proof and checks it here: inclusion in the tree, and the log's signature over the tree.
func (c *auditProofCmd) Run(t *terminal) error {
	cl, err := signedIn()
	if err != nil {
		return err
	}
	var p proofAnswer
	if err := cl.call(t.ctx, http.MethodGet, "/audit/proof/"+itoa(c.Index), nil, &p); err != nil {
		return err
	}
	key, err := c.key(t, cl)
	if err != nil {
		return err
	}
	cp, err := checkProof(p, key)
	if err != nil {
		return fmt.Errorf("entry %d is NOT proved: %w: keep this answer and tell your auditor", c.Index, err)
	}
	return t.show(object{"index": p.Index, "leafHash": p.LeafHash, "size": cp.Size, "root": cp.Root.String(), "hashes": len(p.Hashes), "signed": cp.Time.Format("2006-01-02T15:04:05Z07:00"), "proved": true}, "index", "leafHash", "size", "root", "hashes", "signed", "proved")
}

func (c *auditProofCmd) key(t *terminal, cl *client) (string, error) {
	if c.Key != "" {
		return verifierKey(c.Key)
	}
	var out struct {
		Key string `json:"key"`
	}
	err := cl.call(t.ctx, http.MethodGet, "/audit/checkpoint", nil, &out)
	return out.Key, err
}

// verifierKey takes a key as it is, or reads it from a file.
func verifierKey(s string) (string, error) {
	if strings.Count(s, "+") >= 2 && !strings.ContainsAny(s, "\n") {
		if _, err := os.Stat(s); err != nil {
			return s, nil
		}
	}
	b, err := os.ReadFile(s)
	return strings.TrimSpace(string(b)), err
}

func checkProof(p proofAnswer, key string) (provable.Checkpoint, error) {
	cp, err := provable.OpenCheckpoint(p.Checkpoint, key)
	if err != nil {
		return cp, err
	}
	leaf, err := decodeHash(p.LeafHash)
	if err != nil {
		return cp, err
	}
	proof := make(tlog.RecordProof, len(p.Hashes))
	for i, h := range p.Hashes {
		if proof[i], err = decodeHash(h); err != nil {
			return cp, err
		}
	}
	return cp, tlog.CheckRecord(proof, cp.Size, cp.Root, p.Index, leaf)
}

func decodeHash(s string) (h tlog.Hash, err error) {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil || len(b) != len(h) {
		return h, errors.New("the answer holds a damaged hash")
	}
	copy(h[:], b)
	return h, nil
}

type auditVerifyCmd struct {
	File   string `type:"existingfile" help:"An exported file, to verify offline; the server verifies its own log when absent."`
	Key    string `help:"The log's verifier key, or the file with it (DIR/audit/log.pub). Needed with --file."`
	Expect string `type:"existingfile" help:"A checkpoint kept from earlier, which the file must agree with."`
}

// Run verifies. Offline it needs nothing but the file and the public key.
func (c *auditVerifyCmd) Run(t *terminal) error {
	if c.File != "" {
		return c.offline(t)
	}
	out, err := ask(t, http.MethodPost, "/audit/verify", object{})
	if err != nil {
		return err
	}
	if err := t.show(out, "ok", "size", "checked", "root", "broken.index", "broken.reason"); err != nil {
		return err
	}
	if out["ok"] != true {
		return errors.New("the log does NOT verify: stop the server, keep its data folder as it is and tell your auditor")
	}
	return nil
}

func (c *auditVerifyCmd) offline(t *terminal) error {
	if c.Key == "" {
		return errors.New("--key is missing: give the log's verifier key from the server's DIR/audit/log.pub, not from the file itself")
	}
	key, err := verifierKey(c.Key)
	if err != nil {
		return err
	}
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	expect, err := c.expected(key)
	if err != nil {
		return err
	}
	res, err := provable.Verify(f, key, expect)
	if err != nil {
		return fmt.Errorf("%s does NOT verify: %w", c.File, err)
	}
	return t.show(object{"ok": true, "from": res.Header.From, "to": res.Header.To, "entries": res.Entries, "size": res.Checkpoint.Size, "root": res.Checkpoint.Root.String()}, "ok", "from", "to", "entries", "size", "root")
}

// expected is the checkpoint that the caller kept, or nil.
func (c *auditVerifyCmd) expected(key string) (*provable.Checkpoint, error) {
	if c.Expect == "" {
		return nil, nil
	}
	b, err := os.ReadFile(c.Expect)
	if err != nil {
		return nil, err
	}
	cp, err := provable.OpenCheckpoint(string(b), key)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Expect, err)
	}
	return &cp, nil
}

type auditExportCmd struct {
	From int64  `default:"0" help:"First entry."`
	To   int64  `default:"0" help:"Entry to stop before; 0 exports to the end."`
	File string `short:"f" help:"File to write; standard output when absent."`
}

// Run writes the export as the server streams it.
func (c *auditExportCmd) Run(t *terminal) error {
	cl, err := signedIn()
	if err != nil {
		return err
	}
	path := "/audit/export?from=" + itoa(c.From)
	if c.To > 0 {
		path += "&to=" + itoa(c.To)
	}
	resp, err := cl.do(t.ctx, http.MethodGet, path, "", nil)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if c.File == "" {
		_, err = io.Copy(t.out, resp.Body)
		return err
	}
	n, err := saveWhole(c.File, resp.Body)
	if err != nil {
		return err
	}
	return t.show(object{"file": c.File, "bytes": n}, "file", "bytes")
}

// saveWhole writes a file that is there as a whole or not at all: an export that broke off must not pass for one.
func saveWhole(path string, r io.Reader) (int64, error) {
	f, err := os.OpenFile(path+".part", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(f, r)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return n, errors.Join(err, os.Remove(f.Name()))
	}
	return n, os.Rename(f.Name(), path)
}

// encodeJSON writes indented JSON that ends in a newline, as generated files do.
func encodeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
