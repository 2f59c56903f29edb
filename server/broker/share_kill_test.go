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

// TestKillShared kills the broker again and again while members take messages of QoS 1. Every message that was acknowledged to
// its publisher reaches a member; the group and its members are there after each start.
func TestKillShared(t *testing.T) {
	const rounds = 5
	dir, key := t.TempDir(), sealed.NewKey()
	if err := key.Save(filepath.Join(dir, "key")); err != nil {
		t.Fatal(err)
	}
	ca := newAuthority(t)
	ca.write(t, dir)
	w := &world{t: t, ca: ca, certs: map[string]tls.Certificate{}}
	w.cert(protocol.SubjectDevice, "d1")
	w.cert(protocol.SubjectAccount, "app")
	acked, mu := map[string]bool{}, sync.Mutex{}
	k := &worker{seen: map[string]int{}}
	for round := range rounds {
		p, addr := child(t, dir)
		w.addr = addr
		var wg sync.WaitGroup
		for i := range 3 {
			c, ack := w.connect(packet.V5, protocol.SubjectAccount, "app", lasting, named(fmt.Sprint("m", i)))
			if ack.SessionPresent != (round > 0) {
				t.Fatalf("round %d: session present: %v", round, ack.SessionPresent)
			}
			if round == 0 {
				c.subscribeAt(1, sharedFilter)
			}
			if i < 1+round%3 { // the others are away, with what they hold
				wg.Go(func() { k.work(c) })
			}
		}
		dev := w.device(packet.V5, "d1")
		wg.Go(func() { publishUntilGone(dev, "d1", round, acked, &mu) })
		eventually(t, func() bool { mu.Lock(); defer mu.Unlock(); return len(acked) > (round+1)*1500 })
		_ = p.Process.Kill()
		_ = p.Wait()
		wg.Wait()
	}
	_, w.addr = child(t, dir)
	last, ack := w.connect(packet.V5, protocol.SubjectAccount, "app", lasting, named("m2"))
	if !ack.SessionPresent {
		t.Error("session not present")
	}
	got := map[string]bool{}
	for m := range k.seen {
		got[m] = true
	}
	eventually(t, func() bool { collect(last, got, 1); return missing(acked, got) == 0 })
	t.Logf("%d kills, %d messages", rounds, len(acked))
}

// TestKillSharedExactlyOnce kills the broker at random moments under QoS 2 through a group. Every message reaches exactly one of
// the members, exactly once.
func TestKillSharedExactlyOnce(t *testing.T) {
	const rounds = 8
	dir, key := t.TempDir(), sealed.NewKey()
	if err := key.Save(filepath.Join(dir, "key")); err != nil {
		t.Fatal(err)
	}
	ca := newAuthority(t)
	ca.write(t, dir)
	w := &world{t: t, ca: ca, certs: map[string]tls.Certificate{}}
	w.cert(protocol.SubjectDevice, "d1")
	w.cert(protocol.SubjectAccount, "app")
	s := &sender{topic: temperature, name: "d1", text: map[uint16]string{}, freed: map[uint16]bool{}}
	var members []*receiver
	for range 3 {
		members = append(members, &receiver{got: map[string]int{}, held: map[uint16]bool{}})
	}
	count := func() (n int) {
		for _, r := range members {
			n += r.count()
		}
		return n
	}
	for round := range rounds + 1 {
		last := round == rounds
		p, addr := child(t, dir)
		w.addr = addr
		var wg sync.WaitGroup
		for i, r := range members {
			if i == round%3 && round > 0 && !last {
				continue // this one is away
			}
			c := w.account(packet.V5, "app", lasting, named(fmt.Sprint("m", i)))
			if round == 0 {
				c.subscribeAt(2, sharedFilter)
			}
			wg.Go(func() { r.run(c) })
		}
		enough := count() + 20 + rand.IntN(300)
		dev := w.device(packet.V5, "d1", lasting)
		wg.Go(func() { s.run(dev, func() bool { return !last && s.made < enough+1000 }) })
		if last {
			eventually(t, func() bool { return count() >= s.made })
		} else {
			eventually(t, func() bool { return count() >= enough })
		}
		_ = p.Process.Kill()
		_ = p.Wait()
		wg.Wait()
	}
	for n := range s.made {
		total := 0
		for _, r := range members {
			total += r.got[fmt.Sprint("d1/", n)]
		}
		if total != 1 {
			t.Errorf("message %d came %d times", n, total)
		}
	}
	t.Logf("%d kills, %d messages", rounds, s.made)
}
