package agent

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/thingward/thingward/kit/durable"
	"github.com/thingward/thingward/kit/sealed"
	"github.com/thingward/thingward/protocol"
)

const identityLabel = "agent/identity"

// identity is a key and the certificate chain for it.
type identity struct {
	device string
	key    *ecdsa.PrivateKey
	leaf   *x509.Certificate
	chain  [][]byte
}

func (id *identity) tls() *tls.Certificate {
	return &tls.Certificate{Certificate: id.chain, PrivateKey: id.key, Leaf: id.leaf}
}

// newIdentity checks that the certificate is for the key and names a device.
func newIdentity(key *ecdsa.PrivateKey, chain []*x509.Certificate) (*identity, error) {
	id := &identity{key: key}
	for _, c := range chain {
		if pub, ok := c.PublicKey.(*ecdsa.PublicKey); ok && pub.Equal(&key.PublicKey) {
			id.leaf = c
			id.chain = append([][]byte{c.Raw}, id.chain...)
			continue
		}
		if !bytes.Equal(c.RawIssuer, c.RawSubject) { // the root is known to both sides
			id.chain = append(id.chain, c.Raw)
		}
	}
	if id.leaf == nil {
		return nil, errors.New("the server's answer holds no certificate for this device's key")
	}
	for _, u := range id.leaf.URIs {
		if kind, device, err := protocol.ParseIdentityURI(u.String()); err == nil && kind == protocol.SubjectDevice {
			id.device = device
		}
	}
	if id.device == "" {
		return nil, errors.New("the certificate names no device")
	}
	return id, nil
}

// loadIdentity opens what save wrote; nil without error when the device has no certificate yet.
func loadIdentity(dir string, seal sealed.Key) (*identity, error) {
	box, err := os.ReadFile(filepath.Join(dir, "identity.sealed"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	plain, err := seal.Open(box, identityLabel)
	if err != nil {
		return nil, fmt.Errorf("this device's identity does not open: it was copied from another machine, altered, or enrolled by another user; run the agent as the user that enrolled it, or enrol again with a new claim: %w", err)
	}
	return parseIdentity(plain)
}

func parseIdentity(plain []byte) (*identity, error) {
	var key *ecdsa.PrivateKey
	var chain []*x509.Certificate
	for block, rest := pem.Decode(plain); block != nil; block, rest = pem.Decode(rest) {
		switch block.Type {
		case "PRIVATE KEY":
			k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			if err != nil {
				return nil, err
			}
			key, _ = k.(*ecdsa.PrivateKey)
		case "CERTIFICATE":
			c, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return nil, err
			}
			chain = append(chain, c)
		}
	}
	if key == nil {
		return nil, errors.New("the sealed identity holds no key")
	}
	return newIdentity(key, chain)
}

// save seals key and chain together, so that a crash never leaves a key without its certificate.
func (id *identity) save(dir string, seal sealed.Key) error {
	der, err := x509.MarshalPKCS8PrivateKey(id.key)
	if err != nil {
		return err
	}
	plain := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	for _, c := range id.chain {
		plain = append(plain, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c})...)
	}
	return durable.WriteFile(filepath.Join(dir, "identity.sealed"), seal.Seal(plain, identityLabel), 0o600)
}

// newRequest makes a fresh key on the device (CRD-01) and the request that proves its possession.
func newRequest(name string) (*ecdsa.PrivateKey, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	csr, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: name}}, key)
	return key, csr, err
}
