package audit

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/thingward/thingward/kit/durable"
	"github.com/thingward/thingward/kit/provable"
	"github.com/thingward/thingward/kit/sealed"
)

const keyLabel = "audit/log.key"

// LoadOrCreateSigner opens the log's Ed25519 key, DIR/audit/log.key.sealed, making one on first use. origin is the log's
// name for good, such as "thingward/<deployment id>". The verifier key, which anyone may have, is returned and stands in
// DIR/audit/log.pub.
func LoadOrCreateSigner(dir string, key sealed.Key, origin string) (signer note.Signer, verifier string, err error) {
	dir = filepath.Join(dir, "audit")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, "", fmt.Errorf("make the audit log's folder: %w", err)
	}
	path := filepath.Join(dir, "log.key.sealed")
	box, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return createSigner(dir, path, key, origin)
	}
	if err != nil {
		return nil, "", fmt.Errorf("read the audit log's key: %w", err)
	}
	plain, err := key.Open(box, keyLabel)
	if err != nil {
		return nil, "", fmt.Errorf("the audit log's key %s does not open: restore it and the sealing key from the same backup", path)
	}
	return openSigner(dir, plain, origin)
}

func createSigner(dir, path string, key sealed.Key, origin string) (note.Signer, string, error) {
	skey, vkey, err := note.GenerateKey(rand.Reader, origin)
	if err != nil {
		return nil, "", fmt.Errorf("make the audit log's key: %w", err)
	}
	plain := skey + "\n" + vkey
	if err := durable.WriteFile(path, key.Seal([]byte(plain), keyLabel), 0o600); err != nil {
		return nil, "", err
	}
	return openSigner(dir, []byte(plain), origin)
}

// openSigner also writes log.pub where a crash, or someone's hand, has left none or another.
func openSigner(dir string, plain []byte, origin string) (note.Signer, string, error) {
	skey, vkey, _ := strings.Cut(string(plain), "\n")
	signer, err := note.NewSigner(skey)
	if err != nil {
		return nil, "", errors.New("the audit log's key is malformed: restore it from a backup")
	}
	if signer.Name() != origin {
		return nil, "", fmt.Errorf("the audit log's key is for the log %q, not %q: restore the data folder's files from the same backup", signer.Name(), origin)
	}
	pub := filepath.Join(dir, "log.pub")
	if was, err := os.ReadFile(pub); err == nil && string(was) == vkey+"\n" {
		return signer, vkey, nil
	}
	return signer, vkey, durable.WriteFile(pub, []byte(vkey+"\n"), 0o644)
}

// checkKey refuses to go on with a key that did not sign the log's last checkpoint.
func (l *Log) checkKey(ctx context.Context) error {
	if _, err := note.NewVerifier(l.Key); err != nil {
		return fmt.Errorf("the audit log's verifier key: %w", err)
	}
	_, err := l.lastCheckpoint(l.reader(ctx))
	var broken *provable.Broken
	if !errors.As(err, &broken) {
		return err
	}
	foreign, ferr := l.signedByOther(ctx)
	if ferr != nil {
		return ferr
	}
	if foreign {
		return fmt.Errorf("the audit log in this database was signed with another key than %s: restore the data folder's audit/log.key.sealed that belongs to the database", l.Signer.Name())
	}
	return nil // an altered checkpoint among good ones is found and located by verification
}

// signedByOther reports whether not one stored checkpoint is signed by our key.
func (l *Log) signedByOther(ctx context.Context) (bool, error) {
	rows, err := l.DB.Query(ctx, "SELECT size, note FROM audit_checkpoint ORDER BY size DESC LIMIT 1000")
	if err != nil {
		return false, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var size int64
		var text string
		if err := rows.Scan(&size, &text); err != nil {
			return false, err
		}
		if _, err := l.openCheckpoint(size, text); err == nil {
			return false, nil
		}
	}
	return true, rows.Err()
}
