package broker_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/thingward/thingward/server/broker"
	"github.com/thingward/thingward/server/broker/packet"
)

// worker takes messages of a group and accounts for each.
type worker struct {
	mu   sync.Mutex
	done map[string]int // acknowledged, and the broker has the acknowledgement
	seen map[string]int
}

func (k *worker) see(p *packet.Publish) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.seen[string(p.Payload)]++
}

// work takes messages until the connection ends, and acknowledges three of four.
func (k *worker) work(c *client) {
	for {
		p, ok := c.next().(*packet.Publish)
		if !ok {
			return
		}
		k.see(p)
		if rand.IntN(4) > 0 {
			c.ack(packet.TypePuback, p.PacketID)
		}
	}
}

// TestSharedChurn: members come and go at random, with sessions of both kinds, some without a word. No message is lost, and one
// that was acknowledged never comes again, to nobody.
func TestSharedChurn(t *testing.T) {
	const messages = 800
	w := newWorld(t, nil, broker.Limits{})
	anchor := w.member(packet.V5, "anchor", 1, lasting, window(3))
	d1 := w.device(packet.V5, "d1")
	k := &worker{done: map[string]int{}, seen: map[string]int{}}
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				session := []func(*packet.Connect){lasting, func(*packet.Connect) {}}[rand.IntN(2)]
				c := w.account([]packet.Version{packet.V5, packet.V311}[n%2], "app", named(fmt.Sprint("m", i)), session, window(uint32(1+rand.IntN(20))))
				k.join(c)
				k.workExactly(c, 1+rand.IntN(5))
				if rand.IntN(2) == 0 {
					c.send(&packet.Disconnect{})
				}
				_ = c.nc.Close()
			}
		})
	}
	for i := range messages {
		d1.publish(uint16(i%60000+1), temperature, fmt.Sprint(i))
		want[*packet.Ack](d1)
	}
	close(stop)
	wg.Wait()
	for i := range 4 { // their sessions end, and what they held comes back
		w.leave(w.account(packet.V5, "app", named(fmt.Sprint("m", i))))
	}
	drained := func() bool {
		k.takeAll(anchor)
		return len(k.done) == messages
	}
	eventually(t, drained)
	for i := range messages {
		if n := k.done[fmt.Sprint(i)]; n != 1 {
			t.Errorf("message %d was acknowledged %d times", i, n)
		}
	}
	anchor.ping()
	eventually(t, func() bool { return w.b.Stats().Waiting == 0 })
	again := 0
	for _, n := range k.seen {
		again += n - 1
	}
	t.Logf("%d messages, %d deliveries repeated because they were not acknowledged", messages, again)
}

// workExactly takes messages and acknowledges some of them; a ping after each round tells that the broker has those.
func (k *worker) workExactly(c *client, rounds int) {
	for range rounds {
		var acked []string
		for _, most := range []int{1 + rand.IntN(30), 0} {
			c.send(packet.Pingreq{})
			for {
				p, ok := c.next().(*packet.Publish)
				if !ok {
					break
				}
				k.see(p)
				if len(acked) < most && rand.IntN(4) > 0 {
					c.ack(packet.TypePuback, p.PacketID)
					acked = append(acked, string(p.Payload))
				}
			}
		}
		k.confirm(acked)
	}
}

// join makes a client a member, which it may be already: messages may come before SUBACK then.
func (k *worker) join(c *client) {
	c.send(&packet.Subscribe{PacketID: 7, Subscriptions: []packet.Subscription{{Filter: sharedFilter, QoS: 1}}})
	for {
		p, ok := c.next().(*packet.Publish)
		if !ok {
			return
		}
		k.see(p)
	}
}

func (k *worker) confirm(acked []string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, m := range acked {
		k.done[m]++
	}
}

// takeAll takes and acknowledges everything that comes.
func (k *worker) takeAll(c *client) {
	c.send(packet.Pingreq{})
	for {
		p, ok := c.next().(*packet.Publish)
		if !ok {
			return
		}
		k.mu.Lock()
		k.seen[string(p.Payload)]++
		k.done[string(p.Payload)]++
		k.mu.Unlock()
		c.ack(packet.TypePuback, p.PacketID)
	}
}
