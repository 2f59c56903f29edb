package kinds

import "github.com/thingward/thingward/server/records"

// CertificatePolicy serves CRD-08: how an identity is verified before a certificate is issued.
func CertificatePolicy() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "certificate-policy", Title: "Certificate policy", About: records.Organisation, Life: Year,
			Purpose: "Sets the least validation of an identity before a certificate is issued, and the profiles and lives of certificates.",
			Form: []records.Field{
				rows("holders", "Validation by kind of holder", "", choice("holder", "Holder", "", "device", "gateway", "server", "service", "person"), choice("way", "Way", "", "in person", "manufacturer certificate", "claim registered beforehand", "established key", "approval by a person"), line("evidence", "Evidence kept", "")),
				rows("profiles", "Profiles", "", line("profile", "Profile", ""), number("days", "Longest life, days", "", 1, 1096), line("use", "Use", "")),
				prose("authority", "The authority", "Who operates it, where its keys are, who can use the root."),
				prose("renewal", "Renewal and change of keys", ""),
				line("practice", "Practice statement", "Where it is written how this is done; RFC 3647 gives the outline."),
				person("owner", "Owner", ""),
			},
			Example: records.Body{
				"holders":   table("holder way evidence", cells{"device", "manufacturer certificate", "Certificate and list of serials"}, cells{"device", "claim registered beforehand", "Claim, who made it and when"}, cells{"server", "approval by a person", "Ticket"}),
				"profiles":  table("profile days use", cells{"Operational", 365.0, "Client authentication"}, cells{"Server", 90.0, "Server authentication"}),
				"authority": "Two key managers; the root rests in a safe on a token, the issuing key in the server's sealed store.", "renewal": "By EST with a new key from two thirds of the life on.", "practice": "Operating handbook, chapter 6", "owner": "mara",
			},
		},
		Serves: []Serves{{"CRD-08", "certificate-policy", "policy-current", "A certificate policy is in force", Current}},
	}
}
