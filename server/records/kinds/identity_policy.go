package kinds

import "github.com/thingward/thingward/server/records"

// IdentityPolicy serves TSP-07: which kind of credential is used when, and that each has one holder.
func IdentityPolicy() Spec {
	holders := []string{"device", "gateway", "user", "administrator", "service"}
	return Spec{
		Kind: records.Kind{
			Name: "identity-policy", Title: "Identity policy", About: records.Organisation, Life: Year,
			Purpose: "Says when symmetric keys, passwords or certificates are used, and that each credential has one holder.",
			Form: []records.Field{
				covering("holders", "Holders", "", choice("holder", "Holder", "", holders...), holders,
					many("allowed", "Credentials allowed", "", "certificate", "symmetric key", "password", "token", "passkey"),
					prose("use", "When each is used", "")),
				prose("single", "One holder", "How it is kept that a credential belongs to one device, person or service alone."),
				prose("issue", "Issue and proof", "What is checked before a credential is issued."),
				prose("end", "End", "When and how a credential is withdrawn."),
			},
			Readers: records.Administrators,
			Example: records.Body{
				"holders": table("holder allowed use",
					cells{"device", words([]string{"certificate"}), "Always; its key is made on the device and never leaves it."},
					cells{"gateway", words([]string{"certificate"}), "Always; its key is in the secure element of the module."},
					cells{"user", words([]string{"passkey", "password"}), "A passkey first; a password with a second factor where there is none."},
					cells{"administrator", words([]string{"passkey"}), "Always a passkey on hardware that the organisation hands out."},
					cells{"service", words([]string{"certificate", "token"}), "A certificate; a token of at most 24 hours where the service cannot."}),
				"single": "Registering a key that is registered already is refused; a weekly comparison finds what slipped through.",
				"issue":  "A claim handed over in person, a manufacturer's certificate, or approval by two people.",
				"end":    "Within an hour of the end of its use, by whoever ended the use; at the latest with its date.",
			},
		},
		Serves: []Serves{
			{"TSP-07", "allowed-kind", "policy-current", "The policy that says which kind is allowed is approved and inside its review period", Current},
		},
	}
}
