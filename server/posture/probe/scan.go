package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"

	"github.com/thingward/thingward/server/posture"
)

// offer is what a client proposes in a handshake.
type offer struct {
	what     string
	min, max uint16
	suites   []uint16
}

// weak lists what no listener may take: old versions, and TLS 1.2 suites with static key exchange, CBC, 3DES or RC4
// (RFC 9325, 3.1.1 and 4.1).
func weak() (offers []offer) {
	offers = append(offers, offer{"TLS 1.1 or older", tls.VersionTLS10, tls.VersionTLS11, nil})
	static := static()
	var cbc []uint16
	for _, s := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		if !contains(static, s.ID) && !contains(strong, s.ID) && supports12(s) {
			cbc = append(cbc, s.ID)
		}
	}
	return append(offers, offer{"suites without forward secrecy", tls.VersionTLS12, tls.VersionTLS12, static}, offer{"suites with CBC, 3DES or RC4", tls.VersionTLS12, tls.VersionTLS12, cbc})
}

// strong is what TLS 1.2 may still use.
var strong = []uint16{
	tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
	tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
}

// static lists the suites whose key exchange is the server's long-term RSA key.
func static() (ids []uint16) {
	for _, s := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		if supports12(s) && len(s.Name) > 8 && s.Name[:8] == "TLS_RSA_" {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

func supports12(s *tls.CipherSuite) bool {
	for _, v := range s.SupportedVersions {
		if v == tls.VersionTLS12 {
			return true
		}
	}
	return false
}

func contains(ids []uint16, id uint16) bool {
	for _, i := range ids {
		if i == id {
			return true
		}
	}
	return false
}

// scan offers a listener what is weak, which it must refuse, and what is strong, which it must take.
func (p *Prober) scan(ctx context.Context, t Target) posture.ProbeResult {
	return p.offerAll(ctx, t, weak())
}

func (p *Prober) forwardSecrecy(ctx context.Context, t Target) posture.ProbeResult {
	return p.offerAll(ctx, t, []offer{{"a suite without forward secrecy", tls.VersionTLS12, tls.VersionTLS12, static()}})
}

func (p *Prober) offerAll(ctx context.Context, t Target, offers []offer) posture.ProbeResult {
	taken, err := p.offer(ctx, t, offer{"strong", tls.VersionTLS12, tls.VersionTLS13, strong})
	if err != nil {
		return unclear("%v", err)
	}
	if !taken {
		return unclear("%s takes no strong handshake either", t.Name)
	}
	for _, o := range offers {
		taken, err := p.offer(ctx, t, o)
		if err != nil {
			return unclear("%v", err)
		}
		if taken {
			return broke("%s takes %s", t.Name, o.what)
		}
	}
	return held("refused")
}

var errEnough = errors.New("enough seen")

// offer tells whether the listener goes on with an offer: whether it shows its certificate. The handshake is broken off then,
// so that a missing client certificate is not mistaken for a refusal of the offer.
func (p *Prober) offer(ctx context.Context, t Target, o offer) (taken bool, err error) {
	conn, _, err := p.dial(ctx, t)
	if err != nil {
		return false, err
	}
	defer func() { _ = conn.Close() }()
	c := tls.Client(conn, &tls.Config{
		MinVersion: o.min, MaxVersion: o.max, CipherSuites: o.suites, ServerName: p.Host, // offering what is weak is the point
		InsecureSkipVerify: true, //nolint:gosec // nothing is sent; tcp.uncertified verifies the chain
		VerifyConnection:   func(tls.ConnectionState) error { taken = true; return errEnough },
	})
	if err := c.HandshakeContext(ctx); ctx.Err() != nil {
		return false, fmt.Errorf("%s: %w", t.Name, err)
	}
	return taken, nil
}
