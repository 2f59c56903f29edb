package broker

import (
	"net"
	"sync"

	"github.com/thingward/thingward/server/broker/packet"
)

const (
	smallRead = 256      // bytes an idle connection keeps for reading
	busyRead  = 16 << 10 // bytes it borrows while it is busy: what one TLS record holds
)

// busyBuffers lends read buffers to connections that are busy, so that idle ones hold none.
var busyBuffers = sync.Pool{New: func() any { return new([busyRead]byte) }}

// input is the reading side of a connection: bytes that came and are not used yet.
type input struct {
	buf   []byte
	have  int
	full  bool // the last read left no room
	lent  *[busyRead]byte
	small [smallRead]byte
}

// more waits for bytes. The buffer starts small, is borrowed when a read fills it and grows when one packet needs more, but
// only as far as bytes have come, so that announcing a large packet costs us nothing. When a read leaves room, nothing more
// was there: the borrowed buffer goes back before the next wait.
func (in *input) more(from net.Conn) error {
	switch {
	case in.full || (in.have > 0 && in.have == len(in.buf)):
		in.grow()
	case in.have == 0:
		in.shrink()
	}
	n, err := from.Read(in.buf[in.have:])
	in.have += n
	in.full = in.have == len(in.buf)
	if n > 0 {
		return nil // an error comes again with the next read
	}
	return err
}

// shrink gives the borrowed buffer back.
func (in *input) shrink() {
	if in.lent != nil {
		busyBuffers.Put(in.lent)
		in.lent = nil
	}
	in.buf = in.small[:]
}

func (in *input) grow() {
	if len(in.buf) < busyRead {
		in.lent = busyBuffers.Get().(*[busyRead]byte)
		copy(in.lent[:], in.buf[:in.have])
		in.buf = in.lent[:]
		return
	}
	if in.have < len(in.buf)/2 {
		return // large enough for what is left
	}
	larger := make([]byte, 2*len(in.buf))
	copy(larger, in.buf[:in.have])
	in.shrink()
	in.buf = larger
}

// used drops the first n bytes.
func (in *input) used(n int) {
	if n == 0 {
		return
	}
	in.have = copy(in.buf, in.buf[n:in.have])
}

// frame finds the packet at offset at of what came; n is 0 while it is incomplete.
func (in *input) frame(at, limit int) (f packet.Frame, n int, err error) {
	return packet.ParseFrame(in.buf[at:in.have], limit)
}
