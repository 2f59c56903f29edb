package kinds

import "github.com/thingward/thingward/server/records"

// RevocationProcess serves CRD-11: how a reason to revoke is reported, examined and decided.
func RevocationProcess() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "revocation-process", Title: "Revocation process", About: records.Organisation, Life: Year,
			Purpose: "Names the channels by which a reason to revoke is reported, how it is investigated, and who approves or refuses.",
			Form: []records.Field{
				rows("channels", "Channels", "", line("channel", "Channel", ""), line("for", "For whom", ""), line("hours", "Attended", "")),
				prose("investigation", "Investigation", "How a report is checked, and what is done at once meanwhile."),
				rows("deciders", "Who decides", "", person("who", "Decider", ""), line("about", "About", "")),
				number("hours", "Hours from report to decision", "", 0, 720),
				prose("refusal", "Refusal", "On what grounds, where it is kept, how it can be appealed."),
				prose("effect", "Effect", "Where revocation shows, how soon, and how that is checked."),
			},
			Example: records.Body{
				"channels": table("channel for hours", cells{"Duty telephone", "Sites and staff", "Always"}, cells{"security@example.org", "Suppliers and finders", "Working days"}), "investigation": "The duty officer compares place, time and traffic; a device in doubt is quarantined at once.",
				"deciders": table("who about", cells{"mara", "Devices and services"}, cells{"olga", "Persons and servers"}), "hours": 8.0, "refusal": "When the report proves wrong; it is kept with its reason in the audit log.", "effect": "CRL, OCSP and broker within seconds; a connection attempt with the old certificate is the check.",
			},
		},
		Serves: []Serves{
			{"CRD-11", "revocation-process", "process-current", "A revocation process with channels, methods and deciders is in force", Current},
			{"CRD-11", "revocation-process", "deciders-active", "Whoever decides about revocation has an active account", PeopleActive},
		},
	}
}
