package kinds

import "github.com/thingward/thingward/server/records"

// ThirdPartyPolicy serves RMT-02: how third parties reach and manage leased devices.
func ThirdPartyPolicy() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "third-party-policy", Title: "Third-party access policy", About: records.Organisation, Life: Year,
			Purpose: "Governs how third parties reach and manage leased devices, and which data may leave with them.",
			Form: []records.Field{
				prose("scope", "Scope", "Devices, owners and third parties that it applies to."),
				rows("roles", "Roles", "", line("role", "Role", ""), line("may", "May", ""), line("mayNot", "May not", "")),
				rows("data", "Data that may leave", "Instrumentation data included.", line("data", "Data", ""), line("limit", "Limit and purpose", "")),
				prose("access", "Least security of access", "Identity, second factor, computer, network, longest time."),
				prose("monitoring", "Watching for abuse", "What is recorded, who looks, what follows."),
				prose("returning", "Return of devices", "What is wiped and revoked when a lease ends."),
				person("owner", "Owner", ""),
			},
			Readers: records.Administrators,
			Example: records.Body{
				"scope": "Leased heat pumps and the maker's service staff.", "roles": table("role may mayNot", cells{"Maker's service", "Read health, start diagnosis", "Change set points, read room data"}),
				"data":   table("data limit", cells{"Compressor telemetry", "Five minute means, for maintenance only"}),
				"access": "Named account with a passkey, for eight hours at most, from the maker's network.", "monitoring": "Each session is recorded in the audit log and looked at in the weekly review.", "returning": "Keys revoked, storage wiped with receipt, registry entry retired.", "owner": "mara",
			},
		},
		Serves: []Serves{{"RMT-02", "third-party-policy", "policy-current", "A policy on third-party access is in force", Current}},
	}
}
