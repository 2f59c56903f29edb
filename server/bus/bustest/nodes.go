package bustest

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/thingward/thingward/kit/sealed"
	"github.com/thingward/thingward/server/bus"
)

// Nodes is a cluster of embedded servers in this process, joined over mutual TLS on 127.0.0.1, as three machines would be.
type Nodes struct {
	Key sealed.Key

	t       testing.TB
	configs []bus.Config
	mu      sync.Mutex
	open    []*bus.Bus
}

// NewNodes starts three nodes.
func NewNodes(t testing.TB) *Nodes {
	t.Helper()
	n := &Nodes{t: t, Key: sealed.NewKey(), open: make([]*bus.Bus, 3)}
	ports, peers := freePorts(t, 3), map[string]string{}
	for i, p := range ports {
		peers[fmt.Sprintf("n%d", i)] = fmt.Sprintf("127.0.0.1:%d", p)
	}
	for i := range ports {
		name := fmt.Sprintf("n%d", i)
		n.configs = append(n.configs, bus.Config{Dir: t.TempDir(), Key: n.Key, Log: slog.New(slog.NewTextHandler(testWriter{t}, nil)), Cluster: &bus.Cluster{Node: name, Listen: peers[name], Peers: peers}})
	}
	t.Cleanup(func() {
		var all sync.WaitGroup
		for i := range n.open {
			all.Go(func() { n.Stop(i) })
		}
		all.Wait()
	})
	n.Start(0, 1, 2)
	return n
}

// Start starts nodes, all at once because one alone waits for most of them.
func (n *Nodes) Start(nodes ...int) {
	n.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var all sync.WaitGroup
	for _, i := range nodes {
		all.Go(func() {
			b, err := bus.Open(ctx, n.configs[i])
			if err != nil {
				n.t.Errorf("node %d: %v", i, err)
				return
			}
			n.mu.Lock()
			n.open[i] = b
			n.mu.Unlock()
		})
	}
	if all.Wait(); n.t.Failed() {
		n.t.FailNow()
	}
}

// Node is one node's bus, or nil while it is stopped.
func (n *Nodes) Node(i int) *bus.Bus {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.open[i]
}

// Config is what one node was started with.
func (n *Nodes) Config(i int) bus.Config { return n.configs[i] }

// Stop stops a node. Its files stay.
func (n *Nodes) Stop(i int) {
	n.mu.Lock()
	b := n.open[i]
	n.open[i] = nil
	n.mu.Unlock()
	if b != nil {
		_ = b.Close()
	}
}

type testWriter struct{ t testing.TB }

// Write logs to the test.
func (w testWriter) Write(b []byte) (int, error) {
	w.t.Logf("%s", b)
	return len(b), nil
}
