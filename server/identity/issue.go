package identity

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"net/url"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/store"
)

// How a certificate came to be (fleet.Certificate.EnrolledBy).
const (
	byClaim   = "claim"
	byIDevID  = "idevid"
	byRenewal = "renewal"
	bySetup   = "setup"
)

// order is what is to be issued, to whom, and on which evidence (CRD-08): nothing is issued without it.
type order struct {
	subject  Subject
	req      *request
	how      string
	evidence map[string]any
	party    fleet.Party // who asks
	previous string      // serial number of the certificate that is renewed
}

// sign makes the certificate of an order. It is worth nothing before keep has committed it, and must not be given away.
func (s *Service) sign(o order) (*record, error) {
	if o.subject.MayEnrol != nil {
		return nil, o.subject.MayEnrol
	}
	algorithm, err := o.req.checkFor(s.Policy, o.subject)
	if err != nil {
		return nil, err
	}
	if err := s.checkOwnKeys(o.req.keyHash); err != nil {
		return nil, err
	}
	now := s.Clock.Now()
	t, err := s.operational(o.subject, o.req.csr.PublicKey, now)
	if err != nil {
		return nil, err
	}
	return s.certify(t, o.req.csr.PublicKey, &record{
		Certificate: fleet.Certificate{
			SubjectKind: string(o.subject.Kind), SubjectID: o.subject.ID, SubjectName: o.subject.Name, KeyHash: o.req.keyHash, Algorithm: algorithm, EnrolledBy: o.how,
		},
		evidence: o.evidence, issued: now, warnAt: firstWarning(t.NotBefore, t.NotAfter),
	})
}

// checkOwnKeys refuses the public key of the authority or of the server itself.
func (s *Service) checkOwnKeys(hash string) error {
	for _, cert := range []*x509.Certificate{s.ca.root, s.ca.issuing, s.server.leaf()} {
		if cert == nil {
			continue
		}
		if own, err := keyHash(cert.PublicKey); err != nil || own == hash {
			return fleet.Errorf(fleet.CodeForbidden, "this public key belongs to the server: a private key is never shared, make a new one on the device")
		}
	}
	return nil
}

// operational is the template of a device's or account's certificate.
func (s *Service) operational(subject Subject, pub crypto.PublicKey, now time.Time) (*x509.Certificate, error) {
	t, err := s.template(subject.Kind, subject.ID, pub, now, s.Policy.Lifetime(subject.Type))
	if err != nil {
		return nil, err
	}
	t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	return t, nil
}

// template is what every end certificate has. A life counts both ends (RFC 5280, 4.1.2.5), so a second is taken off; no
// certificate outlives its issuer.
func (s *Service) template(kind protocol.SubjectKind, subject string, pub crypto.PublicKey, now time.Time, life time.Duration) (*x509.Certificate, error) {
	ski, err := keyID(pub)
	if err != nil {
		return nil, err
	}
	uri, err := url.Parse(protocol.IdentityURI(kind, subject))
	if err != nil {
		return nil, fmt.Errorf("identity URI of %s: %w", subject, err)
	}
	begin := now.Add(-min(backdated, life/10)).Truncate(time.Second)
	end := begin.Add(life - time.Second)
	if end.After(s.ca.issuing.NotAfter) {
		end = s.ca.issuing.NotAfter
	}
	if !end.After(now) {
		return nil, fleet.Errorf(fleet.CodeUnavailable, "the issuing authority has expired: it must be replaced before certificates can be issued")
	}
	t := &x509.Certificate{
		SerialNumber: newSerial(), Subject: pkix.Name{CommonName: subject}, URIs: []*url.URL{uri}, NotBefore: begin, NotAfter: end,
		SubjectKeyId: ski, KeyUsage: x509.KeyUsageDigitalSignature, BasicConstraintsValid: true,
	}
	if s.OCSPURL != "" {
		t.OCSPServer, t.CRLDistributionPoints = []string{s.OCSPURL + "/ocsp"}, []string{s.OCSPURL + "/crl/issuing.crl"}
	}
	return t, nil
}

// certify signs t and fills r with what the certificate says.
func (s *Service) certify(t *x509.Certificate, pub crypto.PublicKey, r *record) (*record, error) {
	der, err := x509.CreateCertificate(rand.Reader, t, s.ca.issuing, pub, s.ca.issuingKey)
	if err != nil {
		return nil, fmt.Errorf("sign a certificate for %s %s: %w", r.SubjectKind, r.SubjectID, err)
	}
	r.der, r.Serial, r.Issuer, r.State = der, serialHex(t.SerialNumber), s.ca.issuing.Subject.CommonName, fleet.CertificateActive
	r.NotBefore, r.NotAfter = t.NotBefore, t.NotAfter
	return r, nil
}

// keep commits a signed certificate inside tx: it binds the key, supersedes what it replaces, tells the directory and
// records. A device has one certificate at a time; an account may have one for each place it runs.
func (s *Service) keep(tx *store.Tx, o order, r *record) error {
	if err := bindKey(tx, r.KeyHash, r.SubjectKind, r.SubjectID, r.issued); err != nil {
		return err
	}
	if err := s.replace(tx, o, r); err != nil {
		return err
	}
	if err := insertRecord(tx, r); err != nil {
		return err
	}
	if err := s.Audit.Record(tx, issuedEvent(o, r)); err != nil {
		return err
	}
	if o.how != byRenewal {
		if err := s.Directory.Enrolled(tx, o.subject, o.party); err != nil {
			return err
		}
	}
	tx.OnCommit(func() {
		s.metrics.issued.WithLabelValues(o.how).Inc()
		s.announceChanged(r.Serial)
	})
	return nil
}

func (s *Service) replace(tx *store.Tx, o order, r *record) error {
	var old []string
	var err error
	switch {
	case o.subject.Kind == protocol.SubjectDevice:
		old, err = supersede(tx, r.SubjectKind, r.SubjectID, r.issued)
	case o.previous != "":
		old, err = []string{o.previous}, supersedeOne(tx, o.previous, r.issued)
	}
	if err != nil || len(old) == 0 {
		return err
	}
	tx.OnCommit(func() {
		for _, serial := range old {
			s.forget(serial)
			s.announceChanged(serial)
		}
	})
	return nil
}

func issuedEvent(o order, r *record) fleet.Event {
	subject := o.subject.party("")
	if o.how == byRenewal {
		return fleet.NewEvent("certificate.renewed", r.issued, o.party, subject, map[string]any{"serial": r.Serial, "previous": o.previous, "notAfter": r.NotAfter, "subject": r.SubjectID, "evidence": o.evidence})
	}
	return fleet.NewEvent("certificate.issued", r.issued, o.party, subject, map[string]any{"serial": r.Serial, "subject": r.SubjectID, "notAfter": r.NotAfter, "evidence": o.evidence})
}

// announceChanged tells whoever keeps a copy that a certificate is new or stands otherwise than before.
func (s *Service) announceChanged(serial string) {
	if err := s.Bus.Announce(bus.TopicChanged, bus.Changed{Kind: "certificate", ID: serial}); err != nil {
		s.Log.Warn("change of a certificate not announced", "serial", serial, "error", err)
	}
}

// commit signs and keeps an order whose subject is known. inTx, if not nil, runs first inside the transaction.
func (s *Service) commit(ctx context.Context, o order, inTx func(tx *store.Tx, r *record) error) (*record, error) {
	r, err := s.sign(o)
	if err != nil {
		return nil, err
	}
	err = s.DB.Change(ctx, func(tx *store.Tx) error {
		if inTx != nil {
			if err := inTx(tx, r); err != nil {
				return err
			}
		}
		return s.keep(tx, o, r)
	})
	return r, err
}
