package agent

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/smallstep/pkcs7"
)

// refusedError is an answer that trying again will not change.
type refusedError struct {
	status int
	text   string
}

// Error gives the server's own words.
func (e *refusedError) Error() string {
	return fmt.Sprintf("the server refused (%d): %s", e.status, e.text)
}

// enrol gets a certificate with whatever the device was given.
func (a *Agent) enrol(ctx context.Context) (*identity, error) {
	switch {
	case a.c.ManufacturerCertificate != "":
		cert, err := tls.LoadX509KeyPair(a.c.ManufacturerCertificate, a.c.ManufacturerKey)
		if err != nil {
			return nil, &refusedError{0, "manufacturer certificate: " + err.Error()}
		}
		return a.request(ctx, "simpleenroll", "", &cert, func(*http.Request) {})
	case a.c.Device != "" && (a.c.Claim != "" || a.c.ClaimFile != ""):
		claim, err := a.claim()
		if err != nil {
			return nil, err
		}
		return a.request(ctx, "simpleenroll", a.c.Device, nil, func(r *http.Request) { r.SetBasicAuth(a.c.Device, claim) })
	default:
		return nil, ErrNotEnrolled
	}
}

// claim is the one-time claim that the device was given.
func (a *Agent) claim() (string, error) {
	if a.c.Claim != "" {
		return a.c.Claim, nil
	}
	b, err := os.ReadFile(a.c.ClaimFile)
	if err != nil {
		return "", fmt.Errorf("claim file: %w: %w", err, ErrNotEnrolled)
	}
	line, _, _ := strings.Cut(string(b), "\n")
	if line = strings.TrimSpace(line); line == "" {
		return "", fmt.Errorf("claim file %s is empty: %w", a.c.ClaimFile, ErrNotEnrolled)
	}
	return line, nil
}

// renew gets a new certificate for a new key, proving itself with the present one.
func (a *Agent) renew(ctx context.Context, old *identity) (*identity, error) {
	return a.request(ctx, "simplereenroll", old.device, old.tls(), func(*http.Request) {})
}

func (a *Agent) request(ctx context.Context, verb, name string, cert *tls.Certificate, prepare func(*http.Request)) (*identity, error) {
	key, csr, err := newRequest(name)
	if err != nil {
		return nil, err
	}
	body := base64.StdEncoding.EncodeToString(csr)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(a.c.Server, "/")+"/.well-known/est/"+verb, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/pkcs10")
	req.Header.Set("Content-Transfer-Encoding", "base64")
	prepare(req)
	between, err := a.authorities(ctx) // first, so that nothing but saving is left to do once the claim is used up
	if err != nil {
		return nil, err
	}
	answer, err := a.fetch(req, cert)
	if err != nil {
		return nil, err
	}
	id, err := a.accept(key, answer, between)
	if err != nil {
		return nil, err
	}
	return id, id.save(a.c.Dir, a.seal)
}

func (a *Agent) fetch(req *http.Request, cert *tls.Certificate) ([]byte, error) {
	client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{TLSClientConfig: a.tlsConfig(func() *tls.Certificate { return cert }), DisableKeepAlives: true, DialContext: a.dialer().DialContext}}
	resp, err := client.Do(req) //nolint:gosec // the address is the server that whoever set the agent up named
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return nil, err
	}
	if resp.StatusCode == http.StatusOK {
		return answer, nil
	}
	text := fmt.Sprintf("%s: %s", resp.Status, bytes.TrimSpace(answer))
	if resp.StatusCode >= 400 && resp.StatusCode < 500 && resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode != http.StatusRequestTimeout {
		return nil, &refusedError{resp.StatusCode, string(bytes.TrimSpace(answer))}
	}
	return nil, errors.New(text)
}

// authorities fetches the server's authorities (RFC 7030, 4.1): the answer to an enrolment holds the device's certificate
// alone, and what lies between it and the trust anchor is needed to check it.
func (a *Agent) authorities(ctx context.Context) ([]*x509.Certificate, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(a.c.Server, "/")+"/.well-known/est/cacerts", nil)
	if err != nil {
		return nil, err
	}
	answer, err := a.fetch(req, nil)
	if err != nil {
		return nil, err
	}
	return parseCertsOnly(answer)
}

// accept unpacks a certs-only answer (RFC 7030, 4.2.3) and checks the chain against the trust anchor before use.
func (a *Agent) accept(key *ecdsa.PrivateKey, answer []byte, authorities []*x509.Certificate) (*identity, error) {
	certs, err := parseCertsOnly(answer)
	if err != nil {
		return nil, err
	}
	certs = append(certs, authorities...)
	id, err := newIdentity(key, certs)
	if err != nil {
		return nil, err
	}
	between := x509.NewCertPool()
	for _, c := range certs {
		between.AddCert(c)
	}
	_, err = id.leaf.Verify(x509.VerifyOptions{Roots: a.roots, Intermediates: between, CurrentTime: a.c.Clock.Now(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	if err != nil {
		return nil, fmt.Errorf("the new certificate does not come from the trusted authority: %w", err)
	}
	return id, nil
}

func parseCertsOnly(answer []byte) ([]*x509.Certificate, error) {
	der, err := base64.StdEncoding.DecodeString(strings.NewReplacer("\r", "", "\n", "", " ", "").Replace(string(answer)))
	if err != nil {
		return nil, fmt.Errorf("the server's answer is no base64: %w", err)
	}
	p7, err := pkcs7.Parse(der)
	if err != nil {
		return nil, fmt.Errorf("the server's answer is no PKCS #7: %w", err)
	}
	return p7.Certificates, nil
}

func (a *Agent) tlsConfig(cert func() *tls.Certificate) *tls.Config {
	return &tls.Config{
		RootCAs: a.roots, MinVersion: tls.VersionTLS13, Time: a.c.Clock.Now,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			if c := cert(); c != nil {
				return c, nil
			}
			return &tls.Certificate{}, nil
		},
	}
}

func (a *Agent) dialer() *net.Dialer {
	d := &net.Dialer{Timeout: 10 * time.Second}
	if a.c.LocalAddress != "" {
		d.LocalAddr = &net.TCPAddr{IP: net.ParseIP(a.c.LocalAddress)}
	}
	return d
}
