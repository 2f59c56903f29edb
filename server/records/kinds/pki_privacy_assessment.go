package kinds

import "github.com/thingward/thingward/server/records"

// PKIPrivacyAssessment serves PRV-02: what certificates give away about people.
func PKIPrivacyAssessment() Spec {
	traces := []string{"subject and alternative names", "serial number", "certificate in a handshake", "status queries", "revocation lists", "records of the certificate authority"}
	return Spec{
		Kind: records.Kind{
			Name: "pki-privacy-assessment", Title: "Privacy assessment of the certificate services", About: records.Organisation, Life: Year,
			Purpose: "Says what an observer learns about people's movements and habits from certificates, and what is done about it.",
			Form: []records.Field{
				done("assessed", "Assessed on", ""),
				person("assessor", "Led by", ""),
				prose("observers", "Observers", "Who could watch: networks, providers, administrators, neighbours by radio."),
				covering("traces", "Traces", "", choice("trace", "Trace", "", traces...), traces,
					prose("learns", "What an observer learns", ""), prose("measure", "Measure", "Or why none is needed.")),
				may(records.Field{Name: "sensitive", Title: "Types that would give people away", Help: "They need pseudonyms and the obscuring proxy.", Type: records.Refs, Of: records.Type}),
				tracked("actions", "Actions", ""),
			},
			Example: records.Body{
				"assessed": "-40d", "assessor": "lena",
				"observers": "The provider of the guest network, the provider of the cloud, and our own administrators.",
				"traces": filled(traces, "trace learns measure", "That the same device comes back, and on which site.",
					"TLS 1.3 only, which hides the certificate; names hold a random identifier, no person."),
				"actions": table("title owner due", cells{"Shorten the log of status queries to a day", "mara", "+60d"}),
			},
		},
		Serves: []Serves{
			{"PRV-02", "pki-privacy-assessment", "assessment-current", "The privacy assessment of the certificate services is approved and has not expired", Current},
		},
	}
}
