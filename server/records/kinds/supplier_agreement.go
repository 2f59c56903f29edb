package kinds

import "github.com/thingward/thingward/server/records"

// supplierTerms are what an agreement with a supplier must contain.
var supplierTerms = []string{"support in incidents", "support in forensics", "disclosure of vulnerabilities", "time to patch", "notice of breaches", "end of support"}

// SupplierAgreement serves RMT-01: what a supplier of devices or components owes.
func SupplierAgreement() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "supplier-agreement", Title: "Supplier agreement", About: records.Supplier, Life: 2 * Year,
			Purpose: "Shows that a supplier is bound to disclose, patch and help in incidents and forensics.",
			Form: []records.Field{
				line("contract", "Contract", "Number and date."),
				covering("terms", "Terms", "", choice("term", "Term", "", supplierTerms...), supplierTerms, line("clause", "Clause", ""), line("promise", "What is promised", "")),
				number("disclosureDays", "Days to disclose a vulnerability", "", 0, 365),
				number("patchDays", "Days from disclosure to a patch", "", 0, 365),
				line("contact", "Security contact of the supplier", ""),
				person("owner", "Answers for it here", ""),
				ends("until", "Agreement ends on", ""),
			},
			Files: records.Files{Least: 1, What: "The signed agreement."},
			Example: records.Body{
				"contract": "L-2026-044 of 12 January", "terms": filled(supplierTerms, "term clause promise", "Annex 3, 2.1", "Within the times below, at the supplier's cost"), "disclosureDays": 5.0, "patchDays": 30.0,
				"contact": "psirt@lockworks.example", "owner": "mara", "until": "+400d",
			},
		},
		Serves:  []Serves{{"RMT-01", "supplier-terms", "agreement-current", "An agreement with the supplier that holds each term is in force", Current}},
		Refuses: []Refuses{{"RMT-01", "supplier-terms", "incomplete-agreement", "An agreement that lacks a term cannot be approved", Incomplete}},
	}
}
