package server

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/smallstep/pkcs7"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/id"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/identity"
	"github.com/thingward/thingward/server/posture/probe"
)

func (s *Server) enrolTries() map[string]probe.Try {
	return map[string]probe.Try{
		"est.bootstrap":  s.onBench("over EST, one device joins by claim and one by its manufacturer's certificate, and one renews", s.onFleet(bootstrap)),
		"renewal.spread": probe.Shown("a thousand certificates issued at once fall due over at least a twentieth of their life, all before three quarters of it", renewalSpread),
	}
}

// bootstrap joins in each way there is, over EST inside TLS, and looks at the state of the devices afterwards.
func bootstrap(ctx context.Context, f *benchFleet) (bool, error) {
	line := newPipes()
	est := &http.Server{Handler: f.identity.ESTHandler(), TLSConfig: f.identity.HTTPSConfig(), ReadHeaderTimeout: cutPatience}
	go func() { _ = est.ServeTLS(line, "", "") }()
	defer func() { _ = est.Close() }()
	byClaim, err := f.joinByClaim(ctx, line)
	if err != nil {
		return false, err
	}
	byMaker, err := f.joinByMaker(ctx, line)
	return byClaim && byMaker, err
}

// joinByClaim enrols the gateway with a claim, and renews what it got with a new key.
func (f *benchFleet) joinByClaim(ctx context.Context, line *pipes) (bool, error) {
	d, err := f.device(ctx, "gateway")
	if err != nil {
		return false, err
	}
	claim, err := f.identity.NewClaim(ctx, protocol.SubjectDevice, d.ID, 0)
	if err != nil {
		return false, err
	}
	cert, err := f.est(ctx, line, "simpleenroll", nil, claim.User, claim.Secret)
	if err != nil || cert == nil {
		return false, err
	}
	if now, err := f.registry.Device(ctx, d.ID); err != nil || now.State != fleet.Active {
		return false, err
	}
	again, err := f.est(ctx, line, "simplereenroll", cert, "", "")
	return again != nil, err
}

// joinByMaker enrols a device that nobody registered but whose serial number its manufacturer announced.
func (f *benchFleet) joinByMaker(ctx context.Context, line *pipes) (bool, error) {
	serial := id.New()
	anchor, made, err := f.manufactured(serial)
	if err != nil {
		return false, err
	}
	typ, err := f.registry.Type(ctx, "gateway")
	if err != nil {
		return false, err
	}
	if _, err := f.identity.ApplyManufacturer(ctx, "self-test-maker", anchor, []identity.ManifestEntry{{Serial: serial, Type: typ.Name, Name: "self-test-made"}}); err != nil {
		return false, err
	}
	cert, err := f.est(ctx, line, "simpleenroll", made, "", "")
	if err != nil || cert == nil {
		return false, err
	}
	d, err := f.registry.Device(ctx, "self-test-made")
	return err == nil && d.State == fleet.Active, err
}

// manufactured is a manufacturer's trust anchor and a device certificate below it, as IEEE 802.1AR has them.
func (f *benchFleet) manufactured(serial string) (anchor string, made *tls.Certificate, err error) {
	makerKey, err1 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	key, err2 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err := errors.Join(err1, err2); err != nil {
		return "", nil, err
	}
	begin := f.clock.Now().Add(-time.Hour)
	maker := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "self-test manufacturer"}, NotBefore: begin, NotAfter: begin.Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign,
	}
	device := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "self-test", SerialNumber: serial}, NotBefore: begin, NotAfter: begin.Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, BasicConstraintsValid: true,
	}
	root, err1 := x509.CreateCertificate(rand.Reader, maker, maker, makerKey.Public(), makerKey)
	leaf, err2 := x509.CreateCertificate(rand.Reader, device, maker, key.Public(), makerKey)
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root})), &tls.Certificate{Certificate: [][]byte{leaf}, PrivateKey: key}, errors.Join(err1, err2)
}

// est asks for a certificate on a fresh key, with a certificate or a claim or both. nil: it was refused.
func (f *benchFleet) est(ctx context.Context, line *pipes, operation string, with *tls.Certificate, user, secret string) (*tls.Certificate, error) {
	key, request, err := ownKey("self-test")
	if err != nil {
		return nil, err
	}
	config := &tls.Config{RootCAs: f.roots, ServerName: "localhost", MinVersion: tls.VersionTLS12, Time: f.clock.Now}
	if with != nil {
		config.Certificates = []tls.Certificate{*with}
	}
	client := &http.Client{Timeout: cutPatience, Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return line.dial(ctx) }, TLSClientConfig: config, DisableKeepAlives: true,
	}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://localhost"+identity.ESTPath+"/"+operation, bytes.NewReader([]byte(base64.StdEncoding.EncodeToString(request))))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/pkcs10")
	req.Header.Set("Content-Transfer-Encoding", "base64")
	if user != "" {
		req.SetBasicAuth(user, secret)
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil || resp.StatusCode != http.StatusOK {
		return nil, err
	}
	der, err := issuedFor(body, key)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// issuedFor reads a certs-only answer (RFC 7030, 4.2.3) and wants the certificate for the key in it.
func issuedFor(body []byte, key *ecdsa.PrivateKey) ([]byte, error) {
	der, err := base64.StdEncoding.DecodeString(string(bytes.Join(bytes.Fields(body), nil)))
	if err != nil {
		return nil, fmt.Errorf("the answer is not base64: %w", err)
	}
	answer, err := pkcs7.Parse(der)
	if err != nil {
		return nil, fmt.Errorf("the answer is no certs-only message: %w", err)
	}
	for _, c := range answer.Certificates {
		if key.PublicKey.Equal(c.PublicKey) {
			return c.Raw, nil
		}
	}
	return nil, errors.New("the answer holds no certificate for the key")
}

// renewalSpread asks the agents' rule about a thousand certificates with random serial numbers.
func renewalSpread(context.Context) (bool, error) {
	const certificates, life = 1000, 365 * 24 * time.Hour
	begin := time.Unix(0, 0).UTC()
	var due []time.Time
	for range certificates {
		serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 128))
		if err != nil {
			return false, err
		}
		due = append(due, protocol.RenewAt(&x509.Certificate{SerialNumber: serial, NotBefore: begin, NotAfter: begin.Add(life)}))
	}
	first, last := slices.MinFunc(due, time.Time.Compare), slices.MaxFunc(due, time.Time.Compare)
	return last.Sub(first) >= life/20 && last.Before(begin.Add(life*3/4)), nil
}
