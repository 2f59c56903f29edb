package identity

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/thingward/thingward/kit/durable"
	"github.com/thingward/thingward/kit/sealed"
)

// Keys keeps the private keys of the certificate authority. SealedKeys is the one on files; a hardware module is another.
type Keys interface {
	// Open gives the key of a name, or an error that is fs.ErrNotExist when there is none.
	Open(name string) (crypto.Signer, error)
	// Make makes and keeps a key, replacing one of the same name.
	Make(name string, curve elliptic.Curve) (crypto.Signer, error)
}

// SealedKeys keeps each key in a file of its own, NAME.key.sealed in Dir, encrypted with Key.
type SealedKeys struct {
	Dir string
	Key sealed.Key
}

func (k SealedKeys) path(name string) string { return filepath.Join(k.Dir, name+".key.sealed") }

func (k SealedKeys) label(name string) string { return "ca/" + name }

// Open reads and unseals a key.
func (k SealedKeys) Open(name string) (crypto.Signer, error) {
	box, err := os.ReadFile(k.path(name))
	if err != nil {
		return nil, fmt.Errorf("read key %s: %w", name, err)
	}
	der, err := k.Key.Open(box, k.label(name))
	if err != nil {
		return nil, fmt.Errorf("key file %s does not open: it is damaged or sealed with another key; restore it and the sealing key from the same backup", k.path(name))
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("key file %s holds no key: restore it from your backup", k.path(name))
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("key file %s holds a key that cannot sign: restore it from your backup", k.path(name))
	}
	return signer, nil
}

// Make makes an elliptic key and writes it durably before it returns.
func (k SealedKeys) Make(name string, curve elliptic.Curve) (crypto.Signer, error) {
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make key %s: %w", name, err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("make key %s: %w", name, err)
	}
	return key, durable.WriteFile(k.path(name), k.Key.Seal(der, k.label(name)), 0o600)
}

// openOrMake gives the key of a name; made says whether it is new.
func openOrMake(k Keys, name string, curve elliptic.Curve) (crypto.Signer, error) {
	key, err := k.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return k.Make(name, curve)
	}
	return key, err
}
