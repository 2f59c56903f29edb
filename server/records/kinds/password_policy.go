package kinds

import "github.com/thingward/thingward/server/records"

// PasswordPolicy serves TSP-05: the rules for the passwords of every kind of account, and for locking it.
func PasswordPolicy() Spec {
	accounts := []string{"person", "administrator", "service"}
	surfaces := []string{"console", "API", "broker", "device"}
	return Spec{
		Kind: records.Kind{
			Name: "password-policy", Title: "Password policy", About: records.Organisation, Life: Year,
			Purpose: "Sets strength and age of passwords for each kind of account, and when a login locks.",
			Form: []records.Field{
				covering("accounts", "Kinds of account", "", choice("account", "Account", "", accounts...), accounts,
					number("length", "Least length", "Characters.", 8, 128), line("strength", "Strength", "Checked against what: known passwords, the name, repetition."),
					number("days", "Days until it must be changed", "", 1, 365), number("remembered", "Earlier ones refused", "", 1, 100)),
				number("tries", "Failed tries until the lock", "", 1, 20),
				number("minutes", "Minutes of the lock at least", "", 1, 1440),
				covering("surfaces", "Logins", "Every place that takes a password or locks after failures.", choice("surface", "Login", "", surfaces...), surfaces,
					line("applied", "How the rules are applied there", "")),
				prose("recovery", "Recovery", "How somebody who is locked out or forgot a password is let in again."),
			},
			Readers: records.Administrators,
			Example: records.Body{
				"accounts": table("account length strength days remembered",
					cells{"person", 12.0, "not among known passwords, not the name, no repetition", 365.0, 5.0},
					cells{"administrator", 14.0, "the same, with a second factor", 180.0, 10.0},
					cells{"service", 24.0, "made by the platform; a certificate wherever it can be one", 90.0, 10.0}),
				"tries": 5.0, "minutes": 15.0,
				"surfaces": table("surface applied", cells{"console", "by the rules of the platform"}, cells{"API", "by the rules of the platform"},
					cells{"broker", "no passwords; refused clients count towards the lock"}, cells{"device", "local login off in the image"}),
				"recovery": "By another administrator, who makes a password for one use after a call back to the number on record.",
			},
		},
		Serves: []Serves{
			{"TSP-05", "rules-everywhere", "policy-current", "The rules for every login are written down, approved and inside their review period", Current},
		},
	}
}
