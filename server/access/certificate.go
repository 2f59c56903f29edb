package access

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
)

// byCertificate signs a service account in with its client certificate, whose subjectAltName carries the account's
// identity URI. Certificates of devices and servers are no callers of the API.
func (s *Service) byCertificate(ctx context.Context, t attempt, cert *x509.Certificate) (Principal, error) {
	sum := sha256.Sum256(cert.Raw)
	e, err := s.entryOf("certificate/"+hex.EncodeToString(sum[:]), func() (*entry, error) { return s.loadCertificate(ctx, cert) })
	if err == nil {
		err = s.usable(ctx, cert) // every time: what is remembered is whose it is, not that it is in force
	}
	if err != nil && fleet.CodeOf(err) == "" {
		return Principal{}, err
	}
	if err == nil && (e.owner.State == Disabled || e.owner.ended(s.Clock.Now())) {
		t.account = e.owner.Name
		err = fleet.Errorf(fleet.CodeUnauthenticated, "its account is disabled or its time is over")
	}
	if err != nil {
		s.reportFailure(t, refusedCertificate)
		return Principal{}, fleet.Errorf(fleet.CodeUnauthenticated, "the client certificate does not sign in: %s", err).Because(err)
	}
	s.touch(ctx, e, t.address, s.Clock.Now())
	return e.row.principal(e.owner, t.address), nil
}

// AccountByCertificate finds the service account that a certificate belongs to, having asked whether it is in force.
func (s *Service) AccountByCertificate(ctx context.Context, cert *x509.Certificate) (Account, error) {
	accountID, err := accountOf(cert)
	if err != nil {
		return Account{}, err
	}
	if err := s.usable(ctx, cert); err != nil {
		return Account{}, err
	}
	a, err := s.Account(ctx, accountID)
	if err == nil && a.Kind != ServiceAccount {
		return Account{}, fleet.Errorf(fleet.CodeUnauthenticated, "it belongs to no service account: people sign in with password and code")
	}
	return a, err
}

func (s *Service) usable(ctx context.Context, cert *x509.Certificate) error {
	trusted := s.trust.Load()
	if trusted == nil {
		return fleet.Errorf(fleet.CodeUnauthenticated, "the certificate authority is not ready: try again shortly")
	}
	return trusted.certificates.Usable(ctx, cert)
}

func (s *Service) loadCertificate(ctx context.Context, cert *x509.Certificate) (*entry, error) {
	a, err := s.AccountByCertificate(ctx, cert)
	if err != nil {
		return nil, err
	}
	now := s.Clock.Now()
	row := session{id: fmt.Sprintf("certificate/%x", cert.SerialNumber), account: a.ID, kind: "api", method: "certificate", created: now, expires: cert.NotAfter}
	return &entry{row: row, owner: a, seen: now, kept: now}, nil
}

// accountOf reads the account's id from a certificate.
func accountOf(cert *x509.Certificate) (string, error) {
	for _, uri := range cert.URIs {
		if kind, accountID, err := protocol.ParseIdentityURI(uri.String()); err == nil && kind == protocol.SubjectAccount {
			return accountID, nil
		}
	}
	return "", fleet.Errorf(fleet.CodeUnauthenticated, "it names no account: only service accounts call the API with a certificate, devices do not")
}
