// Package sealed keeps secrets at rest unreadable: data sealed with a Key opens only with the same key and the same
// label, and any altered byte is noticed (XChaCha20-Poly1305 with random nonces).
package sealed

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/thingward/thingward/kit/durable"
)

// ErrOpen means that the key or the label is another one, or that the data was altered.
var ErrOpen = errors.New("sealed data does not open: wrong key, wrong label or altered data")

// Key seals and opens. It never prints its bytes.
type Key struct {
	b [chacha20poly1305.KeySize]byte
}

// String keeps the key out of logs and errors.
func (Key) String() string { return "sealed.Key(…)" }

// GoString keeps the key out of %#v.
func (k Key) GoString() string { return k.String() }

// NewKey makes a random key.
func NewKey() Key {
	var k Key
	_, _ = rand.Read(k.b[:]) // never fails: crypto/rand aborts the program instead
	return k
}

// LoadKey reads the 32-byte key file at path; a file that others may read is refused.
func LoadKey(path string) (Key, error) {
	var k Key
	st, err := os.Stat(path)
	if err != nil {
		return k, fmt.Errorf("read sealing key: %w", err)
	}
	if st.Mode().Perm()&0o077 != 0 {
		return k, fmt.Errorf("sealing key %s can be read by others (mode %v): run chmod 600 on it", path, st.Mode().Perm())
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return k, fmt.Errorf("read sealing key: %w", err)
	}
	if len(b) != len(k.b) {
		return k, fmt.Errorf("sealing key %s has %d bytes, want %d: restore it from your backup", path, len(b), len(k.b))
	}
	copy(k.b[:], b)
	return k, nil
}

// Save writes the key to path, readable by its owner only.
func (k Key) Save(path string) error { return durable.WriteFile(path, k.b[:], 0o600) }

// Derive gives an independent key for one purpose (HKDF-SHA-256, RFC 5869), so that one file protects many uses.
func (k Key) Derive(purpose string) Key {
	var out Key
	b, err := hkdf.Key(sha256.New, k.b[:], nil, purpose, len(out.b))
	if err != nil {
		panic(err) // only for lengths beyond RFC 5869's limit
	}
	copy(out.b[:], b)
	return out
}

// Bytes is the raw key, for stores that do their own encryption. Never log it.
func (k Key) Bytes() []byte { return append([]byte(nil), k.b[:]...) }

// Seal encrypts plain; label (what it is and whose) must be given again to open it.
func (k Key) Seal(plain []byte, label string) []byte {
	a := k.aead()
	nonce := make([]byte, a.NonceSize(), a.NonceSize()+len(plain)+a.Overhead())
	_, _ = rand.Read(nonce)
	return a.Seal(nonce, nonce, plain, []byte(label))
}

// Open decrypts what Seal made with the same key and label, or returns ErrOpen.
func (k Key) Open(box []byte, label string) ([]byte, error) {
	a := k.aead()
	if len(box) < a.NonceSize() {
		return nil, ErrOpen
	}
	plain, err := a.Open(nil, box[:a.NonceSize()], box[a.NonceSize():], []byte(label))
	if err != nil {
		return nil, ErrOpen
	}
	return plain, nil
}

func (k Key) aead() cipher.AEAD {
	a, err := chacha20poly1305.NewX(k.b[:])
	if err != nil {
		panic(err) // only for a key of another length
	}
	return a
}
