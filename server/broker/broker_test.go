package broker_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"log/slog"
	"math/big"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/broker"
	"github.com/thingward/thingward/server/broker/packet"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/bus/bustest"
)

// patience is how long a test waits for what must come.
const patience = 20 * time.Second

// authority is a test CA.
type authority struct {
	cert   *x509.Certificate
	key    *ecdsa.PrivateKey
	mu     sync.Mutex
	serial int64
}

func newAuthority(t testing.TB) *authority {
	t.Helper()
	a := &authority{serial: 1}
	a.key = newKey(t)
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test root"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return a
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// issue makes a certificate for an identity URI, "" for none.
func (a *authority) issue(t testing.TB, uri string) tls.Certificate {
	t.Helper()
	a.mu.Lock()
	a.serial++
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(a.serial), Subject: pkix.Name{CommonName: "x"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"},
	}
	a.mu.Unlock()
	if uri != "" {
		u, err := url.Parse(uri)
		if err != nil {
			t.Fatal(err)
		}
		tmpl.URIs = []*url.URL{u}
	}
	key := newKey(t)
	der, err := x509.CreateCertificate(rand.Reader, tmpl, a.cert, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

func (a *authority) pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.cert)
	return p
}

// people is a directory and certificate register that tests change.
type people struct {
	mu      sync.Mutex
	clients map[string]broker.Client
	revoked map[string]bool
	root    *x509.Certificate
}

func (p *people) Client(_ context.Context, kind, id string) (broker.Client, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c, ok := p.clients[kind+"/"+id]
	if !ok {
		return c, fleet.Errorf(fleet.CodeNotFound, "there is no %s %s", kind, id)
	}
	return c, nil
}

func (p *people) Usable(_ context.Context, cert *x509.Certificate) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if cert.CheckSignatureFrom(p.root) != nil {
		return fleet.Errorf(fleet.CodeForbidden, "the certificate was not issued here")
	}
	if p.revoked[hex.EncodeToString(cert.SerialNumber.Bytes())] {
		return fleet.Errorf(fleet.CodeForbidden, "the certificate was revoked")
	}
	return nil
}

func (p *people) set(c broker.Client) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clients[c.Kind+"/"+c.ID] = c
}

var thermostat = &fleet.DeviceType{Name: "thermostat", Version: "1", Streams: map[string]fleet.Stream{"temperature": {}, "humidity": {}}}

// world is a broker with its surroundings.
type world struct {
	t      testing.TB
	bus    *bus.Bus
	clock  clock.Clock
	ca     *authority
	people *people
	limits broker.Limits
	adjust []func(*broker.Config)
	b      *broker.Service
	addr   string
	cancel context.CancelFunc
	certs  map[string]tls.Certificate
}

// newWorld starts a broker with devices d1 and d2 and the accounts app, operator and auditor.
func newWorld(t testing.TB, b *bus.Bus, limits broker.Limits) *world {
	t.Helper()
	return newWorldAt(t, b, limits, clock.Real{})
}

func newWorldAt(t testing.TB, b *bus.Bus, limits broker.Limits, clk clock.Clock) *world {
	t.Helper()
	if b == nil {
		b = bustest.Open(t)
	}
	return newWorldOf(t, b, newAuthority(t), limits, clk)
}

// newWorldOf is newWorldAt on a given bus, with a given authority.
func newWorldOf(t testing.TB, b *bus.Bus, ca *authority, limits broker.Limits, clk clock.Clock, adjust ...func(*broker.Config)) *world {
	t.Helper()
	w := &world{t: t, bus: b, clock: clk, ca: ca, limits: limits, adjust: adjust, certs: map[string]tls.Certificate{}, people: &people{clients: map[string]broker.Client{}, revoked: map[string]bool{}}}
	w.people.root = w.ca.cert
	for _, d := range []string{"d1", "d2"} {
		w.people.set(broker.Client{Kind: "device", ID: d, Name: "thing-" + d, State: fleet.Active, Type: thermostat})
	}
	for id, role := range map[string]access.Role{"app": access.Application, "operator": access.SystemOperator, "auditor": access.Auditor} {
		w.people.set(broker.Client{Kind: "account", ID: id, Name: id, Roles: []access.Role{role}, Grants: wholeFleet(id)})
	}
	w.start()
	t.Cleanup(w.stop)
	return w
}

// wholeFleet are the grants that accounts have unless a test says otherwise.
func wholeFleet(id string) []fleet.Grant {
	g := fleet.Grant{ID: "all-" + id, Kinds: []string{"telemetry", "event", "reported"}, Classes: []string{"confidential", "restricted"}}
	switch id {
	case "operator":
		g.Kinds = fleet.GrantKinds
	case "auditor":
		return nil
	}
	return []fleet.Grant{g}
}

func (w *world) start() {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	w.cancel = cancel
	var err error
	c := broker.Config{Bus: w.bus, Clock: w.clock, Log: testLog(w.t), Directory: w.people, Certificates: w.people, Limits: w.limits}
	for _, f := range w.adjust {
		f(&c)
	}
	w.b, err = broker.New(ctx, c)
	if err != nil {
		w.t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	w.addr = l.Addr().String()
	b, config := w.b, w.serverTLS()
	go func() { _ = b.Serve(l, config) }()
	go func() { _ = b.Run(ctx) }()
}

func (w *world) serverTLS() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{w.ca.issue(w.t, "")}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: w.ca.pool()}
}

func (w *world) stop() {
	w.cancel()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := w.b.Close(ctx); err != nil {
		w.t.Error("close:", err)
	}
}

// cert is the one certificate of a subject, made when first asked for.
func (w *world) cert(kind protocol.SubjectKind, id string) tls.Certificate {
	uri := protocol.IdentityURI(kind, id)
	if _, ok := w.certs[uri]; !ok {
		w.certs[uri] = w.ca.issue(w.t, uri)
	}
	return w.certs[uri]
}

// events gathers the events of a world as they happen.
type events struct {
	t  testing.TB
	b  *bus.Bus
	mu sync.Mutex
	in []fleet.Event
	ch chan struct{}
}

func (w *world) watch() *events {
	w.t.Helper()
	e := &events{t: w.t, b: w.bus, ch: make(chan struct{}, 1)}
	stop, err := w.bus.Watch(func(ev fleet.Event) {
		e.mu.Lock()
		e.in = append(e.in, ev)
		e.mu.Unlock()
		select {
		case e.ch <- struct{}{}:
		default:
		}
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(stop)
	if err := w.bus.Conn().Flush(); err != nil {
		w.t.Fatal(err)
	}
	return e
}

// want waits for an event of a type and takes it out.
func (e *events) want(typ string) fleet.Event {
	e.t.Helper()
	deadline := time.After(patience)
	for {
		if ev, ok := e.take(typ); ok {
			return ev
		}
		select {
		case <-e.ch:
		case <-deadline:
			e.t.Fatalf("no event %s", typ)
		}
	}
}

func (e *events) take(typ string) (fleet.Event, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for i, ev := range e.in {
		if ev.Type == typ {
			e.in = append(e.in[:i], e.in[i+1:]...)
			return ev, true
		}
	}
	return fleet.Event{}, false
}

// none checks that no such event was published so far.
func (e *events) none(typ string) {
	e.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := e.b.Flush(ctx); err != nil {
		e.t.Fatal(err)
	}
	if err := e.b.Conn().Flush(); err != nil {
		e.t.Fatal(err)
	}
	if ev, ok := e.take(typ); ok {
		e.t.Errorf("event %s: %v", typ, ev.Data)
	}
}

// testLog shows the broker's log with a failed test.
func testLog(t testing.TB) *slog.Logger { return slog.New(slog.NewTextHandler(t.Output(), nil)) }

// tick is how often the broker looks after what is due.
const tick = time.Second

func newFake() *clock.Fake { return clock.NewFake(time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)) }

// eventually waits for what must come true.
func eventually(t testing.TB, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it does not come true")
		}
	}
}

// lasting asks for a session that outlives its connection.
func lasting(p *packet.Connect) {
	p.CleanStart = false
	if p.Version == packet.V5 {
		_ = p.Properties.SetUint(packet.PropSessionExpiry, 3600)
	}
}

func serialOf(c tls.Certificate) string { return hex.EncodeToString(c.Leaf.SerialNumber.Bytes()) }

func (w *world) cut(device string) {
	w.t.Helper()
	if err := w.bus.Announce(bus.TopicCut, bus.Cut{SubjectKind: "device", SubjectID: device, Reason: "test"}); err != nil {
		w.t.Fatal(err)
	}
}
