package kinds

import "github.com/thingward/thingward/server/records"

// RiskPlaces are where sensitive data originates, rests and travels; RiskSubjects are what an assessment asks about it (RSM-02).
func riskPlaces() []string {
	return []string{"device", "gateway", "application", "data store", "mobile client", "cloud service", "fog node", "network"}
}

func riskSubjects() []string {
	return []string{"classification", "unauthorised use", "unauthorised access", "loss", "destruction", "falsification", "misuse by insiders", "retention", "disposal", "safety"}
}

// RiskAssessment serves RSM-02: what a compromise would mean at every place where a system's data is.
func RiskAssessment() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "risk-assessment", Title: "Risk assessment of a system", About: records.System, Life: Year,
			Purpose: "Says what a compromise would mean wherever the system's data is, and which risks were entered for it.",
			Form: []records.Field{
				done("assessed", "Assessed on", ""),
				person("assessor", "Led by", ""),
				line("method", "Method", "As in the record of the risk method."),
				covering("places", "Places", "A place that the system does not have gets a row that says so.",
					choice("place", "Place", "", riskPlaces()...), riskPlaces(),
					prose("data", "Sensitive data there", "What originates, rests or passes there."),
					prose("compromise", "What a compromise would mean", "")),
				covering("subjects", "Subjects", "",
					choice("subject", "Subject", "", riskSubjects()...), riskSubjects(),
					prose("found", "What was found", "")),
				number("risks", "Risks entered", "How many risks of this assessment stand in the risk register.", 1, 10000),
				prose("conclusion", "Conclusion", "The heaviest risks and what is proposed."),
			},
			Example: records.Body{
				"assessed": "-12d", "assessor": "mara", "method": "NIST SP 800-30, revision 1", "risks": 14.0,
				"places": filled(riskPlaces(), "place data compromise", "Door events with the holder's name, for 90 days.",
					"Who comes and goes becomes known, and doors could be opened in a tenant's name."),
				"subjects": filled(riskSubjects(), "subject found", "Covered by the baseline of the types, but for the two risks named in the conclusion."),
				"conclusion": "Heaviest: a copied key of the gateway in the lobby, and support staff who read door events. " +
					"Both are in the register with owner and date.",
			},
		},
		Serves: []Serves{
			{"RSM-02", "current-assessment", "assessment-current", "The system has an approved risk assessment that has not expired", Current},
		},
		Refuses: []Refuses{
			{"RSM-02", "complete-scope", "incomplete-assessment", "An assessment without a required place or subject cannot be approved", Incomplete},
		},
	}
}
