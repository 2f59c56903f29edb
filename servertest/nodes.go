package servertest

import (
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/thingward/thingward/server"
)

// NewNodes prepares three nodes of one deployment on a PostgreSQL database, each a process of its own. The second and third
// have a copy of the first one's folder, as docs/scale.md says.
func NewNodes(t testing.TB, database string) (nodes []*Process) {
	t.Helper()
	first := filepath.Join(t.TempDir(), "data")
	if err := server.Setup(t.Context(), server.SetupOptions{Data: first, Admin: Admin, Password: Password, Organisation: "Test", Database: database}); err != nil {
		t.Fatal(err)
	}
	var peers []string
	for _, name := range []string{"a", "b", "c"} {
		peers = append(peers, name+"="+freeAddress(t))
	}
	for i, peer := range peers {
		dir := first
		if i > 0 {
			dir = filepath.Join(t.TempDir(), "data")
			if err := os.CopyFS(dir, os.DirFS(first)); err != nil {
				t.Fatal(err)
			}
			private(t, dir)
		}
		c := Config(dir)
		for _, a := range []*string{&c.HTTPS, &c.MQTTS, &c.OCSP, &c.OPS} {
			*a = freeAddress(t)
		}
		c.Database, c.ClusterPeers = database, peers
		c.ClusterNode, c.ClusterListen, _ = strings.Cut(peer, "=")
		nodes = append(nodes, &Process{config: c, t: t})
	}
	return nodes
}

// private takes the rights of others away from a copied folder.
func private(t testing.TB, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.Chmod(path, 0o700) //nolint:gosec // folders need the bit
		}
		return os.Chmod(path, 0o600) //nolint:gosec // a folder of the test's own
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Launch runs the server without waiting for it, which may be a standby for long.
func (p *Process) Launch() {
	p.t.Helper()
	p.run()
	p.t.Cleanup(p.Kill)
}

// Ready reports whether the server serves now.
func (p *Process) Ready() bool { return ready("http://" + p.config.OPS + "/readyz") }

// Says is what the server answers to a health check, empty when it does not.
func (p *Process) Says() string {
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, "http://"+p.config.OPS+"/readyz", http.NoBody)
	if err != nil {
		p.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return ""
	}
	defer func() { _ = resp.Body.Close() }()
	var b strings.Builder
	_, _ = fmt.Fprint(&b, resp.StatusCode, " ")
	_ = resp.Write(&b) // what came is enough
	return b.String()
}

// Doors is the server without anybody signed in.
func (p *Process) Doors() *Server {
	p.t.Helper()
	root := must[[]byte](p.t)(os.ReadFile(filepath.Join(p.config.Data, "ca", "root.pem")))
	return &Server{Dir: p.config.Data, Root: root, t: p.t, Addr: server.Addresses{HTTPS: p.config.HTTPS, MQTTS: p.config.MQTTS, OCSP: p.config.OCSP, OPS: p.config.OPS}}
}

// SignIn signs the administrator in.
func (p *Process) SignIn() *Server {
	p.t.Helper()
	return attach(p.t, p.config.Data, p.Doors().Addr)
}

// Signal sends the server a signal.
func (p *Process) Signal(s syscall.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// Ended waits until the server has ended by itself and returns whether it did so in order.
func (p *Process) Ended() bool {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	done := make(chan error, 1)
	go func() { done <- p.cmd.Wait() }()
	select {
	case err := <-done:
		p.cmd = nil
		return err == nil
	case <-time.After(30 * time.Second):
		p.t.Fatal("the server does not end")
		return false
	}
}
