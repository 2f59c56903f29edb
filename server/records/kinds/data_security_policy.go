package kinds

import "github.com/thingward/thingward/server/records"

func dataClasses() []string { return []string{"public", "internal", "confidential", "restricted"} }

// DataSecurityPolicy serves TSP-06: the classes of data and the least protection of each.
func DataSecurityPolicy() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "data-security-policy", Title: "Data security policy", About: records.Organisation, Life: Year,
			Purpose: "Defines the classes of data and the least protection that each has wherever it goes.",
			Form: []records.Field{
				covering("classes", "Classes", "As manifests use them.", choice("class", "Class", "", dataClasses()...), dataClasses(),
					line("meaning", "What belongs to it", ""), line("rest", "Protection at rest", ""), line("transit", "Protection on the way", ""),
					line("access", "Who may read it", ""), number("days", "Days kept at most", "", 1, 36500)),
				prose("labelling", "Labelling", "Who gives a stream or field its class, and who checks."),
				prose("export", "Export", "What may leave the platform, masked how, approved by whom."),
				prose("disposal", "Disposal", ""),
			},
			Readers: records.Administrators,
			Example: records.Body{
				"classes": table("class meaning rest transit access days",
					cells{"public", "what stands on the data sheet", "none", "TLS", "everybody", 3650.0},
					cells{"internal", "readings of machines", "sealed volume", "TLS", "people of the system", 365.0},
					cells{"confidential", "readings that say something of a person or a tenant", "sealed by field", "TLS", "named roles of the system", 90.0},
					cells{"restricted", "keys, door codes, health", "sealed by field with a key for each subject", "TLS, never in bulk", "two named people", 30.0}),
				"labelling": "The engineer who writes the manifest, checked by the privacy lead before it is applied.",
				"export":    "Confidential data masked, restricted data never; the system's owner approves each export.",
				"disposal":  "By destroying the key of the subject; media are shredded and the receipt kept.",
			},
		},
		Serves: []Serves{
			{"TSP-06", "data-policy", "policy-current", "A policy that gives each class its least protection is approved and has not expired", Current},
		},
	}
}
