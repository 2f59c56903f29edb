package kinds

import "github.com/thingward/thingward/server/records"

// TrackingPolicy serves PRV-01: how far administrators may follow people.
func TrackingPolicy() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "tracking-policy", Title: "Limits on tracking people", About: records.Organisation, Life: Year,
			Purpose: "Limits how far administrators can follow people's places and other sensitive attributes.",
			Form: []records.Field{
				rows("attributes", "Attributes", "Location first; then whatever else says something of a person.",
					line("attribute", "Attribute", ""), line("masked", "How it is masked", ""), line("who", "Who may ask to see it", "")),
				prose("purposes", "Purposes allowed", "Every other one is forbidden."),
				prose("second", "Second person", "Who must agree, and who may not (the one who asks, their own staff)."),
				number("hours", "Hours until it ends by itself", "", 1, 72),
				prose("log", "Logging", "What is logged, who reads it, and that nobody can switch it off unseen."),
				prose("told", "People concerned", "When and how they are told that they were looked up."),
			},
			Readers: records.Administrators,
			Example: records.Body{
				"attributes": table("attribute masked who", cells{"location of a badge or vehicle", "site only, without time", "incident lead"},
					cells{"door events of a person", "counts by hour", "system owner"}),
				"purposes": "Danger to life, a reported theft, a legal order with its number; never performance or attendance.",
				"second":   "The privacy lead, or the executive when the privacy lead asks.",
				"hours":    8.0,
				"log":      "Asker, purpose, second person, person looked up and end; read weekly by an auditor; it is part of the audit log.",
				"told":     "Within 30 days, by letter, unless a legal order forbids it; then when the order ends.",
			},
		},
		Serves: []Serves{
			{"PRV-01", "tracking-policy", "policy-current", "A policy that limits tracking of people is approved and has not expired", Current},
		},
	}
}
