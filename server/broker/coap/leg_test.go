package coap_test

import (
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/pion/transport/v5/deadline"
)

// leg is a client's socket that can change its address under a client, as NAT does, and its client under an address, as a
// device that starts anew does.
type leg struct {
	t    testing.TB
	mu   *sync.Mutex
	pc   *net.PacketConn
	to   **leg // who reads now
	in   chan []byte
	from net.Addr
	gone chan struct{}
	once sync.Once
	end  *deadline.Deadline
}

func newLeg(t testing.TB) *leg {
	t.Helper()
	var pc net.PacketConn
	var to *leg
	l := &leg{t: t, mu: &sync.Mutex{}, pc: &pc, to: &to, in: make(chan []byte, 100), gone: make(chan struct{}), end: deadline.New()}
	to = l
	l.move()
	return l
}

// move goes on from another port.
func (l *leg) move() {
	l.t.Helper()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { _ = pc.Close() })
	l.mu.Lock()
	*l.pc = pc
	l.mu.Unlock()
	go func() {
		for {
			buf := make([]byte, 8<<10)
			n, from, err := pc.ReadFrom(buf)
			if err != nil {
				return
			}
			l.mu.Lock()
			reader := *l.to
			reader.from = from
			l.mu.Unlock()
			reader.in <- buf[:n]
		}
	}()
}

// again is the same port for another client. What the first one says at its end is lost.
func (l *leg) again() *leg {
	n := &leg{t: l.t, mu: l.mu, pc: l.pc, to: l.to, in: make(chan []byte, 100), gone: make(chan struct{}), end: deadline.New()}
	l.mu.Lock()
	defer l.mu.Unlock()
	*l.to = n
	return n
}

func (l *leg) ReadFrom(b []byte) (int, net.Addr, error) {
	select {
	case x := <-l.in:
		l.mu.Lock()
		defer l.mu.Unlock()
		return copy(b, x), l.from, nil
	case <-l.gone:
		return 0, nil, net.ErrClosed
	case <-l.end.Done():
		return 0, nil, os.ErrDeadlineExceeded
	}
}

func (l *leg) WriteTo(b []byte, to net.Addr) (int, error) {
	l.mu.Lock()
	pc, mine := *l.pc, *l.to == l
	l.mu.Unlock()
	if !mine {
		return len(b), nil
	}
	return pc.WriteTo(b, to)
}

func (l *leg) Close() error {
	l.once.Do(func() { close(l.gone) })
	return nil
}

func (l *leg) LocalAddr() net.Addr {
	l.mu.Lock()
	defer l.mu.Unlock()
	return (*l.pc).LocalAddr()
}

func (l *leg) SetDeadline(t time.Time) error { return l.SetReadDeadline(t) }

func (l *leg) SetReadDeadline(t time.Time) error {
	l.end.Set(t)
	return nil
}

func (l *leg) SetWriteDeadline(time.Time) error { return nil }

// forgedHello is a ClientHello without cookie, as anybody can send it from anywhere.
func forgedHello() []byte {
	b := []byte{22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xfe, 0xfd}
	b = append(b, make([]byte, 32)...)
	b = append(b, 0, 0, 0, 2, 0xc0, 0x2b, 1, 0)
	b[12], b[16], b[24] = byte(len(b)-13), byte(len(b)-25), byte(len(b)-25)
	return b
}
