package records_test

import (
	"encoding/json"
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/records"
)

// FuzzDecode reads forms: nothing stops the program, faults name a path, and what has none is what the schema takes.
func FuzzDecode(f *testing.F) {
	k := assessment()
	s := compiled(f, k)
	example, err := json.Marshal(k.ExampleOn(start))
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{string(example), `{}`, `null`, `[]`, `{"done":"2026-02-30"}`, `{"practices":[{}]}`, `{"areas":["doors","doors"]}`, `{"score":1e999}`, `[[[[[[[[[[`, "\x00", `{"a":"\ud800"}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, err := records.Decode(raw)
		if err != nil {
			if fleet.CodeOf(err) != fleet.CodeInvalid {
				t.Fatalf("%v", err)
			}
			return
		}
		faults := k.Shape(b)
		for _, fault := range faults {
			if fault.Path == "" || fault.Message == "" {
				t.Fatalf("a fault without place or remedy: %+v", fault)
			}
		}
		if (s.Validate(map[string]any(b)) == nil) != (len(faults) == 0) {
			t.Fatalf("validator %v, schema %v", faults, s.Validate(map[string]any(b)))
		}
		_ = k.Ends(b, start)
	})
}

// FuzzImport hands files to a real service as a rehearsal: nothing stops it, and nothing is kept.
func FuzzImport(f *testing.F) {
	for _, seed := range []string{
		`{"format":"thingward-records/1","records":[{"kind":"policy","body":{"scope":"Everything there is."}}]}`,
		`{"format":"thingward-records/1","records":[{"kind":"assessment","object":{"id":"s1"},"state":"approved","effective":"2020-01-01T00:00:00Z","digest":"00","body":{"done":"2026-01-01"}}]}`,
		`{"format":"thingward-records/1","records":[{"kind":"policy","evidence":[{"size":-1}],"body":{}}]}`,
		`{"format":"thingward-records/1","records":[null]}`, `{"records":{}}`, `[`, `{}{}`,
	} {
		f.Add([]byte(seed))
	}
	r := newRig(f, openStore(f))
	f.Fuzz(func(t *testing.T, raw []byte) {
		out, err := r.Import(as("carl"), raw, true)
		if code := fleet.CodeOf(err); err != nil && code != fleet.CodeInvalid && code != fleet.CodeConflict {
			t.Fatalf("a fault of ours: %v", err)
		}
		for _, l := range out.Records {
			if err == nil && l.State != records.Draft {
				t.Fatalf("%+v", l)
			}
		}
	})
}
