package broker

import (
	"encoding/binary"
	"sync"
	"time"

	"github.com/thingward/thingward/kit/clock"
	"github.com/thingward/thingward/server/broker/packet"
)

// wall is the machine's clock for deadlines of the operating system, which knows no other.
var wall clock.Real

// lastWords is how long a client has to take what it is told at the end.
const lastWords = time.Second

const (
	outSmall = 2 << 10  // bytes of the buffer that a few packets need
	outLarge = 64 << 10 // and of the one for bursts
	outKept  = 1 << 20  // larger buffers are not kept
)

// outBuffers and outBursts lend write buffers; one is held only while bytes wait.
var (
	outBuffers = sync.Pool{New: func() any { b := make([]byte, 0, outSmall); return &b }}
	outBursts  = sync.Pool{New: func() any { b := make([]byte, 0, outLarge); return &b }}
)

// makeRoom exchanges a small buffer that is full for a large one.
func makeRoom(b *[]byte, n int) *[]byte {
	if len(*b)+n <= cap(*b) || cap(*b) >= outLarge {
		return b
	}
	larger := outBursts.Get().(*[]byte)
	*larger = append((*larger)[:0], *b...)
	giveBack(b)
	return larger
}

func giveBack(b *[]byte) {
	*b = (*b)[:0]
	switch {
	case cap(*b) > outKept:
	case cap(*b) >= outLarge:
		outBursts.Put(b)
	default:
		outBuffers.Put(b)
	}
}

// output is the writing side of a connection. Whoever has a packet for the client appends it; a goroutine that lives only
// while there is something to write sends all that has gathered in one system call.
type output struct {
	mu      sync.Mutex
	buf     *[]byte
	began   int64 // Unix nanoseconds when the write under way began, 0 when none is
	writing bool
	closing bool // after what waits, the connection is closed
	wanted  bool // somebody waits for room: tell the session
}

// send appends an encoded packet. id, when not 0, is put at offset idAt. droppable packets are left out when too much waits
// already; others end a connection that lets ten times as much gather. It reports whether the packet was taken.
func (c *conn) send(b []byte, idAt int, id uint16, droppable bool) bool {
	o := &c.out
	o.mu.Lock()
	defer o.mu.Unlock()
	if !c.take(len(b), droppable) {
		return false
	}
	c.put(b, idAt, id)
	return true
}

// take makes room for n bytes of a packet. It reports whether the packet is to be taken.
func (c *conn) take(n int, droppable bool) bool {
	o := &c.out
	if o.closing {
		return false
	}
	if o.buf == nil {
		o.buf = outBuffers.Get().(*[]byte)
	}
	waiting := len(*o.buf)
	if waiting+n > c.s.Limits.Output && waiting > 0 {
		if droppable {
			return false
		}
		if waiting > 10*c.s.Limits.Output {
			go c.end(packet.QuotaExceeded, "client does not read")
			return false
		}
	}
	o.buf = makeRoom(o.buf, n)
	return true
}

// put appends a packet for which there is room.
func (c *conn) put(b []byte, idAt int, id uint16) {
	o := &c.out
	at := len(*o.buf)
	*o.buf = append(*o.buf, b...)
	if id != 0 {
		binary.BigEndian.PutUint16((*o.buf)[at+idAt:], id)
	}
}

// room reports whether less than half of what may wait does; if not, the session hears when there is room again.
func (c *conn) room() bool {
	o := &c.out
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closing {
		return false
	}
	if o.buf != nil && len(*o.buf) > c.s.Limits.Output/2 {
		o.wanted = true
		return false
	}
	return true
}

// kick makes sure that what waits is being written.
func (c *conn) kick() {
	o := &c.out
	o.mu.Lock()
	start := !o.writing && (o.closing || o.buf != nil)
	if start {
		o.writing = true
	}
	o.mu.Unlock()
	if start {
		go c.write()
	}
}

// write sends until nothing waits.
func (c *conn) write() {
	o := &c.out
	for {
		o.mu.Lock()
		b := o.buf
		if b == nil {
			o.writing, o.began = false, 0
			closing := o.closing
			o.mu.Unlock()
			if closing {
				_ = c.net.Close() // the reader hears of it
			}
			return
		}
		o.buf, o.began = nil, c.s.Clock.Now().UnixNano()
		wanted := o.wanted
		o.wanted = false
		o.mu.Unlock()
		n, err := c.net.Write(*b)
		c.bytesOut.Add(int64(n))
		c.s.count.bytesOut.Add(int64(n))
		giveBack(b)
		if err != nil {
			c.broken()
			return
		}
		if wanted && c.ss != nil {
			c.ss.startPump()
		}
	}
}

// broken ends a connection that cannot be written to.
func (c *conn) broken() {
	c.out.mu.Lock()
	c.out.buf, c.out.writing, c.out.closing = nil, false, true
	c.out.mu.Unlock()
	_ = c.net.Close() // the reader hears of it
}

// finishOutput replaces what waits with last and closes the connection when that is written.
func (c *conn) finishOutput(last []byte, keep bool) {
	o := &c.out
	o.mu.Lock()
	if o.closing {
		o.mu.Unlock()
		return
	}
	o.closing = true
	if o.buf == nil {
		o.buf = outBuffers.Get().(*[]byte)
	} else if !keep {
		*o.buf = (*o.buf)[:0]
	}
	*o.buf = append(*o.buf, last...)
	o.mu.Unlock()
	_ = c.net.SetWriteDeadline(wall.Now().Add(lastWords)) // a connection without deadlines is closed by the sweep
	c.kick()
}

// stalled is how long the write under way has lasted.
func (c *conn) stalled(now time.Time) time.Duration {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	if c.out.began == 0 {
		return 0
	}
	return now.Sub(time.Unix(0, c.out.began))
}
