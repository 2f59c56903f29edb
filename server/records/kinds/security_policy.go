package kinds

import "github.com/thingward/thingward/server/records"

// SecurityPolicy serves TSP-01: what every component must carry, in five sections, for a stated scope.
func SecurityPolicy() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "security-policy", Title: "Enterprise IoT security policy", About: records.Organisation, Life: Year,
			Purpose: "Says which controls every component must carry, and to what it applies.",
			Form: []records.Field{
				{Name: "scope", Title: "Scope", Type: records.Prose, Least: 20, Help: "Systems, sites and kinds of component that it applies to."},
				{Name: "encryption", Title: "Encryption", Type: records.Prose, Least: 20},
				{Name: "monitoring", Title: "Monitoring and audit", Type: records.Prose, Least: 20},
				{Name: "authentication", Title: "Authentication and access", Type: records.Prose, Least: 20},
				{Name: "physical", Title: "Physical protection", Type: records.Prose, Least: 20},
				{Name: "exceptions", Title: "How exceptions are asked for", Type: records.Prose, Least: 20},
			},
			Readers: records.Administrators,
			Example: records.Body{
				"scope":          "Every device, gateway, service and account of the building fleet, at all sites.",
				"encryption":     "All traffic inside TLS 1.2 or later, or DTLS; classified data sealed at rest.",
				"monitoring":     "Security events reach the platform within a minute and are kept for a year.",
				"authentication": "One certificate for each device; people sign in with a second factor.",
				"physical":       "Devices in public places have sealed cases and report when they are opened.",
				"exceptions":     "By the system's owner, with compensating control and end, approved by the risk manager.",
			},
		},
		Serves: []Serves{
			{"TSP-01", "policy-in-force", "policy-current", "A security policy is approved and inside its review period", Current},
		},
		Refuses: []Refuses{
			{"TSP-01", "five-sections", "incomplete-policy", "A policy with an empty section cannot be approved", Incomplete},
		},
	}
}
