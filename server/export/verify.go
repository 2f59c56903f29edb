package export

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/thingward/thingward/kit/provable"
)

const (
	verifyFiles = 100      // files in a pack
	verifyMost  = 64 << 20 // bytes of the manifest and of the proofs
)

// Verified is what Verify found.
type Verified struct {
	Product  string
	Files    int
	Size     int64 // entries of the log under the checkpoint
	Root     string
	Proved   int // controls whose last change is in the log
	Read     int // of these, controls whose entry is in the pack and says the same
	OwnKey   bool
	Problems []string // empty: all is as it was made
}

func (v *Verified) fault(format string, args ...any) {
	v.Problems = append(v.Problems, fmt.Sprintf(format, args...))
}

// Verify checks a pack.zip without a server: the hash of every file, the signature of the checkpoint, and each control's
// proof. With an empty key the pack's own is used, which proves only that the pack agrees with itself. The error is for what
// is no pack at all; whatever is wrong with one is a problem in Verified.
func Verify(path, key string) (Verified, error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return Verified{}, fmt.Errorf("%s is no pack: %w", path, err)
	}
	defer func() { _ = z.Close() }() // it was only read
	inside, err := listed(z)
	if err != nil {
		return Verified{}, err
	}
	var m manifest
	if err := decode(inside["manifest.json"], &m); err != nil {
		return Verified{}, fmt.Errorf("%s is no pack: manifest.json: %w", path, err)
	}
	v := Verified{Product: m.Product}
	v.files(m.Files, inside)
	if m.Checkpoint == nil {
		v.fault("the pack has no checkpoint, so nothing proves where its controls stand")
		return v, nil
	}
	if key == "" {
		key, v.OwnKey = m.Checkpoint.Key, true
	}
	cp, err := provable.OpenCheckpoint(m.Checkpoint.Note, key)
	if err != nil {
		v.fault("the checkpoint: %v", err)
		return v, nil
	}
	v.Size, v.Root = cp.Size, cp.Root.String()
	var p struct{ Controls []proved }
	if err := decode(inside["proofs.json"], &p); err != nil {
		v.fault("proofs.json: %v", err)
		return v, nil
	}
	for _, c := range p.Controls {
		v.control(c, cp)
	}
	return v, nil
}

// listed finds the files of a zip by name; a name that stands twice could hide one of the two.
func listed(z *zip.ReadCloser) (map[string]*zip.File, error) {
	if len(z.File) > verifyFiles {
		return nil, fmt.Errorf("no pack holds %d files", len(z.File))
	}
	out := map[string]*zip.File{}
	for _, f := range z.File {
		if out[f.Name] != nil {
			return nil, fmt.Errorf("the file %q stands in the pack twice", clip(f.Name))
		}
		out[f.Name] = f
	}
	return out, nil
}

func decode(f *zip.File, into any) (err error) {
	if f == nil {
		return errors.New("it is missing")
	}
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	b, err := io.ReadAll(io.LimitReader(r, verifyMost+1))
	if err != nil {
		return err
	}
	if len(b) > verifyMost {
		return errors.New("it is larger than any that is made")
	}
	return json.Unmarshal(b, into)
}

// files compares every file with its hash. No more of one is read than the manifest says there is.
func (v *Verified) files(want []File, inside map[string]*zip.File) {
	known := map[string]bool{"manifest.json": true}
	for _, f := range want {
		known[f.Name] = true
		v.Files++
		switch sum, n, err := digest(inside[f.Name], f.Size); {
		case err != nil:
			v.fault("%s: %v", clip(f.Name), err)
		case n != f.Size || sum != f.SHA256:
			v.fault("%s was altered: its SHA-256 is not the one in the manifest", clip(f.Name))
		}
	}
	for name := range inside {
		if !known[name] {
			v.fault("%s is not in the manifest: it was put in later", clip(name))
		}
	}
}

func digest(f *zip.File, most int64) (sum string, n int64, err error) {
	if f == nil {
		return "", 0, errors.New("it is missing")
	}
	r, err := f.Open()
	if err != nil {
		return "", 0, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	h := sha256.New()
	n, err = io.Copy(h, io.LimitReader(r, most+1))
	return hex.EncodeToString(h.Sum(nil)), n, err
}

// control checks one control's proof, and where its entry is in the pack, that it says what the pack says.
func (v *Verified) control(c proved, cp provable.Checkpoint) {
	if c.Proof == nil {
		return
	}
	leaf, err := hashOf(c.Proof.Leaf)
	proof := make(tlog.RecordProof, len(c.Proof.Hashes))
	for i, h := range c.Proof.Hashes {
		var herr error
		proof[i], herr = hashOf(h)
		err = errors.Join(err, herr)
	}
	if err == nil {
		err = tlog.CheckRecord(proof, cp.Size, cp.Root, c.Proof.Index, leaf)
	}
	if err != nil {
		v.fault("%s: entry %d is not proved to be in the log: %v", clip(c.Control), c.Proof.Index, err)
		return
	}
	v.Proved++
	if c.Proof.Body == "" {
		return
	}
	if err := entrySays(c, leaf); err != nil {
		v.fault("%s: %v", clip(c.Control), err)
		return
	}
	v.Read++
}

func hashOf(s string) (h tlog.Hash, err error) {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil || len(b) != len(h) {
		return h, errors.New("a damaged hash")
	}
	copy(h[:], b)
	return h, nil
}

func entrySays(c proved, leaf tlog.Hash) error {
	body, err := base64.StdEncoding.DecodeString(c.Proof.Body)
	if err != nil {
		return errors.New("its entry is damaged")
	}
	if got := tlog.RecordHash(body); !bytes.Equal(got[:], leaf[:]) {
		return errors.New("its entry is not the one that is proved")
	}
	var e struct {
		Type string
		Data struct{ Control, After string }
	}
	if err := json.Unmarshal(body, &e); err != nil {
		return errors.New("its entry cannot be read")
	}
	if e.Type != "control.changed" || e.Data.Control != c.Control || e.Data.After != c.Status {
		return fmt.Errorf("the log says %s of %s, the pack says %s", clip(statusWord(e.Data.After)), clip(e.Data.Control), clip(statusWord(c.Status)))
	}
	return nil
}
