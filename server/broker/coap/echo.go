package coap

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"net/netip"
	"time"
)

// A client whose DTLS connection id lets it go on from another address may be anywhere: a datagram held back on its way can
// be sent again from a victim's address. Until the client has answered from the new place, nothing unasked goes there and no
// more than three times as many bytes as came from there (RFC 9175, section 2.4; RFC 9146, section 6).

const (
	echoLife    = 2 * time.Minute
	amplified   = 3
	creditLeast = 256 // bytes for a notification
)

// moved notes that the client is heard of from elsewhere.
func (p *peer) moved(to netip.AddrPort) {
	p.mu.Lock()
	same := p.place == to
	p.place = to
	if !same {
		p.verified, p.credit = false, 0
	}
	p.mu.Unlock()
	if !same {
		p.guest.Moved(to.Addr().Unmap().String())
	}
}

// verify notes that the client answered from where it is.
func (p *peer) verify() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.verified {
		p.verified = true
		p.startTalk()
	}
}

// earn lets a client that has moved be answered in proportion to what it sends.
func (p *peer) earn(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.verified {
		return
	}
	if p.credit += amplified * n; p.credit >= creditLeast {
		p.startTalk()
	}
}

// sent takes what went out from the credit.
func (p *peer) sent(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.verified {
		p.credit -= n
	}
}

// afford reports whether so many bytes may go to where the client is.
func (p *peer) afford(n int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.verified || n <= p.credit
}

// mayGo reports whether a response may.
func (p *peer) mayGo(r *Message) bool {
	b, err := r.Append(nil)
	return err == nil && p.afford(len(b))
}

// echo is a value that only who receives at the client's address can know: a time, and our signature over it and the place.
func (p *peer) echo(at time.Time) []byte {
	p.mu.Lock()
	place := p.place
	p.mu.Unlock()
	stamp := binary.BigEndian.AppendUint64(nil, uint64(at.Unix()))
	mac := hmac.New(sha256.New, p.s.secret[:])
	mac.Write(stamp)
	mac.Write([]byte(place.String()))
	mac.Write([]byte(p.id))
	return append(stamp, mac.Sum(nil)[:16]...)
}

// checkEcho takes a value back. A wrong or old one is as good as none.
func (p *peer) checkEcho(m *Message) {
	value, ok := m.option(optEcho)
	if !ok || len(value) != 24 {
		return
	}
	at, now := time.Unix(int64(binary.BigEndian.Uint64(value)), 0), p.s.Clock.Now()
	if now.Sub(at) < echoLife && !at.After(now) && hmac.Equal(value, p.echo(at)) {
		p.verify()
	}
}

// challenge asks a client to show that it receives where it sends from.
func (p *peer) challenge() *Message {
	m := &Message{Code: Unauthorized}
	m.add(optEcho, p.echo(p.s.Clock.Now()))
	return m
}
