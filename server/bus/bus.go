// Package bus carries what flows: security events, announcements between nodes and the broker's messages. Behind it is
// NATS JetStream, embedded in the process on one machine and a cluster beyond it; nothing here does consensus itself.
package bus

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/kit/durable"
	"github.com/thingward/thingward/kit/sealed"
)

// Config says which JetStream to use.
type Config struct {
	// Dir holds the embedded server's files. Not used with URL.
	Dir string
	// Key encrypts the embedded server's files (JetStream's own cipher).
	Key sealed.Key
	// URL names an external NATS cluster (tls://…); empty means embedded.
	URL string
	// Cluster makes the embedded server one of several nodes; nil: it is alone.
	Cluster *Cluster
	// Options are added to the connection of an external cluster: its client certificate and trust anchor.
	Options []nats.Option
	// Replicas is how many nodes keep each message: 1 alone, 3 on a cluster.
	Replicas int
	Log      *slog.Logger
}

// Bus is an open connection to JetStream. It is safe for use by many goroutines.
type Bus struct {
	server   *server.Server // nil with an external cluster
	conn     *nats.Conn
	js       jetstream.JetStream
	replicas int
	node     string // in a cluster of embedded servers
	log      *slog.Logger

	events chan fleet.Event
	shed   atomic.Int64
	flush  chan chan struct{}
	stop   chan struct{}
	once   sync.Once
	done   sync.WaitGroup
}

// Open starts or reaches JetStream and makes sure that the event stream is there.
func Open(ctx context.Context, c Config) (*Bus, error) {
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Replicas == 0 {
		c.Replicas = 1
		if c.Cluster != nil {
			c.Replicas = Replicas
		}
	}
	b := &Bus{replicas: c.Replicas, log: c.Log, events: make(chan fleet.Event, 16384), flush: make(chan chan struct{}), stop: make(chan struct{})}
	if err := b.connect(c); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	if c.Cluster != nil {
		b.node = c.Cluster.Node
		if err := b.waitForQuorum(ctx); err != nil {
			return nil, errors.Join(err, b.Close())
		}
	}
	if err := b.openEvents(ctx); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	b.done.Go(b.writeEvents)
	return b, nil
}

func (b *Bus) connect(c Config) (err error) {
	options := append([]nats.Option{nats.Name("thingward"), nats.MaxReconnects(-1)}, c.Options...)
	url := c.URL
	if url == "" {
		if b.server, err = embed(c); err != nil {
			return err
		}
		options = append(options, nats.InProcessServer(b.server))
	}
	if b.conn, err = nats.Connect(url, options...); err != nil {
		return fmt.Errorf("connect to the message store: %w", err)
	}
	b.js, err = jetstream.New(b.conn, jetstream.WithPublishAsyncMaxPending(4096))
	return err
}

// embed starts a server inside the process. It opens no port but that for its peers: only this process can use it.
func embed(c Config) (*server.Server, error) {
	if err := errors.Join(checkKey(c.Dir, c.Key), checkNode(c.Dir, c.Cluster)); err != nil {
		return nil, err
	}
	options := &server.Options{
		ServerName: "thingward", DontListen: true, NoSigs: true, NoLog: true,
		JetStream: true, StoreDir: filepath.Clean(c.Dir), SyncAlways: true,
		JetStreamKey: hex.EncodeToString(c.Key.Derive("jetstream").Bytes()), JetStreamCipher: server.ChaCha,
		JetStreamMaxMemory: 64 << 20, JetStreamMaxStore: 64 << 30, MaxPayload: 8 << 20, MaxPending: 64 << 20,
	}
	if c.Cluster != nil {
		if err := c.Cluster.options(options, c.Key); err != nil {
			return nil, err
		}
	}
	s, err := server.NewServer(options)
	if err != nil {
		return nil, fmt.Errorf("start the message store in %s: %w", c.Dir, err)
	}
	if c.Cluster != nil {
		s.SetLoggerV2(nodeLog{c.Log}, false, false, false)
	}
	s.Start()
	if c.Cluster != nil {
		join(s)
	}
	if !s.ReadyForConnections(20 * time.Second) {
		s.Shutdown()
		return nil, fmt.Errorf("the message store in %s did not start: check that the folder is writable, has free space and is not used by another process", c.Dir)
	}
	if !s.JetStreamEnabled() {
		s.Shutdown()
		return nil, fmt.Errorf("the message store in %s cannot be opened: it is damaged or sealed with another key; restore folder and key from the same backup", c.Dir)
	}
	return s, nil
}

// checkKey refuses a key other than the one the folder was first used with. JetStream would set aside what it cannot
// decrypt and go on with nothing, which is the loss of every message.
func checkKey(dir string, key sealed.Key) error {
	const label = "bus/check"
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the folder of the message store: %w", err)
	}
	path := filepath.Join(dir, "key.check")
	box, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return durable.WriteFile(path, key.Seal([]byte(label), label), 0o600)
	}
	if err != nil {
		return fmt.Errorf("read the message store's key check: %w", err)
	}
	if _, err := key.Open(box, label); err != nil {
		return fmt.Errorf("the message store in %s is sealed with another key: restore folder and key from the same backup", dir)
	}
	return nil
}

// Conn is the core connection, for messages that need no storage.
func (b *Bus) Conn() *nats.Conn { return b.conn }

// JetStream is for packages that keep streams of their own.
func (b *Bus) JetStream() jetstream.JetStream { return b.js }

// Replicas is what streams set as their number of replicas.
func (b *Bus) Replicas() int { return b.replicas }

// Ping reports whether JetStream answers.
func (b *Bus) Ping(ctx context.Context) error {
	_, err := b.js.AccountInfo(ctx)
	return err
}

// Close writes waiting events, disconnects and stops the embedded server.
func (b *Bus) Close() error {
	b.once.Do(func() { close(b.stop) })
	b.done.Wait()
	if b.conn != nil {
		b.conn.Close()
	}
	if b.server != nil {
		b.server.Shutdown()
		b.server.WaitForShutdown()
	}
	return nil
}
