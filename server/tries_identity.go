package server

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"net/url"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/identity"
	"github.com/thingward/thingward/server/posture/probe"
)

func (s *Server) identityTries(client *testClient) map[string]probe.Try {
	return map[string]probe.Try{
		"ca.duplicate-key":          probe.Refused("a certificate for another subject on a key that is registered", func(ctx context.Context) error { return s.duplicateKey(ctx, client) }),
		"ca.weak-key":               probe.Refused("a certificate on an RSA key with 1024 bits", s.weakKey),
		"ca.long-life":              probe.Refused("a certificate for more than 3 years", s.longLife),
		"ca.manufacturer-elsewhere": probe.Refused("a manufacturer's certificate outside of enrolment", s.manufacturerElsewhere),
	}
}

// nobody is a subject that does not exist: its certificate is only rehearsed.
func nobody() identity.Subject {
	return identity.Subject{Kind: protocol.SubjectAccount, ID: id.New(), Name: "self-test-nobody"}
}

// rehearseKey asks for a certificate of nobody on a key.
func (s *Server) rehearseKey(ctx context.Context, key crypto.Signer) error {
	request, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key)
	if err != nil {
		return err
	}
	return s.identity.Rehearse(ctx, nobody(), request)
}

// duplicateKey first makes sure that a fresh key would be taken.
func (s *Server) duplicateKey(ctx context.Context, client *testClient) error {
	cert, _, err := client.identity(ctx)
	if err != nil {
		return noCode(err)
	}
	taken, ok := cert.PrivateKey.(crypto.Signer)
	if !ok {
		return errors.New("the self-test's own client has no key that signs")
	}
	fresh, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	if err := s.rehearseKey(ctx, fresh); err != nil {
		return fmt.Errorf("a fresh key: %w", noCode(err))
	}
	return s.rehearseKey(ctx, taken)
}

func (s *Server) weakKey(ctx context.Context) error {
	key, err := rsa.GenerateKey(rand.Reader, 1024) //nolint:gosec // weak on purpose: it must be refused
	if err != nil {
		return err
	}
	return s.rehearseKey(ctx, key)
}

// longLife asks in both ways there are: by policy, and by a device type.
func (s *Server) longLife(context.Context) error {
	const days = 3*366 + 1
	t := &fleet.DeviceType{}
	t.Baseline.Key.Lifetime = days * identity.Day
	if s.identity.Policy.Lifetime(t) >= t.Baseline.Key.Lifetime {
		return nil
	}
	p := s.identity.Policy
	p.LifetimeDays, p.KeyDays = days, days
	if p.Lifetime(t) >= t.Baseline.Key.Lifetime {
		return nil
	}
	return p.Check()
}

// manufacturerElsewhere shows the check that broker and API use a device's certificate by a throw-away manufacturer.
func (s *Server) manufacturerElsewhere(ctx context.Context) error {
	makerKey, err1 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	key, err2 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	uri, err3 := url.Parse(protocol.IdentityURI(protocol.SubjectDevice, id.New()))
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	begin := s.clock.Now().Add(-time.Hour)
	maker := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "self-test manufacturer"}, NotBefore: begin, NotAfter: begin.Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	device := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "self-test", SerialNumber: "self-test"}, URIs: []*url.URL{uri}, NotBefore: begin, NotAfter: begin.Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, device, maker, key.Public(), makerKey)
	if err != nil {
		return err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return err
	}
	return s.identity.Usable(ctx, cert)
}
