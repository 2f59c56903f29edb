package identity_test

import (
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/crypto/ocsp"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/identity"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

func TestRevocationTakesTheSupersededWithIt(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		ctx := context.Background()
		_, old := w.enrolled(protocol.SubjectDevice, "lock-1")
		_, stranger := w.enrolled(protocol.SubjectDevice, "lock-2")
		a := w.renew(old, newKey(t))
		if a.status != http.StatusOK || w.Usable(ctx, old.Leaf) != nil || w.Usable(ctx, a.cert) != nil {
			t.Fatalf("before: %d %s", a.status, a.text)
		}
		oldSerial, newSerial := identity.SerialOf(old.Leaf), identity.SerialOf(a.cert)
		cuts := make(chan bus.Cut, 4)
		stop, err := bus.Listen(w.bus, bus.TopicCut, func(c bus.Cut) { cuts <- c })
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
		_, promised, err := w.Revoke(ctx, newSerial, "key-compromise: stolen", true)
		if err != nil || w.Usable(ctx, old.Leaf) != nil {
			t.Fatalf("dry run: %v", err)
		}
		_, effects, err := w.Revoke(ctx, newSerial, "key-compromise: stolen", false)
		if err != nil || fmt.Sprint(effects) != fmt.Sprint(promised) || !strings.Contains(fmt.Sprint(effects), "superseded certificate "+oldSerial) || !strings.Contains(fmt.Sprint(effects), "cannot connect") {
			t.Errorf("%v, promised %v, %v", effects, promised, err)
		}
		for name, c := range map[string]*x509.Certificate{"new": a.cert, "superseded": old.Leaf} {
			if err := w.Usable(ctx, c); err == nil || !strings.Contains(err.Error(), "was revoked") {
				t.Errorf("%s: %v", name, err)
			}
			if st := w.status(c, w.issuer, crypto.SHA1); st.Status != ocsp.Revoked {
				t.Errorf("%s: OCSP says %d", name, st.Status)
			}
		}
		if n := len(w.crl(w.issuer, "issuing.crl").RevokedCertificateEntries); n != 2 || w.recorded("certificate.revoked") != 2 {
			t.Errorf("%d entries in the list, %d in the audit log", n, w.recorded("certificate.revoked"))
		}
		if got := map[string]bool{(<-cuts).Certificate: true, (<-cuts).Certificate: true}; !got[oldSerial] || !got[newSerial] {
			t.Errorf("cut: %v", got)
		}
		if err := w.Usable(ctx, stranger.Leaf); err != nil {
			t.Errorf("another device: %v", err)
		}
	})
}

func TestRevocationLeavesOtherActiveCertificates(t *testing.T) {
	w := newWorld(t, storetest.Open(t))
	ctx := context.Background()
	s, first := w.enrolled(protocol.SubjectAccount, "billing")
	key := first.PrivateKey.(crypto.Signer)
	second := w.post(w.client(), "simpleenroll", s.ID, w.claim(s).Secret, csr(t, newKey(t), x509.CertificateRequest{}))
	renewed := w.renew(first, key) // the first is superseded; its key lives on
	if second.status != http.StatusOK || renewed.status != http.StatusOK {
		t.Fatalf("%s %s", second.text, renewed.text)
	}
	_, effects, err := w.Revoke(ctx, identity.SerialOf(second.cert), "superseded", false)
	if err != nil || !strings.Contains(fmt.Sprint(effects), "1 other active certificate") {
		t.Errorf("%v, %v", effects, err)
	}
	if err := w.Usable(ctx, first.Leaf); err == nil {
		t.Error("the superseded one is usable still")
	}
	if err := w.Usable(ctx, renewed.cert); err != nil {
		t.Errorf("the other active one: %v", err)
	}
	own := tls.Certificate{Certificate: [][]byte{renewed.cert.Raw}, PrivateKey: key}
	if a := w.renew(own, key); a.status != http.StatusOK {
		t.Errorf("its key was refused: %d %s", a.status, a.text)
	}
	if _, _, err := w.Revoke(ctx, identity.SerialOf(first.Leaf), "again", false); fleet.CodeOf(err) != fleet.CodeConflict {
		t.Errorf("the superseded one a second time: %v", err)
	}
}
