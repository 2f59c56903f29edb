package kinds

import (
	"github.com/thingward/thingward/server/records"
)

// ReleaseResults serves TMM-02: that every security requirement of a release was tested, on that release.
func ReleaseResults() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "release-results", Title: "Security test results of a release", About: records.Release, Life: 3 * Year,
			Purpose: "Shows that each security requirement of a release is linked to a test of that release that passed, and who accepted the results.",
			Form: []records.Field{
				done("tested", "Tested on", ""),
				line("build", "Build under test", "Version and hash of the image."),
				rows("requirements", "Requirements", "Every security requirement of the release.", line("requirement", "Requirement", ""), line("test", "Test", "Name or address of the test that was made for it."), choice("result", "Result", "", "passed", "failed", "not run")),
				prose("environment", "Environment", "Hardware, network and tools."),
				person("acceptedBy", "Accepted by", ""),
			},
			Files: records.Files{Least: 1, What: "The report of the test run."},
			Example: records.Body{
				"tested": "-3d", "build": "2.4.2, sha256:5b0c…19",
				"requirements": table("requirement test result", cells{"An image with a foreign signature is refused", "TestRefusesForeignImage", "passed"}, cells{"A command identifier is taken once", "TestRefusesReplay", "passed"}),
				"environment":  "Three locks of board C against the staging broker, fault injector on the update path.", "acceptedBy": "olga",
			},
		},
		Serves: []Serves{
			{"TMM-02", "release-result", "results-current", "The results of the release's security tests are on record", Current},
			{"TMM-02", "release-result", "results-accepted", "Whoever accepted the results has an active account", PeopleActive},
			{"TMM-02", "requirement-tested", "requirements-passed", "Each security requirement of the release is linked to a test that passed", everyRow("requirements", "requirement", "requirements passed their test", func(row map[string]any) string {
				switch {
				case cell(row, "test") == "":
					return "no test"
				case cell(row, "result") != "passed":
					return "test " + cell(row, "result")
				default:
					return ""
				}
			})},
		},
	}
}
