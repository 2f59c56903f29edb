package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	why "github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/thingward/thingward/fleet"
)

// Schema is a data schema of a manifest, ready to check values.
type Schema struct{ compiled *jsonschema.Schema }

// nowhere refuses every reference out of a schema: nothing a manifest says may open a file or a connection.
type nowhere struct{}

// Load refuses.
func (nowhere) Load(url string) (any, error) { return nil, fmt.Errorf("%s is not read", url) }

// Compile makes a schema ready (JSON Schema 2020-12). Formats are asserted.
func Compile(raw json.RawMessage) (*Schema, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	c := jsonschema.NewCompiler()
	c.UseLoader(nowhere{})
	c.AssertFormat()
	if err := c.AddResource("urn:manifest", doc); err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	s, err := c.Compile("urn:manifest")
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	return &Schema{s}, nil
}

// Check refuses a value that the schema does not allow, naming each faulty part below path. The value is what
// encoding/json makes of JSON, with or without UseNumber.
func (s *Schema) Check(path string, value any) error {
	err := s.compiled.Validate(value)
	if err == nil {
		return nil
	}
	var ve *jsonschema.ValidationError
	if !errors.As(err, &ve) {
		return fleet.Invalid(path, "cannot be checked against its schema")
	}
	e := fleet.Errorf(fleet.CodeInvalid, "the input is not valid")
	leaves(ve, func(v *jsonschema.ValidationError) {
		if len(e.Fields) < maxFaults {
			e.Fields = append(e.Fields, fleet.FieldError{Path: strings.Join(append([]string{path}, v.InstanceLocation...), "."), Message: explain(v)})
		}
	})
	return e
}

func leaves(v *jsonschema.ValidationError, fn func(*jsonschema.ValidationError)) {
	if len(v.Causes) == 0 {
		fn(v)
	}
	for _, c := range v.Causes {
		leaves(c, fn)
	}
}

// explain says what is allowed.
func explain(v *jsonschema.ValidationError) string {
	switch k := v.ErrorKind.(type) {
	case *why.Type:
		return "want " + strings.Join(k.Want, " or ") + ", this is " + k.Got
	case *why.Minimum:
		f, _ := k.Want.Float64()
		return "is below the least allowed, " + spell(f)
	case *why.Maximum:
		f, _ := k.Want.Float64()
		return "is above the most allowed, " + spell(f)
	case *why.Enum:
		want, _ := json.Marshal(k.Want) // came from JSON
		return "want one of " + clip(string(want))
	case *why.Required:
		return "lacks " + clip(strings.Join(k.Missing, ", "))
	case *why.AdditionalProperties:
		return "has parts that are not declared: " + clip(strings.Join(k.Properties, ", "))
	default:
		text := v.Error()
		if i := strings.LastIndex(text, ": "); i >= 0 {
			text = text[i+2:]
		}
		return clip(text)
	}
}
