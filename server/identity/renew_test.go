package identity_test

import (
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/identity"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

// pass lets time go by, with the upkeep that a running server does meanwhile.
func (w *world) pass(d time.Duration) {
	w.t.Helper()
	w.clock.Advance(d)
	if err := w.Upkeep(context.Background()); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) renew(cert tls.Certificate, key crypto.Signer) answer {
	w.t.Helper()
	return w.post(w.client(cert), "simplereenroll", "", "", csr(w.t, key, x509.CertificateRequest{}))
}

func TestRenew(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		ctx := context.Background()
		s, old := w.enrolled(protocol.SubjectDevice, "lock-1")
		w.pass(100 * identity.Day)
		fresh := newKey(t)
		a := w.renew(old, fresh)
		if a.status != http.StatusOK {
			t.Fatalf("%d %s", a.status, a.text)
		}
		checkOperational(t, w, a.cert, s)
		was, err := w.Certificate(ctx, identity.SerialOf(old.Leaf))
		if err != nil || was.State != fleet.CertificateSuperseded || w.recorded("certificate.renewed") != 1 {
			t.Errorf("%+v, %v", was, err)
		}
		if err := w.Usable(ctx, old.Leaf); err != nil {
			t.Errorf("within its overlap: %v", err)
		}
		w.pass(8 * identity.Day)
		if err := w.Usable(ctx, old.Leaf); err == nil || !strings.Contains(err.Error(), "overlap") {
			t.Errorf("after its overlap: %v", err)
		}
		if a := w.renew(old, newKey(t)); a.status != http.StatusForbidden {
			t.Errorf("renewal with a superseded certificate: %d %s", a.status, a.text)
		}
		next := tls.Certificate{Certificate: [][]byte{a.cert.Raw}, PrivateKey: fresh}
		if a := w.renew(next, fresh); a.status != http.StatusOK {
			t.Errorf("same key: %d %s", a.status, a.text)
		}
	})
}

func TestRenewalThatIsRefused(t *testing.T) {
	w := newWorld(t, storetest.Open(t))
	_, other := w.enrolled(protocol.SubjectDevice, "lock-2")
	_, cert := w.enrolled(protocol.SubjectDevice, "lock-1")
	key := cert.PrivateKey.(crypto.Signer)
	refuse := func(name string, a answer, want string) {
		t.Helper()
		if a.status != http.StatusForbidden || !strings.Contains(a.text, want) {
			t.Errorf("%s: %d %s", name, a.status, a.text)
		}
	}
	refuse("no certificate", w.post(w.client(), "simplereenroll", "", "", csr(t, newKey(t), x509.CertificateRequest{})), "present certificate")
	refuse("another's key", w.renew(cert, other.PrivateKey.(crypto.Signer)), "another subject")
	refuse("own certificate at simpleenroll", w.post(w.client(cert), "simpleenroll", "", "", csr(t, key, x509.CertificateRequest{})), "simplereenroll")
	w.subj.set(t, "UPDATE subject SET state = 'retired' WHERE name = 'lock-1'")
	refuse("retired", w.renew(cert, newKey(t)), "retired")
	w.subj.set(t, "UPDATE subject SET state = 'active' WHERE name = 'lock-1'")
	if _, _, err := w.Revoke(context.Background(), identity.SerialOf(cert.Leaf), "key-compromise: stolen", false); err != nil {
		t.Fatal(err)
	}
	refuse("revoked", w.renew(cert, newKey(t)), "revoked")
	w.clock.Set(other.Leaf.NotAfter.Add(time.Minute))
	got := w.reported("enrol.refused")
	if last := got[len(got)-1]; last.Initiator.Kind != "device" || last.Data["certificate"] != identity.SerialOf(cert.Leaf) {
		t.Errorf("a device that proved itself is not named: %+v", last)
	}
	if _, err := w.Renew(context.Background(), other.Leaf, csr(t, newKey(t), x509.CertificateRequest{}), "192.0.2.1"); fleet.CodeOf(err) != fleet.CodeForbidden || !strings.Contains(err.Error(), "enrol anew with a claim") {
		t.Errorf("expired: %v", err)
	}
}

func TestRevokedKeyStaysRefused(t *testing.T) {
	w := newWorld(t, storetest.Open(t))
	s, cert := w.enrolled(protocol.SubjectDevice, "lock-1")
	if _, _, err := w.Revoke(context.Background(), identity.SerialOf(cert.Leaf), "lost", false); err != nil {
		t.Fatal(err)
	}
	if a := w.post(w.client(), "simpleenroll", s.ID, w.claim(s).Secret, csr(t, cert.PrivateKey.(crypto.Signer), x509.CertificateRequest{})); a.status != http.StatusForbidden || !strings.Contains(a.text, "was revoked") {
		t.Errorf("%d %s", a.status, a.text)
	}
}

func TestAKeyIsNotCertifiedForEver(t *testing.T) {
	w := newWorld(t, storetest.Open(t))
	_, cert := w.enrolled(protocol.SubjectDevice, "lock-1")
	key := cert.PrivateKey.(crypto.Signer)
	for range 3 {
		w.pass(300 * identity.Day)
		a := w.renew(cert, key)
		if a.status != http.StatusOK {
			t.Fatalf("%d %s", a.status, a.text)
		}
		cert = tls.Certificate{Certificate: [][]byte{a.cert.Raw}, PrivateKey: key}
	}
	w.pass(195 * identity.Day)
	if a := w.renew(cert, key); a.status != http.StatusForbidden || !strings.Contains(a.text, "make a new one") {
		t.Errorf("after three years: %d %s", a.status, a.text)
	}
	if a := w.renew(cert, newKey(t)); a.status != http.StatusOK {
		t.Errorf("with a new key: %d %s", a.status, a.text)
	}
}

func TestAccountsMayHaveACertificateForEachPlace(t *testing.T) {
	w := newWorld(t, storetest.Open(t))
	s, first := w.enrolled(protocol.SubjectAccount, "billing")
	if a := w.post(w.client(), "simpleenroll", s.ID, w.claim(s).Secret, csr(t, newKey(t), x509.CertificateRequest{})); a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.text)
	}
	active, err := w.Certificates(context.Background(), identity.Filter{Subject: s.ID, State: "active"})
	if err != nil || len(active) != 2 {
		t.Errorf("%d active certificates, %v", len(active), err)
	}
	if a := w.renew(first, newKey(t)); a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.text)
	}
	if active, err = w.Certificates(context.Background(), identity.Filter{Subject: "billing", State: "active"}); err != nil || len(active) != 2 {
		t.Errorf("%d active certificates after a renewal, %v", len(active), err)
	}
}
