package identity

import (
	"crypto/tls"
	"crypto/x509"
	"sync/atomic"
)

// listeners holds the TLS configuration of the HTTPS listener, which changes with the manufacturers.
type listeners struct {
	https atomic.Pointer[tls.Config]
}

// TLSConfig is the policy put in force for a listener that asks for no client certificate. The server certificate is
// looked up for each connection, so that renewal needs no restart. Session tickets stay on: a full handshake is the
// dearest part of a reconnect.
func (s *Service) TLSConfig() *tls.Config {
	c := s.Policy.TLS()
	c.Time = s.Clock.Now
	c.GetCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return s.server.current.Load(), nil }
	return c
}

// MQTTSConfig is TLSConfig for listeners where a certificate of ours is the only way in. TLS verifies chain and time;
// whether the certificate is revoked, superseded or unknown is asked with Usable on every connection, because neither TLS
// nor a resumed session looks at that.
func (s *Service) MQTTSConfig() *tls.Config {
	c := s.TLSConfig()
	c.ClientAuth, c.ClientCAs = tls.RequireAndVerifyClientCert, s.anchors
	return c
}

// HTTPSConfig is TLSConfig for the listener of API, console, EST and MQTT over WebSocket. It asks for a client certificate
// and takes any or none WITHOUT verifying it, because manufacturer certificates come from authorities of their own:
// whoever reads PeerCertificates must ask Usable (EST verifies manufacturers itself). The names of the authorities we
// know are sent as a hint, so that browsers do not offer people certificates of other places.
func (s *Service) HTTPSConfig() *tls.Config {
	c := s.TLSConfig()
	c.ClientAuth, c.NextProtos = tls.RequestClientCert, []string{"h2", "http/1.1"}
	c.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) { return s.listeners.https.Load(), nil }
	return c
}

// rebuild renews the hint when the manufacturers change. Ticket keys stay those of the outer configuration.
func (l *listeners) rebuild(s *Service) {
	c := s.TLSConfig()
	c.ClientAuth, c.NextProtos = tls.RequestClientCert, []string{"h2", "http/1.1"}
	c.ClientCAs = x509.NewCertPool()
	c.ClientCAs.AddCert(s.ca.root)
	c.ClientCAs.AddCert(s.ca.issuing)
	for _, m := range s.makers.Load().all {
		for _, cert := range m.anchors {
			c.ClientCAs.AddCert(cert)
		}
	}
	l.https.Store(c)
}
