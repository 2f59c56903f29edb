package broker

import (
	"encoding/binary"
	"hash/maphash"

	"github.com/thingward/thingward/server/broker/packet"
)

const (
	aliasMost = 64 // aliases towards one client, whatever it offers
	aliasFrom = 8  // bytes of a topic from which on an alias pays
)

// aliases are the topic aliases in use towards one client (section 3.3.2.3.4). A topic gets one when it comes a second time soon
// after the first: a subscriber to thousands of topics, each of which is rare, would only be sent numbers for nothing. The alias
// unused for longest gives way. The output's lock guards it, because what is in force depends on the order of packets.
type aliases struct {
	most   int
	clock  uint64
	seed   maphash.Seed
	recent [aliasMost]uint64 // hashes of topics that came once
	number map[string]uint16
	list   []alias // number-1 → topic
}

type alias struct {
	topic string
	used  uint64
}

func newAliases(offered uint32) *aliases {
	if offered == 0 {
		return nil
	}
	return &aliases{most: int(min(offered, aliasMost)), seed: maphash.MakeSeed(), number: map[string]uint16{}}
}

// of returns the alias for a topic, 0 for none; set is true when the client is to be told of it.
func (a *aliases) of(topic []byte, maySet bool) (number uint16, set bool) {
	if len(topic) < aliasFrom {
		return 0, false
	}
	a.clock++
	if n, known := a.number[string(topic)]; known {
		a.list[n-1].used = a.clock
		return n, false
	}
	h := maphash.Bytes(a.seed, topic)
	if at := h % aliasMost; a.recent[at] != h {
		a.recent[at] = h
		return 0, false
	}
	if !maySet {
		return 0, false
	}
	return a.give(string(topic)), true
}

// give takes a free alias, or that of the topic unused for longest.
func (a *aliases) give(topic string) uint16 {
	at := len(a.list)
	if at < a.most {
		a.list = append(a.list, alias{})
	} else {
		at = 0
		for i := range a.list {
			if a.list[i].used < a.list[at].used {
				at = i
			}
		}
		delete(a.number, a.list[at].topic)
	}
	a.list[at] = alias{topic, a.clock}
	a.number[topic] = uint16(at + 1)
	return uint16(at + 1)
}

// sendMessage is send for a PUBLISH, whose form b is shared with other receivers: a client that offers topic aliases gets a form
// of its own.
func (c *conn) sendMessage(m *message, b []byte, idAt int, id uint16, droppable bool) bool {
	if c.shorten == nil {
		return c.send(b, idAt, id, droppable)
	}
	o := &c.out
	o.mu.Lock()
	defer o.mu.Unlock()
	const longer = 5 // by which an alias can lengthen a packet that sets it: the property, and longer lengths
	if !c.take(len(b)+longer, droppable) {
		return false
	}
	number, set := c.shorten.of(m.Topic, c.largest == 0 || len(b)+longer <= c.largest)
	if number == 0 {
		c.put(b, idAt, id)
		return true
	}
	*o.buf, idAt = packet.AppendAliased(*o.buf, b, number, set)
	if id != 0 {
		binary.BigEndian.PutUint16((*o.buf)[idAt:], id)
	}
	return true
}
