package kinds

import "github.com/thingward/thingward/server/records"

// WebServiceResult serves SDV-18: a registered web service was tested against OWASP guidance.
func WebServiceResult() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "web-service-result", Title: "Security test of a web service", About: records.WebService, Life: Year,
			Purpose: "Shows that a web service was tested against OWASP guidance, and that nothing it found is open.",
			Form: []records.Field{
				done("tested", "Tested on", ""),
				line("version", "Version tested", ""),
				choice("guidance", "Guidance", "", "ASVS level 1", "ASVS level 2", "ASVS level 3", "Top 10", "API Security Top 10"),
				line("edition", "Edition", "Such as ASVS 5.0."),
				prose("scope", "Scope", "Addresses, roles and interfaces that were tested, and how."),
				number("requirements", "Requirements tested", "", 1, 1000),
				person("tester", "Led by", ""),
				tracked("findings", "Findings", "Requirements that were missed; the service passes when none is open."),
				may(ends("retestBy", "Next test by", "")),
			},
			Files: records.Files{Least: 1, What: "the test report"},
			Example: records.Body{
				"tested": "-10d", "version": "7.3", "guidance": "ASVS level 2", "edition": "ASVS 5.0", "requirements": 253.0, "tester": "lena", "retestBy": "+350d",
				"scope":    "All pages and the API of the tenant portal, as visitor, tenant and administrator, by hand and by scanner.",
				"findings": []any{},
			},
		},
		Serves: []Serves{
			{"SDV-18", "registered-services", "result-clean", "The service has a current test result without open findings", NoneOpen},
		},
	}
}
