package server

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/posture/probe"
	"github.com/thingward/thingward/server/registry"
)

func (s *Server) revokeTries() map[string]probe.Try {
	return map[string]probe.Try{
		"revoke.gateway": s.onBench("retiring a gateway ends its sessions, revokes its certificate and keeps it out", s.onFleet(retiredGateway)),
	}
}

// cutPatience is how long a session may outlive the decision that ends it.
const cutPatience = 5 * time.Second

// retiredGateway connects a gateway on two lines, retires it, and looks at both lines, at the certificate and at a new attempt.
func retiredGateway(ctx context.Context, f *benchFleet) (bool, error) {
	g, err := f.join(ctx)
	if err != nil {
		return false, err
	}
	one, err := g.open(ctx, g.line, g.cert, g.device.ID, true)
	if err != nil {
		return false, err
	}
	defer func() { _ = one.conn.Close() }()
	two, err := g.open(ctx, g.line, g.cert, g.device.ID+"/2", true)
	if err != nil {
		return false, err
	}
	defer func() { _ = two.conn.Close() }()
	if _, err := f.registry.Move(ctx, g.device.ID, registry.Retire, registry.Asked{Reason: "self-test"}); err != nil {
		return false, err
	}
	if !ended(one.conn) || !ended(two.conn) {
		return false, nil
	}
	if state, err := f.state(ctx, g.device); err != nil || state != fleet.CertificateRevoked {
		return false, err
	}
	again, err := g.open(ctx, g.line, g.cert, g.device.ID, true)
	if err == nil {
		return false, again.conn.Close()
	}
	return errors.Is(err, errTurnedAway), nil
}

// errTurnedAway is an attempt to sign in that came to nothing, be it at the handshake or after it.
var errTurnedAway = errors.New("the broker did not let it in")

// ended reports whether the other side ended the connection in time.
func ended(c net.Conn) bool {
	_ = c.SetReadDeadline(time.Now().Add(cutPatience))
	_, err := io.Copy(io.Discard, c)
	return !errors.Is(err, os.ErrDeadlineExceeded)
}
