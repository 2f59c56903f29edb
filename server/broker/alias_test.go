package broker

import (
	"fmt"
	"testing"
)

func TestAliasesAreGivenWhereTheyPay(t *testing.T) {
	a := newAliases(2)
	ask := func(topic string, want uint16, wantSet bool) {
		t.Helper()
		if n, set := a.of([]byte(topic), true); n != want || set != wantSet {
			t.Errorf("%s: %d, %v; want %d, %v", topic, n, set, want, wantSet)
		}
	}
	ask("short", 0, false)
	ask("short", 0, false)
	for n, topic := range []string{"topic/one", "topic/two"} {
		ask(topic, 0, false)
		ask(topic, uint16(n+1), true)
		ask(topic, uint16(n+1), false)
	}
	ask("topic/one", 1, false)
	ask("topic/three", 0, false)
	if n, set := a.of([]byte("topic/three"), false); n != 0 || set {
		t.Error("set although the packet may not grow")
	}
	ask("topic/three", 2, true) // two was used before one
}

// TestManyTopicsGetNoAliases: nobody is sent numbers for topics that do not come again soon, and what is remembered is bounded.
func TestManyTopicsGetNoAliases(t *testing.T) {
	a := newAliases(1 << 16)
	given := 0
	for range 3 {
		for i := range 10_000 {
			if n, _ := a.of(fmt.Appendf(nil, "things/%d/event", i), true); n != 0 {
				given++
			}
		}
	}
	if given > 100 || len(a.list) > aliasMost || len(a.number) > aliasMost {
		t.Errorf("%d of 30,000 with an alias, %d aliases", given, len(a.list))
	}
	if newAliases(0) != nil {
		t.Error("an alias for a client that takes none")
	}
}
