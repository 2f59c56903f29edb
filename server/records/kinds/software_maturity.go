package kinds

import (
	"fmt"

	"github.com/thingward/thingward/server/records"
)

// SAMMPractices are the 15 practices of OWASP SAMM 2.
func sammPractices() []string {
	return []string{
		"Strategy and Metrics", "Policy and Compliance", "Education and Guidance",
		"Threat Assessment", "Security Requirements", "Security Architecture",
		"Secure Build", "Secure Deployment", "Defect Management",
		"Architecture Assessment", "Requirements-driven Testing", "Security Testing",
		"Incident Management", "Environment Management", "Operational Management",
	}
}

// SoftwareMaturity serves SDV-01: how mature the development of a type is, practice by practice, and where it is to be.
func SoftwareMaturity() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "software-maturity", Title: "Software maturity of a developed type", About: records.Type, Life: Year,
			Purpose: "Scores the 15 practices of OWASP SAMM for the team that develops the type and its components, with targets.",
			Only:    unless("developed", "its manifest says that it is bought, not developed"),
			Form: []records.Field{
				done("assessed", "Assessed on", ""),
				person("assessor", "Led by", ""),
				line("model", "Model and version", "Such as OWASP SAMM 2.0."),
				prose("covered", "What it covers", "The teams, the type's software, and the components of its own that are built in."),
				covering("practices", "Practices", "Scores and targets from 0 to 3.", choice("practice", "Practice", "", sammPractices()...), sammPractices(),
					number("score", "Score", "", 0, 3), number("target", "Target", "", 0, 3), line("seen", "What was seen", "")),
				date("targetBy", "Targets reached by", ""),
				tracked("actions", "Actions", "What closes the distance to the targets."),
			},
			Check: targetsNotBelow,
			Example: records.Body{
				"assessed": "-30d", "assessor": "lena", "model": "OWASP SAMM 2.0", "targetBy": "+300d",
				"covered":   "The lock team: firmware, its radio stack and the boot loader, all built in-house.",
				"practices": filled(sammPractices(), "practice score target seen", 1.5, 2.0, "done for new code, not yet for what is older"),
				"actions":   table("title owner due", cells{"Threat model for the radio stack", "mara", "+120d"}),
			},
		},
		Serves: []Serves{
			{"SDV-01", "maturity-assessment", "practices-scored", "The developed type is under an assessment with score and target for all 15 practices", Current},
			{"SDV-01", "assessment-current", "assessment-current", "The maturity assessment is inside its review period", Current},
		},
	}
}

// targetsNotBelow refuses a target under what is reached already.
func targetsNotBelow(b records.Body, _ records.Object) (faults []records.Fault) {
	for i, row := range rowsOf(b, "practices") {
		score, _ := row["score"].(float64)
		if target, _ := row["target"].(float64); target < score {
			faults = append(faults, records.Fault{Path: fmt.Sprintf("practices[%d].target", i), Message: "is below the score: set it to the score or above"})
		}
	}
	return faults
}
