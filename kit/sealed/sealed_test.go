package sealed

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOpenNeedsKeyLabelAndEveryByte(t *testing.T) {
	k := NewKey()
	box := k.Seal([]byte("secret"), "ca/issuing")
	if got, err := k.Open(box, "ca/issuing"); err != nil || string(got) != "secret" {
		t.Fatalf("%q, %v", got, err)
	}
	if _, err := k.Open(box, "ca/root"); !errors.Is(err, ErrOpen) {
		t.Errorf("other label: %v", err)
	}
	if _, err := NewKey().Open(box, "ca/issuing"); !errors.Is(err, ErrOpen) {
		t.Errorf("other key: %v", err)
	}
	for i := range box {
		bad := bytes.Clone(box)
		bad[i] ^= 1
		if _, err := k.Open(bad, "ca/issuing"); !errors.Is(err, ErrOpen) {
			t.Fatalf("byte %d altered: %v", i, err)
		}
	}
}

func TestKeyFileForOwnerOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	k := NewKey()
	if err := k.Save(path); err != nil {
		t.Fatal(err)
	}
	if got, err := LoadKey(path); err != nil || got != k {
		t.Fatalf("%v", err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadKey(path); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("readable by others: %v", err)
	}
}

func TestKeyDoesNotPrint(t *testing.T) {
	k := NewKey()
	raw := fmt.Sprint(k.b)
	for _, s := range []string{fmt.Sprintf("%v %+v %#v %s", k, k, k, k)} {
		if strings.Contains(s, raw) {
			t.Errorf("key printed: %s", s)
		}
	}
}

func TestDeriveDiffersByPurpose(t *testing.T) {
	k := NewKey()
	if a, again := k.Derive("a"), k.Derive("a"); a == k.Derive("b") || a != again {
		t.Error("derived keys must depend on key and purpose only")
	}
}

func FuzzOpen(f *testing.F) {
	k := NewKey()
	f.Add(k.Seal([]byte("x"), "l"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, box []byte) { _, _ = k.Open(box, "other") })
}
