package identity

import (
	"context"
	"crypto"
	"crypto/elliptic"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/durable"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/store"
)

// serverCertificate is what the server shows at its listeners. It is exchanged while they run.
type serverCertificate struct {
	mu      sync.Mutex // one renewal at a time
	current atomic.Pointer[tls.Certificate]
}

func (c *serverCertificate) leaf() *x509.Certificate {
	if now := c.current.Load(); now != nil {
		return now.Leaf
	}
	return nil
}

// checkHosts refuses what can be no name of a server.
func checkHosts(hosts []string) error {
	for _, h := range hosts {
		if net.ParseIP(h) != nil {
			continue
		}
		if u, err := url.Parse("https://" + h); err != nil || u.Hostname() != h || len(h) > 253 || strings.ContainsAny(h, " _*") {
			return fleet.Invalid("hosts", fmt.Sprintf("%q is no DNS name and no IP address", clip(h)))
		}
	}
	return nil
}

// names gives the DNS names and addresses that the server certificate must have: those that were set, this machine's own
// and the machine's host name, which comes last, because the first name is the certificate's subject.
func (s *Service) names() (hosts []string, err error) {
	hosts = s.Hosts
	if len(hosts) == 0 {
		b, err := os.ReadFile(filepath.Join(s.Dir, "ca", "hosts"))
		if err != nil && !os.IsNotExist(err) {
			return nil, err
		}
		hosts = strings.Fields(string(b))
	}
	for _, h := range []string{"localhost", "127.0.0.1", "::1", machineName()} {
		if h != "" && !slices.Contains(hosts, h) {
			hosts = append(hosts[:len(hosts):len(hosts)], h)
		}
	}
	return hosts, checkHosts(hosts)
}

// machineName is the machine's host name, or empty where it is none that clients could verify (such as one with an
// underscore): a name that nobody chose for the certificate must not keep the server from starting.
func machineName() string {
	name, err := os.Hostname()
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if err != nil || checkHosts([]string{name}) != nil || (&x509.Certificate{DNSNames: []string{name}}).VerifyHostname(name) != nil {
		return ""
	}
	return name
}

// loadServerCertificate takes up the server certificate of the last run, or makes one.
func (s *Service) loadServerCertificate(ctx context.Context) error {
	hosts, err := s.names()
	if err != nil {
		return err
	}
	cert, err := readCertificate(filepath.Join(s.Dir, "ca", "server.pem"))
	if err != nil {
		return s.issueServer(ctx, bySetup)
	}
	key, err := s.Keys.Open(serverName)
	if err != nil || !samePublic(key.Public(), cert.PublicKey) || !s.serves(ctx, cert, hosts) {
		return s.issueServer(ctx, bySetup)
	}
	s.showServer(cert, key)
	return nil
}

// serves says whether a server certificate is ours, on record, fresh, and has every name.
func (s *Service) serves(ctx context.Context, cert *x509.Certificate, hosts []string) bool {
	if cert.CheckSignatureFrom(s.ca.issuing) != nil || s.dueServer(cert) {
		return false
	}
	for _, h := range hosts {
		if cert.VerifyHostname(h) != nil {
			return false
		}
	}
	r, err := s.readRecord(ctx, SerialOf(cert))
	return err == nil && r.State == fleet.CertificateActive
}

// dueServer says whether two thirds of a certificate's life are over.
func (s *Service) dueServer(cert *x509.Certificate) bool {
	return s.Clock.Now().After(cert.NotBefore.Add(cert.NotAfter.Sub(cert.NotBefore) * 2 / 3))
}

func (s *Service) showServer(cert *x509.Certificate, key crypto.Signer) {
	s.server.current.Store(&tls.Certificate{Certificate: [][]byte{cert.Raw, s.ca.issuing.Raw}, PrivateKey: key, Leaf: cert})
}

// issueServer makes the server a certificate on a new key, commits it, keeps it in Dir and shows it from now on.
func (s *Service) issueServer(ctx context.Context, how string) error {
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	hosts, err := s.names()
	if err != nil {
		return err
	}
	key, err := s.Keys.Make(serverName, elliptic.P256())
	if err != nil {
		return err
	}
	r, err := s.signServer(hosts, key.Public(), how)
	if err != nil {
		return err
	}
	if err := s.keepServer(ctx, r); err != nil {
		return err
	}
	chain := append(encodePEM(r.der), encodePEM(s.ca.issuing.Raw)...)
	if err := durable.WriteFile(filepath.Join(s.Dir, "ca", "server.pem"), chain, 0o644); err != nil {
		return err
	}
	cert, err := x509.ParseCertificate(r.der)
	if err != nil {
		return err
	}
	s.showServer(cert, key)
	s.metrics.issued.WithLabelValues(how).Inc()
	s.announceChanged(r.Serial)
	return nil
}

func (s *Service) signServer(hosts []string, pub crypto.PublicKey, how string) (*record, error) {
	now := s.Clock.Now()
	t, err := s.template(protocol.SubjectServer, hosts[0], pub, now, time.Duration(s.Policy.ServerDays)*Day)
	if err != nil {
		return nil, err
	}
	t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else {
			t.DNSNames = append(t.DNSNames, h)
		}
	}
	hash, err := keyHash(pub)
	if err != nil {
		return nil, err
	}
	return s.certify(t, pub, &record{
		Certificate: fleet.Certificate{SubjectKind: serverName, SubjectID: hosts[0], SubjectName: hosts[0], KeyHash: hash, Algorithm: "P-256", EnrolledBy: how},
		evidence:    map[string]any{"method": how, "hosts": hosts}, issued: now,
	})
}

// keepServer commits a server certificate and supersedes the one that it replaces.
func (s *Service) keepServer(ctx context.Context, r *record) error {
	previous := s.server.leaf()
	return s.DB.Change(ctx, func(tx *store.Tx) error {
		if previous != nil {
			if err := supersedeOne(tx, SerialOf(previous), r.issued); err != nil {
				return err
			}
		}
		if err := bindKey(tx, r.KeyHash, r.SubjectKind, r.SubjectID, r.issued); err != nil {
			return err
		}
		if err := insertRecord(tx, r); err != nil {
			return err
		}
		self := fleet.Server("identity")
		return s.Audit.Record(tx, fleet.NewEvent("certificate.issued", r.issued, self, fleet.Party{Kind: serverName, ID: r.SubjectID}, map[string]any{"serial": r.Serial, "subject": r.SubjectID, "notAfter": r.NotAfter, "evidence": r.evidence}))
	})
}

// renewServerIf makes a new server certificate when the present one is among the revoked.
func (s *Service) renewServerIf(ctx context.Context, revoked []string) error {
	if leaf := s.server.leaf(); leaf == nil || !slices.Contains(revoked, SerialOf(leaf)) {
		return nil
	}
	return s.issueServer(ctx, byRenewal)
}
