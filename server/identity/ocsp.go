package identity

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha1" //nolint:gosec // OCSP names issuers by SHA-1 (RFC 6960, 4.1.1); nothing is trusted for it
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"sync"
	"time"

	"golang.org/x/crypto/ocsp"
	"golang.org/x/time/rate"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/store"
)

const (
	answerLife   = time.Hour // nextUpdate of an OCSP response; it is signed anew at half of it and on every change
	answersMost  = 1 << 14
	unknownRate  = 200 // signatures a second for serial numbers that are not ours: anyone can ask for endless ones
	unknownBurst = 1000
)

// answerKey names a signed response: the certificate, and the hash that the request's CertID used, which must be repeated.
type answerKey struct {
	issuer, serial string
	hash           crypto.Hash
}

type answer struct {
	der    []byte
	signed time.Time
}

// answers keeps signed OCSP responses, so that a response costs a signature only once in a while.
type answers struct {
	mu      sync.RWMutex
	kept    map[answerKey]answer
	turns   [256]uint64
	unknown *rate.Limiter
	clock   clock.Clock
}

func newAnswers(c clock.Clock) *answers {
	return &answers{kept: map[answerKey]answer{}, unknown: rate.NewLimiter(unknownRate, unknownBurst), clock: c}
}

func (a *answers) find(k answerKey) (answer, uint64, bool) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	got, ok := a.kept[k]
	ok = ok && a.clock.Now().Before(got.signed.Add(answerLife/2)) && !a.clock.Now().Before(got.signed)
	return got, a.turns[slot(k.serial)], ok
}

// put keeps a response, unless its certificate changed since turn.
func (a *answers) put(k answerKey, got answer, turn uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.turns[slot(k.serial)] != turn {
		return
	}
	if len(a.kept) >= answersMost {
		clear(a.kept)
	}
	a.kept[k] = got
}

func (a *answers) forget(serials ...string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, serial := range serials {
		a.turns[slot(serial)]++
		for _, h := range ocspHashes {
			delete(a.kept, answerKey{issuingName, serial, h})
		}
	}
}

var ocspHashes = []crypto.Hash{crypto.SHA1, crypto.SHA256, crypto.SHA384, crypto.SHA512}

// Answer answers an OCSP request in DER. It always returns a response that may be sent: trouble has its own forms there
// (RFC 6960, 4.2.1). status is for counting.
func (s *Service) Answer(ctx context.Context, der []byte) (response []byte, status string) {
	req, err := ocsp.ParseRequest(der)
	if err != nil || req.SerialNumber == nil || req.SerialNumber.Sign() <= 0 || req.SerialNumber.BitLen() > 160 {
		return ocsp.MalformedRequestErrorResponse, "malformed"
	}
	issuer := s.issuerOf(req)
	if issuer == "" {
		return ocsp.UnauthorizedErrorResponse, "unauthorized" // RFC 5019, 2.2.3: not an authority of ours
	}
	k := answerKey{issuer, serialHex(req.SerialNumber), req.HashAlgorithm}
	got, turn, ok := s.answers.find(k)
	if ok {
		return got.der, "kept"
	}
	t, err := s.standingAnswer(ctx, k, req)
	if err != nil {
		s.Log.Error("OCSP request not answered", "serial", k.serial, "error", err)
		return ocsp.InternalErrorErrorResponse, "error"
	}
	return s.signAnswer(k, t, turn)
}

// issuerOf finds which authority a request is about.
func (s *Service) issuerOf(req *ocsp.Request) string {
	for _, name := range []string{issuingName, rootName} {
		cert, _ := s.ca.by(name)
		nameHash, keyHash := certID(cert, req.HashAlgorithm)
		if bytes.Equal(nameHash, req.IssuerNameHash) && bytes.Equal(keyHash, req.IssuerKeyHash) {
			return name
		}
	}
	return ""
}

// certID is how OCSP names an issuer: hashes of its name and of its key's bits (RFC 6960, 4.1.1).
func certID(cert *x509.Certificate, hash crypto.Hash) (name, key []byte) {
	var spki struct {
		Algorithm asn1.RawValue
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(cert.RawSubjectPublicKeyInfo, &spki); err != nil {
		return nil, nil
	}
	digest := func(b []byte) []byte {
		if hash == crypto.SHA1 {
			sum := sha1.Sum(b) //nolint:gosec // see the import
			return sum[:]
		}
		h := hash.New()
		h.Write(b)
		return h.Sum(nil)
	}
	return digest(cert.RawSubject), digest(spki.Key.RightAlign())
}

// standingAnswer reads how a certificate stands.
func (s *Service) standingAnswer(ctx context.Context, k answerKey, req *ocsp.Request) (ocsp.Response, error) {
	now := s.Clock.Now()
	t := ocsp.Response{Status: ocsp.Unknown, SerialNumber: req.SerialNumber, ThisUpdate: now.Truncate(time.Second), NextUpdate: now.Add(answerLife), IssuerHash: req.HashAlgorithm}
	if k.issuer == rootName {
		if req.SerialNumber.Cmp(s.ca.issuing.SerialNumber) == 0 {
			t.Status = ocsp.Good
		}
		return t, nil
	}
	var state string
	var revoked int64
	err := s.DB.QueryRow(ctx, "SELECT state, revoked, reason_code FROM identity_certificate WHERE serial = ?", k.serial).Scan(&state, &revoked, &t.RevocationReason)
	switch {
	case store.IsNoRows(err):
		return t, nil
	case err != nil:
		return t, fmt.Errorf("read a certificate's standing: %w", err)
	case state == string(fleet.CertificateRevoked):
		t.Status, t.RevokedAt = ocsp.Revoked, store.FromTime(revoked).Truncate(time.Second)
	default:
		t.Status = ocsp.Good
	}
	return t, nil
}

// signAnswer signs with the authority itself: clients need no responder certificate to verify it.
func (s *Service) signAnswer(k answerKey, t ocsp.Response, turn uint64) ([]byte, string) {
	cert, key := s.ca.by(k.issuer)
	if key == nil {
		return ocsp.UnauthorizedErrorResponse, "unauthorized" // the root's key is offline; its revocation list speaks for it
	}
	if t.Status == ocsp.Unknown && !s.answers.unknown.AllowN(s.Clock.Now(), 1) {
		return ocsp.TryLaterErrorResponse, "try-later"
	}
	der, err := ocsp.CreateResponse(cert, cert, t, key)
	if err != nil {
		s.Log.Error("OCSP response not signed", "serial", k.serial, "error", err)
		return ocsp.InternalErrorErrorResponse, "error"
	}
	if t.Status != ocsp.Unknown {
		s.answers.put(k, answer{der, s.Clock.Now()}, turn)
	}
	return der, map[int]string{ocsp.Good: "good", ocsp.Revoked: "revoked", ocsp.Unknown: "unknown"}[t.Status]
}
