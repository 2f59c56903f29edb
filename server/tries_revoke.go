package server

import (
	"bufio"
	"context"
	"crypto/tls"
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
	d, err := f.device(ctx, "gateway")
	if err != nil {
		return false, err
	}
	cert, err := f.enrolled(ctx, d)
	if err != nil {
		return false, err
	}
	line := newPipes()
	defer func() { _ = line.Close() }()
	go func() { _ = f.broker.Serve(line, f.identity.MQTTSConfig()) }()
	one, err := f.connect(ctx, line, cert, d.ID)
	if err != nil {
		return false, err
	}
	defer func() { _ = one.Close() }()
	two, err := f.connect(ctx, line, cert, d.ID+"/2")
	if err != nil {
		return false, err
	}
	defer func() { _ = two.Close() }()
	if _, err := f.registry.Move(ctx, d.ID, registry.Retire, registry.Asked{Reason: "self-test"}); err != nil {
		return false, err
	}
	if !ended(one) || !ended(two) {
		return false, nil
	}
	state, err := f.state(ctx, d)
	if err != nil || state != fleet.CertificateRevoked {
		return false, err
	}
	again, err := f.connect(ctx, line, cert, d.ID)
	if err == nil {
		return false, again.Close()
	}
	return errors.Is(err, errTurnedAway), nil
}

var errTurnedAway = errors.New("the broker did not let it in")

// connect signs in over MQTT 5. errTurnedAway: the broker answered with no.
func (f *benchFleet) connect(ctx context.Context, line *pipes, cert tls.Certificate, client string) (net.Conn, error) {
	raw, err := line.dial(ctx)
	if err != nil {
		return nil, err
	}
	c := tls.Client(raw, &tls.Config{RootCAs: f.roots, ServerName: "localhost", Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12, Time: f.clock.Now})
	_ = c.SetDeadline(time.Now().Add(cutPatience)) // of the connection, which knows no other clock
	if err := probe.SignIn(c, bufio.NewReader(c), client); err != nil {
		_ = c.Close()
		return nil, errors.Join(errTurnedAway, err)
	}
	return c, nil
}

// ended reports whether the other side ended the connection in time.
func ended(c net.Conn) bool {
	_ = c.SetReadDeadline(time.Now().Add(cutPatience))
	_, err := io.Copy(io.Discard, c)
	return !errors.Is(err, os.ErrDeadlineExceeded)
}
