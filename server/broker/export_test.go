package broker

import (
	"crypto/tls"
	"crypto/x509"
	"net"
)

// BeginPlain serves a connection without TLS as if its client had shown cert, for measuring what TLS costs.
func (s *Service) BeginPlain(nc net.Conn, cert *x509.Certificate) {
	c := s.newConn(nc, "plain", hostOf(nc.RemoteAddr().String()))
	if s.enter(c) {
		go s.begin(c, &tls.ConnectionState{PeerCertificates: []*x509.Certificate{cert}})
	}
}
