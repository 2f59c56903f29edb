package probe

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"net"
	"net/http"
	"time"

	"github.com/coder/websocket"

	"github.com/thingward/thingward/server/posture"
)

// network is what a stranger tries at listeners.
func (p *Prober) network() map[string]Try {
	if len(p.Targets) == 0 {
		return nil
	}
	any := func(Target) bool { return true }
	secured := func(t Target) bool { return t.TLS }
	return map[string]Try{
		"tcp.plaintext": func(ctx context.Context) (posture.ProbeResult, error) {
			return p.each(ctx, any, "HTTP and MQTT in clear refused"+p.exceptions(), p.plaintext)
		},
		"mqtt.plaintext-password": func(ctx context.Context) (posture.ProbeResult, error) {
			return p.each(ctx, any, "a CONNECT with a password in clear is not accepted", p.plainConnect)
		},
		"est.plaintext": func(ctx context.Context) (posture.ProbeResult, error) {
			return p.each(ctx, any, "enrolment in clear is not served", p.plainEnrol)
		},
		"tcp.uncertified": p.uncertifiedAll,
		"mqtt.password-only": func(ctx context.Context) (posture.ProbeResult, error) {
			return p.each(ctx, func(t Target) bool { return t.TLS && (t.MQTT || t.WebSocket != "") }, "a password without a certificate is refused", p.passwordOnly)
		},
		"tls.scan": func(ctx context.Context) (posture.ProbeResult, error) {
			return p.each(ctx, secured, "only strong versions and suites", p.scan)
		},
		"tls.forward-secrecy": func(ctx context.Context) (posture.ProbeResult, error) {
			return p.each(ctx, secured, "no suite without forward secrecy", p.forwardSecrecy)
		},
	}
}

// exceptions names the listeners that are plain by decision.
func (p *Prober) exceptions() (s string) {
	for _, t := range p.Targets {
		if !t.TLS && t.Plain != "" && t.Network != "udp" {
			s += "; " + t.Name + " is plain: " + t.Plain
		}
	}
	return s
}

const plainRequest = "GET /api/v1/whoami HTTP/1.1\r\nHost: self-test\r\nConnection: close\r\n\r\n"

// plaintext speaks HTTP and MQTT in clear. Go's HTTPS listener answers such HTTP with a 400 that says so, which is a refusal.
func (p *Prober) plaintext(ctx context.Context, t Target) posture.ProbeResult {
	if !t.TLS && t.Plain == "" {
		return broke("%s is without TLS, and no reason is documented", t.Name)
	}
	conn, _, err := p.dial(ctx, t)
	if err != nil {
		return unclear("%v", err)
	}
	got := exchange(conn, []byte(plainRequest))
	_ = conn.Close()
	status, http := statusLine(got)
	switch {
	case http && t.TLS && status != 400:
		return broke("%s answers HTTP in clear (status %d)", t.Name, status)
	case http && !t.TLS && status != 400 && status != 404 && status != 405 && status != 421:
		return broke("%s, which is plain, serves the API (status %d)", t.Name, status)
	}
	return p.plainConnect(ctx, t)
}

// plainConnect sends a CONNECT with a password in clear.
func (p *Prober) plainConnect(ctx context.Context, t Target) posture.ProbeResult {
	conn, _, err := p.dial(ctx, t)
	if err != nil {
		return unclear("%v", err)
	}
	defer func() { _ = conn.Close() }()
	if welcomed(exchange(conn, connect("self-test", "self-test", secret()))) {
		return broke("%s accepts MQTT with a password in clear", t.Name)
	}
	return held("refused")
}

const plainEnrolment = "POST /.well-known/est/simpleenroll HTTP/1.1\r\nHost: self-test\r\nContent-Type: application/pkcs10\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

func (p *Prober) plainEnrol(ctx context.Context, t Target) posture.ProbeResult {
	conn, _, err := p.dial(ctx, t)
	if err != nil {
		return unclear("%v", err)
	}
	defer func() { _ = conn.Close() }()
	if status, http := statusLine(exchange(conn, []byte(plainEnrolment))); http && (status < 300 || status == 401 || status == 403) {
		return broke("%s serves enrolment in clear (status %d)", t.Name, status)
	}
	return held("refused")
}

// statusLine reads the status of an HTTP answer; ok is false where it is none.
func statusLine(b []byte) (status int, ok bool) {
	if !bytes.HasPrefix(b, []byte("HTTP/")) {
		return 0, false
	}
	fields := bytes.Fields(b)
	if len(fields) < 2 || len(fields[1]) != 3 {
		return 0, false
	}
	for _, d := range fields[1] {
		if d < '0' || d > '9' {
			return 0, false
		}
		status = status*10 + int(d-'0')
	}
	return status, true
}

// uncertified connects without a certificate and with one that it signed itself. A TLS 1.3 handshake seems to succeed to a
// client whose certificate is about to be refused, so what counts is whether MQTT or HTTP answers.
func (p *Prober) uncertified(ctx context.Context, t Target) posture.ProbeResult {
	own, err := selfSigned()
	if err != nil {
		return unclear("no certificate could be made")
	}
	for what, certs := range map[string][]tls.Certificate{"without a certificate": nil, "with a certificate of its own making": {own}} {
		r := p.secureConnect(ctx, t, certs, connect("self-test", "", ""))
		if !r.Attempted || !r.Held {
			r.Detail += " " + what
			return r
		}
	}
	return held("refused")
}

// passwordOnly sends a CONNECT with user name and password inside TLS, on the connection itself and over WebSocket.
func (p *Prober) passwordOnly(ctx context.Context, t Target) posture.ProbeResult {
	if t.MQTT {
		if r := p.secureConnect(ctx, t, nil, connect("self-test", "self-test", secret())); !r.Attempted || !r.Held {
			return r
		}
	}
	if t.WebSocket != "" {
		return p.webSocket(ctx, t)
	}
	return held("refused")
}

// secureConnect sends a packet inside TLS and says whether the peer let it in.
func (p *Prober) secureConnect(ctx context.Context, t Target, certs []tls.Certificate, b []byte) posture.ProbeResult {
	conn, _, err := p.dial(ctx, t)
	if err != nil {
		return unclear("%v", err)
	}
	defer func() { _ = conn.Close() }()
	c := tls.Client(conn, &tls.Config{RootCAs: p.Roots, ServerName: p.Host, Certificates: certs, MinVersion: tls.VersionTLS12})
	if err := c.HandshakeContext(ctx); err != nil {
		var untrusted *tls.CertificateVerificationError
		if errors.As(err, &untrusted) {
			return unclear("%s shows a certificate that does not verify", t.Name)
		}
		return held("refused")
	}
	if welcomed(exchange(c, b)) {
		return broke("%s lets a client in", t.Name)
	}
	return held("refused")
}

// webSocket sends a CONNECT with a password over WebSocket. A refusal to upgrade is a refusal.
func (p *Prober) webSocket(ctx context.Context, t Target) posture.ProbeResult {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, resp, err := websocket.Dial(ctx, "wss://"+reachable(t.Address)+t.WebSocket, &websocket.DialOptions{HTTPClient: p.http(t), Subprotocols: []string{"mqtt"}}) //nolint:bodyclose // Dial has read it
	if err != nil {
		if resp != nil && resp.StatusCode >= 400 {
			return held("refused")
		}
		return unclear("%s does not answer over WebSocket", t.Name)
	}
	defer func() { _ = conn.CloseNow() }()
	if err := conn.Write(ctx, websocket.MessageBinary, connect("self-test", "self-test", secret())); err != nil {
		return held("refused")
	}
	if _, b, err := conn.Read(ctx); err == nil && welcomed(b) {
		return broke("%s lets a client in over WebSocket with a password alone", t.Name)
	}
	return held("refused")
}

// http is a client that reaches one target, without any credential.
func (p *Prober) http(t Target) *http.Client {
	return &http.Client{
		Timeout:       patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DisableKeepAlives: true,
			TLSClientConfig:   &tls.Config{RootCAs: p.Roots, ServerName: p.Host, MinVersion: tls.VersionTLS12},
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				conn, _, err := p.dial(ctx, t)
				return conn, err
			},
		},
	}
}

// selfSigned makes a certificate that nobody vouches for.
func selfSigned() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	now := time.Now() // the certificate is judged by the peer's real clock, if at all
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: "self-test"}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}
