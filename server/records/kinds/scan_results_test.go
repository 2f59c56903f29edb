package kinds

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/thingward/thingward/fleet"
	"github.com/thingward/thingward/server/records"
)

func facts(t *testing.T, doc string) records.Evidence {
	t.Helper()
	read, faults := readSARIF(strings.NewReader(doc))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	return records.Evidence{Name: "x.sarif", Read: read}
}

// scanOf is a small file of results; more goes into its run.
func scanOf(results, more string) string {
	return `{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"ZAP","version":"2.16"}},"results":[` + results + `]` + more + `}]}`
}

const (
	timed   = `,"invocations":[{"executionSuccessful":true,"endTimeUtc":"2026-11-19T23:30:00Z"}]`
	sourced = `,"versionControlProvenance":[{"repositoryUri":"https://git.example/x","revisionId":"9F2C1E7A04B3","revisionTag":"v2.4.2"}]`
)

func TestFactsOfResults(t *testing.T) {
	e := facts(t, scanOf(`{"level":"error"},{"level":"note","suppressions":[{"kind":"inSource"}]},{"kind":"open"}`, timed+sourced))
	for name, want := range map[string]string{
		"tool": "ZAP 2.16", "ended": "2026-11-19T23:30:00Z", "revision": "9F2C1E7A04B3, v2.4.2", "findings": "2", "high": "1", "undecided": "1", "suppressed": "1", "toolErrors": "0",
	} {
		if got := e.Said(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if e = facts(t, staticSample); e.Said("ended") != notSaid || e.Said("revision") != notSaid || e.Said("findings") != "4" || e.Said("suppressed") != "1" {
		t.Errorf("%+v", e)
	}
	for _, f := range facts(t, scanOf("", "")).Read {
		if f.Name == "" || f.Label == "" || f.Value == "" {
			t.Errorf("%+v", f)
		}
	}
}

func TestFailedScansAreRefused(t *testing.T) {
	for doc, path := range map[string]string{
		scanOf("", `,"invocations":[{"executionSuccessful":false}]`):                "runs[0].invocations[0].executionSuccessful",
		`{"version":"2.1.0","runs":[{"tool":{"driver":{"name":""}},"results":[]}]}`: "runs[0].tool.driver.name",
		"%PDF": "",
	} {
		if got, faults := readSARIF(strings.NewReader(doc)); len(faults) != 1 || faults[0].Path != path || faults[0].Message == "" || got != nil {
			t.Errorf("%s: %v %v", doc, got, faults)
		}
	}
	for name, want := range map[string]bool{"a.SARIF": true, "a.sarif.json": true, "a.json": false, "sarif": false} {
		if isSARIF(name, "text/plain") != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
	if !isSARIF("results", "application/sarif+json") {
		t.Error("the media type is not believed")
	}
}

// TestScansAgree has a form say something else than its files: each is refused at one place.
func TestScansAgree(t *testing.T) {
	s := ReleaseScan()
	row := func(b records.Body, table string, i int) map[string]any { return rowsOf(b, table)[i] }
	late := facts(t, scanOf(`{"level":"error"}`, timed+sourced))
	late.Name = "dynamic.sarif"
	good := func(b records.Body, _ *records.Object, files []records.Evidence) {
		files[1], b["scanned"] = late, "2026-11-19"
	}
	for _, tc := range []struct {
		name, path string
		spoil      func(b records.Body, o *records.Object, files []records.Evidence)
	}{
		{"as it is", "", func(records.Body, *records.Object, []records.Evidence) {}},
		{"with time and source", "", good},
		{"built that day, from that commit", "", func(b records.Body, o *records.Object, f []records.Evidence) {
			good(b, o, f)
			o.Facts["built"], o.Facts["released"], o.Facts["revision"] = "2026-11-19", "2026-11-21", "9f2c1e7"
		}},
		{"from that tag", "", func(b records.Body, o *records.Object, f []records.Evidence) {
			good(b, o, f)
			o.Facts["revision"] = "v2.4.2"
		}},
		{"another day", "scanned", func(b records.Body, o *records.Object, f []records.Evidence) {
			good(b, o, f)
			b["scanned"] = "2026-11-20"
		}},
		{"scanned before it was built", "evidence", func(b records.Body, o *records.Object, f []records.Evidence) {
			good(b, o, f)
			o.Facts["built"] = "2026-11-20"
		}},
		{"scanned before it was released", "evidence", func(b records.Body, o *records.Object, f []records.Evidence) {
			good(b, o, f)
			o.Facts["released"] = "2026-11-20"
		}},
		{"another commit", "evidence", func(b records.Body, o *records.Object, f []records.Evidence) {
			good(b, o, f)
			o.Facts["revision"] = "9f2c1e8"
		}},
		{"a file that is not there", "scans[1].file", func(b records.Body, _ *records.Object, f []records.Evidence) { f[1] = f[0] }},
		{"a file twice", "scans[1].file", func(b records.Body, _ *records.Object, f []records.Evidence) {
			row(b, "scans", 1)["file"], f[1] = "static.sarif", f[0]
		}},
		{"a file of no analysis", "scans", func(b records.Body, _ *records.Object, f []records.Evidence) {
			b["scans"], b["triage"] = b["scans"].([]any)[:1], b["triage"].([]any)[:2]
		}},
		{"a finding that nobody decided on", "triage", func(b records.Body, _ *records.Object, _ []records.Evidence) { row(b, "triage", 1)["count"] = 1.0 }},
		{"a decision on nothing", "triage", func(b records.Body, _ *records.Object, _ []records.Evidence) { row(b, "triage", 1)["count"] = 3.0 }},
	} {
		b, o, files := s.ExampleFilled(testNow), object(s.About), s.ExampleEvidence()
		tc.spoil(b, &o, files)
		faults := s.Reading.Check(b, o, files)
		switch {
		case tc.path == "" && len(faults) > 0:
			t.Errorf("%s: %v", tc.name, faults)
		case tc.path != "" && (len(faults) != 1 || faults[0].Path != tc.path || faults[0].Message == ""):
			t.Errorf("%s: %v, want one fault at %s", tc.name, faults, tc.path)
		}
	}
}

// TestTypedResultsAreUnknown judges records from before results were read.
func TestTypedResultsAreUnknown(t *testing.T) {
	s := ReleaseScan()
	for _, v := range s.Serves {
		for name, spoil := range map[string]func(r *records.Record){
			"typed": func(r *records.Record) {
				r.Evidence = []records.Evidence{{Name: "static.sarif"}, {Name: "dynamic.sarif"}}
			},
			"empty": func(r *records.Record) { delete(rowsOf(r.Body, "scans")[0], "findings") },
		} {
			d := dutyOf(s)
			d.InForce.Body = maps.Clone(d.InForce.Body)
			spoil(d.InForce)
			if got := v.Judge(d, testNow); got.Status != fleet.Unknown || !strings.Contains(got.Reason, "renew") {
				t.Errorf("%s, %s: %s (%s)", v.Name, name, got.Status, got.Reason)
			}
		}
		if got := v.Judge(dutyOf(s), testNow); got.Status != fleet.Pass {
			t.Errorf("%s: %s (%s)", v.Name, got.Status, got.Reason)
		}
	}
}

// TestSecretsAgree compares the form of a search for keys with its results, where they can be read.
func TestSecretsAgree(t *testing.T) {
	check := RepositorySecrets().Reading.Check
	form := func() records.Body {
		return records.Body{"tool": "zap 2.16", "rules": 178.0, "scanned": "2026-11-19", "hits": []any{map[string]any{"title": "key in a test"}}}
	}
	one := []records.Evidence{facts(t, scanOf(`{"level":"error"}`, timed))}
	if faults := check(form(), records.Object{}, one); len(faults) > 0 {
		t.Error(faults)
	}
	if faults := check(records.Body{"tool": "by hand"}, records.Object{}, nil); len(faults) > 0 {
		t.Error(faults)
	}
	for field, v := range map[string]any{"tool": "gitleaks 8.21", "scanned": "2026-11-18", "hits": []any{}} {
		b := form()
		b[field] = v
		if faults := check(b, records.Object{}, one); len(faults) != 1 || faults[0].Path != field {
			t.Errorf("%s: %v", field, faults)
		}
	}
	ruled := []records.Evidence{facts(t, strings.Replace(scanOf(`{"level":"error"}`, timed), `"version":"2.16"`, `"rules":[{"id":"a"},{"id":"b"}]`, 1))}
	if faults := check(form(), records.Object{}, ruled); len(faults) != 1 || faults[0].Path != "rules" {
		t.Error(faults)
	}
}

// TestListsFitAField keeps what a file calls its tools within what a form takes.
func TestListsFitAField(t *testing.T) {
	var all []string
	for i := range 200 {
		all = append(all, fmt.Sprintf("plugin ü%d", i))
	}
	if s := list(all); len(s) > listedMost+3 || !strings.HasSuffix(s, "…") {
		t.Errorf("%d bytes: %s", len(s), s)
	}
	if list([]string{"", "a", "a"}) != "a" || list(nil) != notSaid {
		t.Error("not listed once")
	}
}
