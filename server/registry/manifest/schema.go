package manifest

import (
	"encoding/json"
	"regexp"
	"slices"
)

// What each keyword of a WoT data schema (TD 1.1, 5.3.2) must be. Other keywords are refused: a bound that is not
// understood would be a bound that is not enforced.
var (
	schemaNumbers = []string{"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
	schemaCounts  = []string{"minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"}
	schemaTexts   = []string{"format", "pattern", "contentEncoding", "contentMediaType"}
	schemaFlags   = []string{"additionalProperties", "uniqueItems"}
	schemaOthers  = []string{"type", "enum", "const", "properties", "required", "items", "oneOf"}
	schemaSilent  = []string{"@type", "title", "titles", "description", "descriptions", "unit", "default", "readOnly", "writeOnly"}
)

// schema checks a data schema and returns it as JSON Schema, without the keywords that only people read; extra names
// further keys that may stand beside it.
func (a at) schema(extra ...string) json.RawMessage {
	before := len(a.faults)
	s := a.dataSchema(extra...)
	if s == nil || len(a.faults) > before {
		return nil
	}
	raw, err := json.Marshal(s)
	if err != nil {
		a.fault("cannot be used as a schema")
		return nil
	}
	if _, err := Compile(raw); err != nil {
		a.fault("cannot be used as a schema: %s", clip(err.Error()))
		return nil
	}
	return raw
}

func (a at) dataSchema(extra ...string) map[string]any {
	if !a.is(mapping) {
		return nil
	}
	a.only(slices.Concat(schemaNumbers, schemaCounts, schemaTexts, schemaFlags, schemaOthers, schemaSilent, extra)...)
	out := map[string]any{}
	a.each(func(key string, v at) {
		switch {
		case slices.Contains(schemaNumbers, key) && v.is(number), slices.Contains(schemaCounts, key) && v.isCount(),
			slices.Contains(schemaTexts, key) && v.is(text), slices.Contains(schemaFlags, key) && v.is(truth), key == "const":
			out[key] = v.node.plain()
		case key == "type":
			out[key] = v.word(types...)
		case key == "enum" && v.is(list):
			out[key] = v.node.plain()
		case key == "required":
			out[key] = v.required(a)
		case key == "items":
			out[key] = v.dataSchema()
		case key == "properties":
			out[key] = v.fields()
		case key == "oneOf":
			out[key] = v.choices()
		}
	})
	a.checkRange(out, "minimum", "maximum")
	a.checkRange(out, "minLength", "maxLength")
	a.checkRange(out, "minItems", "maxItems")
	a.checkPattern()
	return out
}

func (a at) isCount() bool {
	if !a.is(number) {
		return false
	}
	if n := a.node.number; n < 0 || n != float64(int(n)) {
		a.fault("want a whole number, 0 or more")
		return false
	}
	return true
}

func (a at) required(schema at) any {
	props, _ := schema.get("properties")
	out := []any{}
	a.items(func(v at) {
		name := v.text()
		if props.node != nil {
			if _, ok := props.get(name); !ok {
				v.fault("%q is required but not among the properties", clip(name))
			}
		}
		out = append(out, name)
	})
	return out
}

func (a at) fields() any {
	out := map[string]any{}
	a.each(func(key string, v at) {
		if s := v.dataSchema(); s != nil {
			out[key] = s
		}
	})
	return out
}

func (a at) choices() any {
	out := []any{}
	a.items(func(v at) {
		if s := v.dataSchema(); s != nil {
			out = append(out, s)
		}
	})
	return out
}

func (a at) checkRange(s map[string]any, low, high string) {
	if s[low] == nil || s[high] == nil {
		return
	}
	lo, _ := a.get(low)
	hi, _ := a.get(high)
	if lo.node.number > hi.node.number {
		hi.fault("is below %s (%s): nothing would fit", low, spell(lo.node.number))
	}
}

func (a at) checkPattern() {
	v, ok := a.get("pattern")
	if !ok || v.node.kind != text {
		return
	}
	if _, err := regexp.Compile(v.node.text); err != nil {
		v.fault("is no regular expression that can be used here: %s", clip(err.Error()))
	}
}
