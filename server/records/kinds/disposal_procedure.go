package kinds

import "github.com/thingward/thingward/server/records"

// DisposalProcedure serves EOL-01: what happens to a device at the end of its life.
func DisposalProcedure() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "disposal-procedure", Title: "Disposal procedure", About: records.Organisation, Life: 2 * Year,
			Purpose: "Says how a device is taken out of service, how its data and keys are destroyed, and what is written down.",
			Form: []records.Field{
				rows("steps", "Steps", "In order, from the decision to the receipt.", line("step", "Step", ""), line("by", "By", "Role."), line("record", "What is kept", "")),
				rows("media", "Method by class of data", "", choice("class", "Class", "", "public", "internal", "confidential", "restricted"), choice("method", "Method", "", "none", "clear", "purge", "destroy")),
				prose("credentials", "Keys and certificates", "What is revoked and destroyed, and how that is checked."),
				prose("contractors", "Contractors", "Who may carry and destroy, and what they prove."),
				prose("lost", "Lost devices", "What is done instead."),
				person("owner", "Owner", ""),
			},
			Example: records.Body{
				"steps": table("step by record", cells{"Retire in the registry with its reason", "System operator", "Audit entry"}, cells{"Wipe with receipt", "Site electrician", "Receipt"}, cells{"Hand over to the recycler", "Facility manager", "Receipt with serials"}),
				"media": table("class method", cells{"internal", "clear"}, cells{"confidential", "purge"}, cells{"restricted", "destroy"}), "credentials": "Retirement revokes certificates at once; the device is tried against the broker.", "contractors": "Certified to DIN 66399; certificate of destruction for each lot.", "lost": "Revoked at once, reported as an incident.", "owner": "theo",
			},
		},
		Serves: []Serves{{"EOL-01", "disposal-procedure", "procedure-current", "A disposal procedure is in force", Current}},
	}
}
