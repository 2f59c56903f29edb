package probe

import (
	"context"
	"net"

	"github.com/pion/dtls/v3"

	"github.com/thingward/thingward/server/posture"
)

// uncertifiedAll tries listeners over TCP and over DTLS.
func (p *Prober) uncertifiedAll(ctx context.Context) (posture.ProbeResult, error) {
	const what = "refused without a certificate and with one of its own making"
	r, err := p.each(ctx, func(t Target) bool { return t.ClientCert }, what, p.uncertified)
	if err != nil || !r.Attempted || !r.Held {
		return r, err
	}
	for _, t := range p.Targets {
		if t.Network != "udp" || !t.TLS || !t.ClientCert {
			continue
		}
		if d := p.uncertifiedDTLS(ctx, t); !d.Attempted || !d.Held {
			return d, nil
		}
		r.Detail = t.Name + ", " + r.Detail
	}
	return r, nil
}

// uncertifiedDTLS shakes hands without a certificate and with one that it signed itself. DTLS 1.2 ends the handshake only after
// the server has judged the client's certificate, so that a handshake that is done is an open door.
func (p *Prober) uncertifiedDTLS(ctx context.Context, t Target) posture.ProbeResult {
	own, err := selfSigned()
	if err != nil {
		return unclear("no certificate could be made")
	}
	for what, options := range map[string][]dtls.ClientOption{"without a certificate": nil, "with a certificate of its own making": {dtls.WithCertificates(own)}} {
		in, shown, err := p.shakeDTLS(ctx, t, options)
		switch {
		case in:
			return broke("%s lets a client in %s", t.Name, what)
		case !shown:
			return unclear("%s does not answer with its certificate: %v", t.Name, err)
		}
	}
	return held("refused")
}

// shakeDTLS reports whether the handshake was done, and whether the listener showed a certificate that verifies.
func (p *Prober) shakeDTLS(ctx context.Context, t Target, options []dtls.ClientOption) (in, shown bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	address := reachable(t.Address)
	to, err := net.ResolveUDPAddr("udp", address)
	if err != nil {
		return false, false, err
	}
	local := ":0"
	if from, ok := p.source(address).(*net.TCPAddr); ok {
		local = net.JoinHostPort(from.IP.String(), "0")
	}
	pc, err := (&net.ListenConfig{}).ListenPacket(ctx, "udp", local)
	if err != nil {
		return false, false, err
	}
	defer func() { _ = pc.Close() }()
	saw := make(chan struct{}, 1)
	conn, err := dtls.ClientWithOptions(pc, to, append(options, dtls.WithRootCAs(p.Roots), dtls.WithServerName(p.Host), dtls.WithVerifyConnection(func(*dtls.State) error {
		saw <- struct{}{}
		return nil
	}))...)
	if err != nil {
		return false, false, err
	}
	defer func() { _ = conn.Close() }()
	err = conn.HandshakeContext(ctx)
	select {
	case <-saw:
		shown = true
	default:
	}
	return err == nil, shown, err
}
