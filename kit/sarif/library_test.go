package sarif

import (
	"fmt"
	"strings"
	"testing"

	library "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
)

// TestAgreesWithTheLibrary reads the real files, and one result of every combination of what decides on it, with the library
// go-sarif as well: both count the same. The library itself builds the whole file in memory and cannot tell a ruleIndex that is
// left out from 0, so it does not read what strangers send.
func TestAgreesWithTheLibrary(t *testing.T) {
	docs := map[string]string{"combinations": combinations()}
	for _, name := range []string{"gosec.sarif", "golangci.sarif", "staticcheck.sarif"} {
		docs[name] = open(t, name)
	}
	for name, doc := range docs {
		ours, err := Read(strings.NewReader(doc))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		theirs, err := library.FromString(doc)
		if err != nil {
			t.Fatal(name, err)
		}
		for i, run := range theirs.Runs {
			r := ours.Runs[i]
			if got, want := fmt.Sprintf("%+v %d", r.Counts.Open, r.Counts.Suppressed), byLibrary(run); got != want {
				t.Errorf("%s: we count %s, the library %s", name, got, want)
			}
			if r.Tool.Name != *run.Tool.Driver.Name || r.Counts.Findings()+r.Counts.Suppressed+r.Counts.Gone+r.Counts.Passed != len(run.Results) {
				t.Errorf("%s: %+v, the library has %d results of %s", name, r.Counts, len(run.Results), *run.Tool.Driver.Name)
			}
		}
	}
}

// combinations is a run with a result for each combination of kind, level, rule, suppression and baseline that the standard
// allows.
func combinations() string {
	var all []string
	for _, kind := range []string{"", "fail", "pass", "open", "review", "informational", "notApplicable"} {
		for _, level := range []string{"", "error", "warning", "note", "none"} {
			if kind != "" && kind != "fail" && level != "" && level != "none" {
				continue
			}
			for rule, index := range map[string]string{"": "", "grave": `"ruleIndex":1,`, "grave/finer": "", "mild": `"ruleIndex":2,`, "plain": "", "unknown": ""} {
				for _, suppressions := range []string{"", "[]", `[{"kind":"inSource"}]`, `[{"kind":"external","status":"accepted"},{"kind":"external","status":"underReview"}]`, `[{"kind":"external","status":"rejected"}]`} {
					for _, baseline := range []string{"", "new", "absent"} {
						r := index
						for name, v := range map[string]string{"kind": kind, "level": level, "ruleId": rule, "baselineState": baseline} {
							if v != "" {
								r += fmt.Sprintf("%q:%q,", name, v)
							}
						}
						if suppressions != "" {
							r += `"suppressions":` + suppressions + ","
						}
						all = append(all, "{"+r+`"message":{"text":"x"}}`)
					}
				}
			}
		}
	}
	return `{"version":"2.1.0","runs":[{"results":[` + strings.Join(all, ",") + `],"tool":{"driver":{"name":"all","rules":[{"id":"plain"},
		{"id":"grave","defaultConfiguration":{"level":"error"}},{"id":"mild","defaultConfiguration":{"level":"note"}}]}}}]}`
}

// byLibrary counts a run of the library, as the standard reads, result by result.
func byLibrary(run *library.Run) string {
	var c Levels
	suppressed := 0
	for _, r := range run.Results {
		if r.BaselineState != nil && *r.BaselineState == "absent" {
			continue
		}
		level := levelOf(run, r)
		switch {
		case r.Kind == "pass" || r.Kind == "informational" || r.Kind == "notApplicable":
		case isSuppressed(r):
			suppressed++
		case r.Kind != "" && r.Kind != "fail":
		case level == "error":
			c.Error++
		case level == "warning":
			c.Warning++
		case level == "note":
			c.Note++
		default:
			c.None++
		}
	}
	return fmt.Sprintf("%+v %d", c, suppressed)
}

func isSuppressed(r *library.Result) bool {
	for _, s := range r.Suppressions {
		if s.Status != nil && *s.Status != "accepted" {
			return false
		}
	}
	return len(r.Suppressions) > 0
}

func levelOf(run *library.Run, r *library.Result) string {
	if r.Level != "" {
		return r.Level
	}
	id := ""
	if r.RuleID != nil {
		id, _, _ = strings.Cut(*r.RuleID, "/")
	}
	for _, rule := range run.Tool.Driver.Rules {
		if *rule.ID == id && rule.DefaultConfiguration != nil && rule.DefaultConfiguration.Level != "" {
			return rule.DefaultConfiguration.Level
		}
	}
	return "warning"
}
