package manifest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// at is a place in the tree: a value with its path, through which it is read and faulted.
type at struct {
	*reading
	path string
	node *node
}

func (a at) fault(format string, args ...any) {
	a.note(a.node.line, a.node.column, a.path, fmt.Sprintf(format, args...))
}

func (a at) under(key string) string {
	if a.path == "" {
		return key
	}
	return a.path + "." + key
}

// is notes a fault and returns false unless the value is of the wanted kind.
func (a at) is(want kind) bool {
	if a.node.kind != want {
		a.fault("want %s, this is %s", kindNames[want], kindNames[a.node.kind])
	}
	return a.node.kind == want
}

// get finds a key of a mapping.
func (a at) get(key string) (at, bool) {
	if a.node.kind == mapping {
		for _, e := range a.node.entries {
			if e.key == key {
				return at{a.reading, a.under(key), e.value}, true
			}
		}
	}
	return at{}, false
}

// need is get for a key that must be there.
func (a at) need(key, want string) (at, bool) {
	v, ok := a.get(key)
	if !ok {
		a.fault("%s is missing: want %s", key, want)
	}
	return v, ok
}

// each calls fn with every key of a mapping; anything else is a fault.
func (a at) each(fn func(key string, v at)) {
	if !a.is(mapping) {
		return
	}
	for _, e := range a.node.entries {
		fn(e.key, at{a.reading, a.under(e.key), e.value})
	}
}

// items calls fn with every item of a list; anything else is a fault.
func (a at) items(fn func(v at)) {
	if !a.is(list) {
		return
	}
	for i, item := range a.node.items {
		fn(at{a.reading, fmt.Sprintf("%s[%d]", a.path, i), item})
	}
}

// only refuses keys that are not known. Keys with a prefix other than tw: belong to other vocabularies (JSON-LD) and are
// left alone.
func (a at) only(known ...string) {
	if a.node.kind != mapping {
		return
	}
	for _, e := range a.node.entries {
		prefix, _, prefixed := strings.Cut(e.key, ":")
		if slices.Contains(known, e.key) || prefixed && prefix != "tw" && prefix != "tm" {
			continue
		}
		a.note(e.line, e.column, a.under(e.key), "is not a known key"+suggest(e.key, known))
	}
}

func (a at) text() string {
	if !a.is(text) {
		return ""
	}
	return a.node.text
}

func (a at) flag() bool { return a.is(truth) && a.node.flag }

func (a at) number() float64 {
	if !a.is(number) {
		return 0
	}
	return a.node.number
}

// word is one of a few words.
func (a at) word(words ...string) string {
	s := a.text()
	if a.node.kind == text && !slices.Contains(words, s) {
		a.fault("%s is none of %s%s", strconv.Quote(clip(s)), strings.Join(words, ", "), suggest(s, words))
		return ""
	}
	return s
}

// texts reads a list of words.
func (a at) words(known ...string) (out []string) {
	a.items(func(v at) {
		if w := v.word(known...); w != "" {
			out = append(out, w)
		}
	})
	return out
}

func clip(s string) string {
	if len(s) > 80 {
		return s[:80] + "…"
	}
	return s
}
