package kinds

import (
	"fmt"

	"github.com/thingward/thingward/server/records"
)

// ReleaseScan serves SDV-16: static and dynamic analysis of every third-party library of a release, and what was decided on findings.
func ReleaseScan() Spec {
	methods := []string{"static", "dynamic"}
	return Spec{
		Kind: records.Kind{
			Name: "release-scan", Title: "Analysis of a release's libraries", About: records.Release, Life: Year,
			Purpose: "Shows that every third-party library of a release was analysed, and who decided on each finding.",
			Form: []records.Field{
				done("scanned", "Analysed on", "The last of the analyses."),
				number("libraries", "Libraries in the bill of materials", "", 0, 1e5),
				covering("scans", "Analyses", "", choice("method", "Method", "", methods...), methods,
					line("tool", "Tool and version", ""), number("covered", "Libraries in its results", "", 0, 1e5), number("findings", "Findings", "", 0, 1e6)),
				may(rows("triage", "Triage", "Every finding is in one of the rows.", line("finding", "Finding or group", ""), number("count", "How many findings", "", 1, 1e6),
					choice("decision", "Decision", "", "fix before release", "fix later", "not affected", "false alarm", "risk accepted"), prose("reason", "Reason", ""), person("by", "Decided by", ""))),
			},
			Files: records.Files{Least: 1, What: "the results of both analyses (SARIF) and the bill of materials"},
			Check: scansComplete,
			Example: records.Body{
				"scanned": "-3d", "libraries": 41.0,
				"scans": table("method tool covered findings", cells{"static", "CodeQL 2.19", 41.0, 3.0}, cells{"dynamic", "libFuzzer, 24 hours each", 41.0, 1.0}),
				"triage": table("finding count decision reason by",
					cells{"unchecked length in the configuration parser", 1.0, "fix before release", "Can be reached from the radio.", "mara"},
					cells{"unused results", 3.0, "false alarm", "The results are asserted in the debug build.", "mara"}),
			},
		},
		Serves: []Serves{
			{"SDV-16", "every-library", "every-library-analysed", "Every library of the release is in the results of both analyses", Current},
			{"SDV-16", "scan-triage", "findings-decided", "Every finding of the analyses has a decision, a reason and a name", Current},
		},
	}
}

// scansComplete refuses results that leave out a library, and findings that nobody decided on.
func scansComplete(b records.Body, _ records.Object) (faults []records.Fault) {
	libraries, _ := b["libraries"].(float64)
	findings, decided := 0.0, 0.0
	for i, row := range rowsOf(b, "scans") {
		covered, _ := row["covered"].(float64)
		found, _ := row["findings"].(float64)
		findings += found
		if covered != libraries {
			faults = append(faults, records.Fault{Path: fmt.Sprintf("scans[%d].covered", i), Message: fmt.Sprintf("the results hold %.0f libraries and the bill of materials %.0f: analyse the rest", covered, libraries)})
		}
	}
	for _, row := range rowsOf(b, "triage") {
		count, _ := row["count"].(float64)
		decided += count
	}
	if decided != findings {
		faults = append(faults, records.Fault{Path: "triage", Message: fmt.Sprintf("decides on %.0f of %.0f findings: every finding is in exactly one row", decided, findings)})
	}
	return faults
}
