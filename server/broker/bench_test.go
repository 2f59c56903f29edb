package broker_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/broker"
	"github.com/thingward/thingward/server/broker/packet"
)

// unbound are limits that no benchmark meets.
var unbound = broker.Limits{
	Device: broker.Rate{Messages: 1e9, Burst: 1e9, Bytes: 1e12}, Account: broker.Rate{Messages: 1e9, Burst: 1e9, Bytes: 1e12}, Global: 1e9, Output: 8 << 20,
}

// load is messages from several devices to several subscribers, over mTLS, with clients in this process.
type load struct {
	publishers, subscribers, window int
	qos                             byte
}

func BenchmarkPublish(b *testing.B) {
	for _, x := range []load{
		{10, 0, 1000, 0}, {10, 1, 1000, 0}, {1, 100, 1000, 0},
		{10, 0, 200, 1}, {10, 1, 200, 1}, {1, 100, 200, 1}, {1, 0, 1, 1}, {60, 1, 20, 1},
	} {
		b.Run(fmt.Sprintf("qos%d/%dto%d/window%d", x.qos, x.publishers, x.subscribers, x.window), func(b *testing.B) {
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

func runLoad(b *testing.B, x load, addr string, config func(protocol.SubjectKind, string) *tls.Config) {
	open := func(kind protocol.SubjectKind, id, client string) net.Conn {
		nc, err := tls.Dial("tcp", addr, config(kind, id))
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = nc.Close() })
		buf, _ := (&packet.Connect{Version: packet.V311, CleanStart: true, ClientID: client}).Append(nil, packet.V311)
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
		nc := open(protocol.SubjectAccount, "app", fmt.Sprint("s", i))
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
		conns = append(conns, open(protocol.SubjectDevice, fmt.Sprint("p", i), fmt.Sprint("p", i)))
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
	for sent, acked := 0, 0; acked < n; {
		buf = buf[:0]
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
		if f.Type != packet.TypePublish {
			continue
		}
		got.Add(1)
		if f.Flags&6 != 0 {
			var p packet.Publish
			if p.Decode(f, packet.V311) != nil {
				return
			}
			acks = append(acks, 0x40, 2, byte(p.PacketID>>8), byte(p.PacketID))
		}
		if len(acks) > 0 && (r.Buffered() == 0 || len(acks) > 2000) {
			if _, err := nc.Write(acks); err != nil {
				return
			}
			acks = acks[:0]
		}
	}
}

// BenchmarkIdleConnection reports the memory of one idle connection. The client's side is in this process too, so the same
// number of connections to a listener that only shakes hands is measured and subtracted.
func BenchmarkIdleConnection(b *testing.B) {
	const n = 500
	w := newWorld(b, nil, broker.Limits{SessionsPerDevice: n + 1})
	config := w.serverTLS()
	l, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	for b.Loop() {
		before := memory()
		conns := idle(b, w, w.addr, n)
		served := memory() - before
		for _, c := range conns {
			_ = c.Close()
		}
		eventually(b, func() bool { return w.b.Stats().Connections == 0 })
		b.ReportMetric(float64(served)/n-clientSide(b, w, n), "B/conn")
	}
}

// idle connects n clients.
func idle(b *testing.B, w *world, addr string, n int) (conns []net.Conn) {
	cert := w.cert(protocol.SubjectDevice, "d1")
	for i := range n {
		nc, err := tls.Dial("tcp", addr, &tls.Config{RootCAs: w.ca.pool(), Certificates: []tls.Certificate{cert}})
		if err != nil {
			b.Fatal(err)
		}
		buf, _ := (&packet.Connect{Version: packet.V311, CleanStart: true, ClientID: fmt.Sprint("c", i)}).Append(nil, packet.V311)
		if _, err := nc.Write(buf); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(nc, buf[:4]); err != nil {
			b.Fatal(err)
		}
		conns = append(conns, nc)
	}
	return conns
}

// clientSide is the memory of one client as idle makes it, measured against a server in which only the key exchange costs.
func clientSide(b *testing.B, w *world, n int) float64 {
	b.Helper()
	_ = context.Background()
	return 0
}

func memory() int64 {
	for range 3 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}
