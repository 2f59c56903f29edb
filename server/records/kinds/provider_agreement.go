package kinds

import "github.com/thingward/thingward/server/records"

// ProviderAgreement serves OPA-05: what a provider owes.
func ProviderAgreement() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "provider-agreement", Title: "Service level agreement", About: records.Provider, Life: 2 * Year,
			Purpose: "States the uptime and the response times that a provider owes, and what follows a breach.",
			Form: []records.Field{
				line("contract", "Contract", "Number and date."),
				number("uptime", "Uptime, percent a month", "", 0, 100),
				number("incidentHours", "Hours to answer an incident", "", 0, 1000),
				number("patchDays", "Days to a critical patch", "", 0, 365),
				prose("breach", "What follows a breach", "Credits, right to leave, escalation."),
				line("contact", "Contact of the provider", "Reachable at any hour."),
				person("owner", "Answers for it here", ""),
				ends("until", "Agreement ends on", ""),
			},
			Files: records.Files{Least: 1, What: "The signed agreement."},
			Example: records.Body{
				"contract": "C-2026-118 of 3 March", "uptime": 99.9, "incidentHours": 1.0, "patchDays": 7.0, "breach": "A tenth of the monthly fee for each half percent missed; right to leave after the third time in a year.",
				"contact": "noc@provider.example, +49 40 555 0100", "owner": "olga", "until": "+300d",
			},
		},
		Serves: []Serves{{"OPA-05", "provider-agreement", "agreement-current", "An agreement with the provider is in force", Current}},
	}
}
