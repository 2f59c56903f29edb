package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/thingward/thingward/server/bus"
	"github.com/thingward/thingward/server/store"
)

// clustered reports whether this server is one of several nodes.
func (c Config) clustered() bool {
	return c.ClusterNode != "" || c.ClusterListen != "" || len(c.ClusterPeers) > 0
}

// cluster is this node's place among its peers; nil without any.
func (c Config) cluster() (*bus.Cluster, error) {
	if !c.clustered() {
		return nil, nil
	}
	cl := &bus.Cluster{Node: c.ClusterNode, Listen: c.ClusterListen, Peers: map[string]string{}}
	for _, p := range c.ClusterPeers {
		name, address, ok := strings.Cut(p, "=")
		if !ok {
			return nil, fmt.Errorf("configuration: cluster_peers: %q: want NODE=HOST:PORT", p)
		}
		cl.Peers[strings.TrimSpace(name)] = strings.TrimSpace(address)
	}
	if err := cl.Check(); err != nil {
		return nil, fmt.Errorf("configuration: cluster_node, cluster_listen, cluster_peers: %w", err)
	}
	if !strings.HasPrefix(c.Database, "postgres://") && !strings.HasPrefix(c.Database, "postgresql://") {
		return nil, errors.New("configuration: database: several nodes need one PostgreSQL database: set its URL (postgres://…)")
	}
	return cl, nil
}

// awaitTurn waits until this node is the active one. Meanwhile it keeps its part of the messages and answers health checks.
func (s *Server) awaitTurn(ctx context.Context) (err error) {
	s.lease, err = s.db.Acquire(ctx, store.LeaseConfig{Node: s.config.ClusterNode, Times: store.DefaultLease, Clock: s.clock, Standby: func(holder string) {
		s.waits.Store("standby: " + holder + " is active")
		s.log.Info("standby: another node is active", "node", s.config.ClusterNode, "active", holder)
	}})
	if err != nil {
		return fmt.Errorf("wait for this node's turn: %w", err)
	}
	s.log.Info("this node is the active one", "node", s.config.ClusterNode, "turn", s.lease.Epoch())
	s.later(func() error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		return s.lease.Release(ctx)
	})
	alive, stop := context.WithCancel(context.WithoutCancel(ctx)) //nolint:gosec // stopped below; from now on, not only from Run on; and until everything is closed
	fenced := make(chan error, 1)
	go func() { fenced <- s.lease.Keep(alive) }()
	s.later(func() error { stop(); return nil })
	s.work = append(s.work, func(ctx context.Context) error {
		select {
		case err := <-fenced:
			return err
		case <-ctx.Done():
			return nil
		}
	})
	return nil
}

// sole reports that no other node can have taken over yet; nil where there is none.
func (s *Server) sole() func() bool {
	if s.lease == nil {
		return nil
	}
	return s.lease.Fresh
}

// waiting is what a node says of itself before it serves.
type waiting struct{ atomic.Value }

// standby answers health checks on the ops address until stop is called: alive, and not ready.
func (s *Server) standby(ctx context.Context) (stop func(), err error) {
	if err := s.checkOps(); err != nil {
		return nil, err
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.config.OPS)
	if err != nil {
		return nil, fmt.Errorf("ops cannot listen on %s: %w: choose another address with --ops, or stop what uses it", s.config.OPS, unwrapAll(err))
	}
	s.waits.Store("waiting for most of the other nodes")
	probes := []readiness{{"node", func(context.Context) error { return errors.New(s.config.ClusterNode + ": " + s.waits.Load().(string)) }}}
	srv := s.httpServer(opsHandler(s.metrics, probes), s.log)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.log.Error("health checks are not answered", "error", err)
		}
	}()
	return func() { _ = srv.Close(); <-done }, nil
}

// nodeFacts is how a node of several stands, for GET /system.
type nodeFacts struct {
	Name      string   `json:"name"`
	Leader    bool     `json:"leader" doc:"It leads the message store."`
	Connected []string `json:"connected" doc:"The other nodes that it has a connection to."`
	Turn      int64    `json:"turn" doc:"How many times a node became the active one."`
}

// node is nil on a server alone.
func (s *Server) node() *nodeFacts {
	if s.lease == nil {
		return nil
	}
	h := s.bus.Health()
	return &nodeFacts{Name: h.Node, Leader: h.Leader, Connected: h.Connected, Turn: s.lease.Epoch()}
}

// nodes is how many nodes run.
func (s *Server) nodes() int { return 1 + len(s.bus.Health().Connected) }
