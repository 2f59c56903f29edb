package servertest

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/thingward/thingward/server"
)

const childEnv = "THINGWARD_TEST_CHILD"

// Main is to be called from TestMain: in a child process it runs the server instead of the tests.
func Main(m *testing.M) {
	if config := os.Getenv(childEnv); config != "" {
		os.Exit(child(config))
	}
	os.Exit(m.Run())
}

func child(config string) int {
	var c server.Config
	if err := json.Unmarshal([]byte(config), &c); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	srv, err := server.Open(ctx, c, slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})))
	if err == nil {
		err = srv.Run(ctx)
	}
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// Process is a server in a process of its own, on addresses that stay the same across restarts.
type Process struct {
	config server.Config
	t      testing.TB

	mu  sync.Mutex // a test may kill at any moment
	cmd *exec.Cmd
}

// NewProcess prepares a server over a fresh folder; Start starts it.
func NewProcess(t testing.TB) *Process {
	t.Helper()
	c := Config(Setup(t))
	for _, a := range []*string{&c.HTTPS, &c.MQTTS, &c.COAPS, &c.OCSP, &c.OPS} {
		*a = freeAddress(t)
	}
	return &Process{config: c, t: t}
}

// Start runs the server and signs in.
func (p *Process) Start() *Server {
	p.t.Helper()
	p.run()
	p.t.Cleanup(p.Kill)
	p.waitReady()
	return attach(p.t, p.config.Data, server.Addresses{HTTPS: p.config.HTTPS, MQTTS: p.config.MQTTS, COAPS: p.config.COAPS, OCSP: p.config.OCSP, OPS: p.config.OPS})
}

func (p *Process) run() {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	config := must[[]byte](p.t)(json.Marshal(p.config))
	self := must[string](p.t)(os.Executable())
	p.cmd = exec.CommandContext(context.Background(), self) //nolint:gosec // the test program itself
	p.cmd.Env = append(os.Environ(), childEnv+"="+string(config))
	p.cmd.Stderr = os.Stderr
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
}

// Kill ends the server with SIGKILL: no chance to tidy up.
func (p *Process) Kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd != nil && p.cmd.Process != nil {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
		p.cmd = nil
	}
}

func (p *Process) waitReady() {
	p.t.Helper()
	for range 600 {
		if ready("http://" + p.config.OPS + "/readyz") {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	p.t.Fatalf("the server over %s does not become ready", filepath.Base(p.config.Data))
}
