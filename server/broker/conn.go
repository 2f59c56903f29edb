package broker

import (
	"errors"
	"net"
	"net/netip"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/broker/packet"
)

// conn is one network connection, from the end of its handshake. One goroutine reads it; a second one exists only while
// something is written.
type conn struct {
	s         *Service
	net       net.Conn
	raw       net.Conn               // beneath TLS, for closing from outside
	transport string                 // mqtts, wss, coaps, https
	front     *Front                 // of a guest; nil: MQTT
	elsewhere atomic.Pointer[string] // where a guest has moved to
	address   string                 // IP address
	ip        netip.Addr
	from      *place // counts it; nil when nothing does
	counted   bool   // as live there
	secure    string // TLS 1.3
	serial    string // of the certificate, lower-case hex

	// Set before CONNACK, read only from then on.
	client    Client
	subject   string // kind/id
	clientID  string
	version   packet.Version
	party     fleet.Party
	ss        *session
	since     time.Time
	keepAlive time.Duration // one and a half times what was agreed; 0: none
	limit     int           // largest packet we take
	largest   int           // largest packet the client takes; 0: any
	window    int           // messages of QoS 1 and 2 it takes at once
	terse     bool          // it asked for no reason strings
	shorten   *aliases      // topic aliases towards it; nil: it offers none

	acl     aclRef
	heard   atomic.Int64 // Unix nanoseconds of the last bytes
	ended   atomic.Bool
	live    atomic.Bool // CONNACK was sent
	cause   atomic.Pointer[string]
	clean   bool // the client said goodbye
	unacked atomic.Int32
	acked   atomic.Int64 // Unix nanoseconds of the last acknowledgement
	held    atomic.Bool  // held back by its rate
	barred  atomic.Bool  // its right has ended: no will
	gone    chan struct{}
	aliases []string
	denials int // publishes refused
	bucket  bucket
	habit   *habit // of a device whose type gives no rate

	in       input
	out      output
	received atomic.Int64
	sent     atomic.Int64
	bytesIn  atomic.Int64
	bytesOut atomic.Int64
	lost     atomic.Int64 // QoS 0 messages it was too slow for
}

// work is what one read of a connection gives rise to, handed on in one go. It is borrowed while bytes are at hand.
type work struct {
	stored  []byte   // records of publishes of QoS 1 and 2, and of the steps of QoS 2
	waiters []waiter // who waits for them
	loose   []byte   // records of QoS 0 publishes, for readers inside the server
	fan     fan
	now     time.Time // when the bytes came
	publish packet.Publish
	ack     packet.Ack
	msg     message
}

// errLeft ends reading without a fault: the client said goodbye or we ended the connection.
var errLeft = errors.New("connection ended")

// loop reads until the connection ends. It runs in a goroutine of its own, whose stack has not been grown by the handshake.
func (c *conn) loop() {
	defer c.s.serving.Done()
	defer c.finish()
	defer c.survive()
	for !c.ended.Load() {
		if err := c.turn(); err != nil {
			c.fail(err)
			return
		}
		if err := c.in.more(c.net); err != nil {
			c.end(packet.Success, "connection lost")
			return
		}
	}
}

// turn handles every whole packet at hand.
func (c *conn) turn() error {
	if c.in.have == 0 {
		return nil
	}
	w := c.s.works.Get().(*work)
	w.now = c.s.Clock.Now()
	c.heard.Store(w.now.UnixNano())
	at, err := c.eat(w)
	c.hand(w)
	w.fan.ease()
	c.s.works.Put(w)
	c.bytesIn.Add(int64(at))
	c.s.count.bytesIn.Add(int64(at))
	c.in.used(at)
	if err != nil {
		return err
	}
	return c.throttle()
}

func (c *conn) eat(w *work) (at int, err error) {
	for at < c.in.have && !c.ended.Load() {
		f, n, err := c.in.frame(at, c.limit)
		if err != nil || n == 0 {
			return at, err
		}
		at += n
		if err := c.handle(f, w); err != nil {
			return at, err
		}
	}
	return at, nil
}

// hand gives the packed publishes to the commit and starts writing to whoever got something.
func (c *conn) hand(w *work) {
	if len(w.waiters) > 0 {
		c.s.commit.submit(w.stored, w.waiters)
		clear(w.waiters)
		w.stored, w.waiters = w.stored[:0], w.waiters[:0]
		if cap(w.stored) > outKept {
			w.stored = nil
		}
	}
	if len(w.loose) > 0 {
		c.s.taps.offer(w.loose, w.now)
		w.loose = w.loose[:0]
	}
	w.fan.kick()
	c.kick()
}

// handle does what one packet asks for.
func (c *conn) handle(f packet.Frame, w *work) error {
	switch f.Type {
	case packet.TypePublish:
		return c.onPublish(f, w)
	case packet.TypePuback:
		if err := w.ack.Decode(f, c.version); err != nil {
			return err
		}
		return c.ss.acknowledged(c, w.ack.PacketID)
	case packet.TypePubrec:
		return c.onPubrec(f, w)
	case packet.TypePubrel:
		return c.onPubrel(f, w)
	case packet.TypePubcomp:
		return c.onPubcomp(f, w)
	case packet.TypePingreq:
		if err := (packet.Pingreq{}).Decode(f, c.version); err != nil {
			return err
		}
		c.send(pingresp, 0, 0, false)
		return nil
	case packet.TypeSubscribe:
		c.hand(w) // what was published before comes first
		return c.onSubscribe(f)
	case packet.TypeUnsubscribe:
		c.hand(w)
		return c.onUnsubscribe(f)
	case packet.TypeDisconnect:
		c.hand(w)
		return c.onDisconnect(f)
	default:
		return &packet.Error{Packet: f.Type, Code: packet.ProtocolError, Clause: "MQTT5 section 4.13", Detail: "packet is not expected here"}
	}
}

var pingresp = []byte{byte(packet.TypePingresp) << 4, 0}

// survive keeps a fault of ours inside the connection that met it.
func (c *conn) survive() {
	if p := recover(); p != nil {
		c.s.count.panics.Add(1)
		c.s.Log.Error("panic in a connection, which was ended", "client", c.clientID, "subject", c.subject, "panic", p, "stack", string(debug.Stack()))
		c.end(packet.UnspecifiedError, "fault of the server")
	}
}

// fail ends the connection for what the client did, and reports it.
func (c *conn) fail(err error) {
	var pe *packet.Error
	switch {
	case errors.Is(err, errLeft):
		c.end(packet.Success, "")
	case errors.As(err, &pe):
		c.report(pe)
		c.end(pe.Code, pe.Error())
	default:
		c.end(packet.Success, "connection lost")
	}
}

// report publishes what a bad packet calls for.
func (c *conn) report(pe *packet.Error) {
	switch {
	case errors.Is(pe, packet.ErrTooLarge):
		c.s.count.tooLarge.Add(1)
		c.s.refuse.report(c.key(), "message.too-large", c.party, map[string]any{"size": c.announced(), "limit": c.limit, "client": c.clientID})
	case pe.Code == packet.MalformedPacket || pe.Code == packet.ProtocolError:
		c.s.count.malformed.Add(1)
		c.s.refuse.report(c.key(), "message.malformed", c.party, map[string]any{"reason": pe.Error(), "client": c.clientID})
	}
}

// announced is the size of the packet at hand as its header gives it.
func (c *conn) announced() int {
	h, n, err := packet.ParseFixedHeader(c.in.buf[:c.in.have])
	if err != nil || n == 0 {
		return 0
	}
	return n + h.Remaining
}

// key is under which refusals of this client are counted together.
func (c *conn) key() string {
	if c.subject != "" {
		return c.subject
	}
	return c.address
}
