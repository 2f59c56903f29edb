package bus_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/sealed"
	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/bus/bustest"
)

func TestNodesCarryWhatTheOthersSay(t *testing.T) {
	t.Parallel()
	nodes := bustest.NewNodes(t)
	got := make(chan bus.Cut, 3)
	for i := range 3 {
		stop, err := bus.Listen(nodes.Node(i), bus.TopicCut, func(c bus.Cut) { got <- c })
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
		if err := nodes.Node(i).Conn().Flush(); err != nil {
			t.Fatal(err)
		}
	}
	want := bus.Cut{SubjectKind: "device", SubjectID: "d"}
	for len(got) == 0 { // interest takes a moment to reach the other nodes, and what is announced is not kept
		if err := nodes.Node(0).Announce(bus.TopicCut, want); err != nil {
			t.Fatal(err)
		}
	}
	h := nodes.Node(1).Health()
	if h.Node != "n1" || len(h.Connected) != 2 {
		t.Errorf("health: %+v", h)
	}
}

func TestEventsOutliveAnyNode(t *testing.T) {
	t.Parallel()
	nodes := bustest.NewNodes(t)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var want []string
	for i := range 3 {
		ev := silent("d")
		want = append(want, ev.ID)
		if err := nodes.Node(i).Append(ctx, []fleet.Event{ev}); err != nil {
			t.Fatal(err)
		}
	}
	nodes.Stop(0)
	var got []string
	done, stop := context.WithCancel(ctx)
	err := nodes.Node(2).Consume(done, "test", func(_ context.Context, evs []fleet.Event) error {
		for _, ev := range evs {
			got = append(got, ev.ID)
		}
		if len(got) == len(want) {
			stop()
		}
		return nil
	})
	stop()
	if err != nil || strings.Join(got, " ") != strings.Join(want, " ") {
		t.Fatalf("%v of %v: %v", got, want, err)
	}
	nodes.Start(0) // with what it has missed
	if err := nodes.Node(0).Append(ctx, []fleet.Event{silent("d")}); err != nil {
		t.Fatal(err)
	}
}

func TestOnlyNodesOfTheDeploymentJoin(t *testing.T) {
	t.Parallel()
	nodes := bustest.NewNodes(t)
	address := nodes.Config(0).Cluster.Listen
	if _, err := nats.Connect("nats://"+address, nats.Timeout(2*time.Second)); err == nil {
		t.Error("a client is let in without TLS")
	}
	c := nodes.Config(0).Cluster
	for what, config := range map[string]bus.Config{
		"another key":    {Dir: t.TempDir(), Key: sealed.NewKey(), Cluster: &bus.Cluster{Node: "n1", Listen: freeAddress(t), Peers: c.Peers}},
		"a foreign name": {Dir: t.TempDir(), Key: nodes.Key, Cluster: &bus.Cluster{Node: "x1", Listen: freeAddress(t), Peers: c.Peers}},
	} {
		ctx, cancel := context.WithTimeout(context.Background(), 1500*time.Millisecond)
		b, err := bus.Open(ctx, config)
		cancel()
		if err == nil {
			_ = b.Close()
			t.Errorf("%s: joined", what)
		} else if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if h := nodes.Node(0).Health(); strings.Join(h.Connected, " ") != "n1 n2" {
		t.Errorf("%+v", h)
	}
}

func TestNodesDoorNeedsACertificate(t *testing.T) {
	t.Parallel()
	nodes := bustest.NewNodes(t)
	for what, config := range map[string]*tls.Config{
		"without a certificate": {InsecureSkipVerify: true, MinVersion: tls.VersionTLS13}, // the server judges us
		"TLS 1.2":               {InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12, MinVersion: 0},
	} {
		d := tls.Dialer{Config: config}
		conn, err := d.DialContext(t.Context(), "tcp", nodes.Config(0).Cluster.Listen)
		if err == nil {
			_, err = conn.Read(make([]byte, 4096))
			_ = conn.Close()
		}
		if err == nil || !strings.Contains(err.Error(), "tls:") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestFolderBelongsToItsNode(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	dir, key := t.TempDir(), sealed.NewKey()
	b, err := bus.Open(ctx, bus.Config{Dir: dir, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	_ = b.Close()
	peers := map[string]string{"a": freeAddress(t), "b": freeAddress(t), "c": freeAddress(t)}
	_, err = bus.Open(ctx, bus.Config{Dir: dir, Key: key, Cluster: &bus.Cluster{Node: "a", Listen: peers["a"], Peers: peers}})
	if err == nil || !strings.Contains(err.Error(), "alone") {
		t.Errorf("a lone server's folder: %v", err)
	}
	nodes := bustest.NewNodes(t)
	used := nodes.Config(0)
	nodes.Stop(0)
	for _, c := range []*bus.Cluster{nil, {Node: "n1", Listen: peers["a"], Peers: used.Cluster.Peers}} {
		if _, err := bus.Open(ctx, bus.Config{Dir: used.Dir, Key: used.Key, Cluster: c}); err == nil || !strings.Contains(err.Error(), "belongs to node n0") {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestClusterCheck(t *testing.T) {
	good := func() bus.Cluster {
		return bus.Cluster{Node: "a", Listen: "10.0.0.1:6222", Peers: map[string]string{"b": "10.0.0.2:6222", "c": "10.0.0.3:6222"}}
	}
	if err := good().Check(); err != nil {
		t.Error(err)
	}
	for want, spoil := range map[string]func(*bus.Cluster){
		"2 nodes":      func(c *bus.Cluster) { delete(c.Peers, "c") },
		"no name":      func(c *bus.Cluster) { c.Node = "Aä" },
		`"b d" is no`:  func(c *bus.Cluster) { c.Peers["b d"] = "10.0.0.4:6222" },
		`":6222" is `:  func(c *bus.Cluster) { c.Listen = ":6222" },
		"b:0":          func(c *bus.Cluster) { c.Peers["b"] = "b:0" },
		"want HOST:PO": func(c *bus.Cluster) { c.Peers["b"] = "b" },
	} {
		c := good()
		spoil(&c)
		if err := c.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
