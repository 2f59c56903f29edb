package identity_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/identity"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

// get fetches from the plain listener.
func (w *world) get(path string) (int, []byte, http.Header) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, w.plain+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.fetch(req)
}

func (w *world) fetch(req *http.Request) (int, []byte, http.Header) {
	w.t.Helper()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return res.StatusCode, b, res.Header
}

// ask asks OCSP by POST.
func (w *world) ask(der []byte) []byte {
	w.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, w.plain+"/ocsp", bytes.NewReader(der))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/ocsp-request")
	code, b, h := w.fetch(req)
	if code != http.StatusOK || h.Get("Content-Type") != "application/ocsp-response" {
		w.t.Fatalf("%d %v", code, h)
	}
	return b
}

func (w *world) status(cert, issuer *x509.Certificate, hash crypto.Hash) *ocsp.Response {
	w.t.Helper()
	der, err := ocsp.CreateRequest(cert, issuer, &ocsp.RequestOptions{Hash: hash})
	if err != nil {
		w.t.Fatal(err)
	}
	res, err := ocsp.ParseResponseForCert(w.ask(der), cert, issuer)
	if err != nil {
		w.t.Fatal(err)
	}
	return res
}

func (w *world) crl(issuer *x509.Certificate, file string) *x509.RevocationList {
	w.t.Helper()
	code, b, h := w.get("/crl/" + file)
	if code != http.StatusOK || h.Get("Content-Type") != "application/pkix-crl" {
		w.t.Fatalf("%d %v", code, h)
	}
	list, err := x509.ParseRevocationList(b)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := list.CheckSignatureFrom(issuer); err != nil {
		w.t.Fatal(err)
	}
	return list
}

func TestRevocationIsFeltEverywhereAtOnce(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		ctx := context.Background()
		s, cert := w.enrolled(protocol.SubjectDevice, "lock-1")
		issuer := issuing(t, w)
		serial := identity.SerialOf(cert.Leaf)
		if err := w.Usable(ctx, cert.Leaf); err != nil {
			t.Fatal(err)
		}
		if st := w.status(cert.Leaf, issuer, crypto.SHA1); st.Status != ocsp.Good {
			t.Fatalf("before: %d", st.Status)
		}
		before := w.crl(issuer, "issuing.crl")
		cuts := make(chan bus.Cut, 4)
		stop, err := bus.Listen(w.bus, bus.TopicCut, func(c bus.Cut) { cuts <- c })
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
		if _, effects, err := w.Revoke(ctx, serial, "key-compromise: stolen", true); err != nil || len(effects) < 4 {
			t.Fatalf("dry run: %v, %v", effects, err)
		}
		if err := w.Usable(ctx, cert.Leaf); err != nil {
			t.Fatalf("a dry run revoked: %v", err)
		}
		got, _, err := w.Revoke(ctx, strings.ToUpper(serial), "key-compromise: stolen", false)
		if err != nil || got.State != fleet.CertificateRevoked || got.Revoked == nil {
			t.Fatalf("%+v, %v", got, err)
		}
		if err := w.Usable(ctx, cert.Leaf); err == nil || !strings.Contains(err.Error(), "revoked") {
			t.Errorf("usable: %v", err)
		}
		for _, h := range []crypto.Hash{crypto.SHA1, crypto.SHA256} {
			if st := w.status(cert.Leaf, issuer, h); st.Status != ocsp.Revoked || st.RevocationReason != ocsp.KeyCompromise {
				t.Errorf("OCSP by %v: %d, reason %d", h, st.Status, st.RevocationReason)
			}
		}
		after := w.crl(issuer, "issuing.crl")
		if len(after.RevokedCertificateEntries) != 1 || after.RevokedCertificateEntries[0].SerialNumber.Cmp(cert.Leaf.SerialNumber) != 0 || after.Number.Cmp(before.Number) <= 0 {
			t.Errorf("list %v after %v with %d entries", after.Number, before.Number, len(after.RevokedCertificateEntries))
		}
		if c := <-cuts; c.Certificate != serial || c.SubjectID != s.ID || c.SubjectKind != "device" {
			t.Errorf("cut: %+v", c)
		}
		if w.recorded("certificate.revoked") != 1 {
			t.Error("no audit entry")
		}
		if _, _, err := w.Revoke(ctx, serial, "again", false); fleet.CodeOf(err) != fleet.CodeConflict {
			t.Errorf("second time: %v", err)
		}
		if _, _, err := w.Revoke(ctx, "00", "x", false); fleet.CodeOf(err) != fleet.CodeNotFound {
			t.Errorf("unknown serial number: %v", err)
		}
		if _, _, err := w.Revoke(ctx, serial, " ", false); fleet.CodeOf(err) != fleet.CodeInvalid {
			t.Errorf("without a reason: %v", err)
		}
	})
}

func TestRevocationsAtOnceAreAllInTheList(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		var serials []string
		for i := range 12 {
			_, c := w.enrolled(protocol.SubjectDevice, fmt.Sprintf("lock-%d", i))
			serials = append(serials, identity.SerialOf(c.Leaf))
		}
		var wg sync.WaitGroup
		for _, serial := range serials {
			wg.Go(func() {
				if _, _, err := w.Revoke(context.Background(), serial, "lost", false); err != nil {
					t.Error(err)
				}
				n, _ := new(big.Int).SetString(serial, 16)
				found := false
				for _, e := range w.crl(w.issuer, "issuing.crl").RevokedCertificateEntries {
					found = found || e.SerialNumber.Cmp(n) == 0
				}
				if !found {
					t.Errorf("%s is not in the list that is out when its revocation returns", serial)
				}
			})
		}
		wg.Wait()
	})
}

func TestRevokeSubjectInsideATransaction(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		ctx := context.Background()
		s, first := w.enrolled(protocol.SubjectAccount, "billing")
		claim := w.claim(s)
		if err := w.Usable(ctx, first.Leaf); err != nil {
			t.Fatal(err)
		}
		revoke := func(fail error) error {
			return db.Change(ctx, func(tx *store.Tx) error {
				if err := w.RevokeSubject(tx, "account", s.ID, "disabled", anyone); err != nil {
					return err
				}
				return fail
			})
		}
		if err := revoke(fleet.Errorf(fleet.CodeConflict, "no")); fleet.CodeOf(err) != fleet.CodeConflict || w.Usable(ctx, first.Leaf) != nil {
			t.Errorf("undone with its transaction: %v", err)
		}
		if err := revoke(nil); err != nil {
			t.Fatal(err)
		}
		if err := w.Usable(ctx, first.Leaf); err == nil {
			t.Error("still usable")
		}
		if st := w.status(first.Leaf, w.issuer, crypto.SHA1); st.Status != ocsp.Revoked {
			t.Errorf("OCSP: %d", st.Status)
		}
		if a := w.post(w.client(), "simpleenroll", claim.User, claim.Secret, csr(t, newKey(t), x509.CertificateRequest{})); a.status != http.StatusUnauthorized {
			t.Errorf("a claim outlived its subject: %d %s", a.status, a.text)
		}
	})
}

func TestUsableOfCertificatesThatAreNotOurs(t *testing.T) {
	w := newWorld(t, storetest.Open(t))
	other := newWorld(t, storetest.Open(t))
	_, foreign := other.enrolled(protocol.SubjectDevice, "lock-1")
	_, cert := w.enrolled(protocol.SubjectDevice, "lock-1")
	ctx := context.Background()
	for name, c := range map[string]*x509.Certificate{"none": nil, "foreign": foreign.Leaf, "root": w.Root(), "issuing": w.issuer} {
		if err := w.Usable(ctx, c); fleet.CodeOf(err) != fleet.CodeForbidden && fleet.CodeOf(err) != fleet.CodeUnauthenticated {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.subj.set(t, "DELETE FROM identity_certificate WHERE serial = ?", identity.SerialOf(cert.Leaf))
	if err := w.Usable(ctx, cert.Leaf); err == nil || !strings.Contains(err.Error(), "not on record") {
		t.Errorf("unknown serial number: %v", err)
	}
	w.clock.Set(cert.Leaf.NotBefore.Add(-time.Second))
	if err := w.Usable(ctx, cert.Leaf); err == nil || !strings.Contains(err.Error(), "clocks") {
		t.Errorf("before its time: %v", err)
	}
}

func TestAnotherNodeHearsOfARevocation(t *testing.T) {
	w := newWorld(t, storetest.Open(t))
	ctx := context.Background()
	_, cert := w.enrolled(protocol.SubjectDevice, "lock-1")
	node := w.Service
	w.open() // a second node on the same database and bus
	if err := node.Usable(ctx, cert.Leaf); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.Revoke(ctx, identity.SerialOf(cert.Leaf), "lost", false); err != nil {
		t.Fatal(err)
	}
	heard, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for node.Usable(ctx, cert.Leaf) == nil {
		if heard.Err() != nil {
			t.Fatal("the other node still takes it")
		}
		time.Sleep(time.Millisecond)
	}
}

func TestOCSPForms(t *testing.T) {
	w := newWorld(t, storetest.Open(t))
	_, cert := w.enrolled(protocol.SubjectDevice, "lock-1")
	der, err := ocsp.CreateRequest(cert.Leaf, w.issuer, nil)
	if err != nil {
		t.Fatal(err)
	}
	text := base64.StdEncoding.EncodeToString(der)
	for name, path := range map[string]string{"escaped": url.QueryEscape(text), "plain": text, "some escaped": url.PathEscape(text)} {
		code, b, h := w.get("/ocsp/" + path)
		res, err := ocsp.ParseResponseForCert(b, cert.Leaf, w.issuer)
		if code != http.StatusOK || err != nil || res.Status != ocsp.Good || !strings.Contains(h.Get("Cache-Control"), "max-age=0") {
			t.Errorf("GET %s: %d, %v", name, code, err)
		}
	}
	stranger := *cert.Leaf
	stranger.SerialNumber = big.NewInt(4711)
	if st := w.status(&stranger, w.issuer, crypto.SHA1); st.Status != ocsp.Unknown {
		t.Errorf("unknown serial number: %d", st.Status)
	}
	if st := w.status(w.issuer, w.Root(), crypto.SHA1); st.Status != ocsp.Good {
		t.Errorf("the issuing authority by its root: %d", st.Status)
	}
	foreign := newWorld(t, storetest.Open(t))
	if der, err = ocsp.CreateRequest(cert.Leaf, foreign.issuer, nil); err != nil {
		t.Fatal(err)
	}
	if b := w.ask(der); !bytes.Equal(b, ocsp.UnauthorizedErrorResponse) {
		t.Errorf("another's authority: %x", b)
	}
	if b := w.ask([]byte("junk")); !bytes.Equal(b, ocsp.MalformedRequestErrorResponse) {
		t.Errorf("junk: %x", b)
	}
	if code, b, _ := w.get("/ocsp/!!!"); code != http.StatusOK || !bytes.Equal(b, ocsp.MalformedRequestErrorResponse) {
		t.Errorf("junk by GET: %d %x", code, b)
	}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, w.plain+"/ocsp", bytes.NewReader(make([]byte, 5000)))
	if err != nil {
		t.Fatal(err)
	}
	if code, _, _ := w.fetch(req); code != http.StatusRequestEntityTooLarge {
		t.Errorf("too large: %d", code)
	}
	w.crl(w.Root(), "root.crl")
	if code, _, _ := w.get("/crl/other.crl"); code != http.StatusNotFound {
		t.Errorf("unknown list: %d", code)
	}
}

// openssl runs the tool that newcomers and other systems check us with.
func openssl(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(context.Background(), "openssl", args...).CombinedOutput()
	if err != nil {
		t.Errorf("openssl %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func TestOpenSSLAgrees(t *testing.T) {
	w := newWorld(t, storetest.Open(t))
	_, cert := w.enrolled(protocol.SubjectDevice, "lock-1")
	dir := t.TempDir()
	file := func(name, kind string, der []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	leaf, sub, root := file("leaf.pem", "CERTIFICATE", cert.Leaf.Raw), file("sub.pem", "CERTIFICATE", w.issuer.Raw), filepath.Join(w.dir, "ca", "root.pem")
	openssl(t, "verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", root, "-untrusted", sub, leaf)
	ask := func() string {
		return openssl(t, "ocsp", "-issuer", sub, "-cert", leaf, "-url", w.plain+"/ocsp", "-CAfile", root, "-verify_other", sub)
	}
	if out := ask(); !strings.Contains(out, "leaf.pem: good") || !strings.Contains(out, "Response verify OK") {
		t.Errorf("before: %s", out)
	}
	if _, _, err := w.Revoke(context.Background(), identity.SerialOf(cert.Leaf), "cessation-of-operation", false); err != nil {
		t.Fatal(err)
	}
	if out := ask(); !strings.Contains(out, "leaf.pem: revoked") || !strings.Contains(out, "cessationOfOperation") {
		t.Errorf("after: %s", out)
	}
	lists := ""
	for _, name := range []string{"issuing", "root"} {
		_, der, _ := w.get("/crl/" + name + ".crl")
		lists = file(name+".crl.pem", "X509 CRL", der)
		out := openssl(t, "crl", "-in", lists, "-noout", "-text", "-CAfile", map[string]string{"issuing": sub, "root": root}[name])
		if !strings.Contains(out, "verify OK") || (name == "issuing" && !strings.Contains(out, strings.ToUpper(identity.SerialOf(cert.Leaf)))) {
			t.Errorf("%s list: %s", name, out)
		}
	}
	var cmd bytes.Buffer
	c := exec.CommandContext(context.Background(), "openssl", "verify", "-crl_check_all", "-CRLfile", filepath.Join(dir, "issuing.crl.pem"), "-CRLfile", lists, "-CAfile", root, "-untrusted", sub, leaf)
	c.Stdout, c.Stderr = &cmd, &cmd
	if err := c.Run(); err == nil || !strings.Contains(cmd.String(), "certificate revoked") {
		t.Errorf("chain with lists: %v %s", err, cmd.String())
	}
}
