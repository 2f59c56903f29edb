package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/smallstep/pkcs7"

	"github.com/thingward/thingward/server"
)

const (
	devices  = 300
	password = "nine-wet-otters-42-climb" //nolint:gosec // of a server that lives as long as the benchmark
	manifest = `{"@context": ["https://www.w3.org/2022/wot/td/v1.1", {"tw": "urn:thingward:ns#"}], "@type": "tm:ThingModel", "title": "Bench", "version": {"model": "1.0.0"},
 "properties": {"v": {"type": "string", "readOnly": true, "tw:class": "internal", "tw:traffic": "telemetry", "tw:stream": "load"}}}`
)

// fleet is Thingward with enrolled devices and one service account that reads them.
type fleet struct {
	server  *process
	base    string
	token   string
	http    *http.Client
	chain   []byte // root and issuing certificate, for the peer
	issuing []byte // the issuing certificate, which clients send along
	ids     []string
	certs   []tls.Certificate
	account tls.Certificate
}

// startThingward runs the server with a rate that does not hold the load back and everything else as it comes.
func startThingward(ctx context.Context, o options, dir string) (*fleet, error) {
	data := filepath.Join(dir, "data")
	if err := server.Setup(ctx, server.SetupOptions{Data: data, Admin: "bench-admin", Password: password, Organisation: "Bench"}); err != nil {
		return nil, err
	}
	var addr [4]string
	for i := range addr {
		var err error
		if addr[i], err = freeAddress(ctx); err != nil {
			return nil, err
		}
	}
	conf := filepath.Join(dir, "thingward.yaml")
	if err := os.WriteFile(conf, []byte("device_rate: 10000000\ndevice_burst: 10000000\nglobal_rate: 100000000\nlog_level: error\n"), 0o600); err != nil {
		return nil, err
	}
	cmd, err := start(ctx, o.binary, "serve", "--data", data, "--config", conf, "--https", addr[0], "--mqtts", addr[1], "--ocsp", addr[2], "--ops", addr[3], "--coaps", "off", "--allow-root")
	if err != nil {
		return nil, err
	}
	root, err := os.ReadFile(filepath.Join(data, "ca", "root.pem"))
	if err != nil {
		return nil, err
	}
	issuing, err := os.ReadFile(filepath.Join(data, "ca", "issuing.pem"))
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(root)
	f := &fleet{server: &process{cmd: cmd, address: addr[1], roots: pool}, base: "https://" + addr[0], chain: append(root, issuing...)}
	if block, _ := pem.Decode(issuing); block != nil {
		f.issuing = block.Bytes
	}
	f.http = &http.Client{Timeout: time.Minute, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: "localhost", MinVersion: tls.VersionTLS13}, MaxIdleConnsPerHost: 16}}
	if err := errors.Join(waitFor(ctx, addr[0]), waitFor(ctx, addr[1])); err != nil {
		return nil, err
	}
	return f, f.enrolAll(ctx)
}

func (f *fleet) enrolAll(ctx context.Context) error {
	var login struct{ Token string }
	if err := f.call(ctx, "/api/v1/login", object{"user": "bench-admin", "password": password}, &login); err != nil {
		return err
	}
	f.token = login.Token
	if err := f.send(ctx, http.MethodPut, "/api/v1/types", "application/json", []byte(manifest), nil, nil); err != nil {
		return err
	}
	for i := range devices {
		var d struct{ ID string }
		if err := f.call(ctx, "/api/v1/devices", object{"type": "bench", "name": fmt.Sprintf("bench-%03d", i)}, &d); err != nil {
			return err
		}
		cert, err := f.enrol(ctx, object{"device": d.ID})
		if err != nil {
			return err
		}
		f.ids, f.certs = append(f.ids, d.ID), append(f.certs, cert)
	}
	if err := f.call(ctx, "/api/v1/accounts", object{"name": "bench-reader", "kind": "service", "roles": []string{"application"}}, nil); err != nil {
		return err
	}
	if err := f.call(ctx, "/api/v1/grants", object{"name": "bench", "account": "bench-reader", "kinds": []string{"telemetry", "event", "reported"}, "classes": []string{"confidential", "restricted"}, "purpose": "benchmark"}, nil); err != nil {
		return err
	}
	var err error
	f.account, err = f.enrol(ctx, object{"account": "bench-reader"})
	return err
}

type object = map[string]any

// enrol makes a claim for a subject and uses it.
func (f *fleet) enrol(ctx context.Context, subject object) (tls.Certificate, error) {
	var claim struct{ User, Claim string }
	if err := f.call(ctx, "/api/v1/claims", subject, &claim); err != nil {
		return tls.Certificate{}, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	csr, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key)
	if err != nil {
		return tls.Certificate{}, err
	}
	var answer []byte
	err = f.send(ctx, http.MethodPost, "/.well-known/est/simpleenroll", "application/pkcs10", []byte(base64.StdEncoding.EncodeToString(csr)), &answer, func(r *http.Request) { r.SetBasicAuth(claim.User, claim.Claim) })
	if err != nil {
		return tls.Certificate{}, err
	}
	der, err := base64.StdEncoding.DecodeString(strings.NewReplacer("\r", "", "\n", "").Replace(string(answer)))
	if err != nil {
		return tls.Certificate{}, err
	}
	p7, err := pkcs7.Parse(der)
	if err != nil {
		return tls.Certificate{}, err
	}
	if len(p7.Certificates) == 0 {
		return tls.Certificate{}, errors.New("the answer holds no certificate")
	}
	out := tls.Certificate{PrivateKey: key}
	for _, c := range p7.Certificates {
		out.Certificate = append(out.Certificate, c.Raw)
	}
	out.Certificate = append(out.Certificate, f.issuing)
	return out, nil
}

func (f *fleet) call(ctx context.Context, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	var answer []byte
	if err := f.send(ctx, http.MethodPost, path, "application/json", body, &answer, nil); err != nil || out == nil {
		return err
	}
	return json.Unmarshal(answer, out)
}

func (f *fleet) send(ctx context.Context, method, path, contentType string, body []byte, answer *[]byte, prepare func(*http.Request)) error {
	req, err := http.NewRequestWithContext(ctx, method, f.base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", contentType)
	if f.token != "" {
		req.Header.Set("Authorization", "Bearer "+f.token)
	}
	if prepare != nil {
		prepare(req)
	}
	resp, err := f.http.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= http.StatusBadRequest {
		err = fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, b)
	}
	if answer != nil {
		*answer = b
	}
	return err
}
