package identity

import (
	"context"
	"crypto/x509"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/store"
)

// EnrolByClaim issues the first certificate of a device or account that shows its one-time claim, and uses the claim up in
// the same transaction. body is the certificate request, address where it came from.
func (s *Service) EnrolByClaim(ctx context.Context, user, secret string, body []byte, address string) (*x509.Certificate, error) {
	claim, err := s.checkClaim(ctx, user, secret)
	if err != nil {
		return nil, err
	}
	req, err := parseRequest(body)
	if err != nil {
		return nil, err
	}
	subject, err := s.Directory.Lookup(ctx, protocol.SubjectKind(claim.kind), claim.subject)
	if err != nil {
		return nil, err
	}
	o := order{
		subject: subject, req: req, how: byClaim, party: subject.party(address),
		evidence: map[string]any{"method": byClaim, "claim": claim.id, "claimBy": claim.by, "address": address, "request": req.sum},
	}
	r, err := s.commit(ctx, o, func(tx *store.Tx, r *record) error {
		if err := takeClaim(tx, claim, r.Serial, r.issued); err != nil {
			return err
		}
		return s.Audit.Record(tx, fleet.NewEvent("claim.used", r.issued, o.party, subject.party(""), map[string]any{"claim": claim.id, "serial": r.Serial}))
	})
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(r.der)
}

// Renew issues the next certificate of a subject that proves itself with the one it has (RFC 7030, 4.2.2). The key may be
// the same, as long as the policy lets one key be certified, or a new one.
func (s *Service) Renew(ctx context.Context, old *x509.Certificate, body []byte, address string) (*x509.Certificate, error) {
	if err := s.renewable(ctx, old); err != nil {
		return nil, err
	}
	kind, id, err := SubjectOf(old)
	if err != nil {
		return nil, err
	}
	req, err := parseRequest(body)
	if err != nil {
		return nil, err
	}
	subject, err := s.Directory.Lookup(ctx, kind, id)
	if err != nil {
		return nil, err
	}
	if err := s.checkKeyAge(ctx, req.keyHash, kind, id); err != nil {
		return nil, err
	}
	o := order{
		subject: subject, req: req, how: byRenewal, party: subject.party(address), previous: SerialOf(old),
		evidence: map[string]any{"method": byRenewal, "previous": SerialOf(old), "address": address, "request": req.sum},
	}
	r, err := s.commit(ctx, o, nil)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(r.der)
}

// renewable says why a certificate cannot prove its renewal, with the way out where it merely came too late.
func (s *Service) renewable(ctx context.Context, old *x509.Certificate) error {
	if s.Clock.Now().After(old.NotAfter) {
		return fleet.Errorf(fleet.CodeForbidden, "the certificate expired at %s and no longer proves anything: enrol anew with a claim (thingward claim create DEVICE) and simpleenroll", old.NotAfter.UTC().Format(time.RFC3339))
	}
	return s.Usable(ctx, old)
}

// checkKeyAge refuses a key that was certified for as long as the policy allows (CRD-02), or that is not the subject's.
func (s *Service) checkKeyAge(ctx context.Context, hash string, kind protocol.SubjectKind, id string) error {
	k, found, err := s.readKey(ctx, hash)
	if err != nil || !found {
		return err
	}
	if err := k.usableBy(string(kind), id); err != nil {
		return err
	}
	if end := k.first.Add(time.Duration(s.Policy.KeyDays) * Day); s.Clock.Now().Add(keySmallest).After(end) {
		return fleet.Errorf(fleet.CodeForbidden, "this key has been in use since %s, as long as a key may be: make a new one and renew with it", k.first.Format(time.DateOnly))
	}
	return nil
}
