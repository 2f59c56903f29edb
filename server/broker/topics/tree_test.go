package topics_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/thingward/thingward/server/broker/packet"
	"github.com/thingward/thingward/server/broker/topics"
)

var filters = []string{
	"#", "+", "/", "/#", "+/+", "a", "a/#", "a/+", "a/b", "a/b/#", "a/+/c", "+/b/c", "a/b/c", "a//c", "$sys/#", "$sys/a", "+/a", "a/", "a/+/", "/a", "b/+/#", "a/b/c/d/#",
}

var names = []string{"a", "b", "/", "a/b", "a/b/c", "a//c", "$sys", "$sys/a", "a/", "/a", "b/a", "b/a/c", "a/b/c/d", "a/b/c/d/e", "c", "a/+", "x/b/c"}

func matched(tree *topics.Tree[string], topic string) []string {
	var got []string
	tree.Match(topic, func(v string) { got = append(got, v) })
	slices.Sort(got)
	return got
}

// TestTreeAgreesWithMatch compares the tree with the codec's own comparison of one filter with one topic, while filters
// come and go in random order.
func TestTreeAgreesWithMatch(t *testing.T) {
	tree, in := topics.New[string](), map[string]bool{}
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		f := filters[rnd.IntN(len(filters))]
		if in[f] {
			tree.Remove(f, f)
		} else {
			tree.Add(f, f)
			tree.Add(f, f)
		}
		in[f] = !in[f]
		topic := names[rnd.IntN(len(names))]
		if strings.ContainsAny(topic, "+#") {
			continue
		}
		var want []string
		for _, f := range filters {
			if in[f] && packet.Match(f, topic) {
				want = append(want, f)
			}
		}
		slices.Sort(want)
		if got := matched(tree, topic); !slices.Equal(got, want) {
			t.Fatalf("%q: %v, want %v", topic, got, want)
		}
	}
	for f, there := range in {
		if there {
			tree.Remove(f, f)
		}
	}
	if tree.Len() != 0 {
		t.Errorf("%d filters left", tree.Len())
	}
}

func TestVersionChangesWithTheTree(t *testing.T) {
	tree := topics.New[int]()
	before := tree.Version()
	tree.Add("a/+", 1)
	if tree.Version() == before {
		t.Error("same version after a change")
	}
}

func TestCovers(t *testing.T) {
	for _, c := range []struct {
		pattern, filter string
		want            bool
	}{
		{"things/+/telemetry/#", "things/d/telemetry/temp", true},
		{"things/+/telemetry/#", "things/+/telemetry/#", true},
		{"things/+/telemetry/#", "things/+/telemetry", true},
		{"things/+/telemetry/#", "things/+/#", false},
		{"things/+/telemetry/#", "#", false},
		{"things/d/command/+", "things/d/command/#", false},
		{"things/d/command/#", "things/d/command/#", true},
		{"things/d/command/+", "things/+/command/x", false},
		{"things/d/twin/desired", "things/d/twin/+", false},
		{"+/+", "a", false},
		{"a", "a/b", false},
		{"#", "+/x", true},
	} {
		if got := topics.Covers(c.pattern, c.filter); got != c.want {
			t.Errorf("Covers(%q, %q) = %v", c.pattern, c.filter, got)
		}
	}
}

// TestCoversAgreesWithMatch checks the meaning of Covers on every topic we have.
func TestCoversAgreesWithMatch(t *testing.T) {
	for _, p := range filters {
		for _, f := range filters {
			if strings.HasPrefix(p, "#") || strings.HasPrefix(p, "+") || !topics.Covers(p, f) {
				continue
			}
			for _, n := range names {
				if !strings.ContainsAny(n, "+#") && packet.Match(f, n) && !packet.Match(p, n) {
					t.Errorf("%q covers %q, but not %q", p, f, n)
				}
			}
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	tree := topics.New[int]()
	for i := range 10_000 {
		tree.Add("things/"+strings.Repeat("x", i%30)+"/command/+", i)
	}
	tree.Add("things/+/telemetry/#", -1)
	n := 0
	for b.Loop() {
		tree.Match("things/0192f3a0-0000-7000-8000-000000000000/telemetry/temperature", func(int) { n++ })
	}
}
