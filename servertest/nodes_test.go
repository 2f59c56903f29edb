package servertest_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/eclipse/paho.golang/paho"

	"github.com/thingward/thingward/protocol"
	"github.com/thingward/thingward/server/store/storetest"
	"github.com/thingward/thingward/servertest"
)

// TestThreeNodes kills, stops and puts to sleep the active one of three nodes while a device publishes. What was acknowledged
// reaches a subscriber that was away, in order; the node that slept ends by itself when it wakes up. With SQLite alone, a node
// must refuse to be one of several.
func TestThreeNodes(t *testing.T) {
	url := storetest.URLs(t)["postgres"]
	if url == "" {
		c := servertest.Config(t.TempDir())
		c.ClusterNode, c.ClusterListen, c.ClusterPeers = "a", "127.0.0.1:1", []string{"b=127.0.0.1:2", "c=127.0.0.1:3"}
		if err := c.Check(); err == nil || !strings.Contains(err.Error(), "PostgreSQL") {
			t.Errorf("several nodes on SQLite: %v", err)
		}
		return
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	nodes := servertest.NewNodes(t, url)
	for _, n := range nodes {
		n.Launch()
	}
	at := active(t, nodes, -1)
	for i, n := range nodes {
		if i != at {
			servertest.Eventually(t, "the others are standbys", func() bool { return strings.Contains(n.Says(), "standby") })
		}
	}
	s := nodes[at].SignIn()
	s.ApplyTypes()
	app := application(t, s, "billing")
	l := listen(ctx, t, s, app)
	if _, err := l.client.Subscribe(ctx, &paho.Subscribe{Subscriptions: []paho.SubscribeOptions{{Topic: "things/+/telemetry/#", QoS: 1}}}); err != nil {
		t.Fatal(err)
	}
	if err := l.client.Disconnect(&paho.Disconnect{}); err != nil {
		t.Fatal(err)
	}
	id, claim := s.Device("air-quality", "air")
	p := publisher{nodes: nodes, id: id, cert: enrol(t, s, id, claim)}
	loud, quiet := context.WithCancel(ctx)
	var done sync.WaitGroup
	done.Go(func() { p.run(loud) })
	p.some(t)

	nodes[at].Kill()
	next := active(t, nodes, at)
	p.some(t)
	t.Logf("killed: acknowledgements stalled for %v", p.stall())
	nodes[at].Launch()
	servertest.Eventually(t, "the killed one is a standby", func() bool { return strings.Contains(nodes[at].Says(), "standby") })

	nodes[next].Signal(syscall.SIGTERM)
	if !nodes[next].Ended() {
		t.Error("the node did not stop in order")
	}
	third := active(t, nodes, next)
	p.some(t)
	t.Logf("stopped in order: acknowledgements stalled for %v", p.stall())
	nodes[next].Launch()
	servertest.Eventually(t, "the stopped one is a standby", func() bool { return strings.Contains(nodes[next].Says(), "standby") })

	nodes[third].Signal(syscall.SIGSTOP)
	last := active(t, nodes, third)
	p.some(t)
	t.Logf("put to sleep: acknowledgements stalled for %v", p.stall())
	nodes[third].Signal(syscall.SIGCONT)
	if nodes[third].Ended() {
		t.Error("the node that slept found nothing wrong")
	}
	p.some(t)
	quiet()
	done.Wait()
	l = listen(ctx, t, nodes[last].SignIn(), app)
	if !l.resumed {
		t.Fatal("the session was lost")
	}
	compare(ctx, t, l, map[string][]int{id: p.acked})
}

// active waits until a node other than one serves.
func active(t *testing.T, nodes []*servertest.Process, not int) (at int) {
	t.Helper()
	servertest.Eventually(t, "a node becomes active", func() bool {
		for i, n := range nodes {
			if i != not && n.Ready() {
				at = i
				return true
			}
		}
		return false
	})
	return at
}

// publisher is a device that publishes readings that count up, on whatever node lets it in. A reading that is not acknowledged is
// given up, because it may have been stored and must not come again out of its order.
type publisher struct {
	nodes []*servertest.Process
	id    string
	cert  *tls.Certificate

	mu    sync.Mutex
	acked []int
	last  time.Time
	worst time.Duration
}

func (p *publisher) run(ctx context.Context) {
	for n := 0; ctx.Err() == nil; {
		for _, node := range p.nodes {
			n = p.on(ctx, node.Doors(), n)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// on publishes on a node as long as that acknowledges.
func (p *publisher) on(ctx context.Context, s *servertest.Server, n int) int {
	short, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	c, err := client(short, s, p.cert, p.id, nil)
	if err != nil {
		return n
	}
	for ; ctx.Err() == nil; time.Sleep(20 * time.Millisecond) {
		try, cancel := context.WithTimeout(ctx, 2*time.Second)
		resp, err := c.Publish(try, &paho.Publish{Topic: protocol.TelemetryTopic(p.id, "air"), QoS: 1, Payload: fmt.Appendf(nil, `{"co2":%d}`, 400+n)})
		cancel()
		n++
		if err != nil || resp.ReasonCode >= 0x80 {
			break
		}
		p.note(400 + n - 1)
	}
	return n
}

func (p *publisher) note(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if !p.last.IsZero() {
		p.worst = max(p.worst, now.Sub(p.last))
	}
	p.acked, p.last = append(p.acked, n), now
}

// stall is the longest time between two acknowledgements since the last call.
func (p *publisher) stall() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	worst := p.worst
	p.worst = 0
	return worst.Round(10 * time.Millisecond)
}

// some waits for acknowledgements.
func (p *publisher) some(t *testing.T) {
	t.Helper()
	p.mu.Lock()
	before := len(p.acked)
	p.mu.Unlock()
	servertest.Eventually(t, "readings are acknowledged", func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return len(p.acked) > before+20
	})
}
