package provable

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint is a log's signed word for its whole content at one moment.
type Checkpoint struct {
	Origin string    // the log's name, which is also its key's
	Size   int64     // entries
	Root   tlog.Hash // of the tree of Size entries
	Time   time.Time // when it was signed
	Note   string    // the signed note: the text, an empty line, the signature line
}

// text is the checkpoint's body: origin, size, root, and the time as an extension line.
func (c Checkpoint) text() string {
	return fmt.Sprintf("%s\n%d\n%s\ntime %s\n", c.Origin, c.Size, c.Root, c.Time.UTC().Format(time.RFC3339Nano))
}

// Sign makes the checkpoint of a tree.
func Sign(signer note.Signer, t *Tree, at time.Time) (Checkpoint, error) {
	c := Checkpoint{Origin: signer.Name(), Size: t.Size(), Root: t.Root(), Time: at.UTC().Truncate(time.Microsecond)}
	signed, err := note.Sign(&note.Note{Text: c.text()}, signer)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("sign checkpoint: %w", err)
	}
	c.Note = string(signed)
	return c, nil
}

// OpenCheckpoint checks a signed note against the log's verifier key (name+hash+key, see golang.org/x/mod/sumdb/note) and
// reads it. There is exactly one spelling of each checkpoint: any altered byte is an error.
func OpenCheckpoint(signed, key string) (Checkpoint, error) {
	v, err := note.NewVerifier(key)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("the log's public key %q cannot be read: copy the whole line NAME+HASH+KEY of the log's .pub file", clip(key))
	}
	n, err := note.Open([]byte(signed), note.VerifierList(v))
	if err != nil {
		return Checkpoint{}, errors.New("the checkpoint is not signed by the log's key " + v.Name())
	}
	c, err := parse(n.Text)
	if err != nil {
		return Checkpoint{}, err
	}
	c.Note = signed
	if c.Origin != v.Name() {
		return Checkpoint{}, fmt.Errorf("the checkpoint is of another log, %q", clip(c.Origin))
	}
	if len(n.Sigs) != 1 || len(n.UnverifiedSigs) != 0 || signed != n.Text+"\n"+signatureLine(n.Sigs[0]) {
		return Checkpoint{}, errors.New("the checkpoint is not in its one canonical form")
	}
	return c, nil
}

func signatureLine(s note.Signature) string {
	raw, _ := base64.StdEncoding.DecodeString(s.Base64) // note.Open has decoded it
	return "— " + s.Name + " " + base64.StdEncoding.EncodeToString(raw) + "\n"
}

func parse(text string) (Checkpoint, error) {
	malformed := errors.New("the checkpoint's text is malformed: want origin, size, root and time, each on a line")
	lines := strings.Split(text, "\n")
	if len(lines) != 5 {
		return Checkpoint{}, malformed
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 {
		return Checkpoint{}, malformed
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return Checkpoint{}, malformed
	}
	at, err := time.Parse(time.RFC3339Nano, strings.TrimPrefix(lines[3], "time "))
	if err != nil {
		return Checkpoint{}, malformed
	}
	c := Checkpoint{Origin: lines[0], Size: size, Root: root, Time: at.UTC()}
	if c.text() != text {
		return Checkpoint{}, malformed
	}
	return c, nil
}

// PublicKey is the raw Ed25519 key inside a verifier key, for checkers that know nothing of notes.
func PublicKey(key string) (ed25519.PublicKey, error) {
	if _, err := note.NewVerifier(key); err != nil {
		return nil, fmt.Errorf("verifier key: %w", err)
	}
	parts := strings.SplitN(key, "+", 3) // NewVerifier has checked the form: name, hash, 1 byte algorithm and key
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(raw) != 1+ed25519.PublicKeySize {
		return nil, errors.New("verifier key: no Ed25519 key")
	}
	return ed25519.PublicKey(raw[1:]), nil
}

func clip(s string) string {
	if len(s) > 120 {
		return s[:120] + "…"
	}
	return s
}
