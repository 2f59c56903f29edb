package servertest_test

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/eclipse/paho.golang/paho"

	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server"
	"github.com/thingward/thingward/servertest"
)

// TestNothingFromOutsideHurtsTheServer sends rubbish to every door; each piece is refused with words that help, and after
// all of it the server answers and its log verifies.
func TestNothingFromOutsideHurtsTheServer(t *testing.T) {
	s := servertest.Start(t)
	s.ApplyTypes()
	id, claim := s.Device("thermostat", "thermo-one")
	cert := enrol(t, s, id, claim)

	t.Run("MQTT", func(t *testing.T) { malformedMQTT(t, s, cert) })
	t.Run("no TLS", func(t *testing.T) { noTLS(t, s) })
	t.Run("API", func(t *testing.T) { badRequests(t, s) })
	t.Run("type", func(t *testing.T) { threeFaults(t, s) })
	t.Run("EST", func(t *testing.T) { badRequestsForCertificates(t, s, id, claim) })
	t.Run("address taken", func(t *testing.T) { addressTaken(t, s) })
	t.Run("folder in use", func(t *testing.T) {
		refused(t, servertest.Config(s.Dir), "in use by another process", "stop that one first")
	})

	c, err := client(t.Context(), s, cert, id, nil)
	if err != nil {
		t.Fatalf("after all that a device cannot connect: %v", err)
	}
	if resp, err := c.Publish(t.Context(), &paho.Publish{Topic: protocol.TelemetryTopic(id, "climate"), QoS: 1, Payload: []byte(`{"temperature": 20}`)}); err != nil || resp.ReasonCode != 0 {
		t.Errorf("after all that a reading is refused: %v, %v", resp, err)
	}
	for _, want := range []string{"message.malformed", "connection.refused", "enrol.refused"} {
		servertest.Eventually(t, want+" is an event", func() bool { return has(s, "/events?type="+want, want) })
	}
	var verified struct{ OK bool }
	s.MustCall(http.MethodPost, "/audit/verify", map[string]any{}, &verified)
	if !verified.OK {
		t.Error("the audit log does not verify")
	}
}

// connect5 is a CONNECT of MQTT 5 with client id "x".
var connect5 = []byte{0x10, 14, 0, 4, 'M', 'Q', 'T', 'T', 5, 2, 0, 30, 0, 0, 1, 'x'}

func malformedMQTT(t *testing.T, s *servertest.Server, cert *tls.Certificate) {
	t.Helper()
	noise := make([]byte, 4096)
	if _, err := rand.Read(noise); err != nil {
		t.Fatal(err)
	}
	noise[0] = 0xf1 // AUTH with wrong flags: no packet a client may begin with
	for name, packet := range map[string][]byte{
		"publish before connect": {0x30, 5, 0, 1, 'a', 'b', 'c'},
		"noise":                  noise,
		"length without end":     {0x10, 0xff, 0xff, 0xff, 0xff, 0xff},
		"another protocol":       {0x10, 13, 0, 4, 'H', 'T', 'T', 'P', 5, 2, 0, 30, 0, 0, 0},
		"HTTP":                   []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
		"connect twice":          append(append([]byte(nil), connect5...), connect5...),
		"QoS 3":                  append(append([]byte(nil), connect5...), 0x36, 6, 0, 1, 'a', 0, 1, 0),
		"wildcard in a topic":    append(append([]byte(nil), connect5...), 0x32, 6, 0, 1, '#', 0, 1, 0),
		"packet id 0":            append(append([]byte(nil), connect5...), 0x82, 7, 0, 0, 0, 0, 1, 'a', 1),
		"no filter":              append(append([]byte(nil), connect5...), 0x82, 3, 0, 1, 0),
		"text that is no UTF-8":  append(append([]byte(nil), connect5...), 0x32, 7, 0, 2, 0xff, 0xfe, 0, 1, 0),
	} {
		d := tls.Dialer{Config: s.TLS(*cert)}
		conn, err := d.DialContext(t.Context(), "tcp", s.Addr.MQTTS)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		ended(t, name, conn, packet)
	}
}

// ended sends bytes and expects the other side to end the connection.
func ended(t *testing.T, name string, conn net.Conn, b []byte) {
	t.Helper()
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	_, _ = conn.Write(b) // the other side may have hung up while this was written
	var stuck net.Error
	if _, err := io.Copy(io.Discard, conn); errors.As(err, &stuck) && stuck.Timeout() {
		t.Errorf("%s: the server keeps the connection open", name)
	}
}

func noTLS(t *testing.T, s *servertest.Server) {
	t.Helper()
	for _, addr := range []string{s.Addr.MQTTS, s.Addr.HTTPS} {
		for _, b := range [][]byte{connect5, []byte("GET / HTTP/1.0\r\n\r\n"), {0x16, 3, 1, 0xff, 0xff, 1, 2, 3}, make([]byte, 1<<16)} {
			conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			if b[0] == 0x16 { // the start of a record that does not go on
				_, _ = conn.Write(b)
				_ = conn.Close()
				continue
			}
			ended(t, addr, conn, b)
		}
	}
	d := tls.Dialer{Config: s.TLS()}
	if conn, err := d.DialContext(t.Context(), "tcp", s.Addr.MQTTS); err == nil {
		ended(t, "without a certificate", conn, connect5)
	}
}

// problem is what every refusal of the API looks like.
type problem struct {
	Detail, Code string
	Status       int
	Errors       []struct{ Path, Message string }
}

func refusedBy(t *testing.T, s *servertest.Server, method, path, contentType, body string, status int, words ...string) problem {
	t.Helper()
	got, answer := s.Send(method, path, contentType, []byte(body))
	var p problem
	if err := json.Unmarshal(answer, &p); err != nil || got != status || p.Status != status || p.Code == "" || p.Detail == "" {
		t.Errorf("%s %s %.60s: %d %s, want %d and a problem", method, path, body, got, answer, status)
	}
	for _, w := range words {
		if !strings.Contains(string(answer), w) {
			t.Errorf("%s %s %.60s: %s does not name %q", method, path, body, answer, w)
		}
	}
	return p
}

func badRequests(t *testing.T, s *servertest.Server) {
	t.Helper()
	const post, devices, js = http.MethodPost, "/devices", "application/json"
	refusedBy(t, s, post, devices, js, `{"type": "thermostat", "name": `, http.StatusBadRequest, "JSON")
	refusedBy(t, s, post, devices, js, `{"type": "thermostat", "name": 7}`, http.StatusUnprocessableEntity, `"name"`)
	refusedBy(t, s, post, devices, js, `{"type": "thermostat", "name": "Not A Name"}`, http.StatusUnprocessableEntity, `"name"`)
	refusedBy(t, s, post, devices, js, `{"type": "toaster", "name": "toaster-one"}`, http.StatusUnprocessableEntity, "toaster")
	refusedBy(t, s, post, devices, js, `{"type": "thermostat", "name": "thermo-two", "colour": "red"}`, http.StatusUnprocessableEntity, "colour")
	refusedBy(t, s, post, devices, js, `[]`, http.StatusUnprocessableEntity, "object")
	refusedBy(t, s, post, devices, js, strings.Repeat("[", 100_000), http.StatusBadRequest)
	refusedBy(t, s, post, devices, "text/plain", `{}`, http.StatusUnsupportedMediaType)
	refusedBy(t, s, post, devices, js, `{"name": "`+strings.Repeat("x", 8<<20)+`"}`, http.StatusRequestEntityTooLarge)
	refusedBy(t, s, post, "/nothing", js, `{}`, http.StatusNotFound, "openapi.json")
	refusedBy(t, s, http.MethodGet, "/devices?limit=lots", js, ``, http.StatusUnprocessableEntity, "limit")
	refusedBy(t, s, http.MethodGet, "/devices/no-such-device", js, ``, http.StatusNotFound, "no-such-device")
	refusedBy(t, s, post, "/devices/thermo-one/commands/boost", js, `{"minutes": 100000}`, http.StatusUnprocessableEntity, "minutes", "120")
	token := s.Token
	s.Token = "rubbish"
	refusedBy(t, s, http.MethodGet, devices, js, ``, http.StatusUnauthorized, "sign in")
	s.Token = token
}

func threeFaults(t *testing.T, s *servertest.Server) {
	t.Helper()
	manifest := `"@context": ["https://www.w3.org/2022/wot/td/v1.1", {tw: "urn:thingward:ns#"}]
"@type": "tm:ThingModel"
title: Toaster
version: {model: 1.0.0}
properties:
  heat: {title: Heat, type: temperature, readOnly: true, "tw:class": internal}
  crumbs: {title: Crumbs, type: integer, minimum: 9, maximum: 1, "tw:class": internal}
  colour: {title: Colour, type: string, "tw:class": very-secret}
`
	p := refusedBy(t, s, http.MethodPut, "/types", "application/yaml", manifest, http.StatusUnprocessableEntity)
	all, err := json.Marshal(p.Errors)
	if err != nil || len(p.Errors) < 3 {
		t.Fatalf("%d faults reported, want three: %+v", len(p.Errors), p)
	}
	for _, want := range []string{"heat", "crumbs", "colour", "line 6", "line 7", "line 8"} {
		if !strings.Contains(string(all), want) {
			t.Errorf("the faults do not name %q: %s", want, all)
		}
	}
}

func badRequestsForCertificates(t *testing.T, s *servertest.Server, id, used string) {
	t.Helper()
	_, good := request(t)
	refuse := func(name, user, claim, body string, status int, word string) {
		t.Helper()
		got, answer := est(t, s, user, claim, body)
		if got != status || !strings.Contains(answer, word) || strings.Contains(answer, claim) {
			t.Errorf("%s: %d %s, want %d naming %q and not the claim", name, got, answer, status, word)
		}
	}
	refuse("used claim", id, used, good, http.StatusUnauthorized, "claim")
	other, claim := s.Device("thermostat", "thermo-est")
	refuse("another device's claim", id, claim, good, http.StatusUnauthorized, "claim")
	refuse("no base64", other, claim, "certainly no request!", http.StatusBadRequest, "base64")
	refuse("no PKCS #10", other, claim, base64.StdEncoding.EncodeToString([]byte("certainly no request")), http.StatusBadRequest, "PKCS")
	refuse("cut off", other, claim, good[:len(good)/2], http.StatusBadRequest, "request")
	refuse("huge", other, claim, strings.Repeat("A", 4<<20), http.StatusBadRequest, "65536 bytes")
	expire(t, s)
	refuse("expired claim", other, claim, good, http.StatusUnauthorized, "expired")
}

// expire lets time pass for every claim, in the database: the server has the machine's clock.
func expire(t *testing.T, s *servertest.Server) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(s.Dir, "thingward.db")+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(t.Context(), "UPDATE identity_claim SET expires = 1 WHERE used = 0"); err != nil {
		t.Fatal(err)
	}
}

func addressTaken(t *testing.T, s *servertest.Server) {
	t.Helper()
	dir := servertest.Setup(t)
	for flag, take := range map[string]func(*server.Config){
		"--https": func(c *server.Config) { c.HTTPS = s.Addr.HTTPS },
		"--mqtts": func(c *server.Config) { c.MQTTS = s.Addr.HTTPS },
		"--ocsp":  func(c *server.Config) { c.OCSP = s.Addr.HTTPS },
		"--ops":   func(c *server.Config) { c.OPS = s.Addr.HTTPS },
	} {
		c := servertest.Config(dir)
		take(&c)
		refused(t, c, flag, s.Addr.HTTPS)
	}
}

// refused opens a server that must not open.
func refused(t *testing.T, c server.Config, words ...string) {
	t.Helper()
	srv, err := server.Open(context.Background(), c, slog.New(slog.DiscardHandler))
	if err == nil {
		t.Fatalf("opened %v over %s", srv.Addresses(), c.Data)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%v: does not say %q", err, w)
		}
	}
}

func TestServerRefusesFoldersItCannotServe(t *testing.T) {
	empty := t.TempDir()
	refused(t, servertest.Config(filepath.Join(empty, "none")), "thingward setup --data")
	refused(t, servertest.Config(empty), "thingward setup")

	newer := servertest.Setup(t)
	path := filepath.Join(newer, "format.json")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var format map[string]any
	if err := json.Unmarshal(b, &format); err != nil {
		t.Fatal(err)
	}
	format["format"] = 99
	if b, err = json.Marshal(format); err != nil {
		t.Fatal(err)
	}
	write := func(b []byte) {
		t.Helper()
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(b)
	refused(t, servertest.Config(newer), "newer Thingward", "format 99")
	if err := servertest.SetupIn(t.Context(), newer); err == nil || !strings.Contains(err.Error(), "newer Thingward") {
		t.Errorf("setup over a newer folder: %v", err)
	}
	write([]byte("{"))
	refused(t, servertest.Config(newer), "damaged", "backup")
}

// TestRootNeedsToBeAllowed asserts what holds for whoever runs the tests.
func TestRootNeedsToBeAllowed(t *testing.T) {
	c := servertest.Config(servertest.Setup(t))
	c.AllowRoot = false
	if os.Geteuid() == 0 {
		refused(t, c, "--allow-root")
		return
	}
	servertest.StartWith(t, c)
}
