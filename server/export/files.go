package export

import (
	"archive/zip"
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"time"
)

// counted hashes and counts what is written.
type counted struct {
	w io.Writer
	h hash.Hash
	n int64
}

// Write writes, hashes and counts.
func (c *counted) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.h.Write(b[:n]) // a hash takes everything
	c.n += int64(n)
	return n, err
}

// file makes one file of the pack and notes its hash.
func (p *pack) file(name, media string, fill func(io.Writer) error) (err error) {
	f, err := os.OpenFile(filepath.Join(p.dir, name), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	c := &counted{w: f, h: sha256.New()}
	w := bufio.NewWriterSize(c, 1<<16)
	err = fill(w)
	if err == nil {
		err = w.Flush()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	p.files = append(p.files, File{Name: name, Media: media, Size: c.n, SHA256: hex.EncodeToString(c.h.Sum(nil))})
	return nil
}

// manifest is the list of a pack's files, with what proves it.
type manifest struct {
	Format     string      `json:"format"`
	Product    string      `json:"product"`
	Export     string      `json:"export"`
	Engagement string      `json:"engagement,omitempty"`
	At         time.Time   `json:"at"`
	Made       time.Time   `json:"made"`
	By         string      `json:"by"`
	Scope      Scope       `json:"scope"`
	Figures    Figures     `json:"figures"`
	Notes      []string    `json:"notes"`
	Files      []File      `json:"files"`
	Checkpoint *Checkpoint `json:"checkpoint,omitempty"`
	Verify     []string    `json:"verify"`
}

var howToVerify = []string{
	"1. Files: the SHA-256 of each file must be the one in this manifest (sha256sum).",
	"2. Pack: the audit log holds an entry export.downloaded with the SHA-256 of pack.zip for every fetch.",
	"3. Checkpoint: the note is signed (C2SP signed note). Compare the key with the one that the installation published to you before, not only with the one in here, and check the signature (Ed25519 over the text up to the empty line).",
	"4. Controls: proofs.json holds for each control the entry of its last change: the leaf hash is SHA-256 of a zero byte and the entry; hashing upward with the given hashes (RFC 6962 section 2.1.1) must give the root in the checkpoint.",
	"5. Where the entries are in proofs.json (base64), the status in the entry must be the one that the pack shows.",
	"thingward export verify pack.zip does all of this without the server.",
}

func (p *pack) writeManifest() error {
	m := manifest{
		Format: "thingward-pack-1", Product: "Thingward " + p.Version, Export: p.job.ID, Engagement: p.job.Order.Engagement, At: p.at, Made: p.job.Created, By: p.job.By,
		Scope: p.job.Order.Scope, Figures: p.figures, Notes: append([]string{}, p.notes...), Files: p.files, Checkpoint: p.checkpoint, Verify: howToVerify,
	}
	return p.file("manifest.json", "application/json", func(w io.Writer) error { return pretty(w, m) })
}

// writeEngagement puts the engagement that the pack is for beside it: samples, requests, conclusions and the sign-off.
func (p *pack) writeEngagement(ctx context.Context) error {
	if p.job.Order.Engagement == "" {
		return nil
	}
	content, err := p.Readers.Engagements.Content(ctx, p.job.Order.Engagement)
	if err != nil {
		return err
	}
	return p.file("engagement.json", "application/json", func(w io.Writer) error { return pretty(w, content) })
}

// proved is one control in proofs.json.
type proved struct {
	Control string    `json:"control"`
	Status  string    `json:"status"`
	Since   time.Time `json:"since,omitzero"`
	Proof   *Proof    `json:"proof"` // null: see the manifest's notes
}

func (p *pack) writeProofs() error {
	list := make([]proved, len(p.controls))
	for i, c := range p.controls {
		list[i] = proved{c.ID, c.Status, c.Since, c.Proof}
	}
	return p.file("proofs.json", "application/json", func(w io.Writer) error {
		return pretty(w, struct {
			Checkpoint *Checkpoint `json:"checkpoint"`
			Controls   []proved    `json:"controls"`
		}{p.checkpoint, list})
	})
}

func pretty(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// writeZip puts all files into pack.zip.
func (p *pack) writeZip(ctx context.Context) error {
	inside := p.files
	return p.file("pack.zip", "application/zip", func(w io.Writer) error {
		z := zip.NewWriter(w)
		for _, f := range inside {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := p.zipOne(z, f); err != nil {
				return fmt.Errorf("%s: %w", f.Name, err)
			}
		}
		return z.Close()
	})
}

func (p *pack) zipOne(z *zip.Writer, f File) (err error) {
	h := &zip.FileHeader{Name: f.Name, Method: zip.Deflate, Modified: p.job.Created}
	if filepath.Ext(f.Name) == ".xlsx" || filepath.Ext(f.Name) == ".pdf" {
		h.Method = zip.Store // compressed already
	}
	w, err := z.CreateHeader(h)
	if err != nil {
		return err
	}
	src, err := os.Open(filepath.Join(p.dir, f.Name))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	_, err = io.Copy(w, src)
	return err
}
