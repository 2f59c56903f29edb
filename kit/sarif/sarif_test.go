package sarif

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"
)

func open(t testing.TB, name string) string {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func read(t *testing.T, doc string) Log {
	t.Helper()
	l, err := Read(strings.NewReader(doc))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestReadsWhatToolsWrite reads real files of three scanners.
func TestReadsWhatToolsWrite(t *testing.T) {
	for name, want := range map[string]Run{
		"gosec.sarif":       {Tool: Tool{Name: "gosec", Version: "dev", Rules: 5}, Counts: Counts{Open: Levels{Error: 4}, Severity: Severities{High: 4}, Suppressed: 1}},
		"golangci.sarif":    {Tool: Tool{Name: "golangci-lint"}, Counts: Counts{Open: Levels{Error: 6}, Severity: Severities{High: 6}}},
		"staticcheck.sarif": {Tool: Tool{Name: "Staticcheck", Version: "2026.2.2", Rules: 3}, Counts: Counts{Open: Levels{Warning: 1}, Severity: Severities{Medium: 1}}},
	} {
		l := read(t, open(t, name))
		if len(l.Runs) != 1 || !reflect.DeepEqual(l.Runs[0], want) {
			t.Errorf("%s: %+v\nwant %+v", name, l.Runs, want)
		}
	}
}

// TestReadsEverythingThatMatters reads a file that has it all, with and without a byte order mark.
func TestReadsEverythingThatMatters(t *testing.T) {
	doc := open(t, "whole.sarif")
	for _, mark := range []string{"", "\xEF\xBB\xBF"} {
		r := read(t, mark+doc).Runs[0]
		want := Run{
			Tool:    Tool{Name: "Radio fuzzer", Version: "4.2.0", Extensions: []string{"replay plugin 1.1"}, Rules: 4},
			Started: time.Date(2026, 11, 17, 20, 0, 0, 0, time.UTC), Ended: time.Date(2026, 11, 19, 20, 0, 0, 0, time.UTC), ToolErrors: 1,
			Sources: []Source{{"https://git.example/door-lock", "9f2c1e7a04b3c5d6e7f8091a2b3c4d5e6f708192", "release-2.4", "v2.4.2"}},
			Counts: Counts{
				Open: Levels{Error: 3, Warning: 2, Note: 2}, Severity: Severities{Critical: 2, High: 2, Medium: 2, Low: 1},
				Undecided: 1, Suppressed: 1, Gone: 1, Passed: 1,
			},
		}
		if !reflect.DeepEqual(r, want) {
			t.Errorf("%+v\nwant %+v", r, want)
		}
		if r.Counts.Findings() != 8 {
			t.Errorf("%d findings", r.Counts.Findings())
		}
	}
	two := strings.Replace(doc, `"runs": [`, `"runs": [{"tool":{"driver":{"name":"other"}},"results":[{"level":"error"}]},`, 1)
	if c := read(t, two).Sum(); c.Open.Error != 4 || c.Severity.High != 3 || c.Findings() != 9 || c.Gone != 1 {
		t.Errorf("%+v", c)
	}
}

const head = `{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x","rules":[{"id":"r"}]}},`

// TestRefuses sends what cannot be counted: each is refused at its place, with what to do.
func TestRefuses(t *testing.T) {
	for doc, want := range map[string]string{
		"":                                  "the file ends in the middle",
		"%PDF-1.7":                          "no JSON",
		"[]":                                "the file is no object",
		"{}":                                "version is missing",
		`{"version":"2.0.0","runs":[]}`:     `version is "2.0.0": want one of 2.1.0`,
		`{"version":2.1}`:                   "version is no text",
		`{"version":"2.1.0"}`:               "runs holds no run",
		`{"version":"2.1.0","runs":null}`:   "runs holds no run",
		`{"version":"2.1.0","runs":{}}`:     "runs is no list",
		`{"version":"2.1.0","runs":[null]}`: "runs[0] is no object",
		`{"version":"2.1.0","runs":[{"results":[]}]}`:                                                         "runs[0].tool is missing",
		`{"version":"2.1.0","runs":[{"tool":{}}]}`:                                                            "runs[0].tool.driver is missing",
		`{"version":"2.1.0","version":"2.1.0"}`:                                                               "version stands twice",
		`{"version":"2.1.0","runs":[{"tool":{"driver":{"name":" "}},"results":[]}]}`:                          "runs[0].tool.driver.name is missing or empty",
		`{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"a\u0007b"}}}]}`:                                "runs[0].tool.driver.name holds characters",
		`{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"a","rules":[{}]}}}]}`:                          "runs[0].tool.driver.rules[0].id is missing",
		`{"version":"2.1.0","inlineExternalProperties":[]}`:                                                   "inlineExternalProperties holds parts",
		head + `"results":null}]}`:                                                                            "runs[0].results is missing",
		head + `"x":1}]}`:                                                                                     "runs[0].results is missing",
		head + `"externalPropertyFileReferences":{"results":[{}]}}]}`:                                         "runs[0].externalPropertyFileReferences.results is kept in another file",
		head + `"results":[{"level":"fatal"}]}]}`:                                                             `runs[0].results[0].level is "fatal": want one of error, warning, note, none`,
		head + `"results":[{},{"kind":"maybe"}]}]}`:                                                           "runs[0].results[1].kind",
		head + `"results":[{"kind":"pass","level":"error"}]}]}`:                                               "runs[0].results[0].level is error, and the kind is pass",
		head + `"results":[{"level":"note","level":"error"}]}]}`:                                              "runs[0].results[0].level stands twice",
		head + `"results":[{"suppressions":[{"status":"fine"}]}]}]}`:                                          "runs[0].results[0].suppressions[0].status",
		head + `"results":[{"baselineState":"gone"}]}]}`:                                                      "runs[0].results[0].baselineState",
		head + `"results":[{"ruleIndex":7}]}]}`:                                                               "runs[0].results[0] names a rule by a place",
		head + `"results":[{"ruleIndex":0.5}]}]}`:                                                             "runs[0].results[0].ruleIndex is no place",
		head + `"results":[{"ruleId":"q","ruleIndex":0}]}]}`:                                                  "runs[0].results[0] names the rule q, and by its place in the list the rule r",
		head + `"results":[{"rule":{"toolComponent":{"index":0}}}]}]}`:                                        "runs[0].results[0].rule.toolComponent.index names an extension",
		head + `"results":[{"provenance":{"invocationIndex":0}}]}]}`:                                          "runs[0].results[0].provenance.invocationIndex names an invocation",
		head + `"invocations":[{}],"results":[]}]}`:                                                           "runs[0].invocations[0].executionSuccessful is missing",
		head + `"invocations":[{"executionSuccessful":"yes"}]}]}`:                                             "runs[0].invocations[0].executionSuccessful is neither",
		head + `"invocations":[{"endTimeUtc":"yesterday"}]}]}`:                                                "runs[0].invocations[0].endTimeUtc is \"yesterday\": want a time",
		head + `"results":[`:                                                                                  "ends in the middle",
		head + `"results":[]}]}{}`:                                                                            "goes on behind its end",
		head + `"results":[]}]} nothing`:                                                                      "goes on behind its end",
		"\xFF\xFE{\x00":                                                                                       "UTF-16",
		strings.Replace(head, `{"id":"r"}`, `{"id":"r","properties":{"security-severity":"11"}}`, 1):          "security-severity is no severity",
		strings.Replace(head, `{"id":"r"}`, `{"id":"r","properties":{"security-severity":"NaN"}}`, 1):         "security-severity is no severity",
		strings.Repeat(`{"a":`, 100):                                                                          "nests deeper",
		`{"a":"` + strings.Repeat("a", BytesMost) + `"}`:                                                      "bytes allowed",
		`{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"` + strings.Repeat("a", textMost+1) + `"}}}]}`: "want 1000 at most",
		`{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"a","rules":[` + strings.Repeat(`{"id":"r"},`, RulesMost+1) + `]}}}]}`: "more than 20000 rules",
		head + `"results":[` + strings.Repeat(`{},`, ResultsMost+1) + `]}]}`:                                                         "more than 500000 results",
	} {
		_, err := Read(strings.NewReader(doc))
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.90s: %v, want %q", doc, err, want)
		}
	}
}

// TestFailedScan names the invocation that failed.
func TestFailedScan(t *testing.T) {
	l := read(t, head+`"invocations":[{"executionSuccessful":true},{"executionSuccessful":false}],"results":[]}]}`)
	if l.Runs[0].Failed != "runs[0].invocations[1].executionSuccessful" {
		t.Errorf("%+v", l.Runs[0])
	}
}

// results writes a file with n results as it is read, so that none of it lies in memory but what the reader keeps.
type results struct {
	n    int
	buf  strings.Reader
	done bool
	look func()
}

var oneResult = `{"ruleId":"r","message":{"text":"` + strings.Repeat("long ", 200) + `"},"locations":[{"physicalLocation":{"region":{"startLine":1}}}]},`

func (r *results) Read(p []byte) (int, error) {
	for r.buf.Len() == 0 {
		switch r.n--; {
		case r.n > 0:
			r.buf.Reset(oneResult)
			if r.n%5000 == 0 {
				r.look()
			}
		case !r.done:
			r.done = true
			r.buf.Reset(`{"ruleId":"r"}]}]}`)
		default:
			return 0, io.EOF
		}
	}
	return r.buf.Read(p)
}

func reading(n int, look func()) *results {
	r := &results{n: n, look: look}
	r.buf.Reset(head + `"results":[`)
	return r
}

const manyResults = 25 << 20 / 1075

// TestMemoryIsThatOfCounts reads 25 MB of results: what is held meanwhile does not grow with them.
func TestMemoryIsThatOfCounts(t *testing.T) {
	var most uint64
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	l, err := Read(reading(manyResults, func() { most = max(most, heap()) }))
	if err != nil || l.Sum().Open.Warning != manyResults {
		t.Fatalf("%+v %v", l.Sum(), err)
	}
	if grew := int64(most) - int64(before); grew > 2<<20 {
		t.Errorf("%d bytes were held while reading", grew)
	}
}

// BenchmarkRead reads 25 MB, the largest piece of evidence.
func BenchmarkRead(b *testing.B) {
	b.SetBytes(manyResults * int64(len(oneResult)))
	for range b.N {
		if _, err := Read(reading(manyResults, func() {})); err != nil {
			b.Fatal(err)
		}
	}
}

// FuzzRead reads anything: nothing stops the program, a refusal says where and what to do, and what is read adds up.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"gosec.sarif", "golangci.sarif", "staticcheck.sarif", "whole.sarif"} {
		f.Add([]byte(open(f, name)))
	}
	f.Add([]byte(head + `"results":[{"kind":"open"},{"ruleIndex":0},{"suppressions":[{}]}]}]}`))
	f.Add([]byte("[[[[[["))
	f.Fuzz(func(t *testing.T, raw []byte) {
		l, err := Read(bytes.NewReader(raw))
		var e *Error
		if err != nil {
			if !errors.As(err, &e) || e.Message == "" {
				t.Fatalf("%v", err)
			}
			return
		}
		for i, r := range l.Runs {
			c := r.Counts
			if s := c.Severity; r.Tool.Name == "" || s.Critical+s.High+s.Medium+s.Low != c.Open.All() || c.Findings() < c.Open.All() {
				t.Fatalf("%+v", r)
			}
			if all := c.Findings() + c.Suppressed + c.Gone + c.Passed; all != written(t, raw, i) {
				t.Fatalf("%d results were counted, %d are there", all, written(t, raw, i))
			}
		}
	})
}

// written is how many results a run has, read in the ordinary way.
func written(t *testing.T, raw []byte, run int) int {
	var doc map[string]any
	if err := json.Unmarshal(bytes.TrimPrefix(raw, utf8Mark), &doc); err != nil {
		t.Fatalf("what was read is no JSON: %v", err)
	}
	r, _ := doc["runs"].([]any)[run].(map[string]any)
	all, _ := r["results"].([]any)
	return len(all)
}
