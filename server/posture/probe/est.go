package probe

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"net/http"

	"github.com/thingward/thingward/server/posture"
)

// noEvidence asks for a certificate without a claim or certificate (RFC 7030, 3.2.3 and 3.3.2).
func (p *Prober) noEvidence(ctx context.Context, t Target) (posture.ProbeResult, error) {
	body, err := certificateRequest()
	if err != nil {
		return unclear("no certificate request could be made"), err
	}
	for _, path := range []string{"/.well-known/est/simpleenroll", "/.well-known/est/simplereenroll"} {
		status, err := p.call(ctx, p.http(t), t, http.MethodPost, path, "", body)
		switch {
		case err != nil:
			return unclear("EST does not answer"), err
		case status < 300:
			return broke("%s issues a certificate without evidence", path), nil
		case status != http.StatusUnauthorized && status != http.StatusForbidden:
			return unclear("%s answers with %d to a request without evidence", path, status), nil
		}
	}
	return held("a well-formed request without a claim or certificate is refused"), nil
}

// centralGeneration asks the server to make a key (RFC 7030, 4.4).
func (p *Prober) centralGeneration(ctx context.Context, t Target) (posture.ProbeResult, error) {
	body, err := certificateRequest()
	if err != nil {
		return unclear("no certificate request could be made"), err
	}
	status, err := p.call(ctx, p.http(t), t, http.MethodPost, "/.well-known/est/serverkeygen", "", body)
	switch {
	case err != nil:
		return unclear("EST does not answer"), err
	case status == http.StatusNotFound || status == http.StatusMethodNotAllowed || status == http.StatusNotImplemented:
		return held("the server offers no key generation for devices"), nil
	default:
		return broke("the server seems to generate keys for devices (status %d)", status), nil
	}
}

// certificateRequest is a well-formed request on a fresh key, as EST takes it.
func certificateRequest() ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: "self-test"}}, key)
	if err != nil {
		return nil, err
	}
	return []byte(base64.StdEncoding.EncodeToString(der)), nil
}
