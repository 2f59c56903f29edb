package seldom

import (
	"fmt"
	"testing"
	"time"

	"github.com/thingward/thingward/kit/clock"
)

func TestGateOpensOncePerInterval(t *testing.T) {
	c := clock.NewFake(time.Unix(0, 0))
	g := NewGate(c, time.Minute, 10)
	if held, ok := g.Open("a"); !ok || held != 0 {
		t.Errorf("first: %d %v", held, ok)
	}
	for range 3 {
		if _, ok := g.Open("a"); ok {
			t.Error("open twice within the interval")
		}
	}
	if _, ok := g.Open("b"); !ok {
		t.Error("one key closes another")
	}
	c.Advance(time.Minute)
	if held, ok := g.Open("a"); !ok || held != 3 {
		t.Errorf("after the interval: %d %v", held, ok)
	}
}

func TestGateForgets(t *testing.T) {
	g := NewGate(clock.NewFake(time.Unix(0, 0)), time.Minute, 10)
	for i := range 1000 {
		g.Open(fmt.Sprint(i))
	}
	if len(g.keys) > 10 {
		t.Errorf("%d keys kept", len(g.keys))
	}
}
