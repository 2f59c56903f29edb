package broker

import (
	"context"
	"crypto/tls"

	"github.com/thingward/thingward/kit/fair"
)

// handshake does the TLS handshake of c within the time for it. Addresses take turns at what is to be computed.
func (s *Service) handshake(c *conn, config *tls.Config) (*tls.Conn, error) {
	at := fair.NewConn(c.net, s.gate, placeOf(c.ip))
	t := tls.Server(at, config)
	ctx, cancel := context.WithTimeout(context.Background(), s.Limits.Connect)
	defer cancel()
	err := t.HandshakeContext(ctx)
	at.Done()
	return t, err
}
