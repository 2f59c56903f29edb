package server

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"net"
	"sync"

	"github.com/thingward/thingward/examples"
	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/sealed"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/access"
	"github.com/thingward/thingward/server/broker"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/identity"
	"github.com/thingward/thingward/server/registry"
	"github.com/thingward/thingward/server/traffic"
)

// benchFleet is what devices deal with, on a bench: registry, certificate authority and broker, with the policies in force.
type benchFleet struct {
	*bench
	bus      *bus.Bus
	accounts *access.Service
	registry *registry.Service
	identity *identity.Service
	broker   *broker.Service
	roots    *x509.CertPool
}

// onFleet makes a Try that runs on a bench with a fleet's parts.
func (s *Server) onFleet(see func(ctx context.Context, f *benchFleet) (bool, error)) func(context.Context, *bench) (bool, error) {
	return func(ctx context.Context, b *bench) (bool, error) {
		f, err := s.benchFleet(ctx, b)
		if err != nil {
			return false, err
		}
		return see(ctx, f)
	}
}

func (s *Server) benchFleet(ctx context.Context, b *bench) (f *benchFleet, err error) {
	f = &benchFleet{bench: b, roots: x509.NewCertPool()}
	key := sealed.NewKey()
	if f.bus, err = b.bus(ctx); err != nil {
		return nil, err
	}
	if f.accounts, err = s.benchAccounts(ctx, b, key); err != nil {
		return nil, err
	}
	b.later(func() error { f.accounts.Close(); return nil })
	if f.registry, err = registry.New(ctx, registry.Config{DB: b.db, Bus: f.bus, Audit: b.audit, Clock: b.clock, Log: b.log}); err != nil {
		return nil, err
	}
	b.later(func() error { f.registry.Close(); return nil })
	if err := identity.Setup(ctx, b.dir, key, identity.SetupOptions{Organisation: "self-test", Hosts: []string{"localhost"}, Clock: b.clock}); err != nil {
		return nil, err
	}
	if f.identity, err = identity.New(ctx, identity.Config{
		Dir: b.dir, Key: key, Policy: s.identity.Policy, DB: b.db, Bus: f.bus, Audit: b.audit, Clock: b.clock, Log: b.log, Directory: directory{f.registry, f.accounts},
	}); err != nil {
		return nil, err
	}
	f.roots.AddCert(f.identity.Root())
	grants, err := traffic.New(ctx, traffic.Config{DB: b.db, Bus: f.bus, Audit: b.audit, Clock: b.clock, Log: b.log, Accounts: f.accounts, Fleet: f.registry})
	if err != nil {
		return nil, err
	}
	if f.broker, err = broker.New(ctx, broker.Config{
		Bus: f.bus, Clock: b.clock, Log: b.log, Directory: clients{f.registry, f.accounts, grants}, Certificates: f.identity, Limits: s.limits(), Grants: grants,
	}); err != nil {
		return nil, err
	}
	b.later(func() error { return f.broker.Close(context.WithoutCancel(ctx)) })
	f.registry.Wire(registry.Readers{Connections: f.broker, Publisher: f.broker, Certificates: f.identity})
	return f, nil
}

// device registers a device of one of the example types.
func (f *benchFleet) device(ctx context.Context, typ string) (fleet.Device, error) {
	manifest, err := examples.Types.ReadFile("types/" + typ + ".yaml")
	if err != nil {
		return fleet.Device{}, err
	}
	made, err := f.registry.Apply(ctx, manifest, false)
	if err != nil {
		return fleet.Device{}, err
	}
	return f.registry.Create(ctx, fleet.Device{Name: "self-test-" + typ, Type: made.Type.Name})
}

// ownKey is a fresh key with a request for a certificate on it.
func ownKey(name string) (*ecdsa.PrivateKey, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	request, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: name}}, key)
	return key, request, err
}

// enrolled enrols a device by claim.
func (f *benchFleet) enrolled(ctx context.Context, d fleet.Device) (tls.Certificate, error) {
	claim, err := f.identity.NewClaim(ctx, protocol.SubjectDevice, d.ID, 0)
	if err != nil {
		return tls.Certificate{}, err
	}
	key, request, err := ownKey(d.ID)
	if err != nil {
		return tls.Certificate{}, err
	}
	leaf, err := f.identity.EnrolByClaim(ctx, claim.User, claim.Secret, request, "")
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: key, Leaf: leaf}, nil
}

// serial numbers that certificates have, as the store writes them.
func (f *benchFleet) state(ctx context.Context, d fleet.Device) (fleet.CertificateState, error) {
	all, err := f.identity.Certificates(ctx, identity.Filter{Subject: d.ID, Limit: 1})
	if err != nil || len(all) != 1 {
		return "", errors.Join(err, errors.New("the device has not exactly one certificate"))
	}
	return all[0].State, nil
}

// pipes is a listener without a port: whoever dials it is accepted over a pair of sockets inside the process, so that no bench
// opens anything to the network.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), done: make(chan struct{})} }

// Accept gives the next connection.
func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

// Close ends the listener.
func (p *pipes) Close() error {
	p.once.Do(func() { close(p.done) })
	return nil
}

// Addr is of no network.
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "self-test", Net: "unix"} }

func (p *pipes) dial(ctx context.Context) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case p.conns <- far:
		return near, nil
	case <-p.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
