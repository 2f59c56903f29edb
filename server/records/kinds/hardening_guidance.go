package kinds

import "github.com/thingward/thingward/server/records"

// infrastructure are the kinds of supporting parts for which guidance is chosen.
var infrastructure = []string{"operating systems", "web servers", "databases", "message brokers", "mobile apps", "cloud accounts", "network equipment"}

// HardeningGuidance serves SNT-04: which guide applies to which kind of infrastructure.
func HardeningGuidance() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "hardening-guidance", Title: "Hardening guidance chosen", About: records.Organisation, Life: Year,
			Purpose: "Says which hardening guide applies to each kind of supporting infrastructure, and who answers for it.",
			Form: []records.Field{
				covering("guides", "Guides", "One row or more for each kind; where a kind is not in use, say so.", choice("infrastructure", "Kind", "", infrastructure...), infrastructure,
					line("guidance", "Guidance and version", ""), person("owner", "Answers for it", ""), line("deviations", "Accepted deviations", "Or \"none\".")),
				ends("review", "Next review", ""),
			},
			Example: records.Body{"guides": filled(infrastructure, "infrastructure guidance owner deviations", "CIS Benchmark, newest version for the product", "olga", "none"), "review": "+180d"},
		},
		Serves:  []Serves{{"SNT-04", "guidance-chosen", "guidance-current", "Hardening guidance is chosen for each kind of infrastructure", Current}},
		Refuses: []Refuses{{"SNT-04", "guidance-chosen", "incomplete-guidance", "Guidance that leaves out a kind of infrastructure cannot be approved", Incomplete}},
	}
}
