package kinds

import "github.com/thingward/thingward/server/records"

// JammingPlaybook serves OPA-11: what is done when radio is jammed.
func JammingPlaybook() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "jamming-playbook", Title: "Playbook for radio jamming", About: records.Organisation, Life: Year,
			Purpose: "Says how jamming is recognised, who does what, and how service goes on meanwhile.",
			Form: []records.Field{
				prose("signs", "Signs", "Noise, loss and silence that together mean jamming."),
				rows("steps", "Steps", "In order.", line("step", "Step", ""), person("by", "By", ""), number("minutes", "Within … minutes", "", 0, 10000)),
				prose("fallback", "Service meanwhile", "Wired links, other channels, guards."),
				prose("authorities", "Authorities", "Who reports to the spectrum regulator and the police, and where."),
				person("owner", "Owner", ""),
			},
			Example: records.Body{
				"signs": "Noise floor up by 15 dB on two sensors, loss above 40 percent, neighbours silent within a minute.",
				"steps": table("step by minutes", cells{"Confirm with the handheld analyser", "theo", 30.0}, cells{"Open an incident and inform the site", "olga", 15.0}), "fallback": "Door controllers use their wired bus; a guard walks the perimeter every half hour.",
				"authorities": "The duty officer calls the Bundesnetzagentur's radio monitoring service and the police.", "owner": "olga",
			},
		},
		Serves: []Serves{{"OPA-11", "jamming-playbook", "playbook-current", "A playbook for jamming is in force", Current}},
	}
}
