package probe

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/clock"
)

// faults are what a server may do wrong.
type faults struct {
	plainMQTT, plainHTTP, noClientCert, oldTLS, rsa, webSocket, taken, subscribed, alias, oversize, anonymous, token, est, keygen, silent bool
}

// world is a server with some faults, and what it reports.
type world struct {
	faults
	t      *testing.T
	ca     *x509.Certificate
	key    *ecdsa.PrivateKey
	roots  *x509.CertPool
	leaf   tls.Certificate
	client tls.Certificate

	mu     sync.Mutex
	watch  []func(fleet.Event)
	config Config
}

func newWorld(t *testing.T, f faults) *world {
	t.Helper()
	w := &world{faults: f, t: t, roots: x509.NewCertPool()}
	w.key, _ = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ca"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, w.key.Public(), w.key)
	if err != nil {
		t.Fatal(err)
	}
	w.ca, _ = x509.ParseCertificate(der)
	w.roots.AddCert(w.ca)
	w.leaf, w.client = w.issue(x509.ExtKeyUsageServerAuth), w.issue(x509.ExtKeyUsageClientAuth)
	mqtt, https := w.mqtt(), w.https()
	w.config = Config{
		Clock: clock.Real{}, Roots: w.roots, Events: w, Watch: w.watched,
		Identity: func(context.Context) (tls.Certificate, string, error) { return w.client, "probe", nil },
		OpenAPI:  func() ([]byte, error) { return []byte(description), nil },
		Targets:  []Target{mqtt, https},
	}
	return w
}

func (w *world) issue(usage x509.ExtKeyUsage) tls.Certificate {
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(2), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"localhost"}, ExtKeyUsage: []x509.ExtKeyUsage{usage}}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, w.ca, key.Public(), w.key)
	if err != nil {
		w.t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func (w *world) tls(clientCert bool) *tls.Config {
	c := &tls.Config{Certificates: []tls.Certificate{w.leaf}, MinVersion: tls.VersionTLS13, ClientCAs: w.roots}
	if clientCert && !w.noClientCert {
		c.ClientAuth = tls.RequireAndVerifyClientCert
	}
	if w.oldTLS {
		c.MinVersion = tls.VersionTLS10
	}
	if w.rsa {
		c.MinVersion = tls.VersionTLS12
		c.CipherSuites = []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}
	}
	return c
}

// mqtt serves a broker that knows just enough.
func (w *world) mqtt() Target {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go w.serve(conn)
		}
	}()
	return Target{Name: "mqtts", Network: "tcp", Address: l.Addr().String(), TLS: true, ClientCert: true, MQTT: true}
}

func (w *world) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	r := bufio.NewReader(conn)
	first, err := r.Peek(1)
	if err != nil {
		return
	}
	if first[0] == 0x10 && w.plainMQTT {
		_, _ = conn.Write([]byte{0x20, 3, 0, 0, 0})
		return
	}
	from, _, _ := net.SplitHostPort(conn.RemoteAddr().String())
	c := tls.Server(&peeked{conn, r}, w.tls(true))
	if err := c.Handshake(); err != nil {
		if !w.silent {
			w.report(fleet.NewEvent("connection.refused", time.Now(), fleet.Anonymous(from), fleet.Server("broker"), map[string]any{"protocol": "mqtt", "reason": "no-certificate"}))
		}
		return
	}
	w.talk(c)
}

type peeked struct {
	net.Conn
	r *bufio.Reader
}

func (p *peeked) Read(b []byte) (int, error) { return p.r.Read(b) }

// talk answers packets of a client that TLS let in.
func (w *world) talk(c net.Conn) {
	r := bufio.NewReader(c)
	for {
		header, err := r.ReadByte()
		if err != nil {
			return
		}
		size, err := binary.ReadUvarint(r)
		if err != nil {
			return
		}
		if size > 1<<20 {
			if w.oversize {
				continue
			}
			_, _ = c.Write([]byte{0xE0, 2, tooLarge, 0})
			return
		}
		body := make([]byte, size)
		if _, err := io.ReadFull(r, body); err != nil {
			return
		}
		refusal := byte(unauthorised)
		switch header >> 4 {
		case 1:
			_, _ = c.Write([]byte{0x20, 3, 0, 0, 0})
		case 3:
			if w.taken || (w.alias && body[0] == 0 && body[1] == 0) {
				refusal = 0
			}
			_, _ = c.Write([]byte{0x40, 3, 0, 1, refusal})
		case 8:
			if w.subscribed {
				refusal = 1
			}
			_, _ = c.Write([]byte{0x90, 4, 0, 1, 0, refusal})
		}
	}
}

// https serves an API that knows just enough.
func (w *world) https() Target {
	srv := httptest.NewUnstartedServer(http.HandlerFunc(w.handle))
	srv.TLS = w.tls(false)
	srv.Config.ErrorLog = nil
	if w.plainHTTP {
		srv.Start()
	} else {
		srv.StartTLS()
	}
	w.t.Cleanup(srv.Close)
	return Target{Name: "https", Network: "tcp", Address: srv.Listener.Addr().String(), TLS: true, WebSocket: "/mqtt", API: true}
}

func (w *world) handle(rw http.ResponseWriter, r *http.Request) {
	from, _, _ := net.SplitHostPort(r.RemoteAddr)
	switch {
	case r.URL.Path == "/mqtt":
		conn, err := websocket.Accept(rw, r, &websocket.AcceptOptions{Subprotocols: []string{"mqtt"}})
		if err != nil {
			return
		}
		defer func() { _ = conn.CloseNow() }()
		_, _, _ = conn.Read(r.Context())
		code := byte(0x87)
		if w.webSocket {
			code = 0
		}
		_ = conn.Write(r.Context(), websocket.MessageBinary, []byte{0x20, 3, 0, code, 0})
	case strings.HasSuffix(r.URL.Path, "/serverkeygen") && !w.keygen:
		rw.WriteHeader(http.StatusNotFound)
	case strings.Contains(r.URL.Path, "/est/") && w.est, w.anonymous, strings.HasSuffix(r.URL.Path, "serverkeygen"):
		rw.WriteHeader(http.StatusOK)
	case r.Header.Get("Authorization") != "" && w.token:
		rw.WriteHeader(http.StatusOK)
	default:
		if r.Header.Get("Authorization") != "" && !w.silent {
			w.report(fleet.NewEvent("login.failed", time.Now(), fleet.Anonymous(from), fleet.Server("access"), map[string]any{"surface": "api", "account": "unknown", "reason": "unknown"}))
		}
		rw.WriteHeader(http.StatusUnauthorized)
	}
}

// Publish takes events as the bus does.
func (w *world) Publish(ev fleet.Event) error { return ev.Check() }

func (w *world) watched(fn func(fleet.Event)) (func(), error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.watch = append(w.watch, fn)
	return func() {}, nil
}

func (w *world) report(ev fleet.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, fn := range w.watch {
		fn(ev)
	}
}

const description = `{"paths":{
 "/api/v1/login":{"post":{"description":"Open: nobody is signed in yet."}},
 "/api/v1/whoami":{"get":{"x-permission":"self:read"}},
 "/api/v1/devices/{ref}":{"get":{"x-permission":"device:read"},"put":{"x-permission":"device:write","x-audits":"device.changed","requestBody":{"content":{"application/json":{"schema":{"properties":{"site":{}}}}}}}},
 "/api/v1/audit/verify":{"post":{"x-permission":"audit:verify","x-audits":"audit.exported"}},
 "/api/v1/audit/{index}":{"get":{"x-permission":"audit:read"}}}}`
