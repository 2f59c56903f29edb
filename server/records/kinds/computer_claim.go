package kinds

import "github.com/thingward/thingward/server/records"

// ComputerClaim serves CLS-14: that a computer keeps to the standard.
func ComputerClaim() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "computer-claim", Title: "Compliance claim of an administration computer", About: records.Computer, Life: Quarter,
			Purpose: "Shows that a registered administration computer keeps to the protection standard.",
			Form: []records.Field{
				person("user", "User", ""),
				line("system", "System and version", ""),
				covering("protections", "Protections", "", choice("protection", "Protection", "", protections...), protections, choice("state", "State", "", "met", "not met")),
				line("source", "Source", "Device management and report, or who looked."),
				done("checked", "Checked on", ""),
			},
			Files: records.Files{Least: 1, What: "The export of the device management, or the filled-in checklist."},
			Example: records.Body{
				"user": "olga", "system": "Debian 12.8", "protections": filled(protections, "protection state", "met"), "source": "Device management, report of the first of the month", "checked": "-3d",
			},
		},
		Serves: []Serves{{"CLS-14", "claims-current", "claim-positive", "The computer's compliance claim is current and positive", everyRow("protections", "protection", "protections are met", func(row map[string]any) string {
			if state := cell(row, "state"); state != "met" {
				return state
			}
			return ""
		})}},
	}
}
