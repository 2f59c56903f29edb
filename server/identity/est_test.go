package identity_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/identity"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

func TestEnrolByClaim(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		s := w.subj.add(t, protocol.SubjectDevice, "lock-1")
		claim := w.claim(s)
		body := csr(t, newKey(t), x509.CertificateRequest{Subject: pkix.Name{CommonName: s.ID}})
		a := w.post(w.client(), "simpleenroll", claim.User, claim.Secret, body)
		if a.status != http.StatusOK {
			t.Fatalf("%d %s", a.status, a.text)
		}
		if ct := a.header.Get("Content-Type"); ct != "application/pkcs7-mime; smime-type=certs-only" || a.header.Get("Content-Transfer-Encoding") != "base64" {
			t.Errorf("content type %q", ct)
		}
		checkOperational(t, w, a.cert, s)
		if st := w.subj.state(t, s.ID); st != "active" {
			t.Errorf("device is %s, want active", st)
		}
		if w.recorded("claim.created") != 1 || w.recorded("claim.used") != 1 || w.recorded("certificate.issued") != 2 || w.recorded("device.activated") != 1 {
			t.Error("an audit entry is missing") // two issued: the server's and this one
		}
		if err := w.Usable(context.Background(), a.cert); err != nil {
			t.Error(err)
		}
		again := w.post(w.client(), "simpleenroll", claim.User, claim.Secret, body)
		if again.status != http.StatusUnauthorized || !strings.Contains(again.text, "used before") || !strings.HasPrefix(again.header.Get("WWW-Authenticate"), "Basic ") {
			t.Errorf("used claim: %d %s", again.status, again.text)
		}
		for _, ev := range w.reported("enrol.refused") {
			if ev.Data["surface"] != "est" || strings.Contains(ev.Data["reason"].(string), claim.Secret) {
				t.Errorf("refusal reported as %v", ev.Data)
			}
		}
	})
}

func checkOperational(t *testing.T, w *world, c *x509.Certificate, s identity.Subject) {
	t.Helper()
	if len(c.URIs) != 1 || c.URIs[0].String() != protocol.IdentityURI(s.Kind, s.ID) || c.Subject.CommonName != s.ID {
		t.Errorf("subject %v, URIs %v", c.Subject, c.URIs)
	}
	if life := c.NotAfter.Sub(c.NotBefore) + time.Second; life > 365*identity.Day || life < 364*identity.Day {
		t.Errorf("lives %v", life)
	}
	if c.IsCA || c.KeyUsage != x509.KeyUsageDigitalSignature || len(c.ExtKeyUsage) != 1 || c.ExtKeyUsage[0] != x509.ExtKeyUsageClientAuth {
		t.Errorf("usage %v %v", c.KeyUsage, c.ExtKeyUsage)
	}
	if len(c.OCSPServer) != 1 || c.OCSPServer[0] != w.plain+"/ocsp" || len(c.CRLDistributionPoints) != 1 || c.CRLDistributionPoints[0] != w.plain+"/crl/issuing.crl" {
		t.Errorf("status at %v %v", c.OCSPServer, c.CRLDistributionPoints)
	}
	if n := c.SerialNumber.BitLen(); n < 120 || n > 128 || len(identity.SerialOf(c)) != 32 {
		t.Errorf("serial number of %d bits", n)
	}
	between := x509.NewCertPool()
	between.AddCert(issuing(t, w))
	if _, err := c.Verify(x509.VerifyOptions{Roots: w.roots, Intermediates: between, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, CurrentTime: w.clock.Now()}); err != nil {
		t.Error(err)
	}
}

// issuing gets the issuing authority from cacerts.
func issuing(t testing.TB, w *world) *x509.Certificate {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, w.https+identity.ESTPath+"/cacerts", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := w.client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.Header.Get("Content-Type") != "application/pkcs7-mime" {
		t.Fatalf("%v, %v", err, res.Header)
	}
	certs, err := bag(text)
	if err != nil || len(certs) != 2 || !certs[1].Equal(w.Root()) || certs[0].CheckSignatureFrom(certs[1]) != nil {
		t.Fatalf("cacerts holds %d certificates", len(certs))
	}
	return certs[0]
}

func TestParallelUsesOfAClaimOneWins(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		s := w.subj.add(t, protocol.SubjectDevice, "lock-1")
		claim := w.claim(s)
		var won atomic.Int32
		var wg sync.WaitGroup
		for range 8 {
			body := csr(t, newKey(t), x509.CertificateRequest{})
			wg.Go(func() {
				_, err := w.EnrolByClaim(context.Background(), claim.User, claim.Secret, body, "192.0.2.1")
				switch {
				case err == nil:
					won.Add(1)
				case fleet.CodeOf(err) != fleet.CodeUnauthenticated:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		all, err := w.Certificates(context.Background(), identity.Filter{Subject: s.ID})
		if err != nil || won.Load() != 1 || len(all) != 1 {
			t.Errorf("%d enrolments won, %d certificates, %v", won.Load(), len(all), err)
		}
	})
}

func TestClaimsWrongExpiredOrOfOthers(t *testing.T) {
	w := newWorld(t, storetest.Open(t))
	s, other := w.subj.add(t, protocol.SubjectDevice, "lock-1"), w.subj.add(t, protocol.SubjectDevice, "lock-2")
	claim := w.claim(s)
	body := csr(t, newKey(t), x509.CertificateRequest{})
	for name, try := range map[string]struct{ user, secret, want string }{
		"another id":   {other.ID, claim.Secret, "not valid for this id"},
		"wrong":        {s.ID, "aaaa", "not valid for this id"},
		"empty secret": {s.ID, "", "not valid for this id"},
	} {
		if a := w.post(w.client(), "simpleenroll", try.user, try.secret, body); a.status != http.StatusUnauthorized || !strings.Contains(a.text, try.want) {
			t.Errorf("%s: %d %s", name, a.status, a.text)
		}
	}
	if got := w.reported("enrol.refused"); len(got) != 3 || got[0].Initiator.Kind != "anonymous" {
		t.Errorf("reported: %v", got)
	}
	w.clock.Advance(identity.ClaimLifetime)
	if a := w.post(w.client(), "simpleenroll", claim.User, claim.Secret, body); a.status != http.StatusUnauthorized || !strings.Contains(a.text, "expired") {
		t.Errorf("expired: %d %s", a.status, a.text)
	}
	if a := w.post(w.client(), "simpleenroll", "", "", body); a.status != http.StatusUnauthorized || a.header.Get("WWW-Authenticate") == "" {
		t.Errorf("no credential: %d", a.status)
	}
	if got := w.reported("enrol.refused"); len(got) != 4 {
		t.Errorf("%d refusals reported, want 4: the first challenge is none", len(got))
	}
	fresh := w.claim(s)
	if a := w.post(w.client(), "simpleenroll", fresh.User, strings.ToUpper(fresh.Secret), body); a.status != http.StatusOK {
		t.Errorf("claim in capitals: %d %s", a.status, a.text)
	}
}

func TestRetiredMayNotEnrol(t *testing.T) {
	w := newWorld(t, storetest.Open(t))
	s := w.subj.add(t, protocol.SubjectDevice, "lock-1")
	claim := w.claim(s)
	w.subj.set(t, "UPDATE subject SET state = 'retired'")
	if a := w.post(w.client(), "simpleenroll", claim.User, claim.Secret, csr(t, newKey(t), x509.CertificateRequest{})); a.status != http.StatusForbidden || !strings.Contains(a.text, "retired") {
		t.Errorf("%d %s", a.status, a.text)
	}
	if _, err := w.NewClaim(context.Background(), s.Kind, s.ID, 0); fleet.CodeOf(err) != fleet.CodeConflict {
		t.Errorf("claim for a retired device: %v", err)
	}
	if _, err := w.NewClaim(context.Background(), s.Kind, "nobody", 0); fleet.CodeOf(err) != fleet.CodeNotFound {
		t.Errorf("claim for nobody: %v", err)
	}
}

func TestRequestsThatAreRefused(t *testing.T) {
	w := newWorld(t, storetest.Open(t))
	s := w.subj.add(t, protocol.SubjectDevice, "lock-1")
	claim := w.claim(s)
	good := csr(t, newKey(t), x509.CertificateRequest{})
	weakRSA, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ownURI, otherURI := mustURL(t, protocol.IdentityURI(s.Kind, s.ID)), mustURL(t, protocol.IdentityURI(s.Kind, id.New()))
	for name, try := range map[string]struct {
		body   []byte
		status int
		want   string
	}{
		"empty":           {nil, 400, "empty"},
		"no base64":       {[]byte("!!!"), 400, "base64"},
		"base64 of what":  {[]byte("AAAA"), 400, "PKCS #10"},
		"cut short":       {good[:len(good)/2/4*4], 400, "PKCS #10"},
		"certificate PEM": {pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: w.Root().Raw}), 400, "no certificate request"},
		"altered":         {altered(t), 400, "does not verify"},
		"RSA 1024":        {csr(t, weakRSA, x509.CertificateRequest{}), 400, "1024 bits is too weak"},
		"P-224":           {csr(t, p224, x509.CertificateRequest{}), 400, "P-224 is not accepted"},
		"SHA-1":           {sha1CSR(t), 400, "not accepted"},
		"other URI":       {csr(t, newKey(t), x509.CertificateRequest{URIs: []*url.URL{otherURI}}), 403, "names another identity"},
		"two URIs":        {csr(t, newKey(t), x509.CertificateRequest{URIs: []*url.URL{ownURI, otherURI}}), 403, "names another identity"},
		"other CN":        {csr(t, newKey(t), x509.CertificateRequest{Subject: pkix.Name{CommonName: id.New()}}), 403, "names another identity"},
		"too large":       {make([]byte, 65<<10), 400, "more than"},
	} {
		if a := w.post(w.client(), "simpleenroll", claim.User, claim.Secret, try.body); a.status != try.status || !strings.Contains(a.text, try.want) || !strings.HasPrefix(a.header.Get("Content-Type"), "text/plain") {
			t.Errorf("%s: %d %s", name, a.status, a.text)
		}
	}
	if got := len(w.reported("enrol.refused")); got != 13 {
		t.Errorf("%d refusals reported", got)
	}
	if all, err := w.Certificates(context.Background(), identity.Filter{Subject: s.ID}); err != nil || len(all) != 0 {
		t.Errorf("issued: %v, %v", all, err)
	}
	if a := w.post(w.client(), "simpleenroll", claim.User, claim.Secret, csr(t, newKey(t), x509.CertificateRequest{URIs: []*url.URL{ownURI}})); a.status != http.StatusOK {
		t.Errorf("the claim was used up by a refused request: %d %s", a.status, a.text)
	}
}

// altered is a request whose signed name was changed after signing.
func altered(t *testing.T) []byte {
	t.Helper()
	der, err := base64.StdEncoding.DecodeString(string(csr(t, newKey(t), x509.CertificateRequest{Subject: pkix.Name{CommonName: "before"}})))
	if err != nil {
		t.Fatal(err)
	}
	return []byte(base64.StdEncoding.EncodeToString(bytes.Replace(der, []byte("before"), []byte("behind"), 1)))
}

// sha1CSR signs a request with SHA-1, which crypto/x509 does not do any more.
func sha1CSR(t *testing.T) []byte {
	t.Helper()
	key := newKey(t)
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key)
	if err != nil {
		t.Fatal(err)
	}
	var parts struct {
		TBS       asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	if _, err := asn1.Unmarshal(der, &parts); err != nil {
		t.Fatal(err)
	}
	parts.Algorithm = pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 1}}
	h := crypto.SHA1.New()
	h.Write(parts.TBS.FullBytes)
	sig, err := ecdsa.SignASN1(rand.Reader, key, h.Sum(nil))
	if err != nil {
		t.Fatal(err)
	}
	parts.Signature = asn1.BitString{Bytes: sig, BitLength: len(sig) * 8}
	if der, err = asn1.Marshal(parts); err != nil {
		t.Fatal(err)
	}
	return []byte(base64.StdEncoding.EncodeToString(der))
}

func TestBodiesAsToolsWriteThem(t *testing.T) {
	w := newWorld(t, storetest.Open(t))
	for name, form := range map[string]func([]byte) []byte{
		"one line":  func(der []byte) []byte { return []byte(base64.StdEncoding.EncodeToString(der)) },
		"CRLF":      func(der []byte) []byte { return wrapped(der, "\r\n") },
		"LF, blank": func(der []byte) []byte { return append([]byte("\n"), wrapped(der, "\n  ")...) },
		"PEM": func(der []byte) []byte {
			return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})
		},
		"old PEM": func(der []byte) []byte {
			return pem.EncodeToMemory(&pem.Block{Type: "NEW CERTIFICATE REQUEST", Bytes: der})
		},
		"DER": func(der []byte) []byte { return der },
	} {
		s := w.subj.add(t, protocol.SubjectDevice, "lock-"+strings.ToLower(strings.NewReplacer(" ", "", ",", "").Replace(name)))
		_, key, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		der, err := base64.StdEncoding.DecodeString(string(csr(t, key, x509.CertificateRequest{Subject: pkix.Name{CommonName: "any name"}})))
		if err != nil {
			t.Fatal(err)
		}
		if a := w.post(w.client(), "simpleenroll", s.ID, w.claim(s).Secret, form(der)); a.status != http.StatusOK || a.cert.Subject.CommonName != s.ID {
			t.Errorf("%s: %d %s", name, a.status, a.text)
		}
	}
}

func wrapped(der []byte, sep string) []byte {
	text := base64.StdEncoding.EncodeToString(der)
	var b strings.Builder
	for len(text) > 76 {
		b.WriteString(text[:76] + sep)
		text = text[76:]
	}
	b.WriteString(text + sep)
	return []byte(b.String())
}

func TestKeysBelongToOneSubject(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		first, cert := w.enrolled(protocol.SubjectDevice, "lock-1")
		second := w.subj.add(t, protocol.SubjectDevice, "lock-2")
		body := csr(t, cert.PrivateKey.(crypto.Signer), x509.CertificateRequest{})
		claim := w.claim(second)
		if a := w.post(w.client(), "simpleenroll", second.ID, claim.Secret, body); a.status != http.StatusForbidden || !strings.Contains(a.text, "another subject") {
			t.Errorf("another's key: %d %s", a.status, a.text)
		}
		if a := w.post(w.client(), "simpleenroll", first.ID, w.claim(first).Secret, body); a.status != http.StatusOK {
			t.Errorf("own key again: %d %s", a.status, a.text)
		}
		if a := w.post(w.client(), "simpleenroll", second.ID, claim.Secret, csr(t, newKey(t), x509.CertificateRequest{})); a.status != http.StatusOK {
			t.Errorf("the claim must outlive a refusal: %d %s", a.status, a.text)
		}
	})
}

func TestTypeNarrowsKeyAndLifetime(t *testing.T) {
	w := newWorld(t, storetest.Open(t))
	w.subj.typ["vault"] = &fleet.DeviceType{Name: "vault", Baseline: fleet.Baseline{Key: fleet.KeyBaseline{Algorithms: []string{"P-384"}, Lifetime: 10 * identity.Day}}}
	s := w.subj.add(t, protocol.SubjectDevice, "vault-1")
	w.subj.set(t, "UPDATE subject SET type = 'vault'")
	claim := w.claim(s)
	if a := w.post(w.client(), "simpleenroll", s.ID, claim.Secret, csr(t, newKey(t), x509.CertificateRequest{})); a.status != http.StatusBadRequest || !strings.Contains(a.text, "P-384") {
		t.Errorf("P-256: %d %s", a.status, a.text)
	}
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a := w.post(w.client(), "simpleenroll", s.ID, claim.Secret, csr(t, key, x509.CertificateRequest{}))
	if a.status != http.StatusOK || a.cert.NotAfter.Sub(a.cert.NotBefore)+time.Second != 10*identity.Day {
		t.Errorf("P-384: %d %s", a.status, a.text)
	}
}

func TestCSRAttrs(t *testing.T) {
	w := newWorld(t, storetest.Open(t))
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, w.https+identity.ESTPath+"/csrattrs", nil)
	if err != nil {
		t.Fatal(err)
	}
	a := w.do(w.client(), req)
	der, err := base64.StdEncoding.DecodeString(a.text)
	if err != nil || a.header.Get("Content-Type") != "application/csrattrs" {
		t.Fatalf("%v %v", err, a.header)
	}
	var parts []asn1.RawValue
	if rest, err := asn1.Unmarshal(der, &parts); err != nil || len(rest) > 0 || len(parts) != 3 {
		t.Fatalf("%v, %d parts", err, len(parts))
	}
	var key struct {
		Type   asn1.ObjectIdentifier
		Values []asn1.ObjectIdentifier `asn1:"set"`
	}
	if _, err := asn1.Unmarshal(parts[0].FullBytes, &key); err != nil || key.Type.String() != "1.2.840.10045.2.1" || key.Values[0].String() != "1.2.840.10045.3.1.7" {
		t.Errorf("%v %+v", err, key)
	}
}

func TestESTPathsAndMethods(t *testing.T) {
	w := newWorld(t, storetest.Open(t))
	for path, want := range map[string]int{"/simpleenroll": 405, "/serverkeygen": 404, "/": 404} {
		req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, w.https+identity.ESTPath+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if a := w.do(w.client(), req); a.status != want {
			t.Errorf("GET %s: %d %s", path, a.status, a.text)
		}
	}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, w.https+identity.ESTPath+"/simpleenroll", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	res, err := w.client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusBadRequest {
		t.Errorf("without a content type: %d", res.StatusCode)
	}
}

func TestAnAddressThatKeepsFailingIsHeldBack(t *testing.T) {
	w := newWorld(t, storetest.Open(t))
	s := w.subj.add(t, protocol.SubjectDevice, "lock-1")
	c, body := w.client(), csr(t, newKey(t), x509.CertificateRequest{})
	last := answer{}
	for range 70 {
		last = w.post(c, "simpleenroll", s.ID, "wrong", body)
	}
	if last.status != http.StatusServiceUnavailable || last.header.Get("Retry-After") == "" {
		t.Errorf("%d %s", last.status, last.text)
	}
	if got := w.reported("enrol.refused"); len(got) != 61 {
		t.Errorf("%d reports, want 60 and one for all that were turned away", len(got))
	}
	w.clock.Advance(time.Minute)
	if a := w.post(c, "simpleenroll", s.ID, w.claim(s).Secret, body); a.status != http.StatusOK {
		t.Errorf("a minute later: %d %s", a.status, a.text)
	}
}

func TestListenerPolicy(t *testing.T) {
	w := newWorld(t, storetest.Open(t))
	old := &tls.Config{RootCAs: w.roots, MaxVersion: tls.VersionTLS12, Time: w.clock.Now}
	d := tls.Dialer{Config: old}
	if c, err := d.DialContext(context.Background(), "tcp", strings.TrimPrefix(w.https, "https://")); err == nil {
		_ = c.Close()
		t.Error("TLS 1.2 was accepted")
	}
}

func TestEnrolmentInPlainTextIsRefused(t *testing.T) {
	w := newWorld(t, storetest.Open(t))
	s := w.subj.add(t, protocol.SubjectDevice, "lock-1")
	claim, over := w.claim(s), w.https
	w.https = w.serve(nil, w.ESTHandler())
	body := csr(t, newKey(t), x509.CertificateRequest{})
	if a := w.post(http.DefaultClient, "simpleenroll", claim.User, claim.Secret, body); a.status != http.StatusForbidden || !strings.Contains(a.text, "TLS only") {
		t.Errorf("%d %s", a.status, a.text)
	}
	w.https = over
	if a := w.post(w.client(), "simpleenroll", claim.User, claim.Secret, body); a.status != http.StatusOK {
		t.Errorf("over TLS: %d %s", a.status, a.text)
	}
}
