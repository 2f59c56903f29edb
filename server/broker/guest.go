package broker

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/thingward/thingward/server/broker/packet"
	"github.com/thingward/thingward/server/broker/segment"
)

// Guest is a client of another protocol while it is connected. It is safe for use by many goroutines.
type Guest struct {
	c       *conn
	receive func(Delivery)

	mu   sync.Mutex // one packet at a time, as the reader of a connection
	slow time.Time  // when it may publish again

	wire     sync.Mutex // guards what follows
	first    []byte     // CONNECT, to be read once
	asks     map[uint16]chan packet.Ack
	lastID   uint16
	verdict  *Refusal
	opened   bool
	ended    bool
	finished bool
	closed   chan struct{}
}

// Letter is a message that a guest publishes.
type Letter struct {
	Topic   string
	Payload []byte
	QoS     byte // 0 or 1
	Retain  bool
	Format  string // content type, if known
}

// Delivery is a message for a guest.
type Delivery struct {
	Topic   string
	Payload []byte
	QoS     byte
	Retain  bool
	Again   bool // it may have been delivered before
	id      uint16
}

// Subject is who the guest is: device or account, and its id.
func (g *Guest) Subject() (kind, id string) { return g.c.client.Kind, g.c.client.ID }

// Gone is closed when the guest's connection has ended: it was cut, taken over, silent, or closed by its front.
func (g *Guest) Gone() <-chan struct{} { return g.c.gone }

// Cause says why the guest has gone.
func (g *Guest) Cause() string {
	if p := g.c.cause.Load(); p != nil {
		return *p
	}
	return ""
}

// Limit is the largest packet of this client, which its device type may have lowered.
func (g *Guest) Limit() int { return g.c.limit }

// Heard notes that the client is alive, with n bytes of its protocol.
func (g *Guest) Heard(n int) {
	g.c.heard.Store(g.c.s.Clock.Now().UnixNano())
	g.c.bytesIn.Add(int64(n))
	g.c.s.count.bytesIn.Add(int64(n))
}

// Leave ends the guest's connection for a reason that its event will carry.
func (g *Guest) Leave(reason string) { g.c.end(packet.Success, reason) }

// Moved notes that the client is heard of from another address, which its channel has made sure of.
func (g *Guest) Moved(address string) {
	if g.c.place() == address {
		return
	}
	g.c.s.publish("connection.moved", g.c.party, map[string]any{"protocol": g.c.protocol(), "client": g.c.clientID, "from": g.c.place(), "to": address})
	g.c.elsewhere.Store(&address)
	if b := g.c.s.bannedBy("", addressOf(address)); b != nil {
		g.c.s.reportBanned(g.c, b)
		g.c.cut("banned " + b.ends())
	}
}

// place is the client's IP address as it is now.
func (c *conn) place() string {
	if p := c.elsewhere.Load(); p != nil {
		return *p
	}
	return c.address
}

// Topics are the topics that the client may publish and the filters it may subscribe.
func (g *Guest) Topics() (publish, subscribe []string) {
	a := g.c.acl.Load()
	if a == nil {
		return nil, nil
	}
	if a.out != nil {
		for name := range a.out.out {
			publish = append(publish, a.prefix+name)
		}
	}
	slices.Sort(publish)
	return publish, slices.Clone(a.subscribe)
}

// Count takes a request that publishes nothing, of n bytes, from the client's rate.
func (g *Guest) Count(n int) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	c, now := g.c, g.c.s.Clock.Now()
	if now.Before(g.slow) {
		c.s.count.throttled.Add(1)
		return &Refusal{Code: packet.MessageRateTooHigh, Reason: reasonRate, Wait: g.slow.Sub(now)}
	}
	c.bucket.take(n)
	return g.weigh(now)
}

const reasonRate = "the client is over its message rate: wait and try again"

// weigh notes until when the client has to wait after what it sent.
func (g *Guest) weigh(now time.Time) error {
	wait, err := g.c.overdrawn()
	g.slow = now.Add(wait)
	if err != nil {
		g.c.fail(err)
		return g.gone()
	}
	return nil
}

// Same reports whether two deliveries are the same one.
func (d Delivery) Same(o Delivery) bool { return d.id == o.id && d.Topic == o.Topic }

// Retained is what is retained on a topic that the client may subscribe.
func (g *Guest) Retained(topic string) (payload []byte, ok bool, err error) {
	if !g.c.acl.Load().maySubscribe(topic) {
		return nil, false, &Refusal{Code: packet.NotAuthorized, Reason: plain(packet.NotAuthorized, "")}
	}
	var m message
	if !g.c.s.kept.get(topic, &m) || m.expired(g.c.s.Clock.Now()) {
		return nil, false, nil
	}
	return slices.Clone(m.Payload), true, nil
}

// Publish sends one message; see PublishAll.
func (g *Guest) Publish(ctx context.Context, l Letter) error {
	return g.PublishAll(ctx, []Letter{l})[0]
}

// PublishAll sends messages together: one commit stores them. It returns when all of QoS 1 are on disk, with what became of
// each: nil, a *Refusal, or why it is not known.
func (g *Guest) PublishAll(ctx context.Context, all []Letter) []error {
	errs := make([]error, len(all))
	waits, r := g.submit(all, errs)
	for i := range all {
		switch {
		case errs[i] != nil:
		case r != nil:
			errs[i] = r
		case waits[i] != nil:
			errs[i] = g.await(ctx, waits[i])
		}
	}
	return errs
}

// submit judges and packs messages. waits holds where their acknowledgements come.
func (g *Guest) submit(all []Letter, errs []error) (waits []chan packet.Ack, r *Refusal) {
	g.mu.Lock()
	defer g.mu.Unlock()
	c := g.c
	now := c.s.Clock.Now()
	switch {
	case c.ended.Load():
		return nil, g.gone()
	case now.Before(g.slow):
		c.s.count.throttled.Add(1)
		return nil, &Refusal{Code: packet.MessageRateTooHigh, Reason: reasonRate, Wait: g.slow.Sub(now)}
	case int(c.unacked.Load())+len(all) > c.s.Limits.Receive:
		return nil, &Refusal{Code: packet.ReceiveMaximumExceeded, Reason: "too many messages of this client are unacknowledged: wait and try again", Wait: time.Second}
	}
	g.Heard(0)
	w := c.s.works.Get().(*work)
	defer c.s.works.Put(w)
	w.now = now
	waits = make([]chan packet.Ack, len(all))
	for i := range all {
		waits[i], errs[i] = g.put(&all[i], w)
	}
	c.hand(w)
	w.fan.ease()
	_ = g.weigh(now) // a guest that is ended for it hears so from its acknowledgements
	return waits, nil
}

// put hands one message to the connection as a packet.
func (g *Guest) put(l *Letter, w *work) (wait chan packet.Ack, err error) {
	c := g.c
	p := packet.Publish{Topic: []byte(l.Topic), Payload: l.Payload, QoS: l.QoS, Retain: l.Retain}
	if l.Format != "" {
		if err := p.Properties.SetText(packet.PropContentType, l.Format); err != nil {
			return nil, err
		}
	}
	if !packet.ValidTopic(l.Topic) {
		return nil, &Refusal{Code: packet.TopicNameInvalid, Reason: "the topic is not one"}
	}
	if n := max(p.Size(packet.V5), segment.Size(&segment.Record{Topic: p.Topic, Payload: p.Payload})); n > c.limit {
		c.s.count.tooLarge.Add(1)
		c.s.refuse.report(c.key(), "message.too-large", c.party, map[string]any{"size": n, "limit": c.limit, "client": c.clientID})
		return nil, &Refusal{Code: packet.PacketTooLarge, Reason: "the message is larger than this client may send"}
	}
	if l.QoS > 0 {
		wait = make(chan packet.Ack, 1)
		p.PacketID = g.ask(wait)
	}
	before := c.denials
	if err := g.do(&p, w); err != nil {
		c.fail(err)
		return nil, g.gone()
	}
	if l.QoS == 0 && c.denials != before {
		return nil, &Refusal{Code: packet.NotAuthorized, Reason: plain(packet.NotAuthorized, "")}
	}
	return wait, nil
}

// do has the connection handle a packet of ours.
func (g *Guest) do(p packet.Packet, w *work) error {
	b, err := p.Append(nil, packet.V5)
	if err != nil {
		return err
	}
	f, _, err := packet.ParseFrame(b, len(b))
	if err != nil {
		return err
	}
	return g.c.handle(f, w)
}

// await waits for an acknowledgement.
func (g *Guest) await(ctx context.Context, wait chan packet.Ack) error {
	select {
	case a := <-wait:
		if !a.Code.Failed() {
			return nil
		}
		return &Refusal{Code: a.Code, Reason: a.Properties.Text(packet.PropReasonString)}
	case <-g.c.gone:
		return g.gone()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// gone is what a guest hears whose connection has ended.
func (g *Guest) gone() *Refusal {
	return &Refusal{Code: packet.ServerUnavailable, Reason: "the connection has ended: " + g.Cause()}
}

// Subscribe adds a filter to the guest's session; what is retained on it is delivered too.
func (g *Guest) Subscribe(ctx context.Context, filter string, qos byte) error {
	wait := make(chan packet.Ack, 1)
	p := packet.Subscribe{PacketID: g.ask(wait), Subscriptions: []packet.Subscription{{Filter: filter, QoS: qos}}}
	if err := g.say(&p); err != nil {
		return err
	}
	return g.await(ctx, wait)
}

// Unsubscribe takes a filter out of the guest's session.
func (g *Guest) Unsubscribe(ctx context.Context, filter string) error {
	wait := make(chan packet.Ack, 1)
	p := packet.Unsubscribe{PacketID: g.ask(wait), Filters: []string{filter}}
	if err := g.say(&p); err != nil {
		return err
	}
	return g.await(ctx, wait)
}

// Acknowledge tells the broker that the client has a message of QoS 1: it will not be delivered again.
func (g *Guest) Acknowledge(d Delivery) {
	if d.QoS > 0 {
		_ = g.say(&packet.Ack{Type: packet.TypePuback, PacketID: d.id}) // a guest that has gone gets it again
	}
}

// say has one packet handled.
func (g *Guest) say(p packet.Packet) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.c.ended.Load() {
		return g.gone()
	}
	w := g.c.s.works.Get().(*work)
	defer g.c.s.works.Put(w)
	w.now = g.c.s.Clock.Now()
	g.Heard(0)
	err := g.do(p, w)
	g.c.hand(w)
	if err != nil {
		g.c.fail(err)
		return g.gone()
	}
	return nil
}
