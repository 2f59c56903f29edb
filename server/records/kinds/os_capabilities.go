package kinds

import (
	"fmt"

	"github.com/thingward/thingward/server/records"
)

func osCapabilities() []string {
	return []string{"sandboxing", "secure boot", "access control", "trusted execution", "kernel separation", "minimal microkernel"}
}

// OSCapabilities serves SDV-10: what a type's operating system can do, with evidence for each.
func OSCapabilities() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "os-capabilities", Title: "Operating system of a device type", About: records.Type, Life: Year,
			Purpose: "States for each security capability whether the type's operating system has it, and where that is shown.",
			Form: []records.Field{
				line("os", "Operating system", ""),
				line("version", "Version or branch", ""),
				covering("capabilities", "Capabilities", "", choice("capability", "Capability", "", osCapabilities()...), osCapabilities(),
					choice("present", "Present", "", "yes", "partly", "no"), may(line("evidence", "Evidence", "File and page, test or address.")),
					may(line("instead", "What stands in for it", "Where it is not fully there; the finding needs an exception all the same."))),
				done("assessed", "Assessed on", ""),
			},
			Files: records.Files{Least: 1, What: "data sheets, certificates or test results that the table names"},
			Check: capabilitiesShown,
			Example: records.Body{
				"os": "Zephyr with Trusted Firmware-M", "version": "4.0", "assessed": "-50d",
				"capabilities": filled(osCapabilities(), "capability present evidence", "yes", "evaluation.pdf, chapter 3"),
			},
		},
		Serves: []Serves{
			{"SDV-10", "capability-matrix", "matrix-approved", "The type has an approved matrix of capabilities with evidence", Current},
		},
	}
}

// capabilitiesShown asks for evidence of what is there, and for what stands in for what is not.
func capabilitiesShown(b records.Body, _ records.Object) (faults []records.Fault) {
	for i, row := range rowsOf(b, "capabilities") {
		if cell(row, "present") != "no" && cell(row, "evidence") == "" {
			faults = append(faults, records.Fault{Path: fmt.Sprintf("capabilities[%d].evidence", i), Message: "is missing: name the file, test or address that shows the capability"})
		}
		if cell(row, "present") != "yes" && cell(row, "instead") == "" {
			faults = append(faults, records.Fault{Path: fmt.Sprintf("capabilities[%d].instead", i), Message: "is missing: say what stands in for the capability, or that nothing does"})
		}
	}
	return faults
}
