package coap_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"log/slog"
	"math/big"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/pion/dtls/v3"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/broker"
	"github.com/thingward/thingward/server/broker/coap"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/bus/bustest"
)

// patience is how long a test waits for what must come.
const patience = 20 * time.Second

var sensor = &fleet.DeviceType{Name: "sensor", Version: "1", Streams: map[string]fleet.Stream{"air": {}}}

// world is a broker with CoAP before it, devices d1 and d2 and their certificates.
type world struct {
	t       testing.TB
	bus     *bus.Bus
	b       *broker.Service
	s       *coap.Server
	addr    string
	ca      *x509.Certificate
	key     *ecdsa.PrivateKey
	mu      sync.Mutex
	serial  int64
	revoked bool
	got     chan fleet.Message
	events  chan fleet.Event
}

func newWorld(t testing.TB, limits coap.Limits) *world {
	t.Helper()
	w := &world{t: t, bus: bustest.Open(t), got: make(chan fleet.Message, 1000), events: make(chan fleet.Event, 1000)}
	w.key = newKey(t)
	w.ca = w.sign(&x509.Certificate{Subject: pkix.Name{CommonName: "test root"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}, w.key)
	stop, err := w.bus.Watch(func(e fleet.Event) { w.events <- e })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	ctx, cancel := context.WithCancel(context.Background())
	w.b, err = broker.New(ctx, broker.Config{Bus: w.bus, Clock: clock.Real{}, Log: testLog(t), Directory: w, Certificates: w})
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = w.b.Run(ctx) }()
	go func() {
		_ = w.b.Ingest(ctx, "test", func(_ context.Context, list []fleet.Message) error {
			for _, m := range list {
				w.got <- m
			}
			return nil
		})
	}()
	w.s = coap.New(coap.Config{Broker: w.b, Clock: clock.Real{}, Log: testLog(t), Limits: limits})
	pc, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	w.addr = pc.LocalAddr().String()
	server := w.certificate("")
	config := &tls.Config{MinVersion: tls.VersionTLS12, ClientCAs: w.pool(), CurvePreferences: []tls.CurveID{tls.X25519, tls.CurveP256}, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return &server, nil }}
	go func() { _ = w.s.Serve(pc, config) }()
	t.Cleanup(func() {
		w.s.Close()
		c, done := context.WithTimeout(context.Background(), patience)
		defer done()
		if err := w.b.Close(c); err != nil {
			t.Error("close:", err)
		}
		cancel()
	})
	return w
}

func testLog(t testing.TB) *slog.Logger { return slog.New(slog.NewTextHandler(t.Output(), nil)) }

// Client is the broker's directory.
func (w *world) Client(_ context.Context, kind, id string) (broker.Client, error) {
	if id != "d1" && id != "d2" {
		return broker.Client{}, fleet.Errorf(fleet.CodeNotFound, "there is no %s %s", kind, id)
	}
	return broker.Client{Kind: kind, ID: id, Name: id, State: fleet.Active, Type: sensor}, nil
}

// Usable is the broker's judge of certificates.
func (w *world) Usable(context.Context, *x509.Certificate) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.revoked {
		return fleet.Errorf(fleet.CodeForbidden, "the certificate was revoked")
	}
	return nil
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (w *world) sign(c *x509.Certificate, key *ecdsa.PrivateKey) *x509.Certificate {
	w.t.Helper()
	w.serial++
	c.SerialNumber, c.NotBefore, c.NotAfter = big.NewInt(w.serial), time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent := w.ca
	if parent == nil {
		parent = c
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), w.key)
	if err != nil {
		w.t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		w.t.Fatal(err)
	}
	return made
}

// certificate is one for a device, or the server's.
func (w *world) certificate(device string) tls.Certificate {
	w.t.Helper()
	c := &x509.Certificate{Subject: pkix.Name{CommonName: "x"}, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	if device != "" {
		u, err := url.Parse(protocol.IdentityURI(protocol.SubjectDevice, device))
		if err != nil {
			w.t.Fatal(err)
		}
		c.URIs = []*url.URL{u}
	}
	key := newKey(w.t)
	leaf := w.sign(c, key)
	return tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: key, Leaf: leaf}
}

func (w *world) pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(w.ca)
	return p
}

// want waits for an event.
func (w *world) want(typ string) fleet.Event {
	w.t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case e := <-w.events:
			if e.Type == typ {
				return e
			}
		case <-deadline:
			w.t.Fatalf("no event %s", typ)
		}
	}
}

// message waits for what a device published.
func (w *world) message() fleet.Message {
	w.t.Helper()
	select {
	case m := <-w.got:
		return m
	case <-time.After(patience):
		w.t.Fatal("no message")
		panic("unreachable")
	}
}

func (w *world) command(name, payload string) {
	w.t.Helper()
	if err := w.b.Publish(w.t.Context(), protocol.CommandTopic("d1", name), []byte(payload), false); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) desire(payload string) {
	w.t.Helper()
	if err := w.b.Publish(w.t.Context(), protocol.DesiredTopic("d1"), []byte(payload), true); err != nil {
		w.t.Fatal(err)
	}
}

// client is a small CoAP client that does only what a test tells it.
type client struct {
	t    testing.TB
	conn *dtls.Conn
	id   uint16
	in   chan coap.Message
}

// dial makes an association; through is the socket to use, nil for one of its own.
func (w *world) dial(cert tls.Certificate, through net.PacketConn) (*client, error) {
	w.t.Helper()
	to, err := net.ResolveUDPAddr("udp", w.addr)
	if err != nil {
		w.t.Fatal(err)
	}
	if through == nil {
		if through, err = net.ListenPacket("udp", "127.0.0.1:0"); err != nil {
			w.t.Fatal(err)
		}
	}
	options := []dtls.ClientOption{}
	if cert.PrivateKey != nil {
		options = append(options, dtls.WithCertificates(cert))
	}
	conn, err := dtls.ClientWithOptions(through, to, append(options, dtls.WithRootCAs(w.pool()), dtls.WithServerName("127.0.0.1"),
		dtls.WithConnectionIDGenerator(dtls.OnlySendCIDGenerator()), dtls.WithExtendedMasterSecret(dtls.RequireExtendedMasterSecret))...)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	if err := conn.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	w.t.Cleanup(func() { _ = conn.Close(); _ = through.Close() })
	c := &client{t: w.t, conn: conn, in: make(chan coap.Message, 100)}
	go c.read()
	return c, nil
}

func (w *world) device(id string) *client {
	w.t.Helper()
	c, err := w.dial(w.certificate(id), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (c *client) read() {
	defer close(c.in)
	for {
		buf := make([]byte, 8<<10)
		n, err := c.conn.Read(buf)
		if err != nil {
			return
		}
		var m coap.Message
		if err := m.Decode(buf[:n]); err != nil {
			c.t.Error("the server sent what is no CoAP:", err)
			return
		}
		c.in <- m
	}
}

// send sends a message under the next message id, or its own where it has one.
func (c *client) send(m coap.Message) coap.Message {
	c.t.Helper()
	if m.ID == 0 {
		c.id++
		m.ID = c.id
	}
	b, err := m.Append(nil)
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := c.conn.Write(b); err != nil {
		c.t.Fatal(err)
	}
	return m
}

func (c *client) next() coap.Message {
	c.t.Helper()
	select {
	case m, ok := <-c.in:
		if !ok {
			c.t.Fatal("the association ended")
		}
		return m
	case <-time.After(patience):
		c.t.Fatal("no message")
		panic("unreachable")
	}
}

// ask sends a request and waits for the answer.
func (c *client) ask(m coap.Message) coap.Message {
	c.t.Helper()
	c.send(m)
	return c.next()
}

func (c *client) acknowledge(m coap.Message) {
	c.send(coap.Message{Type: coap.Acknowledgement, ID: m.ID})
}

// gone waits for the end of the association.
func (c *client) gone() {
	c.t.Helper()
	for end := time.After(patience); ; {
		select {
		case _, ok := <-c.in:
			if !ok {
				return
			}
		case <-end:
			c.t.Fatal("the association goes on")
		}
	}
}
