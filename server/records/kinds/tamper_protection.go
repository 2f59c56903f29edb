package kinds

import "github.com/thingward/thingward/server/records"

// TamperProtection serves SDV-09: which parts are at risk from whom, and what protects them.
func TamperProtection() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "tamper-protection", Title: "Tamper protection of a device type", About: records.Type, Life: Year,
			Purpose: "Says which parts are at risk, from whom, and which protection was chosen for each.",
			Form: []records.Field{
				prose("threat", "Threat", "Who comes near the device, for how long, with what skill and tools."),
				rows("parts", "Parts at risk", "", line("part", "Part", ""), prose("risk", "What is lost when it is tampered with", ""),
					choice("protection", "Protection", "", "seal", "locked cover", "opening switch", "sensing mesh", "potting", "zeroising circuit", "none"),
					prose("why", "Why this fits", "")),
				prose("response", "What follows", "What the device reports and does, and who comes to look."),
				done("assessed", "Assessed on", ""),
			},
			Example: records.Body{
				"threat": "Tenants and visitors, alone with the lock for a minute at night, with tools from a shop.",
				"parts": table("part risk protection why",
					cells{"secure element", "The lock's key, and with it its identity.", "potting", "Removal takes hours in a workshop and destroys the chip."},
					cells{"motor contacts", "The door opens without a record.", "opening switch", "The cover must come off first, which is reported in a second."}),
				"response": "The lock reports the event, stays closed for a minute and asks for a visit; the operator checks the seal.",
				"assessed": "-60d",
			},
		},
		Serves: []Serves{
			{"SDV-09", "tamper-record", "protection-recorded", "The type has an approved record of threat, parts at risk and protection", Current},
		},
	}
}
