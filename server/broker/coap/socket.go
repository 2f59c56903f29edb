package coap

import (
	"crypto/rand"
	"errors"
	"net"
	"net/netip"
	"sync"

	"github.com/pion/transport/v5/deadline"
)

// A datagram belongs to the association whose connection id it carries, or else to that of the address it came from. A
// ClientHello makes a new association; one from an address that has an association already stands beside it until its
// handshake is done, so that nobody can end another's association by a forged hello (RFC 6347, section 4.2.8).

const (
	recordHeader = 13
	recordCID    = 25 // content type tls12_cid (RFC 9146)
	recordShake  = 22
	cidSize      = 8
	cidAt        = 11 // type, version, epoch and sequence number stand before it
	waiting      = 64 // datagrams of one association that wait to be read
)

// socket is the UDP side of all associations.
type socket struct {
	s  *Server
	pc *net.UDPConn

	mu       sync.Mutex
	settled  map[netip.AddrPort]*association // handshake done
	shaking  map[netip.AddrPort]*association
	byCID    map[[cidSize]byte]*association
	each     map[netip.Addr]int // settled, by IP address
	eachHalf map[netip.Addr]int // shaking
}

func newSocket(s *Server, pc *net.UDPConn) *socket {
	return &socket{
		s: s, pc: pc, settled: map[netip.AddrPort]*association{}, shaking: map[netip.AddrPort]*association{},
		byCID: map[[cidSize]byte]*association{}, each: map[netip.Addr]int{}, eachHalf: map[netip.Addr]int{},
	}
}

// run takes datagrams until the socket is closed.
func (k *socket) run() error {
	buf := make([]byte, 64<<10)
	for {
		n, from, err := k.pc.ReadFromUDPAddrPort(buf)
		switch {
		case errors.Is(err, net.ErrClosed):
			return nil
		case err != nil:
			continue // such as the echo of a datagram that could not be delivered
		}
		if n >= recordHeader {
			k.sort(buf[:n], from)
		}
	}
}

// sort hands a datagram to its association.
func (k *socket) sort(b []byte, from netip.AddrPort) {
	k.mu.Lock()
	a, refusal := k.find(b, from)
	k.mu.Unlock()
	if refusal != "" {
		k.s.front.Refused(from.Addr().Unmap().String(), "too-many-connections", refusal)
	}
	if a == nil {
		return
	}
	select {
	case a.in <- arrival{clone(b), from}:
	default: // it does not keep up: UDP loses datagrams
	}
}

// find is the association of a datagram, a new one for a ClientHello; k.mu is held.
func (k *socket) find(b []byte, from netip.AddrPort) (a *association, refusal string) {
	if b[0] == recordCID {
		if len(b) < cidAt+cidSize {
			return nil, ""
		}
		return k.byCID[[cidSize]byte(b[cidAt:])], ""
	}
	first := b[3] == 0 && b[4] == 0 // epoch 0: of a handshake
	half, whole := k.shaking[from], k.settled[from]
	switch {
	case half != nil && (first || whole == nil || b[0] == recordShake):
		return half, ""
	case whole != nil && !first:
		return whole, ""
	case !hello(b):
		return whole, ""
	}
	if k.s.front.Banned(from.Addr().Unmap()) {
		return nil, ""
	}
	if refusal = k.full(from.Addr()); refusal != "" {
		return nil, refusal
	}
	a = &association{k: k, from: from, in: make(chan arrival, waiting), gone: make(chan struct{}), until: deadline.New()}
	_, _ = rand.Read(a.cid[:]) // never fails: it would end the process
	k.shaking[from], k.byCID[a.cid] = a, a
	k.eachHalf[from.Addr()]++
	k.s.work.Add(1)
	go func() {
		defer k.s.work.Done()
		k.s.admit(a)
	}()
	return a, ""
}

// full says why there is no room for one more; k.mu is held. When only the room for handshakes is used up, the oldest one that
// has not shown its cookie gives way: forged addresses never do.
func (k *socket) full(from netip.Addr) string {
	l := k.s.Limits
	switch {
	case k.s.closing.Load():
		return "the server is shutting down"
	case len(k.settled) >= l.Associations:
		return "too many associations"
	case k.each[from] >= l.PerAddress:
		return "too many associations of this address"
	case k.eachHalf[from] >= l.ShakingPerAddress:
		return "too many handshakes of this address"
	case len(k.shaking) < l.Shaking:
		return ""
	}
	for _, a := range k.shaking {
		if !a.shown.Load() {
			a.end()
			k.dropHalf(a)
			return ""
		}
	}
	return "too many handshakes"
}

// settle moves an association whose handshake is done to the others. The one before it at its address ends.
func (k *socket) settle(a *association) (old *association) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.dropHalf(a)
	old = k.settled[a.from]
	if old != nil {
		k.dropWhole(old)
	}
	k.settled[a.from], k.byCID[a.cid], a.settled = a, a, true
	k.each[a.from.Addr()]++
	return old
}

// move follows an association to another address, which DTLS has made sure of.
func (k *socket) move(a *association, to netip.AddrPort) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !a.settled || a.from == to {
		return
	}
	k.dropWhole(a)
	a.from, a.settled = to, true
	k.each[to.Addr()]++
	k.byCID[a.cid] = a
	if k.settled[to] == nil {
		k.settled[to] = a
	}
}

// drop forgets an association.
func (k *socket) drop(a *association) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.dropHalf(a)
	if a.settled {
		k.dropWhole(a)
	}
}

func (k *socket) dropHalf(a *association) {
	if k.shaking[a.from] != a {
		return
	}
	delete(k.shaking, a.from)
	delete(k.byCID, a.cid)
	less(k.eachHalf, a.from.Addr())
}

func (k *socket) dropWhole(a *association) {
	if k.settled[a.from] == a {
		delete(k.settled, a.from)
	}
	delete(k.byCID, a.cid)
	less(k.each, a.from.Addr())
	a.settled = false
}

func less(m map[netip.Addr]int, key netip.Addr) {
	if m[key]--; m[key] <= 0 {
		delete(m, key)
	}
}

// close ends the socket and all associations.
func (k *socket) close() {
	_ = k.pc.Close() // run ends
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, a := range k.shaking {
		a.end()
	}
	for _, a := range k.settled {
		a.end()
	}
}

// hello reports whether a datagram begins a handshake.
func hello(b []byte) bool {
	const clientHello = 1
	return len(b) > recordHeader && b[0] == recordShake && b[3] == 0 && b[4] == 0 && b[recordHeader] == clientHello
}

// cookied reports whether a ClientHello carries a cookie: its sender received what we sent there.
func cookied(b []byte) bool {
	const session = recordHeader + 12 + 2 + 32 // handshake header, version, random
	if !hello(b) || len(b) <= session {
		return false
	}
	at := session + 1 + int(b[session])
	return len(b) > at && b[at] > 0
}
