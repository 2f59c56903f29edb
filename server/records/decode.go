package records

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/thingward/thingward/fleet"
)

const (
	bodyMost  = 512 << 10 // bytes of a filled form
	depthMost = 8         // how deep JSON may nest in one: a table in a table is 5
)

// Decode reads a filled form from JSON. Too much, too deep and anything behind the object are refused.
func Decode(raw []byte) (Body, error) {
	if len(raw) > bodyMost {
		return nil, fleet.Invalid("body", fmt.Sprintf("has %d bytes, more than the %d allowed: put long texts into evidence files", len(raw), bodyMost))
	}
	if err := shallow(raw, depthMost); err != nil {
		return nil, fleet.Invalid("body", err.Error())
	}
	var b Body
	if err := json.Unmarshal(raw, &b); err != nil {
		return nil, fleet.Invalid("body", "is no JSON object of fields: "+err.Error())
	}
	if b == nil {
		b = Body{}
	}
	return b, nil
}

// shallow refuses JSON that nests deeper than most, before anything is built from it.
func shallow(raw []byte, most int) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	for depth := 0; ; {
		tok, err := dec.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("is no JSON: %w", err)
		}
		switch tok {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth > most {
			return fmt.Errorf("nests deeper than %d: want the fields of the form", most)
		}
	}
}

// normal trims texts and leaves out what says nothing, so that an empty box of a form and a missing one are the same. It
// works on values as JSON decodes them and changes none in place.
func normal(v any) any {
	switch v := v.(type) {
	case string:
		if s := strings.TrimSpace(v); s != "" {
			return s
		}
		return nil
	case []any:
		var out []any
		for _, e := range v {
			if e = normal(e); e != nil {
				out = append(out, e)
			}
		}
		if out == nil {
			return nil
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			if e = normal(e); e != nil {
				out[k] = e
			}
		}
		if len(out) == 0 {
			return nil
		}
		return out
	}
	return v
}

// normalBody is a form after normal; never nil.
func normalBody(b Body) Body {
	out, _ := normal(map[string]any(b)).(map[string]any)
	if out == nil {
		out = map[string]any{}
	}
	return out
}

// encode is the one text of a form that is stored and hashed: names in order, no blanks.
func encode(b Body) (string, error) {
	raw, err := json.Marshal(b)
	if err != nil {
		return "", fleet.Invalid("body", "cannot be kept: "+err.Error())
	}
	if len(raw) > bodyMost {
		return "", fleet.Invalid("body", fmt.Sprintf("has %d bytes, more than the %d allowed: put long texts into evidence files", len(raw), bodyMost))
	}
	return string(raw), nil
}
