package servertest_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/servertest"
)

// libcoap is libcoap's client with a device's certificate in files.
type libcoap struct {
	t    *testing.T
	dir  string
	addr string
	args []string
}

func newLibcoap(t *testing.T, s *servertest.Server, cert *tls.Certificate) *libcoap {
	t.Helper()
	dir := t.TempDir()
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{
		"root.pem": s.Root, "device.key": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}),
		"device.pem": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]}),
	}
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	at := func(name string) string { return filepath.Join(dir, name) }
	return &libcoap{t, dir, s.Addr.COAPS, []string{"-c", at("device.pem"), "-j", at("device.key"), "-R", at("root.pem")}}
}

// run makes one request and returns what was answered, among the messages that went over the wire.
func (c *libcoap) run(path string, args ...string) (answer string) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "coap-client-openssl", append(append(args, c.args...), "-v", "6", "-B", "10", "coaps://"+c.addr+"/"+path)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		c.t.Logf("coap-client: %v", err)
	}
	return string(out)
}

// start makes a request whose answer goes on, such as an observation. wait returns all of it.
func (c *libcoap) start(path string, args ...string) (wait func() string) {
	done := make(chan string, 1)
	go func() { done <- c.run(path, args...) }()
	return func() string { return <-done }
}

// TestADeviceSpeaksCoAPWithLibcoap publishes, in one datagram and in blocks, reads and observes its twin, takes commands, and is
// refused and cut, with libcoap's own client.
func TestADeviceSpeaksCoAPWithLibcoap(t *testing.T) {
	s := servertest.Start(t)
	s.ApplyTypes()
	id, claim := s.Device("air-quality", "air-coap")
	c := newLibcoap(t, s, enrol(t, s, id, claim))
	base := "things/" + id
	holds := func(what, answer, want string) {
		t.Helper()
		if !strings.Contains(answer, want) {
			t.Errorf("%s: %q, want %q", what, answer, want)
		}
	}
	answer := c.run(base+"/telemetry/air", "-m", "post", "-t", "50", "-e", `{"co2":612}`)
	holds("publish", answer, "c:2.04")
	servertest.Eventually(t, "the reading is kept", func() bool { return has(s, "/devices/air-coap/telemetry?property=co2", "612") })
	answer = c.run(base+"/telemetry/air", "-N", "-m", "put", "-t", "50", "-e", `{"co2":613}`)
	holds("publish without confirmation", answer, "t:NON c:2.04")
	answer = c.run(base+"/telemetry/elsewhere", "-m", "post", "-e", "1")
	holds("undeclared stream", answer, "4.03")
	answer = c.run("things/other/telemetry/air", "-m", "post", "-e", "1")
	holds("another device", answer, "4.03")
	answer = c.run(".well-known/core")
	holds("list", answer, "</"+base+"/telemetry/air>")

	report := filepath.Join(t.TempDir(), "report.json")
	long := `{"properties": {}, "inventory": {"firmware": "3.1.0", "hardware": "` + strings.Repeat("h", 3000) + `"}}`
	if err := os.WriteFile(report, []byte(long), 0o600); err != nil {
		t.Fatal(err)
	}
	answer = c.run(base+"/twin/reported", "-m", "put", "-t", "50", "-b", "512", "-f", report)
	holds("report in blocks", answer, "c:2.04 i:")
	holds("report in blocks", answer, "Block1:5/_/512")
	servertest.Eventually(t, "the report is kept", func() bool { return has(s, "/devices/air-coap/twin", "3.1.0") })

	s.MustCall(http.MethodPut, "/devices/air-coap/twin/desired", map[string]any{"properties": map[string]any{"reportEvery": 60}}, nil)
	answer = c.run(base + "/twin/desired")
	holds("twin", answer, `"reportEvery":60`)
	watch := c.start(base+"/command", "-s", "3")
	servertest.Eventually(t, "the device observes", func() bool { return has(s, "/sessions?device="+id, "/command/+") })
	s.MustCall(http.MethodPost, "/devices/air-coap/commands/identify", map[string]any{"seconds": 5}, nil)
	holds("observed command", watch(), `"seconds":5`)
	s.MustCall(http.MethodPost, "/devices/air-coap/commands/identify", map[string]any{"seconds": 7}, nil) // while it is away
	answer = c.run(base+"/command", "-s", "2")
	holds("command that waited", answer, `"seconds":7`)
	if strings.Contains(answer, `"seconds":5`) {
		t.Errorf("an acknowledged command came again: %s", answer)
	}

	if err := os.WriteFile(filepath.Join(c.dir, "report.json"), []byte(long), 0o600); err != nil {
		t.Fatal(err)
	}
	answer, err := shell(t, c.dir, id, strings.ReplaceAll(snippet(t, s, "CoAP over DTLS"), "-s 60", "-s 1"))
	if err != nil {
		t.Errorf("the commands of the documentation: %v: %s", err, answer)
	}
	holds("the commands of the documentation", answer, "</"+base+"/command>")

	revoke(t, s, id)
	answer = c.run(base+"/telemetry/air", "-m", "post", "-e", `{"co2":614}`)
	holds("revoked", answer, "4.03")
}

// TestTheSelfTestTriesCoAP shows that the self-test for listeners with client certificates covers CoAP.
func TestTheSelfTestTriesCoAP(t *testing.T) {
	s := servertest.Start(t)
	r, err := s.Core.SelfTest(t.Context(), "tcp.uncertified")
	if err != nil || !r.Held || !strings.Contains(r.Detail, "coaps") {
		t.Errorf("%+v %v", r, err)
	}
}
