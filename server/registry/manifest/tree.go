package manifest

import (
	"encoding/json"
	"math"
	"strconv"
)

// kind is what a node holds.
type kind int

const (
	null kind = iota
	truth
	number
	text
	list
	mapping
)

var kindNames = map[kind]string{null: "nothing", truth: "true or false", number: "a number", text: "text", list: "a list", mapping: "a mapping"}

// node is a value of the file and where it stands; YAML and JSON become the same tree.
type node struct {
	kind         kind
	line, column int
	text         string // of text and number
	number       float64
	flag         bool
	items        []*node
	entries      []entry
}

// entry is one key of a mapping, in the file's order.
type entry struct {
	key          string
	line, column int
	value        *node
}

// plain is the node as encoding/json would have it, numbers in one spelling.
func (n *node) plain() any {
	switch n.kind {
	case truth:
		return n.flag
	case number:
		return json.Number(spell(n.number))
	case text:
		return n.text
	case list:
		out := make([]any, len(n.items))
		for i, item := range n.items {
			out[i] = item.plain()
		}
		return out
	case mapping:
		out := make(map[string]any, len(n.entries))
		for _, e := range n.entries {
			out[e.key] = e.value.plain()
		}
		return out
	case null:
	}
	return nil
}

// spell writes whole numbers without a fraction, so that 1, 1.0 and 1e0 are the same.
func spell(f float64) string {
	if f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		return strconv.FormatInt(int64(f), 10)
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}

// grow counts a value and its depth; false means that a limit is passed, which has been noted.
func (r *reading) grow(depth, line, column int) bool {
	r.values++
	switch {
	case depth > maxDepth:
		r.note(line, column, "", "is nested deeper than "+strconv.Itoa(maxDepth)+" levels")
	case r.values == maxValues+1:
		r.note(line, column, "", "the file holds more than "+strconv.Itoa(maxValues)+" values, aliases followed")
	}
	return depth <= maxDepth && r.values <= maxValues
}

// add appends a key to a mapping unless it is there already.
func (r *reading) add(m *node, seen map[string]bool, e entry) {
	if seen[e.key] {
		r.note(e.line, e.column, e.key, "stands here twice in one mapping: keep one")
		return
	}
	seen[e.key] = true
	m.entries = append(m.entries, e)
}
