package coap

import (
	"bytes"
	"strings"
	"time"
)

// block is the value of Block1 or Block2 (RFC 7959, section 2.2).
type block struct {
	number uint32
	more   bool
	size   int // bytes: 16 to 1024
}

const (
	blockSize   = 1024
	uploadsMost = 2 // of one client at once
)

// block reads a block option; good is false for the reserved size.
func (m *Message) block(number uint16) (b block, there, good bool) {
	v, there := m.uint(number)
	if !there {
		return block{}, false, true
	}
	return block{v >> 4, v&8 != 0, 16 << (v & 7)}, true, v&7 != 7
}

// value is the option's number for the block.
func (b block) value() uint32 {
	v := b.number << 4
	if b.more {
		v |= 8
	}
	for s := 16; s < b.size; s <<= 1 {
		v++
	}
	return v
}

// upload gathers the blocks of a request's payload.
type upload struct {
	key  string
	body []byte
	last time.Time
}

// uploadKey tells uploads apart: one method on one path with one query and one list of Request-Tags (RFC 9175, section 3.3).
func uploadKey(m *Message, path string) string {
	return strings.Join([]string{m.Code.String(), path, strings.Join(m.all(optUriQuery), "&"), strings.Join(m.all(optRequestTag), "\x00")}, "\x01")
}

// gather takes one block. done is true with the whole payload when it was the last one; otherwise answer is what to say.
func (p *peer) gather(m *Message, path string, b block) (body []byte, done bool, answer *Message) {
	now, limit := p.s.Clock.Now(), p.guest.Limit()
	if size, ok := m.uint(optSize1); ok && int64(size) > int64(limit) {
		return nil, false, tooLarge(limit)
	}
	if b.more && len(m.Payload) != b.size {
		return nil, false, reply(BadRequest, "a block that is not the last one must be whole (RFC 7959 section 2.3)")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	key := uploadKey(m, path)
	if b.number == 0 {
		p.begin(key)
	}
	u := p.find(key, now)
	switch {
	case u == nil || len(u.body) != int(b.number)*b.size:
		return nil, false, reply(EntityIncomplete, "a block before this one is missing: begin again with block 0")
	case len(u.body)+len(m.Payload) > limit:
		p.drop(key)
		return nil, false, tooLarge(limit)
	}
	u.body, u.last = append(u.body, m.Payload...), now
	if b.more {
		return nil, false, &Message{Code: Continue}
	}
	p.drop(key)
	return u.body, true, nil
}

// begin starts an upload anew; the oldest gives way when there are too many.
func (p *peer) begin(key string) {
	p.drop(key)
	if len(p.uploads) >= uploadsMost {
		p.uploads = p.uploads[1:]
	}
	p.uploads = append(p.uploads, &upload{key: key, last: p.s.Clock.Now()})
}

// find forgets uploads that went on too long ago.
func (p *peer) find(key string, now time.Time) (found *upload) {
	kept := p.uploads[:0]
	for _, u := range p.uploads {
		if now.Sub(u.last) > exchangeLifetime {
			continue
		}
		kept = append(kept, u)
		if u.key == key {
			found = u
		}
	}
	clear(p.uploads[len(kept):])
	p.uploads = kept
	return found
}

func (p *peer) drop(key string) {
	for i, u := range p.uploads {
		if u.key == key {
			p.uploads = append(p.uploads[:i:i], p.uploads[i+1:]...)
			return
		}
	}
}

func tooLarge(limit int) *Message {
	m := reply(EntityTooLarge, "the message is larger than this client may send")
	m.addUint(optSize1, uint32(limit))
	return m
}

// slice cuts the block that want asks for out of a body that does not fit into one datagram.
func slice(m *Message, body []byte, want block, asked bool) *Message {
	size := blockSize
	if asked {
		size = min(size, want.size)
	}
	if !asked && len(body) <= size {
		m.Payload = body
		return m
	}
	from := int(want.number) * size
	if want.number > 0 && from >= len(body) {
		return reply(BadRequest, "there is no such block")
	}
	to := min(from+size, len(body))
	m.Payload = bytes.Clone(body[from:to])
	m.addUint(optBlock2, block{want.number, to < len(body), size}.value())
	if want.number == 0 {
		m.addUint(optSize2, uint32(len(body)))
	}
	return m
}
