package broker_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/broker"
	"github.com/thingward/thingward/server/broker/packet"
)

// TestTakeOverAtAnyMoment has publisher and subscriber come back on new connections again and again, while their last ones are
// alive and full of QoS 2 exchanges. Every message arrives exactly once.
func TestTakeOverAtAnyMoment(t *testing.T) {
	both(t, func(t *testing.T, v packet.Version) {
		const messages, turns = 3000, 60
		w := newWorld(t, nil, unbound)
		w.cert(protocol.SubjectDevice, "d1") // before several goroutines ask
		s := &sender{topic: temperature, name: "d1", text: map[uint16]string{}, freed: map[uint16]bool{}}
		r := &receiver{got: map[string]int{}, held: map[uint16]bool{}}
		w.account(v, "app", lasting).subscribeAt(2, "things/+/telemetry/#")
		var made atomic.Int64
		var wg sync.WaitGroup
		wg.Go(func() {
			var running sync.WaitGroup
			for turn := range int64(turns) {
				d1 := w.device(v, "d1", lasting) // takes over
				running.Wait()
				until := (turn+1)*messages/turns + int64(rand.IntN(20)) - 10
				if turn == turns-1 {
					until = messages
				}
				running.Go(func() {
					s.run(d1, func() bool {
						more := made.Load() < messages
						if more {
							made.Add(1)
						}
						return more
					})
				})
				eventually(t, func() bool { return made.Load() >= until })
			}
			running.Wait()
		})
		wg.Go(func() {
			var running sync.WaitGroup
			for turn := range turns {
				app := w.account(v, "app", lasting)
				running.Wait()
				until := (turn+1)*messages/turns + rand.IntN(20) - 10
				if turn == turns-1 {
					until = messages
				}
				running.Go(func() { r.run(app) })
				eventually(t, func() bool { return r.count() >= until })
				if turn == turns-1 {
					_ = app.nc.Close()
				}
			}
			running.Wait()
		})
		wg.Wait()
		for n := range messages {
			if got := r.got[fmt.Sprint("d1/", n)]; got != 1 {
				t.Errorf("message %d came %d times", n, got)
			}
		}
	})
}

// TestAClientThatNeverAcknowledges holds its window and its queue, and no more.
func TestAClientThatNeverAcknowledges(t *testing.T) {
	for _, qos := range []byte{1, 2} {
		w := newWorld(t, nil, broker.Limits{AccountQueue: 50, Inflight: 10})
		app := w.account(packet.V5, "app", lasting)
		app.subscribeAt(qos, "things/+/telemetry/#")
		d1 := w.device(packet.V5, "d1")
		for i := range 300 {
			if qos == 2 {
				d1.deliver(uint16(i+1), temperature, "x")
				continue
			}
			d1.publish(uint16(i+1), temperature, "x")
			d1.wantAck(packet.TypePuback, uint16(i+1), packet.Success)
		}
		eventually(t, func() bool {
			i := w.b.Sessions(t.Context(), broker.Filter{ID: "app"})[0]
			return i.Inflight == 10 && i.Queued == 50
		})
	}
}
