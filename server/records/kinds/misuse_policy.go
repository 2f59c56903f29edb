package kinds

import "github.com/thingward/thingward/server/records"

// MisusePolicy serves MSU-01: what misuse is, who judges it, and how soon credentials end.
func MisusePolicy() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "misuse-policy", Title: "Misuse and revocation policy", About: records.Organisation, Life: Year,
			Purpose: "Defines misuse of devices and accounts, how it is reported and judged, and how soon credentials are revoked.",
			Form: []records.Field{
				rows("patterns", "Patterns of misuse", "", line("pattern", "Pattern", ""), line("sign", "How it shows", ""), choice("answer", "First answer", "", "watch", "restrict", "quarantine", "revoke")),
				prose("reporting", "Reporting", "Channels for staff, customers and outsiders."),
				prose("judging", "Judging", "Who hears both sides, who decides, how it can be appealed."),
				number("hours", "Hours to revoke after the decision", "A day at most.", 0, 24),
				prose("reinstating", "Reinstating", "Who may restore access, and on what grounds."),
				person("owner", "Owner", ""),
			},
			Readers: records.Administrators,
			Example: records.Body{
				"patterns":  table("pattern sign answer", cells{"Device speaks for another", "Refused publishes on foreign topics", "quarantine"}, cells{"Account used by several people", "Sessions from two places at once", "restrict"}),
				"reporting": "misuse@example.org, the console's report form, or any administrator.", "judging": "The security officer hears holder and reporter; the system's owner decides; appeals go to the executive.", "hours": 4.0,
				"reinstating": "The security officer, after the cause was removed, with a new credential.", "owner": "mara",
			},
		},
		Serves: []Serves{{"MSU-01", "misuse-policy", "policy-current", "A policy on misuse and revocation is in force", Current}},
	}
}
