package bus

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/thingward/thingward/kit/sealed"
)

// Cluster is a node's place among its peers. The nodes reach each other over mutual TLS only; a node proves itself with a
// certificate of an authority whose key follows from the deployment's sealing key, so that whoever holds that key may join and
// nobody else.
type Cluster struct {
	// Node is this node's name.
	Node string
	// Listen is where this node's peers reach it, as host:port.
	Listen string
	// Peers are the addresses of all nodes by name; this node's own entry is not needed.
	Peers map[string]string
}

// Replicas is how many nodes keep each message on a cluster.
const Replicas = 3

const (
	clusterName = "thingward"
	routeName   = "node.thingward.internal" // in every node's certificate; who is who stands in its common name
	nodeLife    = 24 * time.Hour            // of a node's certificate, which is made anew for each connection
	quorumWait  = 10 * time.Second          // after which waiting for peers is told
)

var nodeNames = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`)

// Check refuses what cannot be a cluster, saying what to change.
func (c Cluster) Check() error {
	if !nodeNames.MatchString(c.Node) {
		return fmt.Errorf("%q is no name of a node: want small letters, digits and hyphens", c.Node)
	}
	if err := checkAddress(c.Listen); err != nil {
		return err
	}
	for name, address := range c.Peers {
		if !nodeNames.MatchString(name) {
			return fmt.Errorf("%q is no name of a node: want small letters, digits and hyphens", name)
		}
		if err := checkAddress(address); err != nil {
			return err
		}
	}
	if n := len(c.names()); n < Replicas {
		return fmt.Errorf("%d nodes are named: want %d at least, this one among them", n, Replicas)
	}
	return nil
}

func checkAddress(address string) error {
	host, port, err := net.SplitHostPort(address)
	if n, perr := strconv.Atoi(port); err != nil || perr != nil || host == "" || n < 1 || n > 65535 {
		return fmt.Errorf("%q is no address: want HOST:PORT", address)
	}
	return nil
}

// names are all nodes, sorted.
func (c Cluster) names() []string {
	all := map[string]bool{c.Node: true}
	for name := range c.Peers {
		all[name] = true
	}
	return slices.Sorted(maps.Keys(all))
}

// options makes a node of the embedded server.
func (c Cluster) options(o *server.Options, key sealed.Key) error {
	if err := c.Check(); err != nil {
		return fmt.Errorf("cluster: %w", err)
	}
	host, port, _ := net.SplitHostPort(c.Listen) // checked
	o.ServerName = c.Node
	o.ConnectErrorReports, o.ReconnectErrorReports = 60, 60 // attempts, one a second
	o.Cluster = server.ClusterOpts{Name: clusterName, Host: host, NoAdvertise: true, TLSTimeout: 5}
	o.Cluster.Port, _ = strconv.Atoi(port) // checked
	for name, address := range c.Peers {
		if name != c.Node {
			o.Routes = append(o.Routes, &url.URL{Scheme: "nats", Host: address})
		}
	}
	var err error
	o.Cluster.TLSConfig, err = c.tls(key)
	return err
}

// tls is mutual TLS between the nodes.
func (c Cluster) tls(key sealed.Key) (*tls.Config, error) {
	authority, err := newAuthority(key)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AddCert(authority.cert)
	names := c.names()
	return &tls.Config{
		MinVersion: tls.VersionTLS13, RootCAs: roots, ClientCAs: roots, ClientAuth: tls.RequireAndVerifyClientCert, ServerName: routeName,
		GetCertificate:       func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return authority.issue(c.Node) },
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return authority.issue(c.Node) },
		VerifyConnection: func(s tls.ConnectionState) error {
			if name := s.PeerCertificates[0].Subject.CommonName; !slices.Contains(names, name) {
				return fmt.Errorf("node %q is not among the cluster's nodes", name)
			}
			return nil
		},
	}, nil
}

// authority issues the nodes' certificates. Every node has it.
type authority struct {
	key  ed25519.PrivateKey
	cert *x509.Certificate
}

func newAuthority(key sealed.Key) (authority, error) {
	a := authority{key: ed25519.NewKeyFromSeed(key.Derive("cluster/authority").Bytes())}
	from := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Thingward nodes"}, NotBefore: from, NotAfter: from.AddDate(200, 0, 0),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key)
	if err != nil {
		return a, fmt.Errorf("make the cluster's authority: %w", err)
	}
	a.cert, err = x509.ParseCertificate(der)
	return a, err
}

// issue makes a certificate for one connection of a node; its key is in memory only.
func (a authority) issue(node string) (*tls.Certificate, error) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: node}, NotBefore: now.Add(-nodeLife), NotAfter: now.Add(nodeLife), DNSNames: []string{routeName},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, public, a.key)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: private}, nil
}

// join opens the node's door to its peers. The server opens it by itself only after one for clients, which a node does not have.
func join(s *server.Server) {
	open := make(chan struct{})
	close(open)
	s.StartRouting(open)
}

// waitForQuorum returns when the nodes have a leader, so that streams can be opened.
func (b *Bus) waitForQuorum(ctx context.Context) error {
	told := time.Now()
	for {
		ask, cancel := context.WithTimeout(ctx, time.Second)
		_, err := b.js.AccountInfo(ask)
		cancel()
		if err == nil {
			return nil
		}
		if now := time.Now(); now.Sub(told) > quorumWait {
			told = now
			b.log.Warn("waiting for the other nodes: most of them must run", "node", b.node, "connected", strings.Join(b.Health().Connected, ", "))
		}
		select {
		case <-ctx.Done():
			return errors.Join(errors.New("the other nodes of the cluster are not there: start most of them, and check that cluster_peers names their addresses and that all have the same keys"), ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Stream opens a stream, making or changing it as configured. In a cluster it asks again while nodes come and go.
func (b *Bus) Stream(ctx context.Context, config jetstream.StreamConfig) (s jetstream.Stream, err error) {
	return s, b.Insist(ctx, config.Name, func(ctx context.Context) error {
		s, err = b.js.CreateOrUpdateStream(ctx, config)
		return err
	})
}

// Consumer opens a durable consumer as Stream does a stream.
func (b *Bus) Consumer(ctx context.Context, stream string, config jetstream.ConsumerConfig) (c jetstream.Consumer, err error) {
	return c, b.Insist(ctx, stream+" for "+config.Durable, func(ctx context.Context) error {
		c, err = b.js.CreateOrUpdateConsumer(ctx, stream, config)
		return err
	})
}

// Insist asks until it is answered: a question to a leader that has just changed never is.
func (b *Bus) Insist(ctx context.Context, what string, ask func(context.Context) error) error {
	if b.replicas == 1 {
		return ask(ctx)
	}
	for told := false; ; {
		try, cancel := context.WithTimeout(ctx, streamTry)
		err := ask(try)
		cancel()
		if err == nil || ctx.Err() != nil || !transient(err) {
			return err
		}
		if !told {
			told = true
			b.log.Warn("waiting for the message store: all nodes must run when a stream is made, and most of them later", "stream", what, "error", err)
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(200 * time.Millisecond):
		}
	}
}

const streamTry = time.Second

// transient reports an error that ends when nodes are back.
func transient(err error) bool {
	var api *jetstream.APIError
	if errors.As(err, &api) {
		return api.Code >= 500 || api.ErrorCode == noSuitablePeers
	}
	return true // not answered
}

// noSuitablePeers says that fewer nodes run than replicas are asked for.
const noSuitablePeers jetstream.ErrorCode = 10005

// Health is how a node stands in its cluster.
type Health struct {
	Node      string   // empty: no cluster
	Leader    bool     // this node leads the others
	Connected []string // the other nodes that it has a connection to
}

// Health tells how this node stands in its cluster.
func (b *Bus) Health() Health {
	if b.node == "" || b.server == nil {
		return Health{}
	}
	h := Health{Node: b.node, Leader: b.server.JetStreamIsLeader()}
	routes, err := b.server.Routez(nil)
	if err != nil {
		return h
	}
	for _, r := range routes.Routes {
		if !slices.Contains(h.Connected, r.RemoteName) {
			h.Connected = append(h.Connected, r.RemoteName)
		}
	}
	slices.Sort(h.Connected)
	return h
}
