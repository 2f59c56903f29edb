package coap

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/netip"
	"strings"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/crypto/elliptic"

	"github.com/thingward/thingward/server/broker"
)

const (
	channel    = "DTLS 1.2"
	cookieWait = 3 * time.Second // for a ClientHello with the cookie that HelloVerifyRequest gave
	mtu        = 1200
)

// suites have forward secrecy and authenticated encryption. CCM_8 is the one that RFC 7252 wants of everybody (section 9.1.3.3);
// its tag is short, so it comes last.
var suites = []dtls.CipherSuiteID{
	dtls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, dtls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, dtls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
	dtls.TLS_ECDHE_ECDSA_WITH_AES_128_CCM, dtls.TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8,
}

// admit does an association's handshake, has the broker judge its client, and serves it until it ends.
func (s *Server) admit(a *association) {
	defer a.k.drop(a)
	defer a.end()
	address := a.from.Addr().Unmap().String()
	conn, err := s.shake(a)
	a.free()
	if err != nil {
		if a.shown.Load() { // others may be forged addresses: reporting them would be a weapon
			s.shakeFailed(address, err)
		}
		return
	}
	defer func() { _ = conn.Close() }()
	state, ok := conn.ConnectionState()
	if !ok || len(state.PeerCertificates) == 0 {
		s.front.Refused(address, "no-certificate", "the client showed no certificate")
		return
	}
	cert, err := x509.ParseCertificate(state.PeerCertificates[0])
	if err != nil {
		s.front.Refused(address, "unknown-certificate", "the certificate cannot be read")
		return
	}
	s.serve(a, a.k.settle(a), conn, cert, address)
}

// shakeFailed reports a failed handshake. The DTLS layer has a text of its own for a client without certificate.
func (s *Server) shakeFailed(address string, err error) {
	if strings.Contains(err.Error(), "required client verification, but got none") {
		s.front.Refused(address, "no-certificate", err.Error())
		return
	}
	s.front.ShakeFailed(address, err)
}

// shake does the DTLS handshake. Until its cookie is shown a client costs a little memory for a little while.
func (s *Server) shake(a *association) (*dtls.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), s.front.HandshakeTime())
	defer cancel()
	options, err := s.options(a)
	if err != nil {
		return nil, err
	}
	conn, err := dtls.ServerWithOptions(a, place{a.from}, options...)
	if err != nil {
		return nil, err
	}
	go func() {
		select {
		case <-s.Clock.After(cookieWait):
			if !a.shown.Load() {
				cancel()
			}
		case <-ctx.Done():
		}
	}()
	if err := conn.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}

// options derive the DTLS settings from those of the MQTT listener.
func (s *Server) options(a *association) ([]dtls.ServerOption, error) {
	c := s.cipher
	if c.GetCertificate == nil || c.ClientCAs == nil {
		return nil, errors.New("CoAP needs a server certificate and authorities for those of clients")
	}
	return []dtls.ServerOption{
		dtls.WithGetCertificate(func(h *dtls.ClientHelloInfo) (*tls.Certificate, error) {
			return c.GetCertificate(&tls.ClientHelloInfo{ServerName: h.ServerName})
		}),
		dtls.WithClientAuth(dtls.RequireAndVerifyClientCert), dtls.WithClientCAs(c.ClientCAs),
		dtls.WithCipherSuites(suites...), dtls.WithEllipticCurves(curves(c.CurvePreferences)...),
		dtls.WithExtendedMasterSecret(dtls.RequireExtendedMasterSecret), dtls.WithMTU(mtu),
		dtls.WithConnectionIDGenerator(func() []byte { return clone(a.cid[:]) }),
	}, nil
}

// curves are those of the policy that DTLS 1.2 has.
func curves(policy []tls.CurveID) (out []elliptic.Curve) {
	for _, id := range policy {
		switch id {
		case tls.X25519:
			out = append(out, elliptic.X25519)
		case tls.CurveP256:
			out = append(out, elliptic.P256)
		case tls.CurveP384:
			out = append(out, elliptic.P384)
		default: // hybrid groups belong to TLS 1.3
		}
	}
	if len(out) == 0 {
		return []elliptic.Curve{elliptic.P256}
	}
	return out
}

// serve lets the client in and reads it until it ends, is cut or falls silent. The association before it at its address ends
// when the broker has judged the client, so that the same device takes its own session over.
func (s *Server) serve(a, old *association, conn *dtls.Conn, cert *x509.Certificate, address string) {
	p := &peer{s: s, arrived: make(chan struct{}, 1), place: a.from, verified: true}
	p.send = func(b []byte) error {
		p.sent(len(b)) // first: the answer to it may come from another place, which has nothing to do with this one
		_, err := conn.Write(b)
		return err
	}
	p.mu.Lock() // messages for the client may come at once, and wait for the guest
	guest, err := s.front.Enter(context.Background(), cert, channel, address, p.deliver)
	p.guest = guest
	p.mu.Unlock()
	if old != nil {
		old.end()
	}
	if err != nil {
		s.sendAway(a, conn, err)
		return
	}
	kind, id := guest.Subject()
	p.id = kind + "/" + id
	a.peer.Store(p)
	go func() {
		select {
		case <-guest.Gone():
		case <-a.gone:
		}
		_ = conn.Close() // tells the client (close_notify) and ends reading
	}()
	cause := p.read(a, conn)
	guest.Leave(cause)
}

// read takes the client's datagrams until there are no more.
func (p *peer) read(a *association, conn *dtls.Conn) (cause string) {
	buf := make([]byte, datagramMost)
	for {
		n, err := conn.Read(buf)
		if err != nil {
			return "client closed the association"
		}
		if at, ok := conn.RemoteAddr().(place); ok && at.AddrPort != p.at() {
			a.k.move(a, at.AddrPort)
			p.moved(at.AddrPort)
		}
		p.hear(buf[:n])
		select {
		case <-a.gone:
			return "server shut down"
		case <-p.guest.Gone():
			return p.guest.Cause()
		default:
		}
	}
}

func (p *peer) at() netip.AddrPort {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.place
}

// sendAway answers the first request of a client that the broker refuses, so that it learns why.
func (s *Server) sendAway(a *association, conn *dtls.Conn, why error) {
	go func() {
		select {
		case <-s.Clock.After(patience):
		case <-a.gone:
		}
		_ = conn.Close()
	}()
	buf := make([]byte, datagramMost)
	n, err := conn.Read(buf)
	var m Message
	if err != nil || m.Decode(buf[:n]) != nil || !m.Code.Request() {
		return
	}
	r := reply(ServiceUnavailable, why.Error())
	var refusal *broker.Refusal
	if errors.As(why, &refusal) && refusal.Denied() {
		r.Code = Forbidden
	}
	r.Type, r.ID, r.Token = m.Type|1, m.ID, m.Token
	if m.Type == Confirmable {
		r.Type = Acknowledgement
	}
	if b, err := r.Append(nil); err == nil {
		_, _ = conn.Write(b)
	}
}
