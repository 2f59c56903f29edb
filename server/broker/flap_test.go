package broker_test

import (
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/audit/audittest"
	"github.com/thingward/thingward/server/broker"
	"github.com/thingward/thingward/server/broker/packet"
	"github.com/thingward/thingward/server/store/storetest"
)

// TestFlapping: who connects over and over is refused, then banned, each time for longer; others are not touched.
func TestFlapping(t *testing.T) {
	fake, db := newFake(), storetest.Open(t)
	w := newBanWorld(t, db, broker.Limits{Connects: broker.Connects{Identity: 3, Ban: 5 * time.Minute}}, fake)
	seen := w.watch()
	for _, lasts := range []time.Duration{5 * time.Minute, 10 * time.Minute} {
		for range 3 {
			w.device(packet.V5, "d1")
		}
		for range 3 {
			if _, ack := w.connect(packet.V5, protocol.SubjectDevice, "d1"); ack.Code != packet.ConnectionRateExceeded {
				t.Fatalf("CONNACK %s", ack.Code)
			}
			if ev := seen.want("client.flapping"); ev.Initiator.ID != "d1" || ev.Data["connects"] != float64(3) {
				t.Errorf("event %v", ev.Data)
			}
		}
		placed := func() (fleet.Event, bool) {
			evs := audittest.Recorded(t, db)
			if len(evs) == 0 {
				return fleet.Event{}, false
			}
			last := evs[len(evs)-1]
			return last, last.Time.Equal(fake.Now())
		}
		eventually(t, func() bool { _, ok := placed(); return ok })
		ev, _ := placed()
		if ev.Type != "ban.placed" || ev.Data["cause"] != "flapping" || ev.Initiator.Kind != "server" || ev.Data["until"] != fake.Now().Add(lasts).Format(time.RFC3339) {
			t.Errorf("entry %+v", ev)
		}
		eventually(t, func() bool {
			_, ack := w.connect(packet.V5, protocol.SubjectDevice, "d1")
			return ack.Code == packet.Banned
		})
		w.device(packet.V311, "d2")
		fake.Advance(lasts)
	}
}

// TestHonestReconnects: a fleet that loses its network some times and comes back at once is neither refused nor banned.
func TestHonestReconnects(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{})
	seen := w.watch()
	for range 5 {
		var all []*client
		for i := range 10 {
			id := fmt.Sprintf("h%d", i)
			w.people.set(broker.Client{Kind: "device", ID: id, State: fleet.Active, Type: thermostat})
			all = append(all, w.device(packet.V5, id))
		}
		for _, c := range all {
			_ = c.nc.Close()
		}
	}
	seen.none("client.flapping")
	seen.none("connection.refused")
}

// refusedFrom reports whether an address gets no handshake.
func (w *world) refusedFrom(address string) bool {
	c, err := w.dial(packet.V5, w.cert(protocol.SubjectDevice, "d1"), address)
	if err == nil {
		_ = c.nc.Close()
	}
	return err != nil
}

// refused waits for the event of a connection that was refused for a reason.
func (e *events) refused(reason string) fleet.Event {
	e.t.Helper()
	for {
		if ev := e.want("connection.refused"); ev.Data["reason"] == reason {
			return ev
		}
	}
}

func TestConnectRateOfAnAddress(t *testing.T) {
	fake := newFake()
	w := newWorldAt(t, nil, broker.Limits{Connects: broker.Connects{Address: 1}}, fake)
	seen := w.watch()
	for i := range 10 {
		if w.refusedFrom("127.0.4.1") {
			t.Fatalf("connection %d is refused", i)
		}
	}
	if !w.refusedFrom("127.0.4.1") {
		t.Error("the address connects without end")
	}
	if ev := seen.refused("address-rate"); ev.Initiator.Address != "127.0.4.1" {
		t.Errorf("event %+v", ev)
	}
	if w.refusedFrom("127.0.4.2") {
		t.Error("another address is refused")
	}
	fake.Advance(time.Second)
	if w.refusedFrom("127.0.4.1") || !w.refusedFrom("127.0.4.1") {
		t.Error("one second brings one connection")
	}
}

func TestConnectRateOfAll(t *testing.T) {
	w := newWorldAt(t, nil, broker.Limits{Connects: broker.Connects{Global: 1}}, newFake())
	seen := w.watch()
	for i := range 10 {
		if w.refusedFrom(fmt.Sprintf("127.0.5.%d", i+1)) {
			t.Fatalf("connection %d is refused", i)
		}
	}
	if !w.refusedFrom("127.0.5.20") {
		t.Error("no limit for all")
	}
	seen.refused("global-rate")
}

func TestConnectionsOfAnAddress(t *testing.T) {
	w := newWorld(t, nil, broker.Limits{ConnectionsPerAddress: 2})
	a, b := w.account(packet.V5, "app"), w.account(packet.V5, "operator")
	if !w.refusedFrom("127.0.0.1") || w.refusedFrom("127.0.0.2") {
		t.Error("connections are not counted by address")
	}
	a.send(&packet.Disconnect{})
	a.gone()
	eventually(t, func() bool { return !w.refusedFrom("127.0.0.1") })
	b.ping()
}

// TestHandshakeAbuse: an address from which nothing but failed handshakes comes is banned; not so while a client is there.
func TestHandshakeAbuse(t *testing.T) {
	fake, db := newFake(), storetest.Open(t)
	w := newBanWorld(t, db, broker.Limits{Connects: broker.Connects{Failures: 5}}, fake)
	rubbish := func(from string) {
		t.Helper()
		nc, err := (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}).Dial("tcp", w.addr)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = nc.Write([]byte("GET / HTTP/1.1\r\nHost: there\r\n\r\n"))
		_, _ = nc.Read(make([]byte, 512))
		_ = nc.Close()
	}
	honest, _ := w.connectFrom("127.0.6.2", packet.V5, protocol.SubjectDevice, "d2")
	before := w.b.Stats().Refused
	for range 5 {
		rubbish("127.0.6.1")
		rubbish("127.0.6.2")
	}
	eventually(t, func() bool { return w.b.Stats().Refused == before+10 })
	eventually(t, func() bool { return len(audittest.Recorded(t, db)) > 0 })
	evs := audittest.Recorded(t, db)
	if len(evs) != 1 || evs[0].Data["cause"] != "handshakes" || evs[0].Data["target"] != "address 127.0.6.1/32" {
		t.Errorf("entries %+v", evs)
	}
	eventually(t, func() bool { return w.refusedFrom("127.0.6.1") })
	honest.ping()
	fake.Advance(5 * time.Minute)
	if w.refusedFrom("127.0.6.1") {
		t.Error("the ban has no end")
	}
}

// TestSlowHandshakesKeepNobodyWaiting: with one place for handshakes, clients that send half of one, or no CONNECT after it, are
// overtaken by others and closed when their time is up.
func TestSlowHandshakesKeepNobodyWaiting(t *testing.T) {
	fake := newFake()
	w := newWorldAt(t, nil, broker.Limits{Handshakes: 1}, fake)
	var slow []net.Conn
	for range 10 {
		nc, err := net.Dial("tcp", w.addr)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = nc.Write([]byte{0x16, 3, 1, 0, 200, 1, 0}) // a ClientHello that goes on, some time
		half, err := w.dial(packet.V5, w.cert(protocol.SubjectDevice, "d1"), "127.0.0.1")
		if err != nil {
			t.Fatal(err)
		}
		half.raw([]byte{0x10, 0x20, 0, 4, 'M'})
		slow = append(slow, nc, half.nc)
	}
	d2 := w.device(packet.V5, "d2")
	eventually(t, func() bool { fake.Advance(tick); d2.ping(); return w.b.Stats().Connections == 1 })
	for _, nc := range slow {
		_ = nc.SetReadDeadline(time.Now().Add(patience))
		for err := error(nil); err == nil; {
			_, err = nc.Read(make([]byte, 512))
			if ne := net.Error(nil); errors.As(err, &ne) && ne.Timeout() {
				t.Fatal("a slow client is kept")
			}
		}
		_ = nc.Close()
	}
}
