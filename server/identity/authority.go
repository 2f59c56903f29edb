package identity

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"path/filepath"
)

// authority is the root and the issuing authority as files and keys hold them. rootKey is nil when the operator took the
// root's key offline: everything but the root's own lists and answers goes on.
type authority struct {
	root, issuing *x509.Certificate
	rootKey       crypto.Signer
	issuingKey    crypto.Signer
}

// loadAuthority reads what Setup made and checks that the parts belong together.
func loadAuthority(ca string, keys Keys) (*authority, error) {
	a := &authority{}
	var err error
	if a.root, err = readCertificate(filepath.Join(ca, "root.pem")); err != nil {
		return nil, fmt.Errorf("no certificate authority: run thingward setup first, or restore %s from your backup (%w)", ca, err)
	}
	if a.issuing, err = readCertificate(filepath.Join(ca, "issuing.pem")); err != nil {
		return nil, fmt.Errorf("setup was not completed: run thingward setup again (%w)", err)
	}
	if err := a.issuing.CheckSignatureFrom(a.root); err != nil {
		return nil, fmt.Errorf("issuing.pem does not belong to root.pem in %s: restore both from the same backup (%w)", ca, err)
	}
	if a.issuingKey, err = keys.Open(issuingName); err != nil {
		return nil, err
	}
	if !samePublic(a.issuingKey.Public(), a.issuing.PublicKey) {
		return nil, fmt.Errorf("the issuing authority's key in %s does not belong to issuing.pem: restore both from the same backup", ca)
	}
	a.rootKey, err = keys.Open(rootName)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if a.rootKey != nil && !samePublic(a.rootKey.Public(), a.root.PublicKey) {
		return nil, fmt.Errorf("the root's key in %s does not belong to root.pem: restore both from the same backup", ca)
	}
	return a, nil
}

// by gives one of the two authorities and its key, which may be nil for the root.
func (a *authority) by(name string) (*x509.Certificate, crypto.Signer) {
	if name == rootName {
		return a.root, a.rootKey
	}
	return a.issuing, a.issuingKey
}

func samePublic(a, b crypto.PublicKey) bool {
	k, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && k.Equal(b)
}

// keyID is the key identifier of RFC 7093, 2 (1): the leftmost 160 bits of SHA-256 over the key.
func keyID(pub crypto.PublicKey) ([]byte, error) {
	spki, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return nil, fmt.Errorf("key identifier: %w", err)
	}
	sum := sha256.Sum256(spki)
	return sum[:20], nil
}

// newSerial is a random serial number (RFC 5280, 4.1.2.2): 16 bytes, positive, and never with a leading zero digit, so
// that its hex form always has 32 digits. 126 of its bits are random.
func newSerial() *big.Int {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand aborts the program instead
	b[0] = b[0]&0x3f | 0x40
	return new(big.Int).SetBytes(b[:])
}

// SerialOf is the serial number of a certificate as it is stored and shown: lower-case hex, two digits a byte.
func SerialOf(cert *x509.Certificate) string { return serialHex(cert.SerialNumber) }

func serialHex(n *big.Int) string { return hex.EncodeToString(n.Bytes()) }

func fingerprint(der []byte) string {
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}

// keyHash identifies a public key: SHA-256 of its SubjectPublicKeyInfo, marshalled by us, so that two encodings of one key
// count as one.
func keyHash(pub crypto.PublicKey) (string, error) {
	spki, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return "", fmt.Errorf("hash of a public key: %w", err)
	}
	return fingerprint(spki), nil
}
