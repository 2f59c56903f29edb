package identity_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/identity"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

// factory is a manufacturer's authority: a root, and an intermediate that signs devices.
type factory struct {
	t         testing.TB
	root, sub *x509.Certificate
	subKey    *ecdsa.PrivateKey
}

func newFactory(t testing.TB) *factory {
	t.Helper()
	f := &factory{t: t, subKey: newKey(t)}
	rootKey := newKey(t)
	ca := func(name string) *x509.Certificate {
		return &x509.Certificate{
			SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: begin.Add(-time.Hour), NotAfter: begin.Add(10 * 365 * identity.Day),
			IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
		}
	}
	f.root = f.sign(ca("Maker root"), ca("Maker root"), rootKey.Public(), rootKey)
	f.sub = f.sign(ca("Maker line 1"), f.root, f.subKey.Public(), rootKey)
	return f
}

func (f *factory) sign(t, parent *x509.Certificate, pub crypto.PublicKey, key crypto.Signer) *x509.Certificate {
	f.t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, t, parent, pub, key)
	if err != nil {
		f.t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		f.t.Fatal(err)
	}
	return c
}

func (f *factory) anchors() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: f.root.Raw}))
}

// device makes a manufacturer certificate, which has no end (IEEE 802.1AR, 8.7).
func (f *factory) device(serial string) tls.Certificate {
	f.t.Helper()
	key := newKey(f.t)
	c := f.sign(&x509.Certificate{
		SerialNumber: big.NewInt(int64(len(serial)) + 7), Subject: pkix.Name{CommonName: "Model X", SerialNumber: serial}, NotBefore: begin.Add(-time.Hour),
		NotAfter: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), KeyUsage: x509.KeyUsageDigitalSignature,
	}, f.sub, key.Public(), f.subKey)
	return tls.Certificate{Certificate: [][]byte{c.Raw, f.sub.Raw}, PrivateKey: key, Leaf: c}
}

func TestEnrolByManufacturerCertificate(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		w, f, ctx := newWorld(t, db), newFactory(t), context.Background()
		known, stranger := f.device("SN-1"), f.device("SN-unknown-2")
		body := func() []byte { return csr(t, newKey(t), x509.CertificateRequest{}) }
		if a := w.post(w.client(known), "simpleenroll", "", "", body()); a.status != http.StatusUnauthorized && a.status != http.StatusForbidden {
			t.Errorf("before its manufacturer is known: %d %s", a.status, a.text)
		}
		m, err := w.ApplyManufacturer(ctx, "maker-one", f.anchors(), []identity.ManifestEntry{{Serial: "SN-1", Type: "door-lock", Name: "front-door"}})
		if err != nil || m.Serials != 1 || len(m.Anchors) != 1 || w.recorded("manufacturer.changed") != 1 {
			t.Fatalf("%+v, %v", m, err)
		}
		a := w.post(w.client(known), "simpleenroll", "", "", body())
		if a.status != http.StatusOK {
			t.Fatalf("known: %d %s", a.status, a.text)
		}
		if got := w.subj.state(t, a.cert.Subject.CommonName); got != "active" {
			t.Errorf("known device is %s", got)
		}
		again := w.post(w.client(known), "simpleenroll", "", "", body())
		if again.status != http.StatusOK || again.cert.Subject.CommonName != a.cert.Subject.CommonName {
			t.Errorf("after a factory reset: %d %s", again.status, again.text)
		}
		odd := w.post(w.client(stranger), "simpleenroll", "", "", body())
		if odd.status != http.StatusOK || w.subj.state(t, odd.cert.Subject.CommonName) != "quarantined" {
			t.Errorf("unknown serial number: %d %s", odd.status, odd.text)
		}
		if err := w.Usable(ctx, known.Leaf); err == nil || !strings.Contains(err.Error(), "at enrolment only") {
			t.Errorf("manufacturer certificate in operation: %v", err)
		}
		if a := w.post(w.client(known), "simplereenroll", "", "", body()); a.status != http.StatusForbidden {
			t.Errorf("renewal with it: %d %s", a.status, a.text)
		}
		if a := w.post(w.client(known), "simpleenroll", "", "", csr(t, known.PrivateKey.(crypto.Signer), x509.CertificateRequest{})); a.status != http.StatusForbidden || !strings.Contains(a.text, "new key") {
			t.Errorf("its key in operation: %d %s", a.status, a.text)
		}
		all, err := w.Manufacturers(ctx, "", 10)
		if err != nil || len(all) != 1 || all[0].Enrolled != 2 || all[0].Unknown != 1 {
			t.Errorf("%+v, %v", all, err)
		}
	})
}

func TestManufacturerCertificatesThatAreRefused(t *testing.T) {
	w, f, ctx := newWorld(t, storetest.Open(t)), newFactory(t), context.Background()
	if _, err := w.ApplyManufacturer(ctx, "maker-one", f.anchors(), nil); err != nil {
		t.Fatal(err)
	}
	unnamed, foreign := f.device(""), newFactory(t).device("SN-1")
	selfSigned := f.device("SN-3")
	selfSigned.Certificate = selfSigned.Certificate[:1] // without its intermediate nothing verifies
	body := csr(t, newKey(t), x509.CertificateRequest{})
	for name, try := range map[string]struct {
		cert tls.Certificate
		want string
	}{"no serial number": {unnamed, "serialNumber"}, "another's": {foreign, "no uploaded manufacturer"}, "no intermediate": {selfSigned, "no uploaded manufacturer"}} {
		cert := try.cert
		c := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: w.roots, Time: w.clock.Now, GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &cert, nil }}}}
		if a := w.post(c, "simpleenroll", "", "", body); a.status != http.StatusForbidden || !strings.Contains(a.text, try.want) {
			t.Errorf("%s: %d %s", name, a.status, a.text)
		}
		c.CloseIdleConnections()
	}
}

func TestManufacturerInputThatIsRefused(t *testing.T) {
	w, f, ctx := newWorld(t, storetest.Open(t)), newFactory(t), context.Background()
	leaf := f.device("x").Certificate[0]
	own := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: w.Root().Raw}))
	entry := identity.ManifestEntry{Serial: "a", Type: "lock"}
	for name, try := range map[string]struct {
		maker, anchors string
		manifest       []identity.ManifestEntry
	}{
		"name":        {"Maker One", f.anchors(), nil},
		"no anchor":   {"maker-one", "", nil},
		"junk":        {"maker-one", "junk", nil},
		"end entity":  {"maker-one", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: leaf})), nil},
		"private key": {"maker-one", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: leaf})), nil},
		"ours":        {"maker-one", own, nil},
		"twice":       {"maker-one", f.anchors(), []identity.ManifestEntry{entry, entry}},
		"no type":     {"maker-one", f.anchors(), []identity.ManifestEntry{{Serial: "a"}}},
		"bad name":    {"maker-one", f.anchors(), []identity.ManifestEntry{{Serial: "a", Type: "lock", Name: "A B"}}},
		"blank":       {"maker-one", f.anchors(), []identity.ManifestEntry{{Serial: " a", Type: "lock"}}},
		"too many":    {"maker-one", f.anchors(), make([]identity.ManifestEntry, 10001)},
	} {
		if _, err := w.ApplyManufacturer(ctx, try.maker, try.anchors, try.manifest); fleet.CodeOf(err) != fleet.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if all, err := w.Manufacturers(ctx, "", 10); err != nil || len(all) != 0 {
		t.Errorf("%v, %v", all, err)
	}
}
