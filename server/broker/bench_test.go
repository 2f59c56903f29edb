package broker_test

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/broker"
	"github.com/thingward/thingward/server/broker/packet"
	"github.com/thingward/thingward/server/bus/bustest"
)

// unbound are limits that no benchmark meets.
var unbound = broker.Limits{
	Device: broker.Rate{Messages: 1e9, Burst: 1e9, Bytes: 1e12}, Account: broker.Rate{Messages: 1e9, Burst: 1e9, Bytes: 1e12}, Global: 1e9, Output: 8 << 20,
}

// load is messages from several devices to several subscribers, over mTLS, with clients in this process.
type load struct {
	publishers, subscribers, window int
	qos                             byte
	lasting                         bool // the subscriber's session, so that exchanges are stored
}

func BenchmarkPublish(b *testing.B) {
	for _, x := range []load{
		{10, 0, 1000, 0, false},
		{10, 1, 1000, 0, false},
		{1, 100, 1000, 0, false},
		{10, 0, 200, 1, false},
		{10, 1, 200, 1, false},
		{1, 100, 200, 1, false},
		{1, 0, 1, 1, false},
		{60, 1, 20, 1, false},
		{300, 1, 1, 1, false},
		{10, 1, 200, 2, false},
		{10, 1, 200, 2, true},
	} {
		name := fmt.Sprintf("qos%d/%dto%d/window%d", x.qos, x.publishers, x.subscribers, x.window)
		if x.lasting {
			name += "/lasting"
		}
		b.Run(name, func(b *testing.B) {
			w := newWorld(b, nil, unbound)
			for i := range x.publishers {
				w.people.set(broker.Client{Kind: "device", ID: fmt.Sprint("p", i), State: fleet.Active, Type: thermostat})
			}
			runLoad(b, x, w.addr, func(kind protocol.SubjectKind, id string) *tls.Config {
				return &tls.Config{RootCAs: w.ca.pool(), Certificates: []tls.Certificate{w.cert(kind, id)}}
			})
		})
	}
}

// BenchmarkPublishNodes is BenchmarkPublish on three nodes in this process, each message on the disks of two before it is
// acknowledged.
func BenchmarkPublishNodes(b *testing.B) {
	for _, x := range []load{{publishers: 10, subscribers: 1, window: 200, qos: 1}, {publishers: 300, subscribers: 1, window: 1, qos: 1}} {
		b.Run(fmt.Sprintf("qos%d/%dto%d/window%d", x.qos, x.publishers, x.subscribers, x.window), func(b *testing.B) {
			w := newWorld(b, bustest.NewNodes(b).Node(0), unbound)
			for i := range x.publishers {
				w.people.set(broker.Client{Kind: "device", ID: fmt.Sprint("p", i), State: fleet.Active, Type: thermostat})
			}
			runLoad(b, x, w.addr, func(kind protocol.SubjectKind, id string) *tls.Config {
				return &tls.Config{RootCAs: w.ca.pool(), Certificates: []tls.Certificate{w.cert(kind, id)}}
			})
		})
	}
}

func runLoad(b *testing.B, x load, addr string, config func(protocol.SubjectKind, string) *tls.Config) {
	open := func(kind protocol.SubjectKind, id, client string, clean bool) net.Conn {
		nc, err := tls.Dial("tcp", addr, config(kind, id))
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = nc.Close() })
		buf, _ := (&packet.Connect{Version: packet.V311, CleanStart: clean, ClientID: client}).Append(nil, packet.V311)
		if _, err := nc.Write(buf); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(nc, buf[:4]); err != nil || buf[3] != 0 {
			b.Fatal("refused", err)
		}
		return nc
	}
	var got atomic.Int64
	for i := range x.subscribers {
		nc := open(protocol.SubjectAccount, "app", fmt.Sprint("s", i), !x.lasting)
		buf, _ := (&packet.Subscribe{PacketID: 1, Subscriptions: []packet.Subscription{{Filter: "things/+/telemetry/#", QoS: x.qos}}}).Append(nil, packet.V311)
		if _, err := nc.Write(buf); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(nc, buf[:5]); err != nil {
			b.Fatal(err)
		}
		go drain(nc, &got)
	}
	each := b.N/x.publishers + 1
	var wg sync.WaitGroup
	var conns []net.Conn
	for i := range x.publishers {
		conns = append(conns, open(protocol.SubjectDevice, fmt.Sprint("p", i), fmt.Sprint("p", i), true))
	}
	b.ResetTimer()
	for i, nc := range conns {
		wg.Go(func() { pump(b, nc, protocol.TelemetryTopic(fmt.Sprint("p", i), "temperature"), x, each) })
	}
	wg.Wait()
	sent := int64(each * x.publishers)
	end := b.Elapsed()
	for last, at := int64(-1), time.Now(); got.Load() < sent*int64(x.subscribers) && time.Since(at) < 2*time.Second; time.Sleep(time.Millisecond) {
		if n := got.Load(); n != last {
			last, at, end = n, time.Now(), b.Elapsed()
		}
	}
	b.StopTimer()
	b.ReportMetric(float64(sent)/end.Seconds(), "msg/s")
	if x.subscribers > 0 {
		b.ReportMetric(float64(got.Load())/end.Seconds(), "delivered/s")
		b.ReportMetric(float64(got.Load())/float64(sent*int64(x.subscribers))*100, "%delivered")
	}
}

// pump publishes n messages with a window of unacknowledged ones.
func pump(b *testing.B, nc net.Conn, topic string, x load, n int) {
	payload := bytes.Repeat([]byte("x"), 128)
	r := bufio.NewReaderSize(nc, 16<<10)
	var buf []byte
	var ack [4]byte
	var released []byte
	for sent, acked := 0, 0; acked < n; {
		buf = append(buf[:0], released...)
		released = released[:0]
		for sent < n && sent-acked < x.window && len(buf) < 14<<10 {
			p := packet.Publish{Topic: []byte(topic), Payload: payload, QoS: x.qos}
			if x.qos > 0 {
				p.PacketID = uint16(sent%60000 + 1)
			}
			buf, _ = p.Append(buf, packet.V311)
			sent++
		}
		if len(buf) > 0 {
			if _, err := nc.Write(buf); err != nil {
				b.Error(err)
				return
			}
		}
		if x.qos == 0 {
			acked = sent
			continue
		}
		for first := true; acked < sent && (first || r.Buffered() >= 4); first = false {
			if _, err := io.ReadFull(r, ack[:]); err != nil {
				b.Error(err)
				return
			}
			if packet.Type(ack[0]>>4) == packet.TypePubrec {
				released = append(released, 0x62, 2, ack[2], ack[3])
				continue
			}
			acked++
		}
	}
}

// drain reads messages and acknowledges them.
func drain(nc net.Conn, got *atomic.Int64) {
	r := bufio.NewReaderSize(nc, 64<<10)
	var buf, acks []byte
	for {
		f, err := packet.ReadFrame(r, 0, buf)
		if err != nil {
			return
		}
		if cap(f.Body) > cap(buf) {
			buf = f.Body
		}
		switch f.Type {
		default: // nothing else asks for anything
		case packet.TypePubrel:
			acks = append(acks, 0x70, 2, f.Body[0], f.Body[1])
		case packet.TypePublish:
			got.Add(1)
			var p packet.Publish
			if p.Decode(f, packet.V311) != nil {
				return
			}
			if p.QoS > 0 {
				acks = append(acks, []byte{0, 0x40, 0x50}[p.QoS], 2, byte(p.PacketID>>8), byte(p.PacketID))
			}
		}
		if len(acks) > 0 && (r.Buffered() == 0 || len(acks) > 2000) {
			if _, err := nc.Write(acks); err != nil {
				return
			}
			acks = acks[:0]
		}
	}
}

// BenchmarkIdleConnection reports the memory of one idle connection: heap in use and stacks, after garbage collection, with
// the clients in another process.
func BenchmarkIdleConnection(b *testing.B) {
	const n = 1000
	b.Run("mtls", func(b *testing.B) {
		w := newWorld(b, nil, broker.Limits{SessionsPerDevice: n + 1})
		measureIdle(b, w, n, w.addr, true)
	})
	b.Run("plain", func(b *testing.B) {
		w := newWorld(b, nil, broker.Limits{SessionsPerDevice: n + 1})
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		defer func() { _ = l.Close() }()
		leaf := w.cert(protocol.SubjectDevice, "d1").Leaf
		go func() {
			for nc, err := l.Accept(); err == nil; nc, err = l.Accept() {
				w.b.BeginPlain(nc, leaf)
			}
		}()
		measureIdle(b, w, n, l.Addr().String(), false)
	})
}

func measureIdle(b *testing.B, w *world, n int, addr string, secure bool) {
	dir := b.TempDir()
	w.ca.write(b, dir)
	for b.Loop() {
		before := memory()
		p := exec.Command(os.Args[0], "-test.run=^TestIdleClients$")
		p.Env = append(os.Environ(), idleDir+"="+dir, "THINGWARD_IDLE="+fmt.Sprint(n, " ", addr, " ", secure))
		stop, err := p.StdinPipe()
		if err != nil {
			b.Fatal(err)
		}
		if err := p.Start(); err != nil {
			b.Fatal(err)
		}
		live := func() int { return len(w.b.Sessions(b.Context(), broker.Filter{})) }
		eventually(b, func() bool { return live() == n })
		b.ReportMetric(float64(memory()-before)/float64(n), "B/conn")
		_ = stop.Close()
		_ = p.Wait()
		eventually(b, func() bool { return live() == 0 })
	}
}

const idleDir = "THINGWARD_IDLE_TEST_DIR"

// TestIdleClients is the other process of BenchmarkIdleConnection: clients that connect and say nothing more. Without an
// order in the environment it has nothing to do.
func TestIdleClients(t *testing.T) {
	if os.Getenv(idleDir) == "" {
		return
	}
	var n int
	var addr string
	var secure bool
	if _, err := fmt.Sscan(os.Getenv("THINGWARD_IDLE"), &n, &addr, &secure); err != nil {
		t.Fatal(err)
	}
	ca := readAuthority(t, os.Getenv(idleDir))
	config := &tls.Config{RootCAs: ca.pool(), Certificates: []tls.Certificate{ca.issue(t, protocol.IdentityURI(protocol.SubjectDevice, "d1"))}}
	for i := range n {
		nc, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = nc.Close() }()
		if secure {
			config.ServerName = "localhost"
			nc = tls.Client(nc, config)
		}
		buf, _ := (&packet.Connect{Version: packet.V311, CleanStart: true, ClientID: fmt.Sprint("c", i)}).Append(nil, packet.V311)
		if _, err := nc.Write(buf); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(nc, buf[:4]); err != nil || buf[3] != 0 {
			t.Fatal("refused", err)
		}
	}
	_, _ = io.Copy(io.Discard, os.Stdin) // until the parent has measured
}

func memory() int64 {
	for range 4 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}
