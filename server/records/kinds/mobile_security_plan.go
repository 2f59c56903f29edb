package kinds

import "github.com/thingward/thingward/server/records"

// MobileSecurityPlan serves SNT-07: what mobile apps and devices must be like to manage the fleet.
func MobileSecurityPlan() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "mobile-security-plan", Title: "Mobile application security plan", About: records.Organisation, Life: Year,
			Purpose: "Says from where mobile apps are updated, which devices may manage the fleet, and where identities and keys are held.",
			Form: []records.Field{
				prose("sources", "Sources of apps and updates", "Stores or managed distribution; what is refused."),
				prose("devices", "Approved devices", "Who approves a phone or tablet, and what it must be like."),
				prose("keys", "Keys and identities", "Hardware-backed storage, and how it is attested."),
				prose("lost", "Lost and stolen devices", "Who is told, and what is revoked and wiped."),
				prose("development", "Secure development", "Standard, tests before release, handling of findings."),
				person("owner", "Owner of the plan", ""),
			},
			Readers: records.Administrators,
			Example: records.Body{
				"sources": "The managed work profile only; side loading is switched off and reported.", "devices": "Enrolled in device management by the security team, screen lock and newest system version but one.",
				"keys":        "Key pair in the platform's hardware key store, attestation checked when the app is registered.",
				"lost":        "The holder calls the duty officer; certificate revoked and work profile wiped within the hour.",
				"development": "OWASP MASVS level 2; tests of each release; findings above medium block it.", "owner": "olga",
			},
		},
		Serves: []Serves{{"SNT-07", "mobile-plan", "plan-current", "A mobile application security plan is in force", Current}},
	}
}
