package records

import "slices"

// Schema is a JSON Schema (2020-12) as JSON encodes it.
type Schema = map[string]any

// Schema says what a complete form of the kind is, as far as a schema can: it accepts exactly what Shape has no fault with.
// Who exists, what is independent and what lies ahead only the server can say.
func (k Kind) Schema() Schema {
	out := fieldsSchema(k.Form)
	out["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	out["$id"] = "urn:thingward:record-kind:" + k.Name
	out["title"] = k.Title
	if k.Purpose != "" {
		out["description"] = k.Purpose
	}
	return out
}

func fieldsSchema(fields []Field) Schema {
	properties, required := Schema{}, []string{}
	for _, f := range fields {
		properties[f.Name] = f.schema()
		if !f.Optional {
			required = append(required, f.Name)
		}
	}
	return Schema{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
}

func (f Field) schema() Schema {
	out := f.typeSchema()
	if f.Title != "" {
		out["title"] = f.Title
	}
	if f.Help != "" {
		out["description"] = f.Help
	}
	if f.Measured {
		out["readOnly"] = true
	}
	return out
}

func (f Field) typeSchema() Schema {
	switch f.Type {
	case Text:
		return f.textSchema(linePattern, textMost)
	case Prose:
		return f.textSchema(prosePattern, proseMost)
	case Person:
		return f.textSchema(personPattern, nameMost)
	case Number:
		out := Schema{"type": "number", "minimum": f.Least}
		if f.Most > 0 {
			out["maximum"] = f.Most
		}
		return out
	case Bool:
		return Schema{"type": "boolean"}
	case Date:
		return Schema{"type": "string", "format": "date", "pattern": datePattern}
	case Choice:
		return Schema{"enum": f.Options}
	case Many:
		return f.listSchema(Schema{"enum": f.Options}, true, func(c string) Schema { return Schema{"const": c} })
	case Refs:
		return f.listSchema(Schema{"type": "string", "pattern": linePattern, "maxLength": nameMost}, true, func(c string) Schema { return Schema{"const": c} })
	case Rows:
		first := f.Fields[0].Name
		return f.listSchema(fieldsSchema(f.Fields), false, func(c string) Schema {
			return Schema{"type": "object", "required": []string{first}, "properties": Schema{first: Schema{"const": c}}}
		})
	}
	return Schema{"not": Schema{}}
}

func (f Field) textSchema(pattern string, most int) Schema {
	if f.Most > 0 {
		most = int(f.Most)
	}
	return Schema{"type": "string", "minLength": max(1, int(f.Least)), "maxLength": most, "pattern": pattern}
}

func (f Field) listSchema(items Schema, unique bool, covering func(string) Schema) Schema {
	least, most := f.bounds()
	out := Schema{"type": "array", "items": items, "minItems": least, "maxItems": most}
	if unique {
		out["uniqueItems"] = true
	}
	var all []any
	for _, c := range slices.Compact(slices.Sorted(slices.Values(f.Covers))) {
		all = append(all, Schema{"contains": covering(c)})
	}
	if all != nil {
		out["allOf"] = all
	}
	return out
}
