package probe

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"math/big"
	"net"
	"net/url"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/broker"
	"github.com/thingward/thingward/server/bus/bustest"
)

// directory knows one service account, without any role.
type directory struct{}

// Client gives it.
func (directory) Client(_ context.Context, kind, id string) (broker.Client, error) {
	return broker.Client{Kind: kind, ID: id, Name: "self-test", Roles: []access.Role{access.Application}}, nil
}

// usable lets every certificate in that TLS let in.
type usable struct{}

// Usable says yes.
func (usable) Usable(context.Context, *x509.Certificate) error { return nil }

// TestTriesAtTheRealBroker makes the tries at the product's own broker.
func TestTriesAtTheRealBroker(t *testing.T) {
	w, b := newWorld(t, faults{}), bustest.Open(t)
	s, err := broker.New(t.Context(), broker.Config{Bus: b, Clock: clock.Real{}, Log: slog.New(slog.DiscardHandler), Directory: directory{}, Certificates: usable{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(context.Background()) })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = s.Serve(l, w.tls(true)) }()
	const account = "01935d2a-8c00-7000-8000-000000000007"
	cert := w.issueURI(protocol.IdentityURI(protocol.SubjectAccount, account))
	p := New(Config{
		Clock: clock.Real{}, Roots: w.roots, Watch: func(fn func(fleet.Event)) (func(), error) { return b.Watch(fn) },
		Identity: func(context.Context) (tls.Certificate, string, error) { return cert, account, nil },
		Targets:  []Target{{Name: "mqtts", Network: "tcp", Address: l.Addr().String(), TLS: true, ClientCert: true, MQTT: true}},
	})
	for _, name := range []string{
		"tcp.plaintext", "mqtt.plaintext-password", "tcp.uncertified", "mqtt.password-only", "tls.scan", "tls.forward-secrecy",
		"mqtt.foreign-publish", "mqtt.foreign-subscribe", "mqtt.alias", "mqtt.oversize", "surface.failures",
	} {
		if r, err := p.Probe(t.Context(), name); err != nil || !r.Attempted || !r.Held {
			t.Errorf("%s: %+v %v", name, r, err)
		}
	}
}

// issueURI makes a client certificate for an identity.
func (w *world) issueURI(uri string) tls.Certificate {
	w.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	u, err := url.Parse(uri)
	if err != nil {
		w.t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(3), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), URIs: []*url.URL{u}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, w.ca, key.Public(), w.key)
	if err != nil {
		w.t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
