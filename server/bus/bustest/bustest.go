// Package bustest opens buses for tests: embedded, and on a cluster of three nodes.
package bustest

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/thingward/thingward/kit/sealed"
	"github.com/thingward/thingward/server/bus"
)

// Sizes runs fn as a subtest on an embedded bus and on a three-node cluster.
func Sizes(t *testing.T, fn func(t *testing.T, b *bus.Bus)) {
	t.Helper()
	t.Run("embedded", func(t *testing.T) { fn(t, Open(t)) })
	t.Run("cluster", func(t *testing.T) { fn(t, Cluster(t)) })
}

// Open gives an embedded bus on an empty folder.
func Open(t testing.TB) *bus.Bus {
	t.Helper()
	return open(t, bus.Config{Dir: t.TempDir(), Key: sealed.NewKey()})
}

// Cluster gives a bus on three nodes with three replicas of everything, on 127.0.0.1.
func Cluster(t testing.TB) *bus.Bus {
	t.Helper()
	var routes, urls []string
	ports := freePorts(t, 3)
	for _, p := range ports {
		routes = append(routes, fmt.Sprintf("nats://127.0.0.1:%d", p))
	}
	var nodes []*server.Server
	for i, p := range ports {
		nodes = append(nodes, startNode(t, i, p, strings.Join(routes, ",")))
	}
	for _, n := range nodes {
		urls = append(urls, n.ClientURL())
	}
	waitForLeader(t, nodes)
	return open(t, bus.Config{URL: strings.Join(urls, ","), Replicas: 3})
}

func open(t testing.TB, c bus.Config) *bus.Bus {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	b, err := bus.Open(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

func startNode(t testing.TB, i, port int, routes string) *server.Server {
	t.Helper()
	var peers []*url.URL
	for r := range strings.SplitSeq(routes, ",") {
		u, err := url.Parse(r)
		if err != nil {
			t.Fatal(err)
		}
		peers = append(peers, u)
	}
	s, err := server.NewServer(&server.Options{
		ServerName: fmt.Sprintf("n%d", i), Host: "127.0.0.1", Port: -1, NoSigs: true, NoLog: true, JetStream: true, StoreDir: t.TempDir(),
		Cluster: server.ClusterOpts{Name: "test", Host: "127.0.0.1", Port: port}, Routes: peers,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(20 * time.Second) {
		t.Fatal("node does not start")
	}
	return s
}

func waitForLeader(t testing.TB, nodes []*server.Server) {
	t.Helper()
	for range 600 {
		for _, n := range nodes {
			if n.JetStreamIsLeader() && len(n.JetStreamClusterPeers()) == len(nodes) {
				return
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("the cluster elects no leader")
}

func freePorts(t testing.TB, n int) (ports []int) {
	t.Helper()
	for range n {
		l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
		defer func() { _ = l.Close() }()
	}
	return ports
}
