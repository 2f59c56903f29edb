package kinds

import "github.com/thingward/thingward/server/records"

// LineageDrill serves DAT-03: from an automated decision back to its source and everyone who touched the data.
func LineageDrill() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "lineage-drill", Title: "Drill: data lineage", About: records.Organisation, Life: Year,
			Purpose: "Shows that the source of data behind an automated decision, and everyone who touched it, can be pinpointed.",
			Form: []records.Field{
				done("drilled", "Drilled on", ""),
				person("lead", "Lead", ""),
				line("decision", "Decision that was taken back", "Alert, command or report, with its number."),
				rows("steps", "Steps back", "From the decision to the source.", line("step", "Step", "Aggregation, reduction, cleaning, modification, transport."), line("actor", "Device, person or process", ""), line("evidence", "Seen in", "")),
				line("source", "Source found", "Device or third party, with the raw message."),
				number("minutes", "Minutes taken", "", 0, 100000),
				outcome(),
				tracked("gaps", "Gaps", ""),
			},
			Files: records.Files{Least: 1, What: "The queries and their answers."},
			Example: records.Body{
				"drilled": "-80d", "lead": "ines", "decision": "Ventilation raised on floor 3, command 7 of 12 May",
				"steps":  table("step actor evidence", cells{"Mean of five minutes", "Telemetry service", "Telemetry roll-up"}, cells{"Transport", "gateway-2", "Broker's message store"}),
				"source": "air-quality-7, message of 12 May 10:04", "minutes": 25.0, "outcome": succeeded,
				"gaps": table("title owner due", cells{"Keep the version of the script that takes the mean", "olga", "+60d"}),
			},
		},
		Serves: []Serves{
			{"DAT-03", "lineage-drill", "drill-succeeded", "The last lineage drill pinpointed source and actors", Succeeded},
			{"DAT-03", "lineage-drill", "gaps-on-time", "No gap that a lineage drill showed is overdue", ItemsDone},
		},
	}
}
