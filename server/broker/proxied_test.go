package broker_test

import (
	"crypto/tls"
	"encoding/binary"
	"net"
	"net/netip"
	"testing"

	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/broker"
	"github.com/thingward/thingward/server/broker/packet"
	"github.com/thingward/thingward/server/store/storetest"
)

// header is a PROXY protocol header for a client's address.
func header(client string) []byte {
	b := []byte("\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c")
	from, to := netip.MustParseAddr(client).As4(), netip.MustParseAddr("192.0.2.1").As4()
	b = append(append(b, from[:]...), to[:]...)
	return binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(b, 54321), 8883)
}

// dialThrough opens a connection from an address that begins with some bytes.
func (w *world) dialThrough(from string, begin []byte, id string) (*client, error) {
	w.t.Helper()
	nc, err := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}).Dial("tcp", w.addr)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = nc.Close() })
	_, _ = nc.Write(begin)
	t := tls.Client(nc, &tls.Config{ServerName: "localhost", RootCAs: w.ca.pool(), Certificates: []tls.Certificate{w.cert(protocol.SubjectDevice, id)}})
	return newClient(w.t, packet.V5, t), t.Handshake()
}

// TestProxyProtocol: a named balancer tells whose connection it is, and that address counts; from nobody else, and not without.
func TestProxyProtocol(t *testing.T) {
	balancer := "127.0.7.1"
	w := newBanWorld(t, storetest.Open(t), broker.Limits{}, clock.Real{}, func(c *broker.Config) { c.ProxyFrom = []netip.Prefix{netip.MustParsePrefix("127.0.7.1/32")} })
	seen := w.watch()
	for _, begin := range [][]byte{nil, []byte("PROXY TCP4 198.51.100.7 192.0.2.1 54321 8883\r\n")} {
		if _, err := w.dialThrough(balancer, begin, "d1"); err == nil {
			t.Errorf("taken from the balancer after %q", begin)
		}
		if ev := seen.refused("proxy-header"); ev.Initiator.Address != balancer {
			t.Errorf("event %+v", ev)
		}
	}
	if _, err := w.dialThrough("127.0.7.2", header("198.51.100.7"), "d1"); err == nil {
		t.Error("a header is taken from a stranger")
	}
	if ev := seen.refused("proxy-header"); ev.Initiator.Address != "127.0.7.2" {
		t.Errorf("event %+v", ev)
	}
	c, err := w.dialThrough(balancer, header("198.51.100.7"), "d1")
	if err != nil {
		t.Fatal(err)
	}
	c.send(&packet.Connect{Version: packet.V5, CleanStart: true, ClientID: "d1"})
	if ack := want[*packet.Connack](c); ack.Code != 0 {
		t.Fatal(ack.Code)
	}
	if _, address, _ := w.b.Connected("device", "d1"); address != "198.51.100.7" {
		t.Errorf("connected from %s", address)
	}
	if _, err := w.b.PlaceBan(t.Context(), broker.Ban{Kind: broker.BanAddress, Target: "198.51.100.7", Reason: "x"}, 0); err != nil {
		t.Fatal(err)
	}
	c.gone()
	if _, err := w.dialThrough(balancer, header("198.51.100.7"), "d1"); err == nil {
		t.Error("a banned client comes through the balancer")
	}
	if _, err := w.dialThrough(balancer, header("198.51.100.8"), "d2"); err != nil {
		t.Error("another client of the balancer is refused:", err)
	}
}

// TestRevokedCertificateDoesNotResume: a resumed TLS session is no way past a revocation.
func TestRevokedCertificateDoesNotResume(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	cert := w.cert(protocol.SubjectDevice, "d1")
	config := &tls.Config{RootCAs: w.ca.pool(), Certificates: []tls.Certificate{cert}, ClientSessionCache: tls.NewLRUClientSessionCache(1), ServerName: "localhost"}
	come := func() (resumed bool, code packet.ReasonCode) {
		nc, err := tls.Dial("tcp", w.addr, config)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = nc.Close() }()
		c := newClient(t, packet.V5, nc)
		c.send(&packet.Connect{Version: packet.V5, CleanStart: true, ClientID: "d1"})
		return nc.ConnectionState().DidResume, want[*packet.Connack](c).Code
	}
	if _, code := come(); code != 0 {
		t.Fatal(code)
	}
	if resumed, code := come(); !resumed || code != 0 {
		t.Fatalf("resumed %v, %s", resumed, code)
	}
	w.people.mu.Lock()
	w.people.revoked[serialOf(cert)] = true
	w.people.mu.Unlock()
	if resumed, code := come(); !resumed || code != packet.NotAuthorized {
		t.Errorf("resumed %v, %s", resumed, code)
	}
}
