// Package topics finds who subscribed to a topic: a tree of filters, level by level, with the filters that hold no wildcard in
// one flat map beside it, because nearly every device subscribes to its own topics only.
package topics

import (
	"strings"
	"sync"
	"sync/atomic"
)

// Tree maps topic filters to values. It is safe for use by many goroutines.
type Tree[V comparable] struct {
	mu      sync.RWMutex
	exact   map[string][]V
	root    node[V]
	size    int
	version atomic.Uint64
}

// node is one level. Nearly all nodes have one child, which is kept without a map.
type node[V comparable] struct {
	name   string
	child  *node[V]
	more   map[string]*node[V]
	values []V // filters that end here
}

// New returns an empty tree.
func New[V comparable]() *Tree[V] { return &Tree[V]{exact: map[string][]V{}} }

// Version changes with every change of the tree, so that results of Match can be kept until then.
func (t *Tree[V]) Version() uint64 { return t.version.Load() }

// Touch makes results that were kept stale, for values that judge topics by more than their filters.
func (t *Tree[V]) Touch() { t.version.Add(1) }

// Len is the number of filters with their values.
func (t *Tree[V]) Len() int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.size
}

// Add puts v under filter, which must be valid. The same pair is kept once.
func (t *Tree[V]) Add(filter string, v V) {
	t.mu.Lock()
	defer t.mu.Unlock()
	defer t.version.Add(1)
	if !strings.ContainsAny(filter, "+#") {
		var added bool
		if t.exact[filter], added = with(t.exact[filter], v); added {
			t.size++
		}
		return
	}
	n := &t.root
	for level := range strings.SplitSeq(filter, "/") {
		n = n.need(level)
	}
	var added bool
	if n.values, added = with(n.values, v); added {
		t.size++
	}
}

// Remove takes v from under filter.
func (t *Tree[V]) Remove(filter string, v V) {
	t.mu.Lock()
	defer t.mu.Unlock()
	defer t.version.Add(1)
	if !strings.ContainsAny(filter, "+#") {
		before := len(t.exact[filter])
		left := without(t.exact[filter], v)
		t.size -= before - len(left)
		if t.exact[filter] = left; len(left) == 0 {
			delete(t.exact, filter)
		}
		return
	}
	t.size -= t.root.remove(strings.Split(filter, "/"), v)
}

// Match calls visit for every value whose filter matches topic. A filter that starts with a wildcard does not match topics
// that start with '$' (MQTT-4.7.2-1). visit must not change the tree.
func (t *Tree[V]) Match(topic string, visit func(V)) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	for _, v := range t.exact[topic] {
		visit(v)
	}
	t.root.match(topic, strings.HasPrefix(topic, "$"), visit)
}

func (n *node[V]) match(rest string, hidden bool, visit func(V)) {
	if end := n.get("#"); end != nil && !hidden {
		end.visit(visit) // also matches the level above it
	}
	level, deeper, more := strings.Cut(rest, "/")
	for _, name := range [2]string{level, "+"} {
		next := n.get(name)
		if next == nil || (name == "+" && hidden) || (name == level && (level == "+" || level == "#")) {
			continue
		}
		if more {
			next.match(deeper, false, visit)
			continue
		}
		next.visit(visit)
		if end := next.get("#"); end != nil {
			end.visit(visit)
		}
	}
}

func (n *node[V]) visit(visit func(V)) {
	for _, v := range n.values {
		visit(v)
	}
}

func (n *node[V]) get(name string) *node[V] {
	if n.child != nil && n.child.name == name {
		return n.child
	}
	return n.more[name]
}

// need returns the child called name, made if missing.
func (n *node[V]) need(name string) *node[V] {
	if c := n.get(name); c != nil {
		return c
	}
	c := &node[V]{name: strings.Clone(name)}
	switch {
	case n.child == nil && len(n.more) == 0:
		n.child = c
	case n.more == nil:
		n.more = map[string]*node[V]{c.name: c}
	default:
		n.more[c.name] = c
	}
	return c
}

// remove takes v away and prunes what is empty. It returns how many were removed.
func (n *node[V]) remove(levels []string, v V) int {
	if len(levels) == 0 {
		before := len(n.values)
		n.values = without(n.values, v)
		return before - len(n.values)
	}
	c := n.get(levels[0])
	if c == nil {
		return 0
	}
	removed := c.remove(levels[1:], v)
	if c.child != nil || len(c.more) > 0 || len(c.values) > 0 {
		return removed
	}
	if n.child == c {
		n.child = nil
	} else if delete(n.more, c.name); len(n.more) == 0 {
		n.more = nil
	}
	return removed
}

func with[V comparable](values []V, v V) ([]V, bool) {
	for _, old := range values {
		if old == v {
			return values, false
		}
	}
	return append(values, v), true
}

func without[V comparable](values []V, v V) []V {
	for i, old := range values {
		if old == v {
			if len(values) == 1 {
				return nil
			}
			return append(append(make([]V, 0, len(values)-1), values[:i]...), values[i+1:]...)
		}
	}
	return values
}
