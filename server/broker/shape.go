package broker

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/thingward/thingward/fleet"
)

// shape is what the payloads of a telemetry stream must look like, as the device type says: a JSON object of its properties'
// values with an optional "time", or the bare value where it carries one property. Types are held to; bounds are not, because
// a device that measures something beyond them is to be heard. It is compiled once for each version of a type.
type shape struct {
	types map[string]string // property → type
	only  string            // the one property, where there is one
}

const (
	shapeMost = 64 << 10 // bytes of a payload of readings
	textMost  = 1024     // bytes of a text reading
)

// shapeOf compiles a stream; nil when the type says nothing of its payloads, or when they are bulk.
func shapeOf(t *fleet.DeviceType, st fleet.Stream) *shape {
	if st.Traffic == "bulk" || len(st.Properties) == 0 {
		return nil
	}
	s := &shape{types: map[string]string{}}
	for _, name := range st.Properties {
		s.types[name] = t.Properties[name].Type
	}
	if len(st.Properties) == 1 {
		s.only = st.Properties[0]
	}
	return s
}

// unfit says where a payload does not fit, and how, without what it holds; "" when it fits. Its cost is bounded by the payload's
// size: it is gone over twice, and nothing nests.
func (s *shape) unfit(b []byte) (place, how string) {
	b = bytes.TrimSpace(b)
	switch {
	case len(b) > shapeMost:
		return "/", fmt.Sprintf("has %d bytes, at most %d are read", len(b), shapeMost)
	case !json.Valid(b):
		return "/", "is no JSON"
	case b[0] == '{':
		return s.members(b)
	case s.only == "":
		return "/", "is a bare value, but the stream carries several properties"
	case !fits(s.types[s.only], b):
		return "/", "is not of type " + s.types[s.only]
	}
	return "", ""
}

// members checks an object, which is valid JSON.
func (s *shape) members(b []byte) (place, how string) {
	readings := 0
	for b = bytes.TrimSpace(b[1:]); b[0] != '}'; {
		n := skip(b)
		key := b[1 : n-1]
		if bytes.IndexByte(key, '\\') >= 0 {
			var plain string
			_ = json.Unmarshal(b[:n], &plain) // it is valid
			key = []byte(plain)
		}
		b = bytes.TrimSpace(b[n:])
		b = bytes.TrimSpace(b[1:]) // the colon
		n = skip(b)
		typ, known := s.types[string(key)]
		switch {
		case known && !fits(typ, b[:n]):
			return "/" + string(key), "is not of type " + typ
		case known:
			readings++
		case string(key) != "time":
			return "/" + clip(key), "is no property of the stream"
		case !isTime(b[:n]):
			return "/time", "is no time of RFC 3339"
		}
		if b = bytes.TrimSpace(b[n:]); b[0] == ',' {
			b = bytes.TrimSpace(b[1:])
		}
	}
	if readings == 0 {
		return "/", "holds no reading"
	}
	return "", ""
}

// skip is how long the value is that valid JSON begins with.
func skip(b []byte) int {
	depth, quoted := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			if quoted = !quoted; !quoted && depth == 0 {
				return i + 1
			}
		case quoted:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth--; depth < 0 {
				return i
			}
			if depth == 0 {
				return i + 1
			}
		case depth == 0 && (c == ',' || c == ':' || c == ' ' || c == '\t' || c == '\r' || c == '\n'):
			return i
		}
	}
	return len(b)
}

// fits reports whether a JSON value is of a property's type.
func fits(typ string, v []byte) bool {
	switch v[0] {
	case '"':
		return typ == "string" && isText(v)
	case 't', 'f':
		return typ == "boolean"
	case '{', '[', 'n':
		return false
	}
	if typ != "number" && typ != "integer" {
		return false
	}
	if len(v) < 16 && !bytes.ContainsAny(v, ".eE") {
		return true
	}
	f, err := strconv.ParseFloat(string(v), 64)
	return err == nil && (typ == "number" || f == math.Trunc(f))
}

func isText(v []byte) bool {
	if bytes.IndexByte(v, '\\') < 0 {
		return len(v)-2 <= textMost
	}
	var s string
	return json.Unmarshal(v, &s) == nil && len(s) <= textMost && bytes.IndexByte([]byte(s), 0) < 0
}

func isTime(v []byte) bool {
	var s string
	if json.Unmarshal(v, &s) != nil {
		return false
	}
	_, err := time.Parse(time.RFC3339, s)
	return err == nil
}
