package upload

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	why "github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// catalogSchema is the catalogue model of OSCAL 1.2.2, which takes what the models of 1.1 take.
//
//go:embed schema/oscal_catalog_1.2.2.json
var catalogSchema []byte

const catalogURN = "urn:oscal:catalog:1.2.2"

// compiled is the schema ready to check documents; it refers to nothing outside itself, and the compiler may load nothing.
var compiled = sync.OnceValues(func() (*jsonschema.Schema, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(catalogSchema))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.UseLoader(jsonschema.SchemeURLLoader{})
	c.AssertFormat()
	if err := c.AddResource(catalogURN, doc); err != nil {
		return nil, err
	}
	return c.Compile(catalogURN)
})

// conforms notes every place where a document, which scan has bounded, departs from the OSCAL catalogue model.
func conforms(f *faults, data []byte) error {
	schema, err := compiled()
	if err != nil {
		return fmt.Errorf("compile the OSCAL schema: %w", err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return jsonFault(data, err)
	}
	var ve *jsonschema.ValidationError
	if err := schema.Validate(value); errors.As(err, &ve) {
		for _, v := range leaves(ve) {
			f.addf(locate(v.InstanceLocation), "%s", departs(v))
		}
	}
	return nil
}

// leaves are the faults that no other fault explains. Of alternatives they are those of the one that fits furthest down.
func leaves(v *jsonschema.ValidationError) (all []*jsonschema.ValidationError) {
	if len(v.Causes) == 0 {
		return []*jsonschema.ValidationError{v}
	}
	alternatives := false
	switch v.ErrorKind.(type) {
	case *why.AnyOf, *why.OneOf:
		alternatives = true
	}
	for _, c := range v.Causes {
		switch found := leaves(c); {
		case !alternatives:
			all = append(all, found...)
		case deepest(found) > deepest(all):
			all = found
		}
	}
	return all
}

func deepest(all []*jsonschema.ValidationError) (n int) {
	for _, v := range all {
		n = max(n, len(v.InstanceLocation)+1)
	}
	return n
}

// locate writes a location as the other faults do: catalog.groups[0].title.
func locate(location []string) string {
	var b strings.Builder
	for i, part := range location {
		switch _, err := strconv.Atoi(part); {
		case err == nil:
			b.WriteString("[" + part + "]")
		case i > 0:
			b.WriteString("." + part)
		default:
			b.WriteString(part)
		}
	}
	if b.Len() == 0 {
		return "catalog"
	}
	return b.String()
}

// departs says what the model wants.
func departs(v *jsonschema.ValidationError) string {
	switch k := v.ErrorKind.(type) {
	case *why.Required:
		return "lacks " + clip(strings.Join(k.Missing, ", ")) + ", which the OSCAL catalogue model requires: add it"
	case *why.AdditionalProperties:
		return "has parts that the OSCAL catalogue model does not know: remove " + clip(strings.Join(k.Properties, ", "))
	case *why.Pattern:
		return clip(fmt.Sprintf("is %q, which is not of the form that OSCAL wants (%s)", k.Got, k.Want))
	case *why.Type:
		return "is a " + k.Got + " where OSCAL has " + strings.Join(k.Want, " or ")
	}
	text := v.Error()
	if i := strings.LastIndex(text, ": "); i >= 0 {
		text = text[i+2:]
	}
	return clip("departs from the OSCAL catalogue model: " + text)
}
