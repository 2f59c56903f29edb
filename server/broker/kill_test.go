package broker_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/kit/sealed"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/broker/packet"
	"github.com/thingward/thingward/server/bus"
)

const childDir = "THINGWARD_BROKER_TEST_DIR"

// TestChild is the process that TestKill kills: a broker on the folder that the environment names. Without one it has
// nothing to do.
func TestChild(t *testing.T) {
	dir := os.Getenv(childDir)
	if dir == "" {
		return
	}
	key, err := sealed.LoadKey(filepath.Join(dir, "key"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := bus.Open(t.Context(), bus.Config{Dir: filepath.Join(dir, "bus"), Key: key})
	if err != nil {
		t.Fatal(err)
	}
	w := newWorldOf(t, b, readAuthority(t, dir), unbound, clock.Real{})
	_, _ = fmt.Fprintln(os.Stdout, "listening", w.addr)
	_, _ = io.Copy(io.Discard, os.Stdin) // until the parent is gone
}

func (a *authority) write(t testing.TB, dir string) {
	t.Helper()
	der, err := x509.MarshalECPrivateKey(a.key)
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"ca.key": der, "ca.crt": a.cert.Raw} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func readAuthority(t testing.TB, dir string) *authority {
	t.Helper()
	key, err1 := os.ReadFile(filepath.Join(dir, "ca.key"))
	crt, err2 := os.ReadFile(filepath.Join(dir, "ca.crt"))
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	a := &authority{serial: 1000}
	if a.key, err1 = x509.ParseECPrivateKey(key); err1 != nil {
		t.Fatal(err1)
	}
	if a.cert, err2 = x509.ParseCertificate(crt); err2 != nil {
		t.Fatal(err2)
	}
	return a
}

// child starts a broker in a process of its own.
func child(t *testing.T, dir string) (p *exec.Cmd, addr string) {
	t.Helper()
	p = exec.Command(os.Args[0], "-test.run=^TestChild$")
	p.Env = append(os.Environ(), childDir+"="+dir)
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Process.Kill(); _ = p.Wait() })
	for r := bufio.NewScanner(out); r.Scan(); {
		if a, ok := strings.CutPrefix(r.Text(), "listening "); ok {
			return p, a
		}
	}
	t.Fatal("the child does not listen")
	return nil, ""
}

// TestKill kills the broker with SIGKILL while devices publish, again and again. Every message that was acknowledged reaches
// the subscriber's session; retained messages, subscriptions and sessions are there as well.
func TestKill(t *testing.T) {
	const rounds, publishers = 4, 2
	dir, key := t.TempDir(), sealed.NewKey()
	if err := key.Save(filepath.Join(dir, "key")); err != nil {
		t.Fatal(err)
	}
	ca := newAuthority(t)
	ca.write(t, dir)
	w := &world{t: t, ca: ca, certs: map[string]tls.Certificate{}}
	w.cert(protocol.SubjectDevice, "d1")
	w.cert(protocol.SubjectDevice, "d2")
	acked, got := map[string]bool{}, map[string]bool{}
	for round := range rounds {
		p, addr := child(t, dir)
		w.addr = addr
		app, ack := w.connect(packet.V5, protocol.SubjectAccount, "app", lasting)
		if ack.SessionPresent != (round > 0) {
			t.Fatalf("round %d: session present: %v", round, ack.SessionPresent)
		}
		if round == 0 {
			app.subscribe("things/+/telemetry/#")
		}
		collect(app, got, 50) // some of what waits, so that positions move
		var mu sync.Mutex
		var wg sync.WaitGroup
		for d := range publishers {
			dev := w.device(packet.V5, fmt.Sprint("d", d+1))
			wg.Go(func() { publishUntilGone(dev, fmt.Sprint("d", d+1), round, acked, &mu) })
		}
		eventually(t, func() bool { mu.Lock(); defer mu.Unlock(); return len(acked) > (round+1)*2000 })
		if err := p.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = p.Wait()
		wg.Wait()
	}
	_, w.addr = child(t, dir)
	app, _ := w.connect(packet.V5, protocol.SubjectAccount, "app", lasting)
	eventually(t, func() bool { collect(app, got, 1); return missing(acked, got) == 0 })
	last := w.account(packet.V5, "operator")
	last.subscribe("things/d1/telemetry/humidity")
	if p := last.receive(); !p.Retain || string(p.Payload) != fmt.Sprint("kept ", rounds-1) {
		t.Errorf("retained: %+v", p)
	}
}

// collect takes up to n messages, as long as some come; the ping tells that there are no more for now.
func collect(c *client, got map[string]bool, n int) {
	for range n {
		c.send(packet.Pingreq{})
		for {
			p := c.next()
			if m, ok := p.(*packet.Publish); ok {
				got[string(m.Payload)] = true
				c.send(&packet.Ack{Type: packet.TypePuback, PacketID: m.PacketID})
				continue
			}
			if _, ok := p.(*packet.Pingresp); !ok {
				c.t.Fatalf("got %T", p)
			}
			break
		}
	}
}

// publishUntilGone publishes with several messages under way until the broker is dead, and notes what was acknowledged.
func publishUntilGone(c *client, id string, round int, acked map[string]bool, mu *sync.Mutex) {
	kept := retained(65000, protocol.TelemetryTopic(id, "humidity"), fmt.Sprint("kept ", round))
	c.send(kept)
	if a, ok := c.next().(*packet.Ack); !ok || a.PacketID != 65000 {
		return
	}
	name := func(i int) string { return fmt.Sprintf("%s/%d/%d", id, round, i) }
	sent := 0
	for done := 0; ; done++ {
		for ; sent < done+40; sent++ {
			b, _ := message(uint16(sent%60000+1), protocol.TelemetryTopic(id, "temperature"), name(sent)).Append(nil, packet.V5)
			if _, err := c.nc.Write(b); err != nil {
				break
			}
		}
		a, ok := c.next().(*packet.Ack)
		if !ok {
			return
		}
		if a.Code.Failed() || a.PacketID != uint16(done%60000+1) {
			c.t.Errorf("acknowledgement %d: %+v", done, a)
		}
		mu.Lock()
		acked[name(done)] = true
		mu.Unlock()
	}
}

func missing(acked, got map[string]bool) (n int) {
	for name := range acked {
		if !got[name] {
			n++
		}
	}
	return n
}
