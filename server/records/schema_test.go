package records_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/thingward/thingward/server/records"
)

// compiled is the schema of a kind as any other program reads it.
func compiled(t testing.TB, k records.Kind) *jsonschema.Schema {
	t.Helper()
	raw, err := json.Marshal(k.Schema())
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("kind.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("kind.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func pick(n int) int {
	i, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		panic(err)
	}
	return int(i.Int64())
}

// odd is any value, many of them nearly right for some field.
func odd(depth int) any {
	all := []any{
		nil, true, false, 0.0, 1.0, 3.0, 3.5, 5.0, -1.0, 1e300, "", " ", "x", "plan", "build", "doors", "roof", "low", "high", "door-lock", "2026-02-28", "2026-02-30", "0000-00-00", "2026-2-1",
		"two\nlines", "tab\there", "nul\x00", "\u00a0", "é", strings.Repeat("é", 500), strings.Repeat("x", 501), strings.Repeat("long ", 4000), strings.Repeat("long ", 4001), "\u200b",
	}
	switch n := pick(len(all) + 6); {
	case n < len(all):
		return all[n]
	case depth > 3:
		return []any{}
	case n < len(all)+3:
		out := make([]any, pick(4))
		for i := range out {
			out[i] = odd(depth + 1)
		}
		return out
	}
	out := map[string]any{}
	for range pick(4) {
		out[[]string{"practice", "score", "title", "owner", "due", "x"}[pick(6)]] = odd(depth + 1)
	}
	return out
}

// bent is a form with a few random changes, at any depth.
func bent(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			switch pick(60) {
			case 0: // left out
			case 1:
				out[k] = odd(0)
			default:
				out[k] = bent(e)
			}
		}
		if pick(60) == 0 {
			out["more"] = odd(0)
		}
		return out
	case []any:
		out := []any{}
		for _, e := range v {
			switch pick(50) {
			case 0:
			case 1:
				out = append(out, e, e)
			case 2:
				out = append(out, odd(0))
			default:
				out = append(out, bent(e))
			}
		}
		return out
	}
	if pick(40) == 0 {
		return odd(0)
	}
	return v
}

// TestSchemaAgreesWithTheValidator compares the two on a kind with every type of field, over forms that are nearly right.
func TestSchemaAgreesWithTheValidator(t *testing.T) {
	k := assessment()
	k.Form = append(k.Form, records.Field{Name: "note", Type: records.Prose, Least: 5, Most: 40, Optional: true}, records.Field{Name: "more", Type: records.Many, Options: []string{"x", "y"}, Least: 2, Optional: true})
	s := compiled(t, k)
	whole := k.ExampleOn(start)
	whole["types"], whole["level"], whole["ends"], whole["note"] = []any{"door-lock"}, "low", "2026-04-01", "some words"
	right := 0
	for range 4000 {
		form, ok := bent(map[string]any(whole)).(map[string]any)
		if !ok {
			continue
		}
		raw, err := json.Marshal(form)
		if err != nil {
			t.Fatal(err)
		}
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		var b records.Body
		if err := json.Unmarshal(raw, &b); err != nil {
			t.Fatal(err)
		}
		faults, schema := k.Shape(b), s.Validate(v)
		if (schema == nil) != (len(faults) == 0) {
			t.Fatalf("%s\nthe validator says %v\nthe schema says %v", raw, faults, schema)
		}
		if schema == nil {
			right++
		}
	}
	if right < 200 {
		t.Errorf("only %d forms were right: the comparison shows little", right)
	}
}
