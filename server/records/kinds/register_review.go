package kinds

import "github.com/thingward/thingward/server/records"

// RegisterReview keeps an empty register from looking well: somebody states for every kind of entry how it was made sure that
// none is missing. Without it, what is owed by entries only would be owed by nobody.
func RegisterReview() Spec {
	kinds := make([]string, 0, len(records.Registered))
	for _, k := range records.Registered {
		kinds = append(kinds, string(k))
	}
	const name, title = "register-complete", "The register was looked through for what is missing"
	return Spec{
		Kind: records.Kind{
			Name: "register-review", Title: "Review of the register", About: records.Organisation, Life: Year,
			Purpose: "States for each kind of entry in the register how it was made sure that none is missing.",
			Form: []records.Field{
				done("reviewed", "Reviewed on", ""),
				person("reviewer", "Reviewer", ""),
				covering("kinds", "Kinds of entry", "", choice("kind", "Kind", "", kinds...), kinds, number("entries", "Entries", "0 when there is none.", 0, 1000000), line("source", "How it was made sure", "Contracts, purchases, network scan, questions to owners.")),
				tracked("missing", "Entries to add", ""),
			},
			Example: records.Body{
				"reviewed": "-18d", "reviewer": "ines", "kinds": filled(kinds, "kind entries source", 2.0, "Compared with contracts, purchases and the last network scan"),
				"missing": table("title owner due", cells{"Enter the new weather service", "olga", "+10d"}),
			},
		},
		Serves: []Serves{
			{"RSM-01", "baseline-coverage", name, title, Current},
			{"GVN-01", "link-owner", name, title, Current},
			{"SDV-11", "quarterly-scan", name, title, Current},
			{"SDV-15", "advisory-source", name, title, Current},
			{"SDV-15", "review-decision", "register-complete-reviews", title, Current},
			{"SDV-16", "every-library", name, title, Current},
			{"SDV-16", "scan-triage", "register-complete-triage", title, Current},
			{"SDV-18", "registered-services", name, title, Current},
			{"SNT-04", "hardening-result", name, title, Current},
			{"SNT-07", "mobile-register", name, title, Current},
			{"SNT-11", "radio-boundary", name, title, Current},
			{"SNT-16", "delivery-recorded", name, title, Current},
			{"OPA-05", "provider-agreement", name, title, Current},
			{"TMM-02", "release-result", name, title, Current},
			{"IMT-01", "sources-documented", name, title, Current},
			{"CLS-04", "provider-record", name, title, Current},
			{"CLS-05", "benchmark-result", name, title, Current},
			{"CLS-14", "claims-current", name, title, Current},
			{"DAT-03", "sources-catalogued", name, title, Current},
			{"DAT-04", "stores-known", name, title, Current},
			{"RMT-01", "supplier-terms", name, title, Current},
			{"RMT-01", "supplier-terms", "entries-on-time", "No entry that the register lacks is overdue", ItemsDone},
			{"RMT-02", "access-within-policy", name, title, Current},
		},
		Refuses: []Refuses{{"RMT-01", "supplier-terms", "incomplete-register-review", "A review that leaves out a kind of entry cannot be approved", Incomplete}},
	}
}
