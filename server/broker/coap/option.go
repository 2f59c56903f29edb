package coap

import (
	"encoding/binary"
	"slices"
	"strings"
)

// The options that we know. An odd number is critical: who does not know it must refuse the message (RFC 7252, section 5.4.1).
const (
	optUriHost       = 3
	optETag          = 4
	optObserve       = 6 // RFC 7641
	optUriPort       = 7
	optLocationPath  = 8
	optUriPath       = 11
	optContentFormat = 12
	optMaxAge        = 14
	optUriQuery      = 15
	optAccept        = 17
	optBlock2        = 23 // RFC 7959
	optBlock1        = 27
	optSize2         = 28
	optProxyURI      = 35
	optProxyScheme   = 39
	optSize1         = 60
	optEcho          = 252 // RFC 9175
	optNoResponse    = 258 // RFC 7967
	optRequestTag    = 292
)

// optionRule says what an option's value may look like.
type optionRule struct {
	least, most int
	repeats     bool
}

var optionRules = map[uint16]optionRule{
	optUriHost: {1, 255, false}, optETag: {1, 8, true}, optObserve: {0, 3, false}, optUriPort: {0, 2, false},
	optLocationPath: {0, 255, true}, optUriPath: {0, 255, true}, optContentFormat: {0, 2, false}, optMaxAge: {0, 4, false},
	optUriQuery: {0, 255, true}, optAccept: {0, 2, false}, optBlock2: {0, 3, false}, optBlock1: {0, 3, false}, optSize2: {0, 4, false},
	optProxyURI: {1, 1034, false}, optProxyScheme: {1, 255, false}, optSize1: {0, 4, false}, optEcho: {1, 40, false},
	optNoResponse: {0, 1, false}, optRequestTag: {0, 8, true},
}

// Check takes out the elective options that are unknown, badly sized or repeated where they must not be, and returns the first
// such critical one, which the whole message is refused for (RFC 7252, sections 5.4.1, 5.4.3 and 5.4.5).
func (m *Message) Check() (critical uint16, ok bool) {
	kept := m.Options[:0]
	ok = true
	for _, o := range m.Options {
		rule, known := optionRules[o.Number]
		good := known && len(o.Value) >= rule.least && len(o.Value) <= rule.most
		if good && !rule.repeats && len(kept) > 0 && kept[len(kept)-1].Number == o.Number {
			good = false
		}
		switch {
		case good:
			kept = append(kept, o)
		case o.Number&1 == 1 && ok:
			critical, ok = o.Number, false
		}
	}
	m.Options = kept
	return critical, ok
}

// option is the value of the first option of a number.
func (m *Message) option(number uint16) (value []byte, ok bool) {
	for _, o := range m.Options {
		if o.Number == number {
			return o.Value, true
		}
	}
	return nil, false
}

// uint is an option's value as a number (section 3.2).
func (m *Message) uint(number uint16) (value uint32, ok bool) {
	b, ok := m.option(number)
	if !ok || len(b) > 4 {
		return 0, false
	}
	for _, x := range b {
		value = value<<8 | uint32(x)
	}
	return value, true
}

// all are the values of a repeatable option.
func (m *Message) all(number uint16) (list []string) {
	for _, o := range m.Options {
		if o.Number == number {
			list = append(list, string(o.Value))
		}
	}
	return list
}

// path is the request's path without a slash before it. A segment that holds a slash or nothing makes it no path of ours.
func (m *Message) path() (path string, ok bool) {
	parts := m.all(optUriPath)
	for _, p := range parts {
		if p == "" || strings.Contains(p, "/") {
			return "", false
		}
	}
	return strings.Join(parts, "/"), true
}

func (m *Message) add(number uint16, value []byte) {
	m.Options = append(m.Options, Option{number, value})
}

// addUint adds an option with a number in its shortest form.
func (m *Message) addUint(number uint16, value uint32) {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], value)
	at := 0
	for at < 4 && b[at] == 0 {
		at++
	}
	m.add(number, slices.Clone(b[at:]))
}

// formats are the content formats that are taken, by number (RFC 7252 section 12.3, RFC 8949, RFC 8428).
var formats = map[uint32]string{
	0: "text/plain;charset=utf-8", 42: "application/octet-stream", 50: "application/json", 60: "application/cbor",
	110: "application/senml+json", 112: "application/senml+cbor",
}

const (
	formatText = 0
	formatLink = 40
	formatJSON = 50
)
