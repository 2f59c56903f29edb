package kinds

import "github.com/thingward/thingward/server/records"

// IndependentAssessment serves GVN-03: somebody who does not own the system looked at it within a year.
func IndependentAssessment() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "independent-assessment", Title: "Independent security assessment", About: records.System, Life: Year,
			Purpose: "Shows that somebody who does not own the system assessed its inventory, and what must be put right.",
			Form: []records.Field{
				done("assessed", "Assessed on", "The last day of the work."),
				{Name: "assessor", Title: "Assessor", Help: "May not be the owner of the system.", Type: records.Person, Independent: true},
				line("employer", "Employer of the assessor", "The organisation itself, or the firm."),
				prose("scope", "Scope", "Which devices, gateways, services and people were looked at, and what was not."),
				prose("criteria", "Criteria", "Policies, standards, procedures and obligations that it was held to."),
				choice("conclusion", "Conclusion", "", "conforms", "conforms but for the items", "does not conform"),
				tracked("nonconformities", "Nonconformities", "Each becomes an item that is tracked to its end.",
					line("criterion", "Criterion missed", ""), choice("severity", "Severity", "", "major", "minor")),
			},
			Files: records.Files{Least: 1, What: "the assessor's report"},
			Example: records.Body{
				"assessed": "-15d", "assessor": "lena", "employer": "Northern Test House",
				"scope":      "All 412 locks and 9 gateways of the system, by sample of 60; the console; four people.",
				"criteria":   "Security policy, cryptographic policy, IEC 62443-4-2 at level 2, obligations of the system.",
				"conclusion": "conforms but for the items",
				"nonconformities": table("title owner due criterion severity",
					cells{"Two gateways without case seals", "mara", "+45d", "security policy, physical protection", "minor"}),
			},
		},
		Serves: []Serves{
			{"GVN-03", "yearly-assessment", "assessed-in-a-year", "The newest independent assessment is not older than 365 days", Current},
			{"GVN-03", "nonconformity-closed", "nonconformities-on-time", "No nonconformity is overdue or without owner", ItemsDone},
		},
		Refuses: []Refuses{
			{"GVN-03", "independent-assessor", "assessor-owns", "An assessor who owns the system is refused", NotIndependent},
		},
	}
}
