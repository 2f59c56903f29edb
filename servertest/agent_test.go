package servertest_test

import (
	"bytes"
	"context"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/thingward/thingward/agent"
	"github.com/thingward/thingward/examples"
	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/servertest"
)

// run runs an agent over a folder until stop is called.
func run(t *testing.T, c agent.Config) (a *agent.Agent, stop func()) {
	t.Helper()
	c.Inventory = func() protocol.Inventory { return protocol.Inventory{Firmware: "2.4.1"} }
	a, err := agent.New(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { _ = a.Run(ctx) })
	stop = func() { cancel(); wg.Wait() }
	t.Cleanup(stop)
	return a, stop
}

func config(t *testing.T, s *servertest.Server, id, claim string) agent.Config {
	t.Helper()
	return agent.Config{Dir: t.TempDir(), Server: "https://" + s.Addr.HTTPS, Broker: s.Addr.MQTTS, Root: s.Root, Device: id, Claim: claim}
}

// TestAgentRenewsInTime enrols a device whose certificate lives for an hour and moves the agent's clock on.
func TestAgentRenewsInTime(t *testing.T) {
	s := servertest.Start(t)
	manifest, err := examples.Types.ReadFile("types/thermostat.yaml")
	if err != nil {
		t.Fatal(err)
	}
	short := bytes.Replace(manifest, []byte("lifetime: 365d"), []byte("lifetime: 1h"), 1)
	if bytes.Equal(short, manifest) {
		t.Fatal("the thermostat's key lifetime is not where this test shortens it")
	}
	if status, answer := s.Send(http.MethodPut, "/types", "application/yaml", short); status >= http.StatusBadRequest {
		t.Fatalf("%d %s", status, answer)
	}
	id, claim := s.Device("thermostat", "thermo-one")
	c := config(t, s, id, claim)
	clk := clock.NewFake(time.Now())
	c.Clock = clk
	a, stop := run(t, c)
	servertest.Eventually(t, "the agent is online", a.Online)
	first := a.Certificate().Leaf
	if life := first.NotAfter.Sub(clk.Now()); life > time.Hour {
		t.Fatalf("the certificate lives for %v, the type allows an hour", life)
	}
	clk.Advance(30 * time.Minute)
	if !a.Certificate().Leaf.Equal(first) {
		t.Error("renewed after half of the life already")
	}
	due := first.NotBefore.Add(first.NotAfter.Sub(first.NotBefore) * 3 / 4) // every agent has begun by then
	servertest.Eventually(t, "the certificate is renewed", func() bool {
		if clk.Now().Before(due) {
			clk.Advance(time.Minute)
		}
		return !a.Certificate().Leaf.Equal(first)
	})
	clk.Set(time.Now()) // the server's clock has not moved: by the agent's, a new certificate is soon due again
	second := a.Certificate().Leaf
	if bytes.Equal(second.RawSubjectPublicKeyInfo, first.RawSubjectPublicKeyInfo) {
		t.Fatal("renewed without a new key")
	}
	servertest.Eventually(t, "the session runs on the new certificate", func() bool {
		clk.Advance(time.Second)
		return a.Online() && has(s, "/certificates?subject="+id, `"superseded"`)
	})
	stop()
	again, err := agent.New(c)
	if last := a.Certificate().Leaf; err != nil || last.Equal(first) || !again.Certificate().Leaf.Equal(last) {
		t.Errorf("after a restart the agent does not hold the renewed certificate: %v", err)
	}
}

// TestAgentKeepsWhatItCannotSend stops the server, lets the device go on, restarts the agent too, and starts the server.
func TestAgentKeepsWhatItCannotSend(t *testing.T) {
	p := servertest.NewProcess(t)
	s := p.Start()
	s.ApplyTypes()
	id, claim := s.Device("thermostat", "thermo-one")
	c := config(t, s, id, claim)
	a, stop := run(t, c)
	servertest.Eventually(t, "the agent is online", a.Online)
	p.Kill()
	servertest.Eventually(t, "the agent sees that the server is gone", func() bool { return !a.Online() })
	if err := a.Telemetry("climate", []byte(`{"temperature": 17.25}`)); err != nil {
		t.Fatal(err)
	}
	stop()
	a, _ = run(t, c)
	if a.Queued() == 0 {
		t.Fatal("the queue did not outlive the agent")
	}
	s = p.Start()
	servertest.Eventually(t, "the reading from the outage arrives", func() bool {
		return has(s, "/devices/thermo-one/telemetry?property=temperature", "17.25")
	})
	servertest.Eventually(t, "the queue is empty", func() bool { return a.Queued() == 0 })
	nothingInClear(t, c.Dir)
}

// nothingInClear looks through everything that the agent keeps.
func nothingInClear(t *testing.T, dir string) {
	t.Helper()
	seen := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		seen++
		if strings.Contains(string(b), "PRIVATE KEY") || strings.Contains(string(b), "temperature") {
			t.Errorf("%s can be read", path)
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is open to others: %v", path, info.Mode())
		}
		return err
	})
	if err != nil || seen < 2 {
		t.Errorf("%d files in the agent's folder: %v", seen, err)
	}
}
