package broker

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/fair"
	"github.com/thingward/thingward/kit/proxyproto"
)

// ListenerInfo describes a listener as the API shows it.
type ListenerInfo struct {
	Name     string `json:"name"`
	Address  string `json:"address"`
	Protocol string `json:"protocol"`
	TLS      string `json:"tls"`
	Auth     string `json:"auth"`
}

var errNoClientCertificates = fleet.Errorf(fleet.CodeInvalid, "MQTT needs client certificates: set ClientAuth to RequireAndVerifyClientCert")

// Serve takes MQTT clients from l, a raw TCP listener, over TLS. config must require and verify a client certificate. It
// returns nil when the service closes.
func (s *Service) Serve(l net.Listener, config *tls.Config) error {
	if config == nil || (config.ClientAuth != tls.RequireAndVerifyClientCert && config.GetConfigForClient == nil) {
		return errNoClientCertificates
	}
	config = config.Clone()
	config.DynamicRecordSizingDisabled = true // full records from the start: far fewer system calls in a burst
	if !s.listening(l, ListenerInfo{Name: "mqtts", Address: l.Addr().String(), Protocol: "MQTT 3.1.1, MQTT 5.0", TLS: tlsName(config.MinVersion) + " or newer", Auth: "client certificate"}) {
		return l.Close()
	}
	for {
		nc, err := l.Accept()
		if err == nil {
			s.accept(nc, config)
			continue
		}
		if s.isClosing() || errors.Is(err, net.ErrClosed) {
			return nil
		}
		s.Log.Warn("connection not accepted", "error", err) // such as too many open files: others may leave
		select {
		case <-s.Clock.After(100 * time.Millisecond):
		case <-s.stopped:
			return nil
		}
	}
}

func (s *Service) listening(l net.Listener, info ListenerInfo) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return false
	}
	if l != nil {
		s.open = append(s.open, l)
	}
	s.listeners = append(s.listeners, info)
	return true
}

func (s *Service) isClosing() bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.closing
}

// accept starts a connection in a goroutine of its own, or drops it when there are too many.
func (s *Service) accept(nc net.Conn, config *tls.Config) {
	c := s.newConn(nc, "mqtts", hostOf(nc.RemoteAddr().String()))
	if s.fromProxy(c.ip) {
		s.acceptProxied(c, config)
		return
	}
	if !s.welcome(c) {
		_ = nc.Close()
		return
	}
	go s.shake(c, config)
}

func (s *Service) newConn(nc net.Conn, transport, address string) *conn {
	c := &conn{s: s, net: nc, raw: nc, transport: transport, address: address, limit: connectLimit, gone: make(chan struct{})}
	c.heard.Store(s.Clock.Now().UnixNano())
	c.ip = addressOf(address)
	c.party = fleet.Anonymous(c.address)
	return c
}

// enter counts a connection in. It is false when the broker closes or is full.
func (s *Service) enter(c *conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing || len(s.conns) >= s.Limits.Connections {
		return false
	}
	s.conns[c] = struct{}{}
	s.serving.Add(1)
	return true
}

// shake does the TLS handshake and goes on to CONNECT. The sweep closes whoever takes too long.
func (s *Service) shake(c *conn, config *tls.Config) {
	t, err := s.handshake(c, config)
	if err != nil {
		s.shakeFailed(c, err)
		c.leave()
		return
	}
	c.net = t
	state := t.ConnectionState()
	if len(state.VerifiedChains) == 0 { // a configuration chosen by GetConfigForClient may be too lax
		s.refuseConnection(c, "no-certificate", "the client showed no certificate that was verified")
		c.leave()
		return
	}
	s.begin(c, &state)
}

// begin reads CONNECT and, if the client is welcome, what follows.
func (s *Service) begin(c *conn, state *tls.ConnectionState) {
	c.secure = tlsName(state.Version)
	if !c.open(state.PeerCertificates[0]) {
		c.leave()
		return
	}
	go c.loop()
}

// leave ends a connection that did not get as far as CONNACK.
func (c *conn) leave() {
	c.stop(new(string))
	c.finishOutput(nil, true)
	c.s.forget(c)
	c.s.serving.Done()
}

// shakeFailed reports a failed handshake, unless the peer sent nothing at all: port checks do that.
func (s *Service) shakeFailed(c *conn, err error) {
	if errors.Is(err, io.EOF) && !c.ended.Load() {
		s.count.refused.Add(1)
		return
	}
	s.refuseConnection(c, shakeReason(err), err.Error())
	if !errors.Is(err, fair.ErrCrowded) {
		s.failed(c)
	}
}

// shakeReason puts a handshake's failure into one word for rules and people.
func shakeReason(err error) string {
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	var record tls.RecordHeaderError
	text := err.Error()
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "expired-certificate"
	case errors.As(err, &unknown) || errors.As(err, &invalid):
		return "unknown-certificate"
	case strings.Contains(text, "didn't provide a certificate"):
		return "no-certificate"
	case errors.As(err, &record) && proxyproto.Begins(record.RecordHeader[:]):
		return reasonProxy
	case strings.Contains(text, "first record does not look like a TLS handshake"):
		return "not-tls"
	case errors.Is(err, fair.ErrCrowded):
		return reasonCrowded
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(err, net.ErrClosed):
		return "timeout"
	}
	return "handshake"
}

// refuseConnection counts and reports a refused connection.
func (s *Service) refuseConnection(c *conn, reason, detail string) {
	s.count.refused.Add(1)
	if reason == reasonBanned {
		return // ban.refused says it
	}
	data := map[string]any{"protocol": c.family(), "reason": reason, "detail": detail, "transport": c.transport}
	if c.clientID != "" {
		data["client"] = c.clientID
	}
	if c.serial != "" {
		data["serial"] = c.serial
	}
	s.refuse.report("connect "+c.key()+" "+c.address, "connection.refused", c.party, data)
}

func tlsName(version uint16) string {
	if version == 0 {
		version = tls.VersionTLS12
	}
	return tls.VersionName(version)
}

// hostOf is the IP address of an address with port.
func hostOf(address string) string {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	return host
}

// addressOf reads an address; an IPv4 address inside IPv6 is the IPv4 address. It is the zero Addr for what is none.
func addressOf(host string) netip.Addr {
	a, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap().WithZone("")
}

func serialOf(cert *x509.Certificate) string { return hex.EncodeToString(cert.SerialNumber.Bytes()) }
