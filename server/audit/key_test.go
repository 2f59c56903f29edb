package audit_test

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/kit/sealed"
	"github.com/thingward/thingward/server/audit"
	"github.com/thingward/thingward/server/audit/audittest"
	"github.com/thingward/thingward/server/store/storetest"
)

var discard = slog.New(slog.DiscardHandler)

func TestSignerIsKeptSealed(t *testing.T) {
	dir, key := t.TempDir(), sealed.NewKey()
	signer, pub, err := audit.LoadOrCreateSigner(dir, key, "thingward/x")
	if err != nil {
		t.Fatal(err)
	}
	again, samePub, err := audit.LoadOrCreateSigner(dir, key, "thingward/x")
	if err != nil || samePub != pub || again.KeyHash() != signer.KeyHash() {
		t.Fatalf("another key after a restart: %v", err)
	}
	box, err := os.ReadFile(filepath.Join(dir, "audit", "log.key.sealed"))
	if err != nil || bytes.Contains(box, []byte("PRIVATE")) {
		t.Errorf("the key is not sealed: %v", err)
	}
	path := filepath.Join(dir, "audit", "log.pub")
	if text, err := os.ReadFile(path); err != nil || string(text) != pub+"\n" {
		t.Errorf("public key file %q, %v", text, err)
	}
	if err := os.WriteFile(path, []byte("mallory+00000000+AAAA\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := audit.LoadOrCreateSigner(dir, key, "thingward/x"); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != pub+"\n" {
		t.Errorf("an exchanged public key file stays: %q, %v", text, err)
	}
}

func TestSignerErrorsSayWhatToRestore(t *testing.T) {
	dir, key := t.TempDir(), sealed.NewKey()
	if _, _, err := audit.LoadOrCreateSigner(dir, key, "thingward/x"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := audit.LoadOrCreateSigner(dir, sealed.NewKey(), "thingward/x"); err == nil || !strings.Contains(err.Error(), "backup") {
		t.Errorf("another sealing key: %v", err)
	}
	if _, _, err := audit.LoadOrCreateSigner(dir, key, "thingward/y"); err == nil || !strings.Contains(err.Error(), "backup") {
		t.Errorf("another origin: %v", err)
	}
	if _, _, err := audit.LoadOrCreateSigner(t.TempDir(), key, "no name+for a log"); err == nil {
		t.Error("an origin that notes cannot carry")
	}
}

func TestLogOpensOnlyWithItsKey(t *testing.T) {
	db := storetest.Open(t)
	l := audittest.Open(t, db, nil, clock.NewFake(start))
	fill(t, db, l, 3)
	seal(t, l)
	c := l.Config
	var err error
	if c.Signer, c.Key, err = audit.LoadOrCreateSigner(t.TempDir(), sealed.NewKey(), "test-log"); err != nil {
		t.Fatal(err)
	}
	if _, err := audit.Open(context.Background(), c); err == nil || !strings.Contains(err.Error(), "another key") {
		t.Errorf("opened with another key: %v", err)
	}
	c.Key = "x"
	if _, err := audit.Open(context.Background(), c); err == nil {
		t.Error("opened without a verifier key")
	}
}
