package coap

import (
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/transport/v5/deadline"
)

// arrival is a datagram and where it came from.
type arrival struct {
	b    []byte
	from netip.AddrPort
}

// association is one DTLS association's share of the socket, a net.PacketConn for the DTLS layer.
type association struct {
	k     *socket
	cid   [cidSize]byte
	in    chan arrival
	gone  chan struct{}
	once  sync.Once
	until *deadline.Deadline
	shown atomic.Bool // it has shown its cookie
	peer  atomic.Pointer[peer]

	holding sync.Mutex
	release func() // of the place its handshake has; nil: none
	over    bool   // its handshake is over

	from    netip.AddrPort // guarded by the socket
	settled bool
}

// place is an address that compares by value, as the DTLS layer does.
type place struct{ netip.AddrPort }

// Network is udp.
func (place) Network() string { return "udp" }

// ReadFrom waits for a datagram. The first one with a cookie waits for a place among the handshakes: from here on they cost.
func (a *association) ReadFrom(b []byte) (int, net.Addr, error) {
	select {
	case x := <-a.in:
		if !a.shown.Load() && cookied(x.b) {
			a.shown.Store(true)
			a.hold()
		}
		return copy(b, x.b), place{x.from}, nil
	case <-a.gone:
		return 0, nil, net.ErrClosed
	case <-a.until.Done():
		return 0, nil, os.ErrDeadlineExceeded
	}
}

// hold waits for a place among the handshakes.
func (a *association) hold() {
	release, ok := a.k.s.front.Shake(a.gone)
	if !ok {
		return
	}
	a.holding.Lock()
	defer a.holding.Unlock()
	if a.over {
		release()
		return
	}
	a.release = release
}

// free gives the place back.
func (a *association) free() {
	a.holding.Lock()
	defer a.holding.Unlock()
	a.over = true
	if a.release != nil {
		a.release()
		a.release = nil
	}
}

// WriteTo sends a datagram to where the DTLS layer has the client, which is news when it has moved.
func (a *association) WriteTo(b []byte, to net.Addr) (int, error) {
	p, ok := to.(place)
	if !ok {
		return 0, net.ErrClosed
	}
	return a.k.pc.WriteToUDPAddrPort(b, p.AddrPort)
}

// end lets go of the association, from any goroutine.
func (a *association) end() { a.once.Do(func() { close(a.gone) }) }

// Close is called by the DTLS layer.
func (a *association) Close() error {
	a.end()
	return nil
}

// LocalAddr is the socket's address.
func (a *association) LocalAddr() net.Addr { return a.k.pc.LocalAddr() }

// SetDeadline bounds reading.
func (a *association) SetDeadline(t time.Time) error { return a.SetReadDeadline(t) }

// SetReadDeadline bounds reading.
func (a *association) SetReadDeadline(t time.Time) error {
	a.until.Set(t)
	return nil
}

// SetWriteDeadline does nothing: sending a datagram does not wait.
func (a *association) SetWriteDeadline(time.Time) error { return nil }
