package kinds

import "github.com/thingward/thingward/server/records"

// SafetyAssessment serves SOP-01: whether a system can harm people or surroundings, and what prevents it.
func SafetyAssessment() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "safety-assessment", Title: "Safety assessment", About: records.System, Life: Year,
			Purpose: "Evaluates what a system can do to people, surroundings and property, ranks it, and names what prevents it.",
			Form: []records.Field{
				choice("effects", "Effects on safety", "", "none", "property only", "surroundings", "people"),
				prose("reasons", "How that was judged", ""),
				may(rows("hazards", "Hazards", "Required unless there are none. Enter each in the risk register as well, marked as safety.", line("hazard", "Hazard", ""), choice("rank", "Rank", "", "very low", "low", "moderate", "high", "very high"),
					line("device", "Device control", "Limit, interlock, fail-safe state."), line("environment", "Control of the surroundings", "Barrier, sensor, person."))),
				tracked("measures", "Measures", ""),
				person("assessor", "Assessor", ""),
				done("assessed", "Assessed on", ""),
			},
			Check: func(b records.Body, _ records.Object) []records.Fault {
				if e := cell(b, "effects"); e != "" && e != "none" && len(rowsOf(b, "hazards")) == 0 {
					return []records.Fault{{Path: "hazards", Message: "the system affects safety: list and rank its hazards"}}
				}
				return nil
			},
			Example: records.Body{
				"effects": "people", "reasons": "Doors on escape routes are locked and unlocked from afar.",
				"hazards":  table("hazard rank device environment", cells{"Escape door stays locked in a fire", "high", "Unlocks without power and without network", "Fire detector cuts the lock's supply"}),
				"measures": table("title owner due", cells{"Test the fire detector's contact at every door", "theo", "+45d"}), "assessor": "ines", "assessed": "-35d",
			},
		},
		Serves: []Serves{
			{"SOP-01", "safety-risks", "assessed", "The safety effects of the system are assessed", Current},
			{"SOP-01", "safety-risks", "measures-on-time", "No safety measure of the system is overdue", ItemsDone},
		},
	}
}
