package kinds

import "github.com/thingward/thingward/server/records"

// ProductCertificate serves CMP-05: the security certification of an acquired type.
func ProductCertificate() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "product-certificate", Title: "Product certification", About: records.Type, Life: 3 * Year, Only: unless("acquired", "it is developed here"),
			Purpose: "Shows that an acquired type was tested and is certified for what it is used for.",
			Form: []records.Field{
				line("scheme", "Scheme", "Common Criteria, SESIP, EUCC, UL 2900, ETSI EN 303 645 …"),
				line("certificate", "Certificate number", ""),
				line("issuer", "Issued by", "Body and laboratory."),
				line("version", "Hardware and firmware certified", ""),
				rows("scope", "Scope against use", "One row for each system that uses the type.", line("system", "System", ""), line("obligation", "Obligation of the system", ""), line("covered", "How the certificate covers it", "")),
				ends("until", "Valid until", ""),
			},
			Files: records.Files{Least: 1, What: "The certificate and the summary of the test."},
			Example: records.Body{
				"scheme": "SESIP level 3", "certificate": "SESIP-2400031-01", "issuer": "TrustCB, laboratory Brightsight", "version": "Board C, firmware 2.4 and later",
				"scope": table("system obligation covered", cells{"building-access", "Cyber Resilience Act, important product class I", "Target of evaluation includes radio, update and key store"}), "until": "+700d",
			},
		},
		Serves: []Serves{{"CMP-05", "product-certificate", "certificate-current", "The acquired type holds an unexpired certificate for its use", Current}},
	}
}
