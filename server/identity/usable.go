package identity

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/store"
)

// standingMost is how many certificates' standing is held in memory; the rest is read when asked for.
const standingMost = 1 << 16

// standing remembers which certificates were found good, by fingerprint. Whatever changes a certificate's standing takes
// it out; its turn keeps an answer that was read before such a change from being put in after it.
type standing struct {
	mu       sync.RWMutex
	good     map[[sha256.Size]byte]string // fingerprint → serial
	bySerial map[string]held
	turns    [256]uint64 // changes so far, by slot of the serial number
}

func slot(serial string) (n uint8) {
	for i := range len(serial) {
		n = n*31 + serial[i]
	}
	return n
}

type held struct {
	print [sha256.Size]byte
	until time.Time // when the overlap of a superseded certificate ends; zero for an active one
}

func newStanding() *standing {
	return &standing{good: map[[sha256.Size]byte]string{}, bySerial: map[string]held{}}
}

// find tells whether a certificate was found good; until is the end of its overlap.
func (c *standing) find(print [sha256.Size]byte) (until time.Time, ok bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	serial, ok := c.good[print]
	return c.bySerial[serial].until, ok
}

// turn is to be read before the database is.
func (c *standing) turn(serial string) uint64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.turns[slot(serial)]
}

// put remembers a good certificate, unless something changed since turn.
func (c *standing) put(print [sha256.Size]byte, serial string, until time.Time, turn uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.turns[slot(serial)] != turn {
		return
	}
	if len(c.good) >= standingMost {
		clear(c.good)
		clear(c.bySerial)
	}
	c.good[print], c.bySerial[serial] = serial, held{print, until}
}

// forget takes certificates out.
func (c *standing) forget(serials ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, serial := range serials {
		c.turns[slot(serial)]++
		delete(c.good, c.bySerial[serial].print)
		delete(c.bySerial, serial)
	}
}

// SubjectOf reads whom one of our certificates is for, from the one identity URI among its alternative names.
func SubjectOf(cert *x509.Certificate) (protocol.SubjectKind, string, error) {
	var kind protocol.SubjectKind
	var id string
	for _, u := range cert.URIs {
		if !strings.HasPrefix(u.String(), ourURN) {
			continue
		}
		k, i, err := protocol.ParseIdentityURI(u.String())
		if err != nil || id != "" {
			return "", "", errNotOurs
		}
		kind, id = k, i
	}
	if id == "" {
		return "", "", errNotOurs
	}
	return kind, id, nil
}

var errNotOurs = fleet.Errorf(fleet.CodeForbidden, "this certificate was not issued here: enrol over EST for one that was; a manufacturer certificate works at enrolment only")

// Usable says why a client certificate must not be taken: not issued here, not in its time, revoked, superseded too long
// ago, or not on record. It is to be asked on every connection, resumed TLS sessions included, after the session is
// registered for cuts, so that no revocation can slip between. A nil error means usable.
func (s *Service) Usable(ctx context.Context, cert *x509.Certificate) error {
	if cert == nil {
		return fleet.Errorf(fleet.CodeUnauthenticated, "no client certificate was shown: enrol over EST for one")
	}
	now := s.Clock.Now()
	switch {
	case now.Before(cert.NotBefore):
		return fleet.Errorf(fleet.CodeForbidden, "the certificate is not valid before %s: check the clocks of device and server", cert.NotBefore.UTC().Format(time.RFC3339))
	case now.After(cert.NotAfter):
		return fleet.Errorf(fleet.CodeForbidden, "the certificate expired at %s: enrol anew with a claim", cert.NotAfter.UTC().Format(time.RFC3339))
	}
	print := sha256.Sum256(cert.Raw)
	until, ok := s.standing.find(print)
	if ok && (until.IsZero() || now.Before(until)) {
		return nil
	}
	return s.judge(ctx, cert, print, now)
}

// judge verifies a certificate and looks it up.
func (s *Service) judge(ctx context.Context, cert *x509.Certificate, print [sha256.Size]byte, now time.Time) error {
	if cert.IsCA || cert.CheckSignatureFrom(s.ca.issuing) != nil || !slices.Contains(cert.ExtKeyUsage, x509.ExtKeyUsageClientAuth) {
		return errNotOurs
	}
	if _, _, err := SubjectOf(cert); err != nil {
		return err
	}
	if now.After(s.ca.issuing.NotAfter) {
		return fleet.Errorf(fleet.CodeUnavailable, "the issuing authority has expired: it must be replaced before its certificates are taken again")
	}
	serial := SerialOf(cert)
	turn := s.standing.turn(serial)
	var state, reason string
	var superseded, revoked int64
	err := s.DB.QueryRow(ctx, "SELECT state, superseded, revoked, reason FROM identity_certificate WHERE serial = ?", serial).Scan(&state, &superseded, &revoked, &reason)
	switch {
	case store.IsNoRows(err):
		return fleet.Errorf(fleet.CodeForbidden, "certificate %s is not on record: enrol anew with a claim", serial)
	case err != nil:
		return fleet.Errorf(fleet.CodeUnavailable, "the certificate's standing cannot be read now: try again").Because(err)
	case state == string(fleet.CertificateRevoked):
		return errRevoked(serial, store.FromTime(revoked), reason)
	}
	var until time.Time
	if state == string(fleet.CertificateSuperseded) {
		until = store.FromTime(superseded).Add(time.Duration(s.Policy.OverlapDays) * Day)
		if !now.Before(until) {
			return fleet.Errorf(fleet.CodeForbidden, "certificate %s was renewed at %s and its overlap has ended: use the newer certificate, or enrol anew with a claim", serial, store.FromTime(superseded).Format(time.RFC3339))
		}
	}
	s.standing.put(print, serial, until, turn)
	return nil
}

func errRevoked(serial string, at time.Time, reason string) error {
	return fleet.Errorf(fleet.CodeForbidden, "certificate %s was revoked at %s (%s): make a new key and enrol anew with a claim", serial, at.Format(time.RFC3339), reason)
}

// forget drops what memory holds about a certificate, so that the next question is answered from the database.
func (s *Service) forget(serials ...string) {
	s.standing.forget(serials...)
	s.answers.forget(serials...)
}

// changed hears what any node changed.
func (s *Service) changed(c bus.Changed) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	var err error
	switch c.Kind {
	case "certificate":
		s.forget(c.ID)
	case "crl":
		err = s.lists.load(ctx, s)
	case "manufacturer":
		err = s.loadMakers(ctx)
		s.listeners.rebuild(s)
	}
	if err != nil {
		s.Log.Error("announced change not read", "kind", c.Kind, "id", c.ID, "error", err)
	}
}

// cut hears that sessions must end; the certificate behind them is judged anew.
func (s *Service) cut(c bus.Cut) {
	if c.Certificate != "" {
		s.forget(c.Certificate)
	}
}
