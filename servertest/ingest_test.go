package servertest_test

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/thingward/thingward/servertest"
)

// snippet is the shell block of the documentation under a heading, with the server's address put in.
func snippet(t *testing.T, s *servertest.Server, heading string) string {
	t.Helper()
	b, err := os.ReadFile("../docs/connecting.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(b), "\n## "+heading+"\n")
	found := regexp.MustCompile("(?s)```sh\n(.*?)```").FindStringSubmatch(rest)
	if !ok || found == nil {
		t.Fatalf("docs/connecting.md has no commands under %q", heading)
	}
	return strings.NewReplacer("https://HOST:8443", "https://"+s.Addr.HTTPS, "coaps://HOST", "coaps://"+s.Addr.COAPS).Replace(found[1])
}

// shell runs commands of the documentation in a folder with root.pem, device.pem and device.key.
func shell(t *testing.T, dir, id, text string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-c", "set -eu\nid="+id+"\n"+text)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// TestAGatewaySendsBatchesWithCurl runs the commands of the documentation, twice: the second time nothing is stored again, the
// server having been started anew.
func TestAGatewaySendsBatchesWithCurl(t *testing.T) {
	p := servertest.NewProcess(t)
	s := p.Start()
	s.ApplyTypes()
	id, claim := s.Device("air-quality", "air-batch")
	c := newLibcoap(t, s, enrol(t, s, id, claim))
	text := snippet(t, s, "Batches over HTTPS")
	out, err := shell(t, c.dir, id, text)
	if err != nil || !strings.Contains(out, `"stored":2,"duplicates":0,"refused":0`) {
		t.Fatalf("%v: %s", err, out)
	}
	servertest.Eventually(t, "the reading is kept", func() bool { return has(s, "/devices/air-batch/telemetry?property=co2", "612") })
	p.Kill()
	s = p.Start()
	_, send, _ := strings.Cut(text, "END\ncurl")
	again := "curl -i" + send
	out, err = shell(t, c.dir, id, again)
	if err != nil || !strings.Contains(out, "Idempotent-Replayed: true") && !strings.Contains(out, "idempotent-replayed: true") {
		t.Errorf("%v: %s", err, out)
	}
	out, err = shell(t, c.dir, id, strings.ReplaceAll(again, "report-77", "report-78"))
	if err != nil || !strings.Contains(out, `"stored":0,"duplicates":2`) {
		t.Errorf("%v: %s", err, out)
	}
	bad := filepath.Join(c.dir, "batch.ndjson")
	if err := os.WriteFile(bad, []byte("{\"stream\": \"air\", \"payload\": 1}\n{\"stream\": \"air\"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, _ = shell(t, c.dir, id, strings.ReplaceAll(strings.ReplaceAll(again, "report-77", "report-79"), "-sf", "-s"))
	if !strings.Contains(out, "messages[1].payload") || !strings.Contains(out, "application/problem+json") {
		t.Errorf("%s", out)
	}
	revoke(t, s, id)
	out, _ = shell(t, c.dir, id, strings.ReplaceAll(again, "-sf", "-s"))
	if !strings.Contains(out, " 403") {
		t.Errorf("a revoked certificate: %s", out)
	}
	if status, _ := s.Call(http.MethodGet, "/sessions?device="+id, nil, nil); status != http.StatusOK {
		t.Error(status)
	}
}
