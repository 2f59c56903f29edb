package kinds

import "github.com/thingward/thingward/server/records"

// MobileHardening serves SNT-04 for apps that manage the fleet.
func MobileHardening() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "mobile-hardening", Title: "Hardening result of a mobile app", About: records.Mobile, Life: Year,
			Purpose: "Shows how a mobile app stands against the guidance chosen for it.",
			Form:    hardening("the app"), Files: records.Files{Least: 1, What: "The test report."},
			Example: hardeningExample("OWASP MASVS", "2.1.0", "MASTG tests by hand"),
		},
		Serves: []Serves{
			{"SNT-04", "hardening-result", "app-result", "The app has a current hardening result with its guidance named", Current},
			{"SNT-04", "failed-items", "app-items", "No hardening item of the app failed or went unchecked", Hardened},
		},
	}
}
