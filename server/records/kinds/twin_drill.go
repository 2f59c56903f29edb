package kinds

import "github.com/thingward/thingward/server/records"

// TwinDrill serves OPA-06: the yearly change of a device that is away.
func TwinDrill() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "twin-drill", Title: "Drill: offline change", About: records.Organisation, Life: Year,
			Purpose: "Shows that a setting changed while a device was offline reached it when it came back, once.",
			Form: []records.Field{
				done("drilled", "Drilled on", ""),
				person("lead", "Lead", ""),
				line("device", "Device", "Name and type."),
				line("change", "Setting and new value", ""),
				number("offlineMinutes", "Minutes offline", "", 1, 100000),
				number("arrivals", "Times that the change arrived", "", 0, 1000),
				outcome(),
				tracked("lessons", "What must change", ""),
			},
			Files: records.Files{Least: 1, What: "The device's history over the drill, or its log."},
			Check: func(b records.Body, _ records.Object) []records.Fault {
				if n, ok := figure(b, "arrivals"); ok && n != 1 && cell(b, "outcome") == succeeded {
					return []records.Fault{{Path: "outcome", Message: "the change must arrive once for the drill to have succeeded: record it as failed"}}
				}
				return nil
			},
			Example: records.Body{
				"drilled": "-45d", "lead": "olga", "device": "thermostat-12, thermostat", "change": "target temperature 19", "offlineMinutes": 90.0, "arrivals": 1.0, "outcome": succeeded,
				"lessons": table("title owner due", cells{"Show the pending change on the device page", "olga", "+60d"}),
			},
		},
		Serves: []Serves{{"OPA-06", "twin-drill", "drill-succeeded", "The last drill of an offline change succeeded", Succeeded}},
	}
}
