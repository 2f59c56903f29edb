// Package servertest runs the real server, unchanged, for tests that cross its parts: in this process, or as a child that a
// test may kill at any moment.
package servertest

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/thingward/thingward/examples"
	"github.com/thingward/thingward/server"
	"github.com/thingward/thingward/server/api"
)

// Admin and Password sign the administrator of every test server in.
const (
	Admin    = "ada-admin"
	Password = "nine-wet-otters-42-climb" //nolint:gosec // of servers that live as long as a test
)

// Server is a running server and an administrator's session.
type Server struct {
	Dir   string
	Root  []byte
	Addr  server.Addresses
	Token string
	Core  *server.Server // in this process; nil for a child

	t    testing.TB
	http *http.Client
}

// Config is the configuration of a test server: every port is chosen by the system.
func Config(dir string) server.Config {
	c := server.Default()
	c.Data, c.HTTPS, c.MQTTS, c.COAPS, c.OCSP, c.OPS, c.AllowRoot, c.LogLevel = dir, "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0", true, "error"
	return c
}

// Setup makes a data folder.
func Setup(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	if err := server.Setup(context.Background(), server.SetupOptions{Data: dir, Admin: Admin, Password: Password, Organisation: "Test"}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Start runs a server in this process until the test ends.
func Start(t testing.TB) *Server {
	t.Helper()
	return StartOn(t, Setup(t))
}

// StartOn runs a server in this process over an existing folder until the test ends.
func StartOn(t testing.TB, dir string) *Server {
	t.Helper()
	return StartWith(t, Config(dir))
}

// StartWith runs a server of any configuration in this process until the test ends.
func StartWith(t testing.TB, c server.Config) *Server {
	t.Helper()
	srv, err := server.Open(context.Background(), c, slog.New(slog.NewTextHandler(testWriter{t}, &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background()) //nolint:gosec // the test's end calls it
	done := make(chan error, 1)
	go func() { done <- srv.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("server: %v", err)
		}
	})
	select {
	case <-srv.Ready():
	case err := <-done:
		done <- err
		t.Fatalf("server: %v", err)
	}
	s := attach(t, c.Data, srv.Addresses())
	s.Core = srv
	return s
}

type testWriter struct{ t testing.TB }

// Write logs to the test.
func (w testWriter) Write(b []byte) (int, error) {
	w.t.Logf("%s", bytes.TrimSpace(b))
	return len(b), nil
}

// attach signs the administrator in.
func attach(t testing.TB, dir string, addr server.Addresses) *Server {
	t.Helper()
	root, err := os.ReadFile(filepath.Join(dir, "ca", "root.pem"))
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Dir: dir, Root: root, Addr: addr, t: t}
	s.http = &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{TLSClientConfig: s.TLS()}}
	var out struct{ Token string }
	s.MustCall(http.MethodPost, "/login", map[string]string{"user": Admin, "password": Password}, &out)
	s.Token = out.Token
	return s
}

// TLS trusts the server's root, with the given client certificates.
func (s *Server) TLS(certs ...tls.Certificate) *tls.Config {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(s.Root)
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS13, ServerName: "localhost", Certificates: certs}
}

// Call calls the API as the administrator and returns the status; out may be nil.
func (s *Server) Call(method, path string, in, out any) (int, []byte) {
	s.t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		s.t.Fatal(err)
	}
	status, answer := s.Send(method, path, "application/json", body)
	if out != nil && status < http.StatusBadRequest && len(answer) > 0 {
		if err := json.Unmarshal(answer, out); err != nil {
			s.t.Fatalf("%s %s: %v in %s", method, path, err, answer)
		}
	}
	return status, answer
}

// MustCall is Call for calls that have to succeed.
func (s *Server) MustCall(method, path string, in, out any) {
	s.t.Helper()
	if status, answer := s.Call(method, path, in, out); status >= http.StatusBadRequest {
		s.t.Fatalf("%s %s: %d %s", method, path, status, answer)
	}
}

// Send sends a body of any kind.
func (s *Server) Send(method, path, contentType string, body []byte) (int, []byte) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, "https://"+s.Addr.HTTPS+api.Prefix+path, bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	if s.Token != "" {
		req.Header.Set("Authorization", "Bearer "+s.Token)
	}
	resp, err := s.http.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, answer
}

// ApplyTypes applies the example types.
func (s *Server) ApplyTypes() {
	s.t.Helper()
	entries, err := examples.Types.ReadDir("types")
	if err != nil {
		s.t.Fatal(err)
	}
	for _, e := range entries {
		manifest, err := examples.Types.ReadFile("types/" + e.Name())
		if err != nil {
			s.t.Fatal(err)
		}
		if status, answer := s.Send(http.MethodPut, "/types", "application/yaml", manifest); status >= http.StatusBadRequest {
			s.t.Fatalf("%s: %d %s", e.Name(), status, answer)
		}
	}
}

// Device registers a device and makes its claim.
func (s *Server) Device(typ, name string) (id, claim string) {
	s.t.Helper()
	var d struct{ ID string }
	s.MustCall(http.MethodPost, "/devices", map[string]any{"type": typ, "name": name}, &d)
	var c struct{ Claim string }
	s.MustCall(http.MethodPost, "/claims", map[string]any{"device": d.ID}, &c)
	return d.ID, c.Claim
}

// As makes an account of one role at one site and answers with the server as that account sees it: a person signs in, a
// service has a token.
func (s *Server) As(name, kind, role, site string) *Server {
	s.t.Helper()
	in := map[string]any{"name": name, "kind": kind, "roles": []string{role}, "site": site}
	made, path := map[string]any{"name": "test", "days": 1}, "/accounts/"+name+"/tokens"
	if kind == "person" {
		in["password"] = Password
		made, path = map[string]any{"user": name, "password": Password}, "/login"
	}
	s.MustCall(http.MethodPost, "/accounts", in, nil)
	var out struct{ Token string }
	s.MustCall(http.MethodPost, path, made, &out)
	as := *s
	as.Token = out.Token
	return &as
}

// Eventually waits until ok says yes; what a test waits for has no duration of its own.
func Eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for range 600 {
		if ok() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("never happened: %s", what)
}

// freeAddress is an address on this machine that nothing listens on now.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func must[T any](t testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(fmt.Sprint(err))
		}
		return v
	}
}

// ErrSetUp is server.ErrSetUp.
var ErrSetUp = server.ErrSetUp

// SetupIn runs setup over a folder, which may be half set up.
func SetupIn(ctx context.Context, dir string) error {
	return server.Setup(ctx, server.SetupOptions{Data: dir, Admin: Admin, Password: Password, Organisation: "Test"})
}
