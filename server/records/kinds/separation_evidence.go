package kinds

import "github.com/thingward/thingward/server/records"

// SeparationEvidence serves SDV-12: how a type that needs more assurance keeps sensitive code on its trusted side.
func SeparationEvidence() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "separation-evidence", Title: "Separation of sensitive code in a device type", About: records.Type, Life: Year,
			Purpose: "Shows how sensitive applications are labelled, kept apart by hardware, commanded and protected against timing leaks.",
			Only:    unless("highAssurance", "its manifest says that ordinary assurance is enough"),
			Form: []records.Field{
				prose("hardware", "Separation", "Which hardware keeps the trusted side apart, and what crosses the border."),
				rows("labels", "Applications", "Every one, with its label.", line("application", "Application", ""),
					choice("label", "Label", "", "sensitive", "ordinary"), choice("side", "Runs on", "", "trusted side", "ordinary side")),
				rows("commands", "Command interface", "Every command that the trusted side takes.", line("command", "Command", ""), line("checks", "What is checked before it is obeyed", "")),
				prose("attestation", "Attestation before trusted mode", "What is measured, and who compares it with what."),
				prose("timing", "Timing", "How execution was shown not to give secrets away: method, tool, result."),
				done("tested", "Timing tested on", ""),
			},
			Files: records.Files{Least: 1, What: "the timing measurements and the description of the command interface"},
			Check: sensitiveTrusted,
			Example: records.Body{
				"hardware": "TrustZone-M: flash, RAM and the key store of the trusted side cannot be addressed from the other.",
				"labels":   table("application label side", cells{"key service", "sensitive", "trusted side"}, cells{"radio stack", "ordinary", "ordinary side"}),
				"commands": table("command checks", cells{"sign a challenge", "length, counter, rate"}, cells{"open", "signature of the command, time, rate"}),
				"attestation": "Boot loader and both images are measured; the platform's reference values are asked for before " +
					"the key service starts.",
				"timing": "A million signatures with chosen and random keys, compared by t-test: no difference at 4.5.",
				"tested": "-90d",
			},
		},
		Serves: []Serves{
			{"SDV-12", "separation-evidence", "evidence-approved", "The type has approved evidence of labels, command interface and timing", Current},
		},
	}
}

// sensitiveTrusted refuses a sensitive application on the ordinary side, and a table without any sensitive one.
func sensitiveTrusted(b records.Body, _ records.Object) []records.Fault {
	sensitive := 0
	for _, row := range rowsOf(b, "labels") {
		if cell(row, "label") != "sensitive" {
			continue
		}
		sensitive++
		if cell(row, "side") != "trusted side" {
			return []records.Fault{{Path: "labels", Message: cell(row, "application") + " is sensitive and does not run on the trusted side: move it, or ask for an exception"}}
		}
	}
	if sensitive == 0 {
		return []records.Fault{{Path: "labels", Message: "names no sensitive application: label those that hold secrets or decide on safety"}}
	}
	return nil
}
