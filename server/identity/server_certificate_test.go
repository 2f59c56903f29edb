package identity_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/identity"
	"github.com/thingward/thingward/server/store/storetest"
)

// shown is the certificate that the HTTPS listener shows, verified for name.
func (w *world) shown(name string) (*x509.Certificate, error) {
	w.t.Helper()
	d := tls.Dialer{Config: &tls.Config{RootCAs: w.roots, Time: w.clock.Now, ServerName: name}}
	conn, err := d.DialContext(context.Background(), "tcp", strings.TrimPrefix(w.https, "https://"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	return conn.(*tls.Conn).ConnectionState().PeerCertificates[0], nil
}

func TestServerCertificate(t *testing.T) {
	w := newWorld(t, storetest.Open(t))
	var first *x509.Certificate
	machine, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{hostName, "localhost", "127.0.0.1", machine} {
		c, err := w.shown(name)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		first = c
	}
	if life := first.NotAfter.Sub(first.NotBefore) + time.Second; life != 90*identity.Day {
		t.Errorf("lives %v", life)
	}
	w.open()
	if again, err := w.shown(hostName); err != nil || !again.Equal(first) {
		t.Errorf("a restart made another one, %v", err)
	}
	w.pass(59 * identity.Day)
	if same, err := w.shown(hostName); err != nil || !same.Equal(first) {
		t.Errorf("renewed too early, %v", err)
	}
	w.pass(2 * identity.Day)
	next, err := w.shown(hostName)
	if err != nil || next.Equal(first) {
		t.Fatalf("not renewed after two thirds of its life, %v", err)
	}
	if was, err := w.Certificate(context.Background(), identity.SerialOf(first)); err != nil || was.State != fleet.CertificateSuperseded {
		t.Errorf("%+v, %v", was, err)
	}
	if _, _, err := w.Revoke(context.Background(), identity.SerialOf(next), "key-compromise", false); err != nil {
		t.Fatal(err)
	}
	if c, err := w.shown(hostName); err != nil || c.Equal(next) {
		t.Errorf("the revoked one is still shown, %v", err)
	}
}

func TestServerCertificateIsMadeAnewWhenItDoesNotFit(t *testing.T) {
	w := newWorld(t, storetest.Open(t))
	first, err := w.shown(hostName)
	if err != nil {
		t.Fatal(err)
	}
	c := w.config()
	c.Hosts = []string{"other.example", "192.0.2.7"}
	if w.Service, err = identity.New(context.Background(), c); err != nil {
		t.Fatal(err)
	}
	w.https = w.serve(w.HTTPSConfig(), w.ESTHandler())
	second, err := w.shown("other.example")
	if err != nil || second.Equal(first) || second.VerifyHostname("192.0.2.7") != nil {
		t.Errorf("with another name: %v", err)
	}
	if err := os.WriteFile(filepath.Join(w.dir, "ca", "server.pem"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.open()
	if c, err := w.shown(hostName); err != nil || c.Equal(second) {
		t.Errorf("after its file was damaged: %v", err)
	}
	c.Hosts = []string{"bad host"}
	if _, err := identity.New(context.Background(), c); fleet.CodeOf(err) != fleet.CodeInvalid {
		t.Errorf("bad host: %v", err)
	}
}

func TestMQTTSConfigTakesOnlyOurCertificates(t *testing.T) {
	w := newWorld(t, storetest.Open(t))
	l, err := tls.Listen("tcp", "127.0.0.1:0", w.MQTTSConfig())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	go echo(l)
	_, ours := w.enrolled(protocol.SubjectDevice, "lock-1")
	foreign := newFactory(t).device("SN-1")
	cache := tls.NewLRUClientSessionCache(4)
	try := func(c *tls.Certificate) (resumed bool, err error) {
		conf := &tls.Config{RootCAs: w.roots, ServerName: hostName, Time: w.clock.Now, ClientSessionCache: cache}
		if c != nil {
			conf.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return c, nil }
		}
		conn, err := tls.Dial("tcp", l.Addr().String(), conf)
		if err != nil {
			return false, err
		}
		defer func() { _ = conn.Close() }()
		if _, err := conn.Write([]byte("x")); err != nil {
			return false, err
		}
		_, err = conn.Read(make([]byte, 1))
		return conn.ConnectionState().DidResume, err
	}
	if _, err := try(nil); err == nil {
		t.Error("no certificate was taken")
	}
	if _, err := try(&foreign); err == nil {
		t.Error("a manufacturer certificate was taken")
	}
	if _, err := try(&ours); err != nil {
		t.Errorf("ours: %v", err)
	}
	if resumed, err := try(&ours); err != nil || !resumed {
		t.Errorf("second connection: resumed %v, %v", resumed, err)
	}
}

func echo(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			_, _ = io.Copy(c, c)
			_ = c.Close()
		}()
	}
}

func TestHTTPSResumesAcrossItsConfigurations(t *testing.T) {
	w := newWorld(t, storetest.Open(t))
	_, cert := w.enrolled(protocol.SubjectDevice, "lock-1")
	c := &tls.Config{RootCAs: w.roots, Time: w.clock.Now, ClientSessionCache: tls.NewLRUClientSessionCache(4), Certificates: []tls.Certificate{cert}}
	resumed := 0
	for range 3 {
		conn, err := tls.Dial("tcp", strings.TrimPrefix(w.https, "https://"), c)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, "GET "+identity.ESTPath+"/csrattrs HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(conn); err != nil {
			t.Fatal(err)
		}
		if conn.ConnectionState().DidResume {
			resumed++
		}
		_ = conn.Close()
		if _, err := w.ApplyManufacturer(context.Background(), "maker-one", newFactory(t).anchors(), nil); err != nil {
			t.Fatal(err)
		}
	}
	if resumed != 2 {
		t.Errorf("%d of 2 later connections resumed", resumed)
	}
}
