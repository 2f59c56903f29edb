package kinds

import "github.com/thingward/thingward/server/records"

// protections are what the standard for administration computers must speak of.
var protections = []string{"malware protection", "system updates", "disk encryption", "screen lock", "host firewall", "least software", "local accounts", "loss and theft"}

// ComputerStandard serves CLS-14: what a computer must be like from which the platform is administered.
func ComputerStandard() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "computer-standard", Title: "Protection standard for administration computers", About: records.Organisation, Life: Year,
			Purpose: "Says how computers that reach the console or API with privileges are protected, and how that is shown.",
			Form: []records.Field{
				covering("protections", "Protections", "", choice("protection", "Protection", "", protections...), protections, line("rule", "Rule", "")),
				prose("proof", "How it is shown", "Device management, attestation, spot check; and how often."),
				person("owner", "Owner", ""),
			},
			Readers: records.Administrators,
			Example: records.Body{"protections": filled(protections, "protection rule", "Set by device management and locked for the user"), "proof": "Export of the device management every month, spot check of two computers a quarter.", "owner": "olga"},
		},
		Serves:  []Serves{{"CLS-14", "endpoint-standard", "standard-current", "A protection standard for administration computers is in force", Current}},
		Refuses: []Refuses{{"CLS-14", "endpoint-standard", "incomplete-standard", "A standard that leaves out a protection cannot be approved", Incomplete}},
	}
}
