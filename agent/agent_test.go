package agent

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/kit/sealed"
	"github.com/thingward/thingward/protocol"
)

// certificate makes a self-signed certificate for a device, valid for a year from start.
func certificate(t *testing.T, device string, key *ecdsa.PrivateKey, start time.Time) *x509.Certificate {
	t.Helper()
	u, err := url.Parse(protocol.IdentityURI(protocol.SubjectDevice, device))
	if err != nil {
		t.Fatal(err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: device}, URIs: []*url.URL{u}, NotBefore: start, NotAfter: start.Add(365 * 24 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func testIdentity(t *testing.T, start time.Time) *identity {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id, err := newIdentity(key, []*x509.Certificate{certificate(t, "d1", key, start)})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestIdentityIsSealedOnDisk(t *testing.T) {
	dir, seal := t.TempDir(), sealed.NewKey()
	id := testIdentity(t, time.Now())
	if err := id.save(dir, seal); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "identity.sealed"))
	if err != nil || bytes.Contains(raw, []byte("PRIVATE KEY")) {
		t.Fatalf("the key can be read from disk (%v)", err)
	}
	got, err := loadIdentity(dir, seal)
	if err != nil || got.device != "d1" || !got.key.Equal(id.key) {
		t.Errorf("reopened: %+v, %v", got, err)
	}
	if _, err := loadIdentity(dir, sealed.NewKey()); err == nil || !strings.Contains(err.Error(), "another machine") {
		t.Errorf("on another machine: %v", err)
	}
}

func TestNewIdentityRefusesForeignCertificates(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := newIdentity(key, []*x509.Certificate{testIdentity(t, time.Now()).leaf}); err == nil {
		t.Error("took a certificate for another key")
	}
}

func TestRenewalIsSpreadAndStable(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	seen := map[time.Time]bool{}
	for range 20 {
		id := testIdentity(t, start)
		at := renewAt(id)
		part := float64(at.Sub(start)) / float64(365*24*time.Hour)
		if part < 0.6 || part > 0.73 || !at.Equal(renewAt(id)) {
			t.Errorf("renewal at %.2f of the life", part)
		}
		seen[at] = true
	}
	if len(seen) < 15 {
		t.Errorf("20 devices renew at only %d moments", len(seen))
	}
}

func TestSpoolKeepsOrderAcrossRestartAndDropsTelemetryFirst(t *testing.T) {
	dir, seal := t.TempDir(), sealed.NewKey()
	s, err := openSpool(dir, seal, 5)
	if err != nil {
		t.Fatal(err)
	}
	put := func(topic string) {
		t.Helper()
		if err := s.put(topic, []byte("secret reading")); err != nil {
			t.Fatal(err)
		}
	}
	put("things/d/event")
	for i := range 6 {
		put(fmt.Sprintf("things/d/telemetry/s%d", i))
	}
	if s.len() != 5 || s.dropped != 2 {
		t.Errorf("holds %d, dropped %d", s.len(), s.dropped)
	}
	if s, err = openSpool(dir, seal, 5); err != nil {
		t.Fatal(err)
	}
	if err := s.put("things/d/telemetry/s6", nil); err != nil || s.dropped != 1 { // full again: the oldest telemetry goes, not the event
		t.Errorf("after a restart: %v, dropped %d", err, s.dropped)
	}
	for _, want := range []string{"things/d/event", "things/d/telemetry/s3", "things/d/telemetry/s4"} {
		seq, m, ok := s.first()
		if !ok || m.Topic != want {
			t.Fatalf("%v %q, want %q", ok, m.Topic, want)
		}
		s.done(seq)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 2 {
		t.Fatalf("%v, %v", files, err)
	}
	raw, err := os.ReadFile(files[0])
	if err != nil || bytes.Contains(raw, []byte("secret")) {
		t.Errorf("spooled in clear (%v)", err)
	}
	if err := os.WriteFile(files[0], []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, m, ok := s.first(); !ok || m.Topic != "things/d/telemetry/s6" {
		t.Errorf("behind a damaged message: %v %q", ok, m.Topic)
	}
}

func TestNewNamesWhatIsWrong(t *testing.T) {
	root := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: testIdentity(t, time.Now()).leaf.Raw})
	for want, c := range map[string]Config{
		"root file": {Dir: t.TempDir(), Server: "https://x:1", Root: []byte("no PEM")},
		"encrypted": {Dir: t.TempDir(), Server: "http://x:1", Root: root},
	} {
		if _, err := New(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func TestWithoutClaimItSaysWhatToDo(t *testing.T) {
	a := &Agent{c: withDefaults(Config{})}
	if _, err := a.enrol(t.Context()); !errors.Is(err, ErrNotEnrolled) {
		t.Errorf("%v", err)
	}
}

func FuzzParseCertsOnly(f *testing.F) {
	f.Add([]byte("MIIB"))
	f.Fuzz(func(_ *testing.T, b []byte) { _, _ = parseCertsOnly(b) })
}

func FuzzParseIdentity(f *testing.F) {
	f.Add([]byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"))
	f.Fuzz(func(_ *testing.T, b []byte) { _, _ = parseIdentity(b) })
}
