package kinds

import "github.com/thingward/thingward/server/records"

// HostHardening serves SNT-04 for servers that the platform does not run itself.
func HostHardening() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "host-hardening", Title: "Hardening result of a server", About: records.Host, Life: Quarter,
			Purpose: "Shows how a supporting server stands against the guidance chosen for it.",
			Form:    hardening("the server"), Files: records.Files{Least: 1, What: "The report of the tool, or the checklist that was filled in."},
			Example: hardeningExample("CIS Debian Linux 12 Benchmark", "1.1.0", "OpenSCAP 1.4"),
		},
		Serves: []Serves{
			{"SNT-04", "hardening-result", "host-result", "The server has a current hardening result with its guidance named", Current},
			{"SNT-04", "failed-items", "host-items", "No hardening item of the server failed or went unchecked", Hardened},
		},
	}
}
