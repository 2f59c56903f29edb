package records_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/records"
)

func TestExportAndImport(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		r.approved(policy(), "")
		rec := r.approved(assessment(), "doors")
		var file bytes.Buffer
		if err := r.Export(context.Background(), "", &file); err != nil {
			t.Fatal(err)
		}
		var out struct{ Records []records.Record }
		if err := json.Unmarshal(file.Bytes(), &out); err != nil || len(out.Records) != 2 || out.Records[1].Digest != rec.Digest || len(out.Records[1].Evidence) != 1 {
			t.Fatalf("%s %v", file.String(), err)
		}
		for _, dry := range []bool{true, false} {
			got, err := r.Import(as("carl"), file.Bytes(), dry)
			if err != nil || len(got.Records) != 2 || len(got.Notes) != 2 || got.Records[0].State != records.Draft || got.Records[0].Version != 2 {
				t.Fatalf("%+v %v", got, err)
			}
		}
		// Nothing that an import says makes anything green.
		if d := r.duty("assessment", "doors"); d.InForce.ID != rec.ID || d.Newest.State != records.Draft || d.Newest.Author != "" || !d.Newest.Effective.IsZero() || len(d.Newest.Evidence) != 0 {
			t.Errorf("%+v", d.Newest)
		}
		_, err := r.Import(as("carl"), file.Bytes(), false)
		faulty(t, err, fleet.CodeConflict) // drafts are there already
		changed := bytes.Replace(file.Bytes(), []byte(`"score":4`), []byte(`"score":5`), 1)
		_, err = r.Import(as("carl"), changed, true)
		faulty(t, err, fleet.CodeInvalid, "records[1].digest")
	})
}

func TestHostileImports(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		one := func(rest string) string { return `{"format":"thingward-records/1","records":[` + rest + `]}` }
		for _, c := range []struct {
			name, raw string
			paths     []string
		}{
			{"nothing", "", []string{"file"}},
			{"no JSON", "{", []string{"file"}},
			{"deep", strings.Repeat("[", 100_000), []string{"file"}},
			{"deep objects", one(`{"kind":"policy","body":` + strings.Repeat(`{"a":`, 50) + "1" + strings.Repeat("}", 50) + "}"), []string{"file"}},
			{"too large", strings.Repeat(" ", records.ImportMost+1), []string{"file"}},
			{"two documents", one(`{}`) + one(`{}`), []string{"file"}},
			{"other format", `{"format":"x","records":[{}]}`, []string{"format"}},
			{"no records", one(""), []string{"records"}},
			{"too many", one(strings.TrimSuffix(strings.Repeat(`{},`, 1001), ",")), []string{"records"}},
			{"no such kind", one(`{"kind":"ghost","body":{}}`), []string{"records[0].kind"}},
			{"no form", one(`{"kind":"policy"}`), []string{"records[0].body"}},
			{"no such field", one(`{"kind":"policy","body":{"scope":"Everything there is.","colour":1}}`), []string{"records[0].colour"}},
			{"wrong type", one(`{"kind":"policy","body":{"scope":["a"]}}`), []string{"records[0].scope"}},
			{"no such object", one(`{"kind":"assessment","object":{"id":"ghost"},"body":{}}`), []string{"records[0].object"}},
			{"NUL", one(`{"kind":"policy","body":{"scope":"a\u0000b and so on"}}`), []string{"records[0].scope"}},
			{"twice", one(`{"kind":"policy","body":{}},{"kind":"policy","body":{}}`), []string{"records[1]"}},
			{"one of two", one(`{"kind":"policy","body":{}},{"kind":"assessment","object":{"name":"doors"},"body":{"done":"yesterday"}}`), []string{"records[1].done"}},
		} {
			t.Run(c.name, func(t *testing.T) {
				_, err := r.Import(as("carl"), []byte(c.raw), false)
				faulty(t, err, fleet.CodeInvalid, c.paths...)
			})
		}
		if n := len(r.published("record.refused")); n != 17 {
			t.Errorf("%d refusals reported, want 17", n)
		}
		page, err := r.List(context.Background(), records.Filter{Limit: 10})
		if err != nil || len(page.Items) != 0 {
			t.Errorf("a refused import left %+v, %v", page, err)
		}
	})
}

func TestHostileBodies(t *testing.T) {
	engines(t, func(t *testing.T, r *rig) {
		c := newClient(t, r)
		big := bytes.Repeat([]byte("x"), 100<<20)
		for _, path := range []string{"/records", "/records/import", "/records/import?dryRun=true", "/register"} {
			w := c.raw("anna", "POST", path, "application/json", big)
			if w.Code != 413 && w.Code != 422 {
				t.Errorf("%s: %d %.300s", path, w.Code, w.Body)
			}
		}
		rec := r.must(r.Create(as("anna"), records.Start{Kind: "policy"}))
		w := c.raw("anna", "POST", "/records/"+rec.ID+"/evidence?name=big", "application/octet-stream", big)
		if w.Code != 413 {
			t.Errorf("evidence: %d %.300s", w.Code, w.Body)
		}
		for _, body := range []string{
			`{"kind":"policy","body":` + strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000) + `}`,
			`{"kind":"policy","body":{"scope":` + strings.Repeat(`{"scope":`, 9_000) + "1" + strings.Repeat("}", 9_000) + `}}`,
			`{"kind":"policy","body":{"scope":"` + strings.Repeat("x", 600<<10) + `"}}`,
			`{"kind":"policy","body":{"` + strings.Repeat("x", 10<<10) + `":1}}`,
			`{"kind":"policy","state":"approved","body":{}}`,
			`{"kind":"policy","body":{"scope":"a\u0000b is no text"}}`,
		} {
			if w := c.raw("anna", "POST", "/records", "application/json", []byte(body)); w.Code != 422 || w.Body.Len() > 8<<10 {
				t.Errorf("%.60s: %d %.300s (%d bytes)", body, w.Code, w.Body, w.Body.Len())
			}
		}
		many := make([]string, 1200)
		for i := range many {
			many[i] = fmt.Sprintf(`{"practice":"p%d"}`, i)
		}
		_, err := r.Create(as("anna"), records.Start{Kind: "assessment", Object: "doors", Body: decode(t, `{"practices":[`+strings.Join(many, ",")+`]}`)})
		faulty(t, err, fleet.CodeInvalid, "practices")
	})
}

func decode(t *testing.T, raw string) records.Body {
	t.Helper()
	b, err := records.Decode([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
