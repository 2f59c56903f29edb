package broker_test

import (
	"crypto/tls"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"

	"github.com/thingward/thingward/kit/sealed"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/broker/packet"
)

// sender is a publisher that remembers its QoS 2 exchanges over connections, as the standard asks of a client.
type sender struct {
	topic string
	name  string
	made  int      // messages begun
	open  []uint16 // identifiers under way, in the order of PUBLISH
	text  map[uint16]string
	freed map[uint16]bool // PUBREL was sent
}

const senderWindow = 50

// run goes on where the last connection ended and publishes until this one does; more says whether to begin new messages.
func (s *sender) run(c *client, more func() bool) {
	for _, id := range s.open {
		if s.freed[id] {
			c.ack(packet.TypePubrel, id)
			continue
		}
		p := exact(id, s.topic, s.text[id])
		p.Dup = true
		c.send(p)
	}
	for {
		for len(s.open) < senderWindow && more() {
			id := uint16(s.made%60_000 + 1)
			s.text[id] = fmt.Sprint(s.name, "/", s.made)
			s.made++
			s.open = append(s.open, id)
			c.send(exact(id, s.topic, s.text[id]))
		}
		if len(s.open) == 0 {
			return
		}
		a, ok := c.next().(*packet.Ack)
		if !ok {
			return
		}
		switch a.Type {
		case packet.TypePubrec:
			s.freed[a.PacketID] = true
			c.ack(packet.TypePubrel, a.PacketID)
		case packet.TypePubcomp:
			s.done(a.PacketID)
		default:
			c.t.Errorf("%+v", a)
		}
	}
}

func (s *sender) done(id uint16) {
	for i, open := range s.open {
		if open == id {
			s.open = append(s.open[:i], s.open[i+1:]...)
			delete(s.freed, id)
			delete(s.text, id)
			return
		}
	}
}

// receiver is a subscriber that remembers the identifiers it has received and not been asked to release.
type receiver struct {
	mu   sync.Mutex
	got  map[string]int
	n    int
	held map[uint16]bool
}

// run takes messages until the connection ends.
func (r *receiver) run(c *client) {
	for {
		switch p := c.next().(type) {
		case nil:
			return
		case *packet.Publish:
			r.mu.Lock()
			if p.QoS != 2 {
				c.t.Errorf("QoS %d", p.QoS)
			}
			if !r.held[p.PacketID] {
				r.held[p.PacketID] = true
				r.got[string(p.Payload)]++
				r.n++
			}
			r.mu.Unlock()
			c.ack(packet.TypePubrec, p.PacketID)
		case *packet.Ack:
			if p.Type == packet.TypePubrel {
				delete(r.held, p.PacketID)
				c.ack(packet.TypePubcomp, p.PacketID)
			}
		}
	}
}

func (r *receiver) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.n
}

// TestKillExactlyOnce kills the broker again and again at random moments under QoS 2 in both directions, with two publishers
// and two subscribers, one of which is away every other round. Every message reaches each of them exactly once.
func TestKillExactlyOnce(t *testing.T) {
	const rounds = 21
	dir, key := t.TempDir(), sealed.NewKey()
	if err := key.Save(filepath.Join(dir, "key")); err != nil {
		t.Fatal(err)
	}
	ca := newAuthority(t)
	ca.write(t, dir)
	w := &world{t: t, ca: ca, certs: map[string]tls.Certificate{}}
	for _, id := range []string{"d1", "d2"} {
		w.cert(protocol.SubjectDevice, id)
	}
	var senders []*sender
	for _, id := range []string{"d1", "d2"} {
		senders = append(senders, &sender{topic: protocol.TelemetryTopic(id, "temperature"), name: id, text: map[uint16]string{}, freed: map[uint16]bool{}})
	}
	here, there := &receiver{got: map[string]int{}, held: map[uint16]bool{}}, &receiver{got: map[string]int{}, held: map[uint16]bool{}}
	for round := range rounds + 1 {
		last := round == rounds
		v := []packet.Version{packet.V5, packet.V311}[round%2]
		p, addr := child(t, dir)
		w.addr = addr
		var wg sync.WaitGroup
		for i, r := range []*receiver{here, there} {
			if i == 1 && round%2 == 1 && !last {
				continue
			}
			app := w.account(v, "app", lasting, func(p *packet.Connect) { p.ClientID = fmt.Sprint("app", i) })
			if round == 0 {
				app.subscribeAt(2, "things/+/telemetry/#")
			}
			wg.Go(func() { r.run(app) })
		}
		enough := here.count() + 20 + rand.IntN(400)
		for _, s := range senders {
			dev := w.device(v, s.name, lasting)
			wg.Go(func() { s.run(dev, func() bool { return !last && s.made < enough+1000 }) })
		}
		if last {
			all := senders[0].made + senders[1].made
			eventually(t, func() bool { return here.count() >= all && there.count() >= all })
		} else {
			eventually(t, func() bool { return here.count() >= enough })
		}
		_ = p.Process.Kill()
		_ = p.Wait()
		wg.Wait()
	}
	for i, r := range []*receiver{here, there} {
		for _, s := range senders {
			for n := range s.made {
				if got := r.got[fmt.Sprint(s.name, "/", n)]; got != 1 {
					t.Errorf("subscriber %d: message %s/%d came %d times", i, s.name, n, got)
				}
			}
		}
	}
	t.Logf("%d kills, %d messages to each of two subscribers", rounds, senders[0].made+senders[1].made)
}
