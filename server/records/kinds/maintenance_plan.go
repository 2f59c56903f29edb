package kinds

import "github.com/thingward/thingward/server/records"

// MaintenancePlan serves OPA-01: how often devices of a type are looked after, and with which parts.
func MaintenancePlan() Spec {
	return Spec{
		Kind: records.Kind{
			Name: "maintenance-plan", Title: "Inspection and maintenance plan", About: records.Type, Life: Year,
			Purpose: "Sets what is inspected and maintained on devices of a type, how often, by whom, and which parts are kept.",
			Form: []records.Field{
				rows("tasks", "Tasks", "", line("task", "Task", ""), number("everyMonths", "Every … months", "", 1, 60), person("owner", "Answers for it", "")),
				rows("parts", "Spare parts kept", "", line("part", "Part", ""), number("minimum", "Least stock", "", 0, 100000), line("place", "Place", ""), number("leadDays", "Days to get another", "", 0, 1000)),
				prose("faults", "What happens when a fault is found", "Who is called, and how soon the device is repaired or replaced."),
				person("owner", "Owner of the plan", ""),
			},
			Example: records.Body{
				"tasks":  table("task everyMonths owner", cells{"Clean contacts, test bolt and seal", 6.0, "theo"}, cells{"Replace battery", 24.0, "theo"}),
				"parts":  table("part minimum place leadDays", cells{"Lock body complete", 5.0, "Depot north", 14.0}, cells{"Battery pack", 40.0, "Depot north", 7.0}),
				"faults": "The site's electrician swaps the lock within four hours; the faulty one goes to the workshop.", "owner": "theo",
			},
		},
		Serves: []Serves{{"OPA-01", "maintenance-plan", "plan-current", "A maintenance plan for the type is in force", Current}},
	}
}
