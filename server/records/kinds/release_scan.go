package kinds

import (
	_ "embed" // the examples
	"fmt"
	"slices"

	"github.com/thingward/thingward/server/posture"
	"github.com/thingward/thingward/server/records"
)

var (
	//go:embed samples/static.sarif
	staticSample string
	//go:embed samples/dynamic.sarif
	dynamicSample string
)

// ReleaseScan serves SDV-16: static and dynamic analysis of every third-party library of a release, and what was decided on
// findings. What was found is read from the results, not believed.
func ReleaseScan() Spec {
	methods := []string{"static", "dynamic"}
	reading := scanResults(len(methods))
	reading.Fill, reading.Check = fillScans, scansAgree
	reading.Example = []records.ExampleFile{{Name: "static.sarif", Media: "application/sarif+json", Content: staticSample}, {Name: "dynamic.sarif", Media: "application/sarif+json", Content: dynamicSample}}
	return Spec{
		Kind: records.Kind{
			Name: "release-scan", Title: "Analysis of a release's libraries", About: records.Release, Life: Year,
			Purpose: "Shows that every third-party library of a release was analysed, and who decided on each finding.",
			Form: []records.Field{
				done("scanned", "Analysed on", "The last of the analyses."),
				number("libraries", "Libraries in the bill of materials", "", 0, 1e5),
				covering("scans", "Analyses", "", choice("method", "Method", "", methods...), methods,
					line("file", "File of its results", "Name of the SARIF file among the evidence."), number("covered", "Libraries in its results", "", 0, 1e5),
					measured(line("tool", "Tool and version", "")), measured(number("findings", "Open findings", "", 0, 1e6)),
					measured(number("critical", "Critical", "", 0, 1e6)), measured(number("high", "High", "", 0, 1e6)),
					measured(number("medium", "Medium", "", 0, 1e6)), measured(number("low", "Low", "", 0, 1e6)), measured(number("suppressed", "Suppressed", "", 0, 1e6))),
				may(rows("triage", "Triage", "Every finding is in one of the rows.", line("finding", "Finding or group", ""), number("count", "How many findings", "", 1, 1e6),
					choice("decision", "Decision", "", "fix before release", "fix later", "not affected", "false alarm", "risk accepted"), prose("reason", "Reason", ""), person("by", "Decided by", ""))),
			},
			Files:   records.Files{Least: 3, What: "the results of both analyses (SARIF) and the bill of materials"},
			Reading: reading,
			Check:   scansComplete,
			Example: records.Body{
				"scanned": "-3d", "libraries": 41.0,
				"scans": table("method file covered", cells{"static", "static.sarif", 41.0}, cells{"dynamic", "dynamic.sarif", 41.0}),
				"triage": table("finding count decision reason by",
					cells{"unchecked length in the configuration parser", 2.0, "fix before release", "Can be reached from the radio.", "mara"},
					cells{"weak hash that only names messages", 2.0, "not affected", "Nothing is proved by the hash.", "mara"},
					cells{"shell that runs a fixed line", 1.0, "false alarm", "The line is a constant of the build.", "mara"}),
			},
		},
		Serves: []Serves{
			{"SDV-16", "every-library", "every-library-analysed", "Every library of the release is in the results of both analyses", onRecord(func(r *records.Record) posture.Verdict {
				return resultsRead(r, "each analysis covers all %.0f libraries", r.Body["libraries"])
			})},
			{"SDV-16", "scan-triage", "findings-decided", "Every finding of the analyses has a decision, a reason and a name", onRecord(func(r *records.Record) posture.Verdict {
				all := map[string]float64{}
				for _, row := range rowsOf(r.Body, "scans") {
					for _, name := range []string{"findings", "critical", "high"} {
						n, _ := figure(row, name)
						all[name] += n
					}
				}
				return resultsRead(r, "all %.0f findings are decided on; %.0f are critical and %.0f high", all["findings"], all["critical"], all["high"])
			})},
		},
	}
}

// resultsRead passes when what the analyses found was read from their files. Where it was typed, nobody knows.
func resultsRead(r *records.Record, good string, args ...any) posture.Verdict {
	for _, row := range rowsOf(r.Body, "scans") {
		file := cell(row, "file")
		_, counted := figure(row, "findings")
		if !counted || !slices.ContainsFunc(r.Evidence, func(e records.Evidence) bool { return e.Name == file && len(e.Read) > 0 }) {
			return posture.Unknown("what the %s analysis found was typed and not read: renew the record with its results as SARIF", cell(row, "method"))
		}
	}
	return posture.Pass(good, args...)
}

// fillScans puts what the results say beside each analysis.
func fillScans(b records.Body, files []records.Evidence) {
	for _, row := range rowsOf(b, "scans") {
		for _, e := range files {
			if e.Name != cell(row, "file") {
				continue
			}
			row["tool"] = e.Said("tool")
			for _, name := range []string{"findings", "critical", "high", "medium", "low", "suppressed"} {
				if n, ok := count(e, name); ok {
					row[name] = n
				}
			}
		}
	}
}

// scansAgree refuses analyses without results and results without analysis, scans of something else, and findings that nobody
// decided on.
func scansAgree(b records.Body, o records.Object, files []records.Evidence) (faults []records.Fault) {
	used, findings := map[string]int{}, 0.0
	for i, row := range rowsOf(b, "scans") {
		n, _ := figure(row, "findings")
		findings += n
		file := cell(row, "file")
		known := slices.ContainsFunc(files, func(e records.Evidence) bool { return e.Name == file })
		if before, twice := used[file]; twice {
			faults = append(faults, records.Fault{Path: fmt.Sprintf("scans[%d].file", i), Message: fmt.Sprintf("is that of scans[%d] too: each analysis has its own results", before)})
			continue
		}
		if used[file] = i; !known && file != "" {
			faults = append(faults, records.Fault{Path: fmt.Sprintf("scans[%d].file", i), Message: fmt.Sprintf("%q is no SARIF file of the evidence: attach it (its name ends in .sarif)", file)})
		}
	}
	for _, e := range files {
		if _, there := used[e.Name]; !there {
			faults = append(faults, records.Fault{Path: "scans", Message: fmt.Sprintf("no analysis names %q: add a row for it, or remove the file", e.Name)})
		}
	}
	decided := 0.0
	for _, row := range rowsOf(b, "triage") {
		n, _ := figure(row, "count")
		decided += n
	}
	if decided != findings {
		faults = append(faults, records.Fault{Path: "triage", Message: fmt.Sprintf("decides on %.0f of the %.0f findings that were read: every finding is in exactly one row", decided, findings)})
	}
	return append(faults, append(scanDay(b, "scanned", o, files), sameRevision(o, files)...)...)
}

// scansComplete refuses results that leave out a library.
func scansComplete(b records.Body, _ records.Object) (faults []records.Fault) {
	libraries, _ := figure(b, "libraries")
	for i, row := range rowsOf(b, "scans") {
		if covered, _ := figure(row, "covered"); covered != libraries {
			faults = append(faults, records.Fault{Path: fmt.Sprintf("scans[%d].covered", i), Message: fmt.Sprintf("the results hold %.0f libraries and the bill of materials %.0f: analyse the rest", covered, libraries)})
		}
	}
	return faults
}
