package identity_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/smallstep/pkcs7"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/kit/sealed"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/audit"
	"github.com/thingward/thingward/server/audit/audittest"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/bus/bustest"
	"github.com/thingward/thingward/server/identity"
	"github.com/thingward/thingward/server/store"
	"github.com/thingward/thingward/server/store/storetest"
)

var begin = time.Now().UTC().Truncate(time.Second)

// directory is a small registry: subjects in a table of their own, so that what happens in a transaction is undone with it.
type directory struct {
	db  *store.DB
	log *audit.Log
	mu  sync.Mutex
	typ map[string]*fleet.DeviceType
}

var directoryTables = fstest.MapFS{"001_start.sql": {Data: []byte(`-- +goose Up
CREATE TABLE subject (id TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL UNIQUE, state TEXT NOT NULL, type TEXT NOT NULL);
`)}}

func (d *directory) add(t testing.TB, kind protocol.SubjectKind, name string) identity.Subject {
	t.Helper()
	s := identity.Subject{Kind: kind, ID: id.New(), Name: name}
	d.set(t, "INSERT INTO subject (id, kind, name, state, type) VALUES (?, ?, ?, 'registered', '')", s.ID, string(kind), name)
	return s
}

func (d *directory) set(t testing.TB, query string, args ...any) {
	t.Helper()
	err := d.db.Keep(context.Background(), func(tx *store.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (d *directory) state(t testing.TB, id string) (state string) {
	t.Helper()
	if err := d.db.QueryRow(context.Background(), "SELECT state FROM subject WHERE id = ?", id).Scan(&state); err != nil {
		t.Fatal(err)
	}
	return state
}

func (d *directory) Lookup(ctx context.Context, kind protocol.SubjectKind, ref string) (identity.Subject, error) {
	s := identity.Subject{Kind: kind}
	var state, typ string
	err := d.db.QueryRow(ctx, "SELECT id, name, state, type FROM subject WHERE kind = ? AND (id = ? OR name = ?)", string(kind), ref, ref).Scan(&s.ID, &s.Name, &state, &typ)
	if store.IsNoRows(err) {
		return s, fleet.Errorf(fleet.CodeNotFound, "no %s is called that", kind)
	}
	if state == "retired" {
		s.MayEnrol = fleet.Errorf(fleet.CodeConflict, "%s is retired: it may not enrol", s.Name)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	s.Type = d.typ[typ]
	return s, err
}

func (d *directory) Enrolled(tx *store.Tx, s identity.Subject, by fleet.Party) error {
	n, err := tx.Exec("UPDATE subject SET state = 'active' WHERE id = ? AND state = 'registered'", s.ID)
	if err != nil || n == 0 || s.Kind != protocol.SubjectDevice {
		return err
	}
	return d.log.Record(tx, fleet.NewEvent("device.activated", begin, by, fleet.Party{Kind: "device", ID: s.ID, Name: s.Name}, map[string]any{"device": s.ID, "before": "registered"}))
}

func (d *directory) Admit(_ context.Context, tx *store.Tx, a identity.Admission) (identity.Subject, error) {
	s := identity.Subject{Kind: protocol.SubjectDevice, ID: id.New(), Name: a.Name}
	state := "registered"
	if !a.Known {
		state = "quarantined"
	}
	if s.Name == "" {
		s.Name = "found-" + s.ID[len(s.ID)-8:]
	}
	_, err := tx.Exec("INSERT INTO subject (id, kind, name, state, type) VALUES (?, 'device', ?, ?, ?)", s.ID, s.Name, state, a.Type)
	return s, err
}

// world is a certificate authority with its surroundings and listeners.
type world struct {
	*identity.Service
	t     testing.TB
	dir   string
	key   sealed.Key
	db    *store.DB
	bus   *bus.Bus
	log   *audit.Log
	clock *clock.Fake
	subj  *directory
	https string // base URL
	plain string
	roots *x509.CertPool

	issuer *x509.Certificate
}

const hostName = "things.example"

func setupOptions(c clock.Clock) identity.SetupOptions {
	return identity.SetupOptions{Organisation: "Test & Söhne", Hosts: []string{hostName}, Clock: c}
}

func newWorld(t testing.TB, db *store.DB) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), key: sealed.NewKey(), db: db, bus: bustest.Open(t), clock: clock.NewFake(begin)}
	if err := identity.Setup(context.Background(), w.dir, w.key, setupOptions(w.clock)); err != nil {
		t.Fatal(err)
	}
	storetest.Migrate(t, db, "subject", directoryTables)
	w.log = audittest.Open(t, db, w.bus, w.clock)
	w.subj = &directory{db: db, log: w.log, typ: map[string]*fleet.DeviceType{}}
	w.plain = w.serve(nil, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.OCSPHandler().ServeHTTP(rw, r) }))
	w.open()
	w.roots = x509.NewCertPool()
	w.roots.AddCert(w.Root())
	w.issuer = issuing(t, w)
	return w
}

// open starts a Service on the world's data and listens, as a restarted server does.
func (w *world) open() {
	w.t.Helper()
	var err error
	w.Service, err = identity.New(context.Background(), w.config())
	if err != nil {
		w.t.Fatal(err)
	}
	w.https = w.serve(w.HTTPSConfig(), w.ESTHandler())
}

func (w *world) config() identity.Config {
	return identity.Config{
		Dir: w.dir, Key: w.key, DB: w.db, Bus: w.bus, Audit: w.log, Clock: w.clock, Log: slog.New(slog.DiscardHandler), Directory: w.subj, OCSPURL: w.plain + "/",
	}
}

// serve listens on 127.0.0.1, with TLS when c is given, and returns the base URL.
func (w *world) serve(c *tls.Config, h http.Handler) string {
	w.t.Helper()
	if c == nil {
		srv := httptest.NewServer(h)
		w.t.Cleanup(srv.Close)
		return srv.URL
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	srv := &http.Server{Handler: h, TLSConfig: c, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	go func() { _ = srv.ServeTLS(l, "", "") }()
	w.t.Cleanup(func() { _ = srv.Close() })
	return "https://" + l.Addr().String()
}

// client is an HTTPS client that shows the given certificate, if any.
func (w *world) client(certs ...tls.Certificate) *http.Client {
	tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: w.roots, Certificates: certs, Time: w.clock.Now}, MaxIdleConnsPerHost: 64, ForceAttemptHTTP2: false}
	w.t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// csr makes a certificate request in base64, as EST wants it.
func csr(t testing.TB, key crypto.Signer, tmpl x509.CertificateRequest) []byte {
	t.Helper()
	der, err := x509.CreateCertificateRequest(rand.Reader, &tmpl, key)
	if err != nil {
		t.Fatal(err)
	}
	return []byte(base64.StdEncoding.EncodeToString(der))
}

func (w *world) claim(s identity.Subject) identity.Claim {
	w.t.Helper()
	c, err := w.NewClaim(context.Background(), s.Kind, s.ID, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

// answer is what EST answered.
type answer struct {
	status int
	text   string
	header http.Header
	cert   *x509.Certificate
}

// post sends an enrolment; user and secret may be empty.
func (w *world) post(c *http.Client, operation, user, secret string, body []byte) answer {
	w.t.Helper()
	a, err := send(c, w.enrolment(operation, user, secret, body))
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

// try is post to simpleenroll where the server may die.
func (w *world) try(c *http.Client, user, secret string, body []byte) (answer, error) {
	w.t.Helper()
	return send(c, w.enrolment("simpleenroll", user, secret, body))
}

func (w *world) enrolment(operation, user, secret string, body []byte) *http.Request {
	w.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, w.https+identity.ESTPath+"/"+operation, bytes.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/pkcs10")
	if user != "" {
		req.SetBasicAuth(user, secret)
	}
	return req
}

func (w *world) do(c *http.Client, req *http.Request) answer {
	w.t.Helper()
	a, err := send(c, req)
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

func send(c *http.Client, req *http.Request) (answer, error) {
	res, err := c.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return answer{}, err
	}
	a := answer{status: res.StatusCode, text: string(b), header: res.Header}
	if res.StatusCode != http.StatusOK || req.Method != http.MethodPost {
		return a, nil
	}
	certs, err := bag(b)
	if err != nil || len(certs) != 1 {
		return a, fmt.Errorf("%d certificates in the answer, want the issued one alone (RFC 7030, 4.2.3): %w", len(certs), err)
	}
	a.cert = certs[0]
	return a, nil
}

// bag reads a certs-only PKCS #7 in base64.
func bag(text []byte) ([]*x509.Certificate, error) {
	der, err := base64.StdEncoding.DecodeString(string(text))
	if err != nil {
		return nil, err
	}
	p, err := pkcs7.Parse(der)
	if err != nil {
		return nil, err
	}
	return p.Certificates, nil
}

// enrolled is a subject with its certificate.
func (w *world) enrolled(kind protocol.SubjectKind, name string) (identity.Subject, tls.Certificate) {
	w.t.Helper()
	s := w.subj.add(w.t, kind, name)
	key := newKey(w.t)
	a := w.post(w.client(), "simpleenroll", s.ID, w.claim(s).Secret, csr(w.t, key, x509.CertificateRequest{Subject: pkix.Name{CommonName: s.ID}}))
	if a.status != http.StatusOK {
		w.t.Fatalf("enrolment: %d %s", a.status, a.text)
	}
	return s, tls.Certificate{Certificate: [][]byte{a.cert.Raw}, PrivateKey: key, Leaf: a.cert}
}

// recorded counts the audit entries of a type.
func (w *world) recorded(typ string) (n int) {
	w.t.Helper()
	for _, ev := range audittest.Recorded(w.t, w.db) {
		if ev.Type == typ {
			n++
		}
	}
	return n
}

// reported lists the events of a type that were published so far. A last event of ours shows that all are there.
func (w *world) reported(typ string) (evs []fleet.Event) {
	w.t.Helper()
	last := fleet.NewEvent("server.stopped", begin, fleet.Server("test"), fleet.Server("test"), map[string]any{"reason": "the test looks"})
	if err := w.bus.Publish(last); err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	seen := false
	err := w.bus.Consume(ctx, "look-"+last.ID, func(_ context.Context, batch []fleet.Event) error {
		for _, ev := range batch {
			if ev.Type == typ {
				evs = append(evs, ev)
			}
			if ev.ID == last.ID {
				seen = true
				cancel()
			}
		}
		return nil
	})
	if err != nil || !seen {
		w.t.Fatalf("events not read: %v", err)
	}
	return evs
}

func mustURL(t testing.TB, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// anyone is who does things that a test does not look at.
var anyone = fleet.Party{Kind: "person", ID: "tester"}

func newDevice() (device, name string) {
	device = id.New()
	return device, "d-" + device
}
