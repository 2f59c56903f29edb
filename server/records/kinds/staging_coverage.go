package kinds

import "github.com/thingward/thingward/server/records"

// StagingCoverage serves UPD-02: that what runs in production also stands in the test network.
func StagingCoverage() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "staging-coverage", Title: "Staging coverage of a type", About: records.Type, Life: Quarter,
			Purpose: "Compares the versions of a type in production with those in the test network.",
			Form: []records.Field{
				done("compared", "Compared on", ""),
				rows("versions", "Versions in production", "", line("version", "Hardware and firmware", ""), number("production", "Devices in production", "", 0, 10000000), number("staging", "Devices in staging", "", 0, 100000)),
				prose("differences", "Differences", "In network, load or surroundings, and why they do not matter."),
				person("comparedBy", "Compared by", ""),
			},
			Example: records.Body{
				"compared": "-9d", "versions": table("version production staging", cells{"Board C, 2.4.1", 118.0, 2.0}, cells{"Board B, 2.4.1", 2.0, 1.0}), "differences": "Staging has one gateway instead of four; load is made by the simulator.", "comparedBy": "theo",
			},
		},
		Serves: []Serves{{"UPD-02", "staging-coverage", "versions-covered", "Each version of the type in production has a counterpart in staging", everyRow("versions", "version", "versions have a counterpart in staging", func(row map[string]any) string {
			production, _ := figure(row, "production")
			if staging, _ := figure(row, "staging"); production > 0 && staging == 0 {
				return "none in staging"
			}
			return ""
		})}},
	}
}
