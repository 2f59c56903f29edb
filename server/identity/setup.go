package identity

import (
	"context"
	"crypto"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/kit/durable"
	"github.com/thingward/thingward/kit/sealed"
)

// Names of the authorities' files in DIR/ca, and of their keys.
const (
	rootName    = "root"
	issuingName = "issuing"
	serverName  = "server"

	rootLife    = 20 * 365 * Day
	issuingLife = 5 * 365 * Day
	backdated   = 5 * time.Minute // certificates begin a little early: device clocks are late
)

// SetupOptions says what the certificate authority is made for.
type SetupOptions struct {
	Organisation string   // stands in the authorities' names
	Hosts        []string // DNS names and addresses that servers answer under, used where Config.Hosts is empty
	Clock        clock.Clock
	Keys         Keys // where keys are kept; sealed files under dir/ca unless set
}

// Setup makes the certificate authority in dir/ca: a root (20 years) and below it an issuing authority (5 years, path
// length 0). It may be run again: what is there stays, what is missing after a crash is completed. It never makes a second
// root: where the root's certificate is there and its key is needed but gone, it says so and stops.
func Setup(ctx context.Context, dir string, key sealed.Key, o SetupOptions) error {
	if err := checkSetup(o); err != nil {
		return err
	}
	ca := filepath.Join(dir, "ca")
	if err := os.MkdirAll(ca, 0o700); err != nil {
		return fmt.Errorf("make the folder of the certificate authority: %w", err)
	}
	unlock, err := lock(filepath.Join(ca, "lock"))
	if err != nil {
		return err
	}
	defer unlock()
	if o.Keys == nil {
		o.Keys = SealedKeys{ca, key.Derive("ca")}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	root, err := o.makeRoot(ca)
	if err != nil {
		return err
	}
	if err := o.makeIssuing(ca, root); err != nil {
		return err
	}
	return durable.WriteFile(filepath.Join(ca, "hosts"), []byte(strings.Join(o.Hosts, "\n")+"\n"), 0o644)
}

func checkSetup(o SetupOptions) error {
	switch {
	case o.Organisation == "" || len(o.Organisation) > 64 || strings.ContainsFunc(o.Organisation, func(r rune) bool { return r < ' ' }):
		return fleet.Invalid("organisation", "want 1 to 64 printable characters (RFC 5280, ub-organization-name)")
	case o.Clock == nil:
		return errors.New("identity setup needs a clock")
	}
	return checkHosts(o.Hosts)
}

// lock keeps two setups of one folder apart; the lock ends with the process at the latest.
func lock(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the certificate authority: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(fmt.Errorf("lock the certificate authority: %w", err), f.Close())
	}
	return func() { _ = f.Close() }, nil
}

// makeRoot gives the root certificate, making it on the key that an interrupted run left behind if there is one.
func (o SetupOptions) makeRoot(ca string) (*x509.Certificate, error) {
	if cert, err := readCertificate(filepath.Join(ca, "root.pem")); !errors.Is(err, fs.ErrNotExist) {
		return cert, err
	}
	if _, err := os.Stat(filepath.Join(ca, "issuing.pem")); err == nil {
		return nil, fmt.Errorf("%s has an issuing authority but no root.pem: restore root.pem from your backup; a second root is not made", ca)
	}
	key, err := openOrMake(o.Keys, rootName, elliptic.P384())
	if err != nil {
		return nil, err
	}
	t, err := o.authority("root", key.Public(), rootLife, 1)
	if err != nil {
		return nil, err
	}
	return writeCertificate(filepath.Join(ca, "root.pem"), t, t, key.Public(), key)
}

// makeIssuing makes the issuing authority if it is missing, which needs the root's key.
func (o SetupOptions) makeIssuing(ca string, root *x509.Certificate) error {
	path := filepath.Join(ca, "issuing.pem")
	if cert, err := readCertificate(path); !errors.Is(err, fs.ErrNotExist) {
		if err == nil {
			err = cert.CheckSignatureFrom(root)
		}
		if err != nil {
			return fmt.Errorf("%s does not belong to root.pem beside it: restore both from the same backup (%w)", path, err)
		}
		return nil
	}
	rootKey, err := o.Keys.Open(rootName)
	if err != nil {
		return fmt.Errorf("the issuing authority cannot be made without the root's key: restore it from your backup, or remove %s to begin anew (%w)", ca, err)
	}
	if !samePublic(rootKey.Public(), root.PublicKey) {
		return fmt.Errorf("the root's key in %s does not belong to root.pem: restore both from the same backup", ca)
	}
	key, err := openOrMake(o.Keys, issuingName, elliptic.P256())
	if err != nil {
		return err
	}
	t, err := o.authority("issuing", key.Public(), issuingLife, 0)
	if err != nil {
		return err
	}
	_, err = writeCertificate(path, t, root, key.Public(), rootKey)
	return err
}

// authority is the template of an authority's certificate (RFC 5280, 4.2). Part of its key identifier stands in the name,
// so that two environments of one organisation never share a name.
func (o SetupOptions) authority(role string, pub crypto.PublicKey, life time.Duration, pathLen int) (*x509.Certificate, error) {
	ski, err := keyID(pub)
	if err != nil {
		return nil, err
	}
	now := o.Clock.Now().Truncate(time.Second)
	return &x509.Certificate{
		SerialNumber: newSerial(), SubjectKeyId: ski,
		Subject:   pkix.Name{Organization: []string{o.Organisation}, CommonName: fmt.Sprintf("Thingward %s %x", role, ski[:4])},
		NotBefore: now.Add(-backdated), NotAfter: now.Add(life),
		IsCA: true, BasicConstraintsValid: true, MaxPathLen: pathLen, MaxPathLenZero: pathLen == 0,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign | x509.KeyUsageDigitalSignature,
	}, nil
}

func writeCertificate(path string, t, parent *x509.Certificate, pub crypto.PublicKey, signer crypto.Signer) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, t, parent, pub, signer)
	if err != nil {
		return nil, fmt.Errorf("make %s: %w", path, err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("make %s: %w", path, err)
	}
	return cert, durable.WriteFile(path, encodePEM(der), 0o644)
}

func encodePEM(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// readCertificate reads the one certificate of a PEM file. The error is fs.ErrNotExist when the file is not there.
func readCertificate(path string) (*x509.Certificate, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(b)
	if block == nil || block.Type != "CERTIFICATE" {
		return nil, fmt.Errorf("%s is no certificate in PEM: restore it from your backup", path)
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s is damaged: restore it from your backup (%w)", path, err)
	}
	return cert, nil
}
